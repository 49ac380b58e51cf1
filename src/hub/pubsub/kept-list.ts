import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import { itemEvent, notify } from "../../pubsub/notify.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { NodeId, PubsubNode } from "../../pubsub/state.ts";
import type { Outcome } from "../comments/all-comments.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import { HUB_WRITTEN, nodePut } from "./hub-node.ts";

/** Where an account says what it follows: for everybody who knows XEP-0330 (Movim), and by XEP-0465. */
export const FOLLOW_LIST = "urn:xmpp:pubsub:subscription" as NodeId;
export const PUBLIC_SUBSCRIPTIONS = "urn:xmpp:pps:subscriptions:0" as NodeId;
/** Who is subscribed to a node for everybody to know (XEP-0465 §4.4); the node's id follows. */
const PUBLIC_SUBSCRIBERS = "urn:xmpp:pps:subscribers:0/";

/** An item that a list is to have. */
export interface ListItem {
  readonly id: ItemId;
  readonly payload: string;
}

/** A list: a node that everybody may read and subscribe to, and whose items only the hub changes. */
export interface KeptList {
  readonly service: BareJid;
  readonly id: NodeId;
  readonly title: string;
}

export const NOTHING: Outcome = { changes: [], notifications: [] };

/** Several outcomes as one. */
export function together(parts: readonly Outcome[]): Outcome {
  return {
    changes: parts.flatMap(({ changes }) => changes),
    notifications: parts.flatMap(({ notifications }) => notifications),
  };
}

/** The list of those who are publicly subscribed to a node. */
export function subscribersOf(service: BareJid, node: NodeId): KeptList {
  return { service, id: `${PUBLIC_SUBSCRIBERS}${node}` as NodeId, title: "Public subscribers" };
}

/** The id of a list's item: XEP-0330 §2.1 makes them so, XEP-0465 says nothing of them. */
export function listId(hub: HubPorts, ...parts: readonly string[]): ItemId {
  return hub.sha1(new TextEncoder().encode(parts.join("<"))) as ItemId;
}

/** Puts an item into a list; `made` where an earlier change of the same commit makes the list. */
export function putListed(
  reader: RecordReader,
  list: KeptList,
  { id, payload }: ListItem,
  now: Instant,
  made = false,
): Outcome {
  const { service } = list;
  const present = reader.node(service, list.id);
  const node = present ?? listNode(list, now);
  const published = reader.item(service, list.id, id)?.published ?? now;
  const item = { service, node: list.id, id, publisher: service, payload, published, updated: now };
  const making = present !== undefined || made ? [] : nodePut(node);
  return {
    changes: [...making, { kind: "item-put", item }],
    notifications: notify(reader, node, itemEvent(reader, node, item), now),
  };
}

function listNode({ service, id, title }: KeptList, created: Instant): PubsubNode {
  return {
    service,
    id,
    created,
    creator: service,
    config: { ...HUB_WRITTEN, title, type: id },
  };
}

/** Takes an item out of a list, if it is there. */
export function takeListed(reader: RecordReader, { service, id: node }: KeptList, id: ItemId, now: Instant): Outcome {
  const found = reader.node(service, node);
  if (found === undefined || reader.item(service, node, id) === undefined) return NOTHING;
  return {
    changes: [{ kind: "item-removed", service, node, id }],
    notifications: notify(reader, found, { kind: "retract", id }, now),
  };
}

/** Takes a list away, if it is there. */
export function endList(reader: RecordReader, { service, id: node }: KeptList, now: Instant): Outcome {
  if (reader.node(service, node) === undefined) return NOTHING;
  const decision = decide(reader, { kind: "delete", service, node }, { actor: service, now, subid: "" });
  return decision.kind === "error" ? NOTHING : decision;
}

/** Why somebody cannot do by hand what only the hub does with such a list (XEP-0465 §5). */
export function whyNotByHand({ kind, node, ...request }: PubsubRequest): PubsubError | undefined {
  const id: string = node ?? "";
  const isList = id === FOLLOW_LIST || id === PUBLIC_SUBSCRIPTIONS || id.startsWith(PUBLIC_SUBSCRIBERS);
  const changes = ["publish", "retract", "create", "delete", "purge"].includes(kind);
  const configures = (kind === "configure" && "form" in request) || "changes" in request;
  if (!isList || !(changes || configures)) return undefined;
  const text = "This list is kept by the hub: follow and unfollow, or keep your follows to yourself.";
  return { kind: "error", condition: "forbidden", text };
}
