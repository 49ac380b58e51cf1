import { standAlone } from "../atom/xml.ts";
import type { XmlElement } from "../atom/xml-element.ts";
import type { Instant } from "../core/instant.ts";
import { type ItemId, parseItemId } from "../core/item-id.ts";
import { type BareJid, bareOf, type Jid, parseJid } from "../core/jid.ts";
import type { InboundEvent, InboundItem } from "../hub/ports.ts";
import { isRefusal } from "../outcome/refusal.ts";
import { parseNodeId } from "../pubsub/configuration.ts";
import type { PubsubError } from "../pubsub/reply.ts";
import type { PubsubRequest } from "../pubsub/request.ts";
import type { NodeId, PageRequest } from "../pubsub/state.ts";
import { NS } from "./namespaces.ts";
import { errorOf } from "./stanza-error.ts";

/** LIMIT: items of one page, ids asked for at once, items of one event. */
export const PAGE_ITEMS_MAX = 250;
const PAGE_ITEMS_DEFAULT = 50;
const EVENT_ITEMS_MAX = 250;
/** LIMIT: the largest payload somebody else publishes, in UTF-16 units; it has to fit into notifications. */
const PAYLOAD_LENGTH_MAX = 100_000;

/** A stanza as what it means to a hub. */
export type Incoming =
  | { readonly kind: "pubsub"; readonly request: PubsubRequest }
  | { readonly kind: "disco-info"; readonly node?: string }
  | { readonly kind: "disco-items"; readonly node?: string; readonly page: PageRequest }
  | { readonly kind: "vcard" }
  | { readonly kind: "ping" }
  /** A request that cannot be read or is not handled, and what to answer. */
  | { readonly kind: "refused"; readonly error: PubsubError }
  /** The answer to a request of ours. */
  | { readonly kind: "answer"; readonly id: string }
  | { readonly kind: "event"; readonly event: InboundEvent }
  | { readonly kind: "receipt"; readonly id: string }
  | { readonly kind: "bounce"; readonly id: string; readonly condition: string }
  | { readonly kind: "subscribe-presence" }
  | { readonly kind: "ignored"; readonly why: string };

/** What decoding needs from outside: the time, and an id for items that come without one. */
export interface DecodeContext {
  readonly now: Instant;
  readonly newItemId: () => ItemId;
}

/** A stanza with who sent it and to whom, both prepared. */
export interface Addressed {
  readonly from: Jid;
  readonly to: Jid;
}

/** Reads the addresses of a stanza; undefined when one is missing or malformed, since then nobody can be answered. */
export function addressesOf(stanza: XmlElement): Addressed | undefined {
  const from = parseJid(stanza.attrs["from"] ?? "");
  const to = parseJid(stanza.attrs["to"] ?? "");
  return isRefusal(from) || isRefusal(to) ? undefined : { from, to };
}

/** Reads a stanza. Never throws: what cannot be read is refused or ignored. */
export function decodeStanza(stanza: XmlElement, addressed: Addressed, context: DecodeContext): Incoming {
  const type = stanza.attrs["type"];
  switch (stanza.getName()) {
    case "iq":
      if (type === "result" || type === "error") return { kind: "answer", id: stanza.attrs["id"] ?? "" };
      if (type !== "get" && type !== "set") return refused("bad-request");
      return decodeRequest(stanza, type, addressed, context);
    case "message":
      return decodeMessage(stanza, addressed);
    case "presence":
      return type === "subscribe" ? { kind: "subscribe-presence" } : { kind: "ignored", why: "presence" };
    default:
      return { kind: "ignored", why: "not a stanza" };
  }
}

function refused(condition: PubsubError["condition"], pubsub?: string, feature?: string): Incoming {
  const named = pubsub === undefined ? {} : { pubsub };
  return {
    kind: "refused",
    error: { kind: "error", condition, ...named, ...(feature === undefined ? {} : { feature }) },
  };
}

function decodeRequest(
  stanza: XmlElement,
  type: "get" | "set",
  addressed: Addressed,
  context: DecodeContext,
): Incoming {
  const [child, more] = stanza.getChildElements();
  if (child === undefined || more !== undefined) return refused("bad-request"); // RFC 6120 §8.2.3
  const node = child.attrs["node"];
  switch (child.getNS()) {
    case NS.discoInfo:
      return type === "get" ? { kind: "disco-info", ...(node === undefined ? {} : { node }) } : refused("bad-request");
    case NS.discoItems: {
      const page = pageOf(child, undefined);
      if (typeof page === "string") return refused(page);
      return { kind: "disco-items", page, ...(node === undefined ? {} : { node }) };
    }
    case NS.vcard:
      return type === "get" ? { kind: "vcard" } : refused("not-allowed");
    case NS.ping:
      return type === "get" ? { kind: "ping" } : refused("bad-request");
    case NS.pubsub:
      return decodePubsub(child, type, addressed, context);
    case NS.pubsubOwner:
      return refused("feature-not-implemented", "unsupported", ownerFeature(child));
    default:
      return refused("service-unavailable"); // RFC 6120 §8.4
  }
}

/** The feature named when an owner's request is not handled yet (chapter 8). */
const OWNER_FEATURES: ReadonlyMap<string, string> = new Map([
  ["configure", "config-node"],
  ["default", "retrieve-default"],
  ["delete", "delete-nodes"],
  ["purge", "purge-nodes"],
  ["subscriptions", "manage-subscriptions"],
  ["affiliations", "modify-affiliations"],
]);

function ownerFeature(pubsub: XmlElement): string {
  return OWNER_FEATURES.get(pubsub.getChildElements()[0]?.getName() ?? "") ?? "config-node";
}

function decodePubsub(pubsub: XmlElement, type: "get" | "set", addressed: Addressed, context: DecodeContext): Incoming {
  const service = bareOf(addressed.to);
  const action = pubsub.getChildElements().find((child) => child.getNS() === NS.pubsub);
  if (action === undefined) return refused("bad-request");
  const name = action.getName();
  const nodeText = action.attrs["node"];
  if (type === "get" && (name === "subscriptions" || name === "affiliations")) {
    const node = nodeText === undefined ? undefined : parseNodeId(nodeText);
    if (isRefusal(node)) return refused("item-not-found");
    return request({ kind: name, service, ...(node === undefined ? {} : { node }) });
  }
  const decode = ACTIONS.get(name);
  if (decode === undefined || decode.type !== type)
    return refused("feature-not-implemented", "unsupported", UNSUPPORTED.get(name));
  if (nodeText === undefined) return refused("bad-request", "nodeid-required"); // §7.2.3.3
  const node = parseNodeId(nodeText);
  if (isRefusal(node)) return refused("item-not-found");
  return decode.read({ pubsub, action, service, node, addressed, context });
}

function request(wanted: PubsubRequest): Incoming {
  return { kind: "pubsub", request: wanted };
}

/** The feature named when an action of XEP-0060 is not handled yet. */
const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ["create", "create-nodes"],
  ["configure", "create-and-configure"],
  ["options", "subscription-options"],
  ["default", "retrieve-default-sub"],
]);

interface ActionParts {
  readonly pubsub: XmlElement;
  readonly action: XmlElement;
  readonly service: BareJid;
  readonly node: NodeId;
  readonly addressed: Addressed;
  readonly context: DecodeContext;
}

const ACTIONS: ReadonlyMap<string, { readonly type: "get" | "set"; readonly read: (parts: ActionParts) => Incoming }> =
  new Map([
    ["subscribe", { type: "set", read: readSubscribe }],
    ["unsubscribe", { type: "set", read: readUnsubscribe }],
    ["items", { type: "get", read: readItems }],
    ["publish", { type: "set", read: readPublish }],
    ["retract", { type: "set", read: readRetract }],
  ]);

function subscriberOf(action: XmlElement): Jid | undefined {
  const jid = parseJid(action.attrs["jid"] ?? "");
  return isRefusal(jid) ? undefined : jid;
}

function readSubscribe({ action, service, node }: ActionParts): Incoming {
  const jid = subscriberOf(action);
  return jid === undefined ? refused("bad-request", "invalid-jid") : request({ kind: "subscribe", service, node, jid });
}

function readUnsubscribe({ action, service, node }: ActionParts): Incoming {
  const jid = subscriberOf(action);
  const subid = action.attrs["subid"];
  if (jid === undefined) return refused("bad-request", "invalid-jid");
  return request({ kind: "unsubscribe", service, node, jid, ...(subid === undefined ? {} : { subid }) });
}

function readItems({ pubsub, action, service, node }: ActionParts): Incoming {
  const wanted = action.getChildren("item", NS.pubsub);
  // Leaving some out would look as if they were not there.
  if (wanted.length > PAGE_ITEMS_MAX) return refused("policy-violation");
  const ids: ItemId[] = [];
  for (const item of wanted) {
    const id = parseItemId(item.attrs["id"] ?? "");
    if (!isRefusal(id)) ids.push(id);
    else if (item.attrs["id"] === undefined) return refused("bad-request");
  }
  // Only ids that no item can have: none of them is here (§6.5.9.12), which an empty list would not say.
  if (wanted.length > 0 && ids.length === 0) return refused("item-not-found");
  const page = pageOf(pubsub, action.attrs["max_items"]);
  return typeof page === "string" ? refused(page) : request({ kind: "items", service, node, ids, page });
}

function readPublish({ action, service, node, context }: ActionParts): Incoming {
  const items = action.getChildren("item", NS.pubsub);
  const [item] = items;
  if (item === undefined) return refused("bad-request", "item-required");
  if (items.length > 1) return refused("not-allowed", "max-items-exceeded");
  const payloads = item.getChildElements();
  const [payload] = payloads;
  if (payload === undefined) return refused("bad-request", "payload-required");
  if (payloads.length > 1) return refused("bad-request", "invalid-payload");
  const given = item.attrs["id"];
  const id = given === undefined || given === "" ? context.newItemId() : parseItemId(given);
  if (isRefusal(id)) return refused("not-acceptable");
  const xml = standAlone(payload);
  if (xml.length > PAYLOAD_LENGTH_MAX) return refused("not-acceptable", "payload-too-big"); // §7.1.3.5
  const times = { published: context.now, updated: context.now };
  return request({ kind: "publish", service, node, item: { id, payload: xml, ...times } });
}

function readRetract({ action, service, node }: ActionParts): Incoming {
  const items = action.getChildren("item", NS.pubsub);
  const id = parseItemId(items[0]?.attrs["id"] ?? "");
  if (items[0] === undefined) return refused("bad-request", "item-required");
  if (isRefusal(id)) return refused("item-not-found");
  const notify = /^(1|true)$/.test(action.attrs["notify"] ?? "");
  return request({ kind: "retract", service, node, id, notify });
}

/** The page asked for by XEP-0059, or by `max_items` alone; or the condition of what cannot be had. */
function pageOf(parent: XmlElement, maxItems: string | undefined): PageRequest | PubsubError["condition"] {
  const set = parent.getChild("set", NS.rsm);
  const order = parent.getChild("order", NS.order)?.attrs;
  if (set?.getChild("index", NS.rsm) !== undefined) return "feature-not-implemented"; // XEP-0059 §2.6
  // COMPAT: without `desc` XEP-0413 means oldest first; its earlier version, and clients still, newest first.
  if (order?.["desc"] === "false" || order?.["desc"] === "0") return "feature-not-implemented";
  const text = set?.getChildText("max", NS.rsm) ?? maxItems;
  if (text !== undefined && text !== null && text !== "max" && !/^-?\d{1,10}$/.test(text)) return "bad-request";
  // COMPAT: older Libervia asks for `-1` where it means all.
  const wanted = text === undefined || text === null ? PAGE_ITEMS_DEFAULT : Number(text === "max" ? -1 : text);
  const after = set?.getChildText("after", NS.rsm);
  const before = set?.getChildText("before", NS.rsm);
  const asksForLast = set?.getChild("before", NS.rsm) !== undefined;
  return {
    max: wanted < 0 ? PAGE_ITEMS_MAX : Math.min(wanted, PAGE_ITEMS_MAX),
    ...(after ? { after: after as ItemId } : {}),
    ...(asksForLast ? { before: (before ?? "") as ItemId | "" } : {}),
    order: order?.["by"] === "modification" ? "modification" : "creation",
  };
}

function decodeMessage(stanza: XmlElement, { from, to }: Addressed): Incoming {
  if (stanza.attrs["type"] === "error") {
    return { kind: "bounce", id: stanza.attrs["id"] ?? "", condition: errorOf(stanza).condition };
  }
  const received = stanza.getChild("received", NS.receipts);
  if (received !== undefined) return { kind: "receipt", id: received.attrs["id"] ?? "" };
  const list = stanza.getChild("event", NS.pubsubEvent)?.getChild("items", NS.pubsubEvent);
  if (list === undefined) return { kind: "ignored", why: "message" };
  const node = parseNodeId(list.attrs["node"] ?? "");
  if (isRefusal(node)) return { kind: "ignored", why: "event without a node" };
  const id = stanza.attrs["id"];
  // A receipt says that all was taken in, so what is cut below gets none.
  const whole = list.children.length <= EVENT_ITEMS_MAX;
  const wanted = whole && id !== undefined && stanza.getChild("request", NS.receipts) !== undefined;
  const rows = list.getChildren("item", NS.pubsubEvent).slice(0, EVENT_ITEMS_MAX);
  const retractions = list.getChildren("retract", NS.pubsubEvent).slice(0, EVENT_ITEMS_MAX);
  const items = inboundItems(rows);
  const retracted = retractions
    .map((each) => parseItemId(each.attrs["id"] ?? ""))
    .filter((each): each is ItemId => !isRefusal(each));
  const unnamed = rows.length - items.length + retractions.length - retracted.length;
  return {
    kind: "event",
    event: {
      from,
      to,
      node,
      items,
      retracted,
      ...(unnamed > 0 ? { unnamed } : {}),
      ...(wanted ? { receiptWanted: id } : {}),
    },
  };
}

/** `<item/>` elements as what they carry; those without a usable id are left out. */
export function inboundItems(items: readonly XmlElement[]): readonly InboundItem[] {
  return items.flatMap((item) => {
    const id = parseItemId(item.attrs["id"] ?? "");
    if (isRefusal(id)) return [];
    const [payload] = item.getChildElements();
    const publisher = item.attrs["publisher"];
    return [{ id, ...(payload === undefined ? {} : { payload }), ...(publisher === undefined ? {} : { publisher }) }];
  });
}
