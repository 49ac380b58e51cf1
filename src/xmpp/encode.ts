import { escapeAttribute, escapeText } from "../atom/xml-text.ts";
import type { OutboundEvent } from "../hub/ports.ts";
import type { DiscoInfo, DiscoItem } from "../pubsub/disco.ts";
import type { PubsubReply } from "../pubsub/reply.ts";
import type { PubsubRequest } from "../pubsub/request.ts";
import type { Page, PageRequest, PubsubItem } from "../pubsub/state.ts";
import { NS } from "./namespaces.ts";

/** Attributes as text; those without a value are left out. */
export function attributes(values: Readonly<Record<string, string | undefined>>): string {
  let text = "";
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) text += ` ${name}="${escapeAttribute(value)}"`;
  return text;
}

/** LIMIT: bytes of the items in one answer; a page with more is cut, which its `set` says. */
export const ITEMS_BYTES_MAX = 300_000;

/** What answers a PubSub request (XEP-0060), as the child of an IQ result; empty where nothing is to be said. */
export function replyToXml(reply: PubsubReply, request?: PubsubRequest): string {
  switch (reply.kind) {
    case "done":
      return "";
    case "subscribed": {
      const { node, jid, subid, state } = reply.subscription;
      return pubsub(`<subscription${attributes({ node, jid, subid, subscription: state })}/>`); // §6.1.2
    }
    case "subscriptions": {
      const rows = reply.subscriptions.map(
        ({ node, jid, subid, state }) => `<subscription${attributes({ node, jid, subid, subscription: state })}/>`,
      );
      return pubsub(`<subscriptions${attributes({ node: reply.node })}>${rows.join("")}</subscriptions>`); // §5.6
    }
    case "affiliations": {
      const rows = reply.affiliations.map(
        ({ node, affiliation }) => `<affiliation${attributes({ node, affiliation })}/>`,
      );
      return pubsub(`<affiliations>${rows.join("")}</affiliations>`); // §5.7
    }
    case "published":
      return pubsub(`<publish${attributes({ node: reply.node })}><item${attributes({ id: reply.id })}/></publish>`); // §7.1.2
    case "items":
      return itemsToXml(reply, request); // §6.5
  }
}

function itemsToXml(reply: PubsubReply & { readonly kind: "items" }, request: PubsubRequest | undefined): string {
  const asked = request?.kind === "items" ? request.page : undefined;
  const { rows, page } = fitting(reply.page, asked?.before !== undefined && asked.after === undefined);
  const ids = page.items.map(({ id }) => id);
  const cut = page.items.length < reply.page.items.length;
  const set = reply.paged || cut ? pageToXml(ids, page.firstIndex, page.count) : "";
  return pubsub(`<items${attributes({ node: reply.node })}>${rows.join("")}</items>${set}`);
}

/**
 * As many items as fit into one answer, at least one: from the beginning, or from the end when the reader walks
 * backwards, so that the page still touches the item it was asked to.
 */
function fitting(page: Page<PubsubItem>, backwards: boolean) {
  const rows: string[] = [];
  let bytes = 0;
  for (const item of backwards ? page.items.toReversed() : page.items) {
    const xml = itemToXml(item);
    bytes += Buffer.byteLength(xml);
    if (bytes > ITEMS_BYTES_MAX && rows.length > 0) break;
    rows.push(xml);
  }
  if (!backwards) return { rows, page: { ...page, items: page.items.slice(0, rows.length) } };
  const left = page.items.length - rows.length;
  return {
    rows: rows.reverse(),
    page: { ...page, items: page.items.slice(left), firstIndex: page.firstIndex + left },
  };
}

function pubsub(inner: string): string {
  return `<pubsub xmlns="${NS.pubsub}">${inner}</pubsub>`;
}

function itemToXml({ id, publisher, payload }: PubsubItem): string {
  return `<item${attributes({ id, publisher })}>${payload}</item>`;
}

/** What XEP-0059 says about a page: always there, so that the reader knows the count. */
export function pageToXml(ids: readonly string[], firstIndex: number, count: number): string {
  const [first] = ids;
  const last = ids.at(-1);
  const ends =
    first === undefined || last === undefined
      ? ""
      : `<first index="${firstIndex}">${escapeText(first)}</first><last>${escapeText(last)}</last>`;
  return `<set xmlns="${NS.rsm}">${ends}<count>${count}</count></set>`;
}

/** A page asked for (XEP-0059, XEP-0413). */
export function pageRequestToXml({ max, after, before, order }: PageRequest): string {
  const place =
    after !== undefined
      ? `<after>${escapeText(after)}</after>`
      : before !== undefined
        ? `<before>${escapeText(before)}</before>`
        : "";
  const by = order === "modification" ? `<order xmlns="${NS.order}" by="modification" desc="true"/>` : "";
  return `<set xmlns="${NS.rsm}"><max>${max}</max>${place}</set>${by}`;
}

/** disco#info (XEP-0030 §3) with its forms (XEP-0128). */
export function discoInfoToXml(info: DiscoInfo, node: string | undefined): string {
  const identities = info.identities.map((identity) => `<identity${attributes({ ...identity })}/>`);
  const features = [...new Set(info.features)].map((feature) => `<feature${attributes({ var: feature })}/>`);
  const forms = info.forms.map(({ formType, fields }) => {
    const rows = fields.map(({ name, type, label, values }) => {
      const inner = values.map((value) => `<value>${escapeText(value)}</value>`).join("");
      return `<field${attributes({ var: name, type, label })}>${inner}</field>`;
    });
    const kind = `<field var="FORM_TYPE" type="hidden"><value>${escapeText(formType)}</value></field>`;
    return `<x xmlns="${NS.dataForms}" type="result">${kind}${rows.join("")}</x>`;
  });
  return `<query xmlns="${NS.discoInfo}"${attributes({ node })}>${[...identities, ...features, ...forms].join("")}</query>`;
}

/** disco#items (XEP-0030 §4), paged. */
export function discoItemsToXml(
  list: { readonly items: readonly DiscoItem[]; readonly firstIndex: number; readonly count: number },
  node: string | undefined,
): string {
  const rows = list.items.map((item) => `<item${attributes({ jid: item.jid, node: item.node, name: item.name })}/>`);
  const ids = list.items.map(({ name, node: of, jid }) => (node === undefined ? (of ?? jid) : (name ?? jid)));
  return `<query xmlns="${NS.discoItems}"${attributes({ node })}>${rows.join("")}${pageToXml(ids, list.firstIndex, list.count)}</query>`;
}

/** The body of a notification (XEP-0060 §7.1.2, §7.2.2), the same for all its recipients. */
export function eventToXml({ node, event }: Pick<OutboundEvent, "node" | "event">): string {
  const inner =
    event.kind === "retract"
      ? `<retract${attributes({ id: event.id })}/>`
      : `<item${attributes({ id: event.id, publisher: event.publisher })}>${event.payload ?? ""}</item>`;
  return `<event xmlns="${NS.pubsubEvent}"><items${attributes({ node })}>${inner}</items></event>`;
}
