import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { decide } from "../../src/pubsub/decide.ts";
import { MemoryPubsubState } from "../../src/pubsub/memory-state.ts";
import type { Notification, PubsubError } from "../../src/pubsub/reply.ts";
import type { Affiliation, NodeConfig, NodeId, PubsubItem } from "../../src/pubsub/state.ts";
import { addressesOf, decodeStanza } from "../../src/xmpp/decode.ts";
import { replyToXml } from "../../src/xmpp/encode.ts";
import { eventToXml } from "../../src/xmpp/encode-event.ts";
import { errorToXml } from "../../src/xmpp/stanza-error.ts";

// The worked examples of XEP-0060 1.30, request against answer. Where ours says more than the example (a subid, a page's
// <set/>, the publisher) or less, the row says so.
const { examples } = JSON.parse(readFileSync(new URL("fixtures/xep-0060.json", import.meta.url), "utf8")) as {
  readonly examples: Readonly<Record<string, string>>;
};

const service = "pubsub.shakespeare.lit" as BareJid;
const francisco = "francisco@denmark.lit" as BareJid;
const hamlet = "hamlet@denmark.lit" as BareJid;
const musings = "princely_musings" as NodeId;
const SOLILOQUY = "ae890ac52d0df67ed7cfdf51b644e901" as ItemId;

function example(name: string): string {
  const xml = examples[name];
  if (xml === undefined) throw new Error(`There is no example "${name}".`);
  return xml;
}

function parse(xml: string): XmlElement {
  const root = parseXml(xml);
  if (isRefusal(root)) throw new Error(root.message);
  return root;
}

/** What an element says, whatever its prefixes, its order of attributes and its line breaks. */
type Shape = readonly [name: string, ns: string, attributes: Readonly<Record<string, string>>, ...(Shape | string)[]];

function shapeOf(element: XmlElement, without: readonly string[]): Shape {
  const attributes = Object.entries(element.attrs)
    .filter(([name]) => !name.startsWith("xmlns") && !without.includes(`@${name}`))
    .map(([name, value]) => [name, value ?? ""] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const children = element.children.flatMap((child): (Shape | string)[] => {
    if (typeof child === "string") return child.trim() === "" ? [] : [child.trim()];
    return without.includes(child.getName()) ? [] : [shapeOf(child, without)];
  });
  return [element.getName(), element.getNS() ?? "", Object.fromEntries(attributes), ...children];
}

/** A service with the nodes of the examples, and what befalls when a request of theirs comes in. */
class Shakespeare {
  readonly state = new MemoryPubsubState();

  constructor(config: Partial<NodeConfig> = {}) {
    this.node(musings, config).affiliate(musings, hamlet, "owner");
  }

  node(id: NodeId, config: Partial<NodeConfig> = {}): this {
    const defaults = {
      accessModel: "open",
      publishModel: "publishers",
      deliverPayloads: true,
      notifyRetract: true,
      persistItems: true,
    } as const;
    this.state.apply({
      kind: "node-put",
      node: { service, id, created: instantOf(0), config: { ...defaults, ...config } },
    });
    return this;
  }

  affiliate(node: NodeId, jid: BareJid, affiliation: Affiliation): this {
    this.state.apply({ kind: "affiliation-put", service, node, jid, affiliation });
    return this;
  }

  subscribe(node: NodeId, jid: BareJid, subid: string, state: "subscribed" | "pending" = "subscribed"): this {
    const subscription = { service, node, jid, subid, state, created: instantOf(0) };
    this.state.apply({ kind: "subscription-put", subscription });
    return this;
  }

  /** Holds the items of an answer's example, the newest first. */
  hold(answer: string, publisher = hamlet): this {
    const rows = parse(example(answer)).getChild("pubsub")?.getChild("items")?.getChildren("item") ?? [];
    rows.forEach((row, place) => {
      const time = instantOf(10_000_000 - place);
      const item: PubsubItem = {
        service,
        node: musings,
        id: row.attrs["id"] as ItemId,
        publisher,
        payload: row.getChildElements()[0]?.toString() ?? "",
        published: time,
        updated: time,
      };
      this.state.apply({ kind: "item-put", item });
    });
    return this;
  }

  keep(id: ItemId, publisher = hamlet): this {
    const [published, updated] = [instantOf(0), instantOf(0)];
    const item = { service, node: musings, id, publisher, payload: "<a/>", published, updated };
    this.state.apply({ kind: "item-put", item });
    return this;
  }

  /** The answering IQ, and what the subscribers are told, one message for each. */
  ask(xml: string): { readonly answer: string; readonly messages: readonly string[] } {
    const stanza = parse(xml);
    const addressed = addressesOf(stanza);
    if (addressed === undefined) throw new Error("no addresses");
    const now = instantOf(20_000_000);
    const incoming = decodeStanza(stanza, addressed, { now, newItemId: () => SOLILOQUY });
    const head = `from="${addressed.to}" to="${addressed.from}" id="${stanza.attrs["id"] ?? ""}"`;
    const failed = (error: PubsubError) => ({
      answer: `<iq ${head} type="error">${errorToXml(error)}</iq>`,
      messages: [],
    });
    if (incoming.kind === "refused") return failed(incoming.error);
    if (incoming.kind !== "pubsub") throw new Error(`It was read as ${incoming.kind}.`);
    const subid = "ba49252aaa4f5d320c24d3766f0bdcade78c78d3";
    const decision = decide(this.state, incoming.request, { actor: addressed.from, now, subid });
    if (decision.kind === "error") return failed(decision);
    for (const change of decision.changes) this.state.apply(change);
    if (decision.reply.kind === "error") return failed(decision.reply);
    return {
      answer: `<iq ${head} type="result">${replyToXml(decision.reply, incoming.request)}</iq>`,
      messages: decision.notifications.flatMap(messagesOf),
    };
  }
}

function messagesOf({ service: from, node, event, to }: Notification): readonly string[] {
  return to.map(({ jid }) => `<message from="${from}" to="${jid}">${eventToXml({ node, event })}</message>`);
}

const SUBSCRIBE = "subscriber-subscribe-request: Entity subscribes to a node";
const UNSUBSCRIBE = "subscriber-unsubscribe-request: Entity unsubscribes from a node";
const ALL_ITEMS = "subscriber-retrieve-requestall: Subscriber requests all items";
const TWO_ITEMS = "subscriber-retrieve-requestrecent: Subscriber requests two most recent items";
const TWO_SENT = "subscriber-retrieve-requestrecent: Service returns two most recent items";
const BY_ID = "subscriber-retrieve-returnnotify: Subscriber requests specific items by ItemID";
const BY_ID_SENT = "subscriber-retrieve-returnnotify: Service sends requested item(s)";
const PUBLISH = "publisher-publish-request: Publisher publishes an item with an ItemID";
const PUBLISH_WITHOUT_ID = "publisher-publish-request: Publisher publishes an item without an ItemID";
const RETRACT = "publisher-delete-request: Entity deletes an item from a node";
const SUBSCRIPTIONS_AT = "entity-subscriptions: Entity requests current subscriptions from a specific node";

const plain = (): Shakespeare => new Shakespeare();
const empty = (): Shakespeare => {
  const asked = new Shakespeare();
  asked.state.apply({ kind: "node-removed", service, node: musings });
  return asked;
};
const node6 = "node6" as NodeId;

describe("XEP-0060: a request and its answer", () => {
  const rows: [request: string, answer: string, state: () => Shakespeare, without?: readonly string[]][] = [
    [
      "entity-subscriptions: Entity requests all current subscriptions",
      "entity-subscriptions: No subscriptions",
      plain,
    ],
    [
      "entity-affiliations: Entity requests all current affiliations",
      "entity-affiliations: Service replies with all current affiliations",
      () => {
        const asked = plain();
        const all = { node1: "owner", node2: "publisher", node5: "outcast", node6: "owner" } as const;
        for (const [id, own] of Object.entries(all)) asked.node(id as NodeId).affiliate(id as NodeId, francisco, own);
        return asked;
      },
      // The example answers the bare JID of one who asked with a full one.
      ["@to"],
    ],
    ["entity-affiliations: Entity requests all current affiliations", "entity-affiliations: No affiliations", plain],
    [SUBSCRIBE, "subscriber-subscribe-success: Service replies with success", plain],
    [
      SUBSCRIBE,
      "subscriber-subscribe-approval: Service replies with pending",
      () => new Shakespeare({ accessModel: "authorize" }),
      ["@subid"],
    ],
    [
      SUBSCRIBE,
      "subscriber-subscribe-error-presence: Entity is not authorized to create a subscription (presence subscription required)",
      () => new Shakespeare({ accessModel: "presence" }),
    ],
    [
      SUBSCRIBE,
      "subscriber-subscribe-error-rostergroup: Entity is not authorized to create a subscription (not in roster group)",
      () => new Shakespeare({ accessModel: "roster" }),
    ],
    [
      SUBSCRIBE,
      "subscriber-subscribe-error-whitelist: Node has whitelist access model",
      () => new Shakespeare({ accessModel: "whitelist" }),
    ],
    [
      SUBSCRIBE,
      "subscriber-subscribe-error-pending: Requesting entity has pending subscription",
      () => new Shakespeare({ accessModel: "authorize" }).subscribe(musings, francisco, "1", "pending"),
    ],
    [
      SUBSCRIBE,
      "subscriber-subscribe-error-blocked: Requesting entity is blocked",
      () => plain().affiliate(musings, francisco, "outcast"),
    ],
    [SUBSCRIBE, "subscriber-subscribe-error-node: Node does not exist", empty],
    [
      UNSUBSCRIBE,
      "subscriber-unsubscribe-error-nosubid: Entity did not specify SubID",
      () => plain().subscribe(musings, francisco, "1").subscribe(musings, francisco, "2"),
    ],
    [UNSUBSCRIBE, "subscriber-unsubscribe-error-nosub: Requesting entity is not a subscriber", plain],
    [UNSUBSCRIBE, "subscriber-unsubscribe-error-node: Node does not exist", empty],
    [TWO_ITEMS, TWO_SENT, () => plain().hold(TWO_SENT), ["set", "@publisher"]],
    [TWO_ITEMS, "subscriber-retrieve-requestrecent: Service returns no items if it has none", plain, ["set"]],
    [BY_ID, BY_ID_SENT, () => plain().hold(BY_ID_SENT), ["@publisher", "@to"]],
    [
      ALL_ITEMS,
      "subscriber-retrieve-error-notsubscribed: Entity is not subscribed",
      () => new Shakespeare({ accessModel: "authorize" }),
    ],
    [
      ALL_ITEMS,
      "subscriber-retrieve-error-persistent: Persistent items not supported",
      () => new Shakespeare({ persistItems: false }),
    ],
    [
      ALL_ITEMS,
      "subscriber-retrieve-error-presence: Entity is not authorized to retrieve items (presence subscription required)",
      () => new Shakespeare({ accessModel: "presence" }),
    ],
    [
      ALL_ITEMS,
      "subscriber-retrieve-error-rostergroup: Entity is not authorized to retrieve items (not in roster group)",
      () => new Shakespeare({ accessModel: "roster" }),
    ],
    [
      ALL_ITEMS,
      "subscriber-retrieve-error-whitelist: Node has whitelist access model",
      () => new Shakespeare({ accessModel: "whitelist" }),
    ],
    [
      ALL_ITEMS,
      "subscriber-retrieve-error-blocked: Requesting entity is blocked",
      () => plain().affiliate(musings, francisco, "outcast"),
    ],
    [ALL_ITEMS, "subscriber-retrieve-error-node: Node does not exist", empty],
    [
      "subscriber-retrieve-requestone: Subscriber requests a particular item",
      "subscriber-retrieve-error-items: No such item(s)",
      plain,
      // The answer's example belongs to another request of the same shape.
      ["@id"],
    ],
    [PUBLISH, "publisher-publish-success: Service replies with success", plain, ["item"]],
    [PUBLISH_WITHOUT_ID, "publisher-publish-success: Service replies with success and the ID of the new item", plain],
    [
      PUBLISH,
      "publisher-publish-error-forbidden: Entity does not have sufficient privileges to publish to node",
      () => plain().affiliate(musings, hamlet, "member"),
      ["@to"],
    ],
    [PUBLISH, "publisher-publish-error-node: Entity attempts to publish to a non-existent node", empty, ["@to"]],
    [RETRACT, "publisher-delete-success: Service replies with success", () => plain().keep(SOLILOQUY)],
    [
      RETRACT,
      "publisher-delete-error-forbidden: Requesting entity does not have sufficient privileges",
      () => plain().affiliate(musings, hamlet, "none").keep(SOLILOQUY, francisco),
    ],
    [RETRACT, "publisher-delete-error-node: Non-existent node or item", plain],
    [RETRACT, "publisher-delete-error-node: Non-existent node or item", empty],
    [
      RETRACT,
      "publisher-delete-error-persistent: Node does not support persistent items",
      () => new Shakespeare({ persistItems: false }),
    ],
  ];

  it.each(rows)("%s → %s", (request, answer, state, without = []) => {
    const given = state().ask(example(request)).answer;
    expect(shapeOf(parse(given), without)).toEqual(shapeOf(parse(example(answer)), without));
  });

  const changed: [what: string, request: string, answer: string, state: () => Shakespeare][] = [
    [
      "subscribing another JID",
      example(SUBSCRIBE).replace("jid='francisco@denmark.lit'", "jid='bard@shakespeare.lit'"),
      "subscriber-subscribe-error-nomatch: JIDs do not match",
      plain,
    ],
    [
      "unsubscribing another JID",
      example(UNSUBSCRIBE).replace("jid='francisco@denmark.lit'", "jid='bard@shakespeare.lit'"),
      "subscriber-unsubscribe-error-forbidden: Requesting entity is prohibited from unsubscribing entity",
      plain,
    ],
    [
      "a subid that is not there",
      example(UNSUBSCRIBE).replace("jid='francisco@denmark.lit'", "jid='francisco@denmark.lit' subid='3'"),
      "subscriber-unsubscribe-error-badsubid: Invalid subscription identifier",
      () => plain().subscribe(musings, francisco, "1"),
    ],
    [
      "retracting without a node",
      example(RETRACT).replace(" node='princely_musings'", ""),
      "publisher-delete-error-nodeid: Request does not specify a node",
      plain,
    ],
    [
      "retracting without an item",
      example(RETRACT).replace(/<item [^>]*>/, ""),
      "publisher-delete-error-itemid: Request does not specify an item",
      plain,
    ],
  ];
  it.each(changed)("%s", (_, request, answer, state) => {
    expect(shapeOf(parse(state().ask(request).answer), [])).toEqual(shapeOf(parse(example(answer)), []));
  });

  it("lists the subscriptions at one node (§5.6)", () => {
    const asked = plain().node(node6).subscribe(node6, francisco, "123-abc").subscribe(node6, francisco, "004-yyy");
    const request = example(SUBSCRIPTIONS_AT).replace("princely_musings", "node6");
    const answer = "entity-subscriptions: Service returns all current subscriptions to a specific node";
    const rowsOf = (xml: string) => {
      const list = parse(xml).getChild("pubsub")?.getChild("subscriptions");
      return [list?.attrs["node"], new Set(list?.getChildElements().map((row) => JSON.stringify(shapeOf(row, []))))];
    };
    expect(rowsOf(asked.ask(request).answer)).toEqual(rowsOf(example(answer)));
  });
});

describe("XEP-0060: what subscribers are told", () => {
  const bernardo = "bernardo@denmark.lit" as BareJid;
  const horatio = "horatio@denmark.lit" as BareJid;
  const bard = "bard@shakespeare.lit" as BareJid;
  const audience = (config: Partial<NodeConfig>, jids: readonly BareJid[]): Shakespeare => {
    const asked = new Shakespeare(config);
    for (const jid of jids) asked.subscribe(musings, jid, "1");
    return asked;
  };
  const shapes = (xml: string) =>
    new Set(
      parse(`<all>${xml}</all>`)
        .getChildElements()
        // Ours names the publisher always (§7.1.2.3), and the ids of messages are the sender's own.
        .map((message) => JSON.stringify(shapeOf(message, ["@publisher", "@id"]))),
    );

  it.each([
    ["publisher-publish-success-withpayload: Subscribers receive event notifications with payloads", {}],
    [
      "publisher-publish-success-withoutpayload: Subscribers receive event notifications only",
      { deliverPayloads: false },
    ],
  ])("%s", (name, config) => {
    const asked = audience(config, [francisco, bernardo, horatio, bard]);
    const { messages } = asked.ask(example(PUBLISH_WITHOUT_ID));
    expect(shapes(messages.join(""))).toEqual(shapes(example(name)));
  });

  it("publisher-delete-success-notify: Subscribers are notified of deletion", () => {
    const asked = audience({}, [francisco, bernardo]).keep(SOLILOQUY);
    const { messages } = asked.ask(example(RETRACT));
    expect(shapes(messages.join(""))).toEqual(
      shapes(example("publisher-delete-success-notify: Subscribers are notified of deletion")),
    );
  });
});
