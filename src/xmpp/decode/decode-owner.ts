import type { XmlElement } from "../../atom/xml-element.ts";
import { type BareJid, bareOf, parseBareJid, parseJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { parseNodeId } from "../../pubsub/configuration.ts";
import type { NodeId } from "../../pubsub/state.ts";
import { NS } from "../namespaces.ts";
import { submittedForm, valueIn } from "./decode-form.ts";
import { pageIfAsked } from "./decode-page.ts";
import { type Addressed, type Incoming, refused, request } from "./incoming.ts";

/** LIMIT: rows an owner changes at once; characters of an URI to go to instead. */
const ROWS_MAX = 1_000;
const URI_LENGTH_MAX = 2_000;

/** FORM_TYPE of an owner's answer to a request for a subscription (XEP-0060 §8.6). */
export const AUTHORIZATION_FORM = "http://jabber.org/protocol/pubsub#subscribe_authorization";

interface OwnerParts {
  readonly pubsub: XmlElement;
  readonly action: XmlElement;
  readonly service: BareJid;
  readonly node: NodeId;
}

const ACTIONS: ReadonlyMap<string, (parts: OwnerParts) => Incoming> = new Map([
  ["get configure", ({ service, node }: OwnerParts) => request({ kind: "configure", service, node })],
  ["set configure", readConfigure],
  ["set delete", readDelete],
  ["set purge", ({ service, node }: OwnerParts) => request({ kind: "purge", service, node })],
  ["get subscriptions", readSubscriptions],
  ["set subscriptions", readSubscriptionChanges],
  ["get affiliations", ({ service, node }: OwnerParts) => request({ kind: "node-affiliations", service, node })],
  ["set affiliations", readAffiliationChanges],
]);

/** Reads a request of `http://jabber.org/protocol/pubsub#owner` (XEP-0060 chapter 8). */
export function decodeOwner(pubsub: XmlElement, type: "get" | "set", { to }: Addressed): Incoming {
  const service = bareOf(to);
  const action = pubsub.getChildElements().find((child) => child.getNS() === NS.pubsubOwner);
  if (action === undefined) return refused("bad-request");
  const name = `${type} ${action.getName()}`;
  if (name === "get default") {
    const collection = action.attrs["type"] === "collection";
    if (collection) return refused("feature-not-implemented", "unsupported", "collections");
    return request({ kind: "default-configuration", service });
  }
  const read = ACTIONS.get(name);
  if (read === undefined) return refused("bad-request");
  const nodeText = action.attrs["node"];
  if (nodeText === undefined) return refused("bad-request", "nodeid-required"); // §8.2.3.3
  const node = parseNodeId(nodeText);
  return isRefusal(node) ? refused("item-not-found") : read({ pubsub, action, service, node });
}

function readConfigure({ action, service, node }: OwnerParts): Incoming {
  const form = submittedForm(action);
  return form === undefined ? refused("bad-request") : request({ kind: "configure", service, node, form });
}

function readDelete({ action, service, node }: OwnerParts): Incoming {
  const redirect = action.getChild("redirect", NS.pubsubOwner)?.attrs["uri"];
  if (redirect === undefined) return request({ kind: "delete", service, node });
  const usable = /^xmpp:\S+$/.test(redirect) && redirect.length <= URI_LENGTH_MAX && !/\p{C}/u.test(redirect);
  return usable ? request({ kind: "delete", service, node, redirect }) : refused("bad-request");
}

function readSubscriptions({ pubsub, service, node }: OwnerParts): Incoming {
  const page = pageIfAsked(pubsub);
  if (typeof page === "string") return refused(page);
  return request({ kind: "node-subscriptions", service, node, ...(page === undefined ? {} : { page }) });
}

function readSubscriptionChanges({ action, service, node }: OwnerParts): Incoming {
  const rows = action.getChildren("subscription", NS.pubsubOwner);
  if (rows.length === 0) return refused("bad-request");
  if (rows.length > ROWS_MAX) return refused("policy-violation");
  const changes = rows.map(({ attrs }) => {
    const { jid: text = "", subid, subscription: state } = attrs;
    const jid = parseJid(text);
    return isRefusal(jid)
      ? undefined
      : { jid, ...(subid === undefined ? {} : { subid }), ...(state === undefined ? {} : { state }) };
  });
  const read = changes.filter((change) => change !== undefined);
  if (read.length < rows.length) return refused("bad-request", "invalid-jid");
  return request({ kind: "node-subscriptions", service, node, changes: read });
}

function readAffiliationChanges({ action, service, node }: OwnerParts): Incoming {
  const rows = action.getChildren("affiliation", NS.pubsubOwner);
  if (rows.length === 0) return refused("bad-request");
  if (rows.length > ROWS_MAX) return refused("policy-violation");
  const changes = rows.flatMap(({ attrs }) => {
    const jid = parseBareJid(attrs["jid"] ?? "");
    return isRefusal(jid) ? [] : [{ jid, affiliation: attrs["affiliation"] ?? "" }];
  });
  if (changes.length < rows.length) return refused("bad-request", "invalid-jid");
  return request({ kind: "node-affiliations", service, node, changes });
}

/** An owner's answer to a request for a subscription (XEP-0060 §8.6); undefined when the message is none. */
export function decodeAuthorization(message: XmlElement, { to }: Addressed): Incoming | undefined {
  const form = submittedForm(message);
  if (form?.formType !== AUTHORIZATION_FORM) return undefined;
  // The request stays as it is.
  if (form.cancelled) return { kind: "ignored", why: "authorization cancelled" };
  const node = parseNodeId(valueIn(form, "pubsub#node") ?? "");
  const jid = parseJid(valueIn(form, "pubsub#subscriber_jid") ?? "");
  const allow = valueIn(form, "pubsub#allow") ?? "";
  const subid = valueIn(form, "pubsub#subid");
  if (isRefusal(node) || isRefusal(jid) || !/^(0|1|true|false)$/.test(allow)) {
    return { kind: "ignored", why: "authorization unreadable" };
  }
  return {
    kind: "pubsub-message",
    request: {
      kind: "authorize",
      service: bareOf(to),
      node,
      jid,
      allow: allow === "1" || allow === "true",
      ...(subid === undefined ? {} : { subid }),
    },
  };
}
