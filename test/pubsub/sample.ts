import { type Instant, instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import { decide } from "../../src/pubsub/decide/decide.ts";
import { MemoryPubsubState } from "../../src/pubsub/memory-state.ts";
import type { PubsubDecision } from "../../src/pubsub/reply.ts";
import type { PubsubRequest } from "../../src/pubsub/request.ts";
import type { Affiliation, NodeConfig, NodeId, PubsubItem, PubsubNode } from "../../src/pubsub/state.ts";

export const service = "alice@hub.example" as BareJid;
/** The account itself, which owns its node. */
export const owner = "alice@hub.example" as BareJid;
export const bob = "bob@far.example" as BareJid;
export const bobsPhone = "bob@far.example/phone" as Jid;
export const nodeId = "urn:xmpp:microblog:0" as NodeId;
export const at = (seconds: number): Instant => instantOf(seconds * 1_000);
export const itemId = (n: number): ItemId => `item-${String(n).padStart(3, "0")}` as ItemId;

export function node(config: Partial<NodeConfig> = {}): PubsubNode {
  return {
    service,
    id: nodeId,
    created: at(0),
    config: {
      accessModel: "open",
      publishModel: "publishers",
      deliverPayloads: true,
      notifyRetract: true,
      persistItems: true,
      ...config,
    },
  };
}

export function item(n: number, more: Partial<PubsubItem> = {}): PubsubItem {
  return {
    service,
    node: nodeId,
    id: itemId(n),
    publisher: owner,
    payload: `<e xmlns="urn:e">${n}</e>`,
    published: at(n),
    updated: at(n),
    ...more,
  };
}

/** A service in memory: decides, and applies what was decided. */
export class Service {
  readonly state = new MemoryPubsubState();
  #subids = 0;

  constructor(config: Partial<NodeConfig> = {}) {
    this.state.apply({ kind: "node-put", node: node(config) });
    this.affiliate(owner, "owner");
  }

  affiliate(jid: BareJid, affiliation: Affiliation): this {
    this.state.apply({ kind: "affiliation-put", service, node: nodeId, jid, affiliation });
    return this;
  }

  hold(...items: readonly PubsubItem[]): this {
    for (const each of items) this.state.apply({ kind: "item-put", item: each });
    return this;
  }

  ask(request: PubsubRequest, actor: Jid = bobsPhone): PubsubDecision {
    const decision = decide(this.state, request, { actor, now: at(1_000), subid: `s${++this.#subids}` });
    if (decision.kind === "decision") for (const change of decision.changes) this.state.apply(change);
    return decision;
  }
}

export const subscribe = (jid: Jid = bob): PubsubRequest => ({ kind: "subscribe", service, node: nodeId, jid });
export const unsubscribe = (jid: Jid = bob, subid?: string): PubsubRequest => ({
  kind: "unsubscribe",
  service,
  node: nodeId,
  jid,
  ...(subid === undefined ? {} : { subid }),
});
export const items = (...ids: readonly ItemId[]): PubsubRequest => ({
  kind: "items",
  service,
  node: nodeId,
  ids,
  page: { max: 10, order: "creation" },
});
export const publish = (n: number, seconds = n): PubsubRequest => ({
  kind: "publish",
  service,
  node: nodeId,
  item: { id: itemId(n), payload: `<e xmlns="urn:e">at ${seconds}</e>`, published: at(seconds), updated: at(seconds) },
});
export const retract = (n: number, notify = false): PubsubRequest => ({
  kind: "retract",
  service,
  node: nodeId,
  id: itemId(n),
  notify,
});
