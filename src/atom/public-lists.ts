import type { XmlElement } from "./xml-element.ts";
import { escapeAttribute, escapeText } from "./xml-text.ts";

/** The namespace of what XEP-0330 keeps at a person's node, and of XEP-0465. */
const LIST_NS = "urn:xmpp:pubsub:subscription:0";
export const PPS_NS = "urn:xmpp:pps:0";

/** LIMIT: characters of a title that is kept. */
const TITLE_LENGTH_MAX = 200;

/** A PubsubNode that somebody says to be subscribed to. */
export interface ListedNode {
  /** As it was written: a JID. */
  readonly jid: string;
  readonly node: string;
  readonly title?: string;
}

/** The payload of a public list (XEP-0330 §2). */
export function listedToXml({ jid, node, title }: ListedNode): string {
  const named = title === undefined ? "" : `<title>${escapeText(title)}</title>`;
  return `<subscription xmlns="${LIST_NS}" server="${escapeAttribute(jid)}" node="${escapeAttribute(node)}">${named}</subscription>`;
}

/** The payload of public subscriptions (XEP-0465 §4.2). */
export function publicSubscriptionToXml({ jid, node }: ListedNode): string {
  return `<subscription xmlns="${PPS_NS}" node="${escapeAttribute(node)}" jid="${escapeAttribute(jid)}"/>`;
}

/** The payload of the public subscribers of a node (XEP-0465 §4.4). */
export function publicSubscriberToXml(jid: string): string {
  return `<subscriber xmlns="${PPS_NS}" jid="${escapeAttribute(jid)}"/>`;
}

/** Reads an item of either list; undefined for anything else. */
export function listedFromXml(element: XmlElement): ListedNode | undefined {
  // COMPAT: older versions of Movim wrote the namespace without its version.
  const old = element.is("subscription", LIST_NS.slice(0, -2));
  const jid = element.is("subscription", PPS_NS) ? element.attrs["jid"] : element.attrs["server"];
  const known = old || element.is("subscription", LIST_NS) || element.is("subscription", PPS_NS);
  const { node } = element.attrs;
  if (!known || jid === undefined || node === undefined) return undefined;
  const title = element.getChildText("title")?.trim().toWellFormed().slice(0, TITLE_LENGTH_MAX) ?? "";
  return { jid, node, ...(title === "" ? {} : { title }) };
}
