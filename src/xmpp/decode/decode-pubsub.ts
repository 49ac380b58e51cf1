import { PPS_NS } from "../../atom/public-lists.ts";
import { standAlone } from "../../atom/xml.ts";
import type { XmlElement } from "../../atom/xml-element.ts";
import type { ItemId } from "../../core/item-id.ts";
import { type BareJid, bareOf, type Jid, parseJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { parseNodeId } from "../../pubsub/configuration.ts";
import type { SubmittedForm } from "../../pubsub/settings/form.ts";
import type { NodeId } from "../../pubsub/state.ts";
import { NS } from "../namespaces.ts";
import { submittedForm } from "./decode-form.ts";
import { PAGE_ITEMS_MAX, pageIfAsked, pageOf } from "./decode-page.ts";
import { type Addressed, type DecodeContext, type Incoming, refused, request } from "./incoming.ts";

/** LIMIT: the largest payload somebody else publishes, in UTF-16 units; it has to fit into notifications. */
const PAYLOAD_LENGTH_MAX = 100_000;
/** LIMIT: the same for a picture in base64 (XEP-0084), which goes into no notification. */
const PICTURE_LENGTH_MAX = 360_000;
/** LIMIT: the longest item id in characters. Ids of posts are read more strictly where posts are made. */
const ITEM_ID_LENGTH_MAX = 1_023;
/** LIMIT: the longest subid somebody else names. */
const SUBID_LENGTH_MAX = 200;

interface ActionParts {
  readonly type: "get" | "set";
  readonly pubsub: XmlElement;
  readonly action: XmlElement;
  readonly service: BareJid;
  readonly context: DecodeContext;
}

/** What reads each action; those in the first table are about one node, which has to be named. */
type Read<More = unknown> = (parts: ActionParts & More) => Incoming;
type OfNode = { readonly node: NodeId };

const NODE_ACTIONS: ReadonlyMap<string, Read<OfNode>> = new Map<string, Read<OfNode>>([
  ["set subscribe", readSubscribe],
  ["set unsubscribe", readUnsubscribe],
  ["get options", readOptions],
  ["set options", readOptions],
  ["get items", readItems],
  ["set publish", readPublish],
  ["set retract", readRetract],
]);
const SERVICE_ACTIONS: ReadonlyMap<string, Read<Partial<OfNode>>> = new Map<string, Read<Partial<OfNode>>>([
  ["get subscriptions", readSubscriptions],
  ["get affiliations", ({ service, node }) => request({ kind: "affiliations", service, ...named(node) })],
  ["get default", ({ service, node }) => request({ kind: "default-options", service, ...named(node) })],
  ["set create", readCreate],
]);

/** Reads a request of `http://jabber.org/protocol/pubsub` (XEP-0060 chapters 5 to 7, and §8.1). */
export function decodePubsub(
  pubsub: XmlElement,
  type: "get" | "set",
  addressed: Addressed,
  context: DecodeContext,
): Incoming {
  const children = pubsub.getChildElements().filter((child) => child.getNS() === NS.pubsub);
  const known = children.find((child) => isAction(`${type} ${child.getName()}`));
  const action = known ?? children[0];
  if (action === undefined) return refused("bad-request");
  const parts = { type, pubsub, action, service: bareOf(addressed.to), context };
  const name = `${type} ${action.getName()}`;
  const nodeText = action.attrs["node"];
  const node = nodeText === undefined ? undefined : parseNodeId(nodeText);
  const ofService = SERVICE_ACTIONS.get(name);
  if (ofService !== undefined) {
    // COMPAT: clients write an empty node where they mean an instant one.
    if (nodeText === "" && name === "set create") return ofService(parts);
    if (isRefusal(node)) return refused(name === "set create" ? "not-acceptable" : "item-not-found");
    return ofService({ ...parts, ...named(node) });
  }
  const ofNode = NODE_ACTIONS.get(name);
  if (ofNode === undefined) {
    // Asked for where it can only be set, or the other way round; or of no version of the standard.
    const other = `${type === "get" ? "set" : "get"} ${action.getName()}`;
    return refused(isAction(other) ? "bad-request" : "feature-not-implemented");
  }
  if (node === undefined) return refused("bad-request", "nodeid-required"); // §7.2.3.3
  return isRefusal(node) ? refused("item-not-found") : ofNode({ ...parts, node });
}

function isAction(name: string): boolean {
  return NODE_ACTIONS.has(name) || SERVICE_ACTIONS.has(name);
}

function named(node: NodeId | undefined): { readonly node?: NodeId } {
  return node === undefined ? {} : { node };
}

function subscriberOf(action: XmlElement): Jid | undefined {
  const jid = parseJid(action.attrs["jid"] ?? "");
  return isRefusal(jid) ? undefined : jid;
}

/** The subid somebody names; one that none can be is none that is there. */
function subidOf(action: XmlElement): { readonly subid?: string } {
  const subid = action.attrs["subid"];
  return subid === undefined ? {} : { subid: subid.slice(0, SUBID_LENGTH_MAX) };
}

/** The form in a child of its own beside the action; `"unreadable"` when that child has none. */
function formBeside(pubsub: XmlElement, name: string): SubmittedForm | "unreadable" | undefined {
  const holder = pubsub.getChild(name, NS.pubsub);
  return holder === undefined ? undefined : (submittedForm(holder) ?? "unreadable");
}

function readSubscribe({ pubsub, action, service, node }: ActionParts & OfNode): Incoming {
  const jid = subscriberOf(action);
  if (jid === undefined) return refused("bad-request", "invalid-jid"); // §6.1.3.1
  const options = formBeside(pubsub, "options");
  if (options === "unreadable") return refused("bad-request", "invalid-options"); // §6.3.6
  const asked = options === undefined || options.cancelled ? {} : { options };
  const known = action.getChild("public", PPS_NS) === undefined ? {} : { public: true as const };
  return request({ kind: "subscribe", service, node, jid, ...asked, ...known });
}

function readUnsubscribe({ action, service, node }: ActionParts & OfNode): Incoming {
  const jid = subscriberOf(action);
  if (jid === undefined) return refused("bad-request", "invalid-jid");
  return request({ kind: "unsubscribe", service, node, jid, ...subidOf(action) });
}

function readOptions({ type, action, service, node }: ActionParts & OfNode): Incoming {
  if (action.attrs["jid"] === undefined) return refused("bad-request", "jid-required"); // §6.3.4.3
  const jid = subscriberOf(action);
  if (jid === undefined) return refused("bad-request", "invalid-jid");
  const asked = { kind: "options", service, node, jid, ...subidOf(action) } as const;
  if (type === "get") return request(asked);
  const form = submittedForm(action);
  return form === undefined ? refused("bad-request", "invalid-options") : request({ ...asked, form });
}

function readSubscriptions({ pubsub, service, node }: ActionParts & Partial<OfNode>): Incoming {
  const page = pageIfAsked(pubsub);
  if (typeof page === "string") return refused(page);
  return request({ kind: "subscriptions", service, ...named(node), ...(page === undefined ? {} : { page }) });
}

function readItems({ pubsub, action, service, node }: ActionParts & OfNode): Incoming {
  const wanted = action.getChildren("item", NS.pubsub);
  // Leaving some out would look as if they were not there.
  if (wanted.length > PAGE_ITEMS_MAX) return refused("policy-violation");
  const ids: ItemId[] = [];
  for (const item of wanted) {
    const id = itemIdOf(item);
    if (id !== undefined) ids.push(id);
    else if (item.attrs["id"] === undefined) return refused("bad-request");
  }
  // Only ids that no item can have: none of them is here (§6.5.9.12), which an empty list would not say.
  if (wanted.length > 0 && ids.length === 0) return refused("item-not-found");
  const page = pageOf(pubsub, action.attrs["max_items"]);
  if (typeof page === "string") return refused(page);
  return request({ kind: "items", service, node, ids, page, ...subidOf(action) });
}

function itemIdOf(item: XmlElement): ItemId | undefined {
  const id = item.attrs["id"] ?? "";
  return id !== "" && id.length <= ITEM_ID_LENGTH_MAX && !/\p{C}/u.test(id) ? (id as ItemId) : undefined;
}

function readPublish({ pubsub, action, service, node, context }: ActionParts & OfNode): Incoming {
  const options = formBeside(pubsub, "publish-options");
  if (options === "unreadable") return refused("bad-request");
  const wish = { kind: "publish", service, node, ...(options === undefined ? {} : { options }) } as const;
  const items = action.getChildren("item", NS.pubsub);
  const [item] = items;
  if (item === undefined) return request(wish); // §7.1.3.6 says at which nodes that may be
  if (items.length > 1) return refused("not-allowed", "max-items-exceeded");
  const payloads = item.getChildElements();
  const [payload] = payloads;
  if (payloads.length > 1) return refused("bad-request", "invalid-payload"); // §7.1.3.6
  const given = item.attrs["id"];
  const id = given === undefined || given === "" ? context.newItemId() : itemIdOf(item);
  if (id === undefined) return refused("not-acceptable");
  const xml = payload === undefined ? "" : standAlone(payload);
  const length_max = node === "urn:xmpp:avatar:data" ? PICTURE_LENGTH_MAX : PAYLOAD_LENGTH_MAX;
  if (xml.length > length_max) return refused("not-acceptable", "payload-too-big"); // §7.1.3.5
  return request({ ...wish, item: { id, payload: xml, published: context.now, updated: context.now } });
}

function readRetract({ action, service, node }: ActionParts & OfNode): Incoming {
  const items = action.getChildren("item", NS.pubsub);
  const [item] = items;
  if (item === undefined || item.attrs["id"] === undefined) return refused("bad-request", "item-required"); // §7.2.3.4
  if (items.length > 1) return refused("not-allowed", "max-items-exceeded");
  const id = itemIdOf(item);
  if (id === undefined) return refused("item-not-found");
  const notify = /^(1|true)$/.test(action.attrs["notify"] ?? "");
  return request({ kind: "retract", service, node, id, notify });
}

function readCreate({ pubsub, action, service, node }: ActionParts & Partial<OfNode>): Incoming {
  // COMPAT: collections were asked for like this before XEP-0248.
  if (action.attrs["type"] === "collection") return refused("feature-not-implemented", "unsupported", "collections");
  const holder = pubsub.getChild("configure", NS.pubsub);
  // An empty one asks for the defaults (§8.1.2).
  const config = holder === undefined || holder.getChildElements().length === 0 ? undefined : submittedForm(holder);
  if (config === undefined && (holder?.getChildElements().length ?? 0) > 0) return refused("bad-request");
  return request({ kind: "create", service, ...named(node), ...(config === undefined ? {} : { config }) });
}
