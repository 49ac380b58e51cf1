import { escapeAttribute, escapeText } from "../atom/xml-text.ts";
import type { OutboundEvent } from "../hub/ports.ts";
import type { DiscoInfo, DiscoItem } from "../pubsub/disco.ts";
import type { PubsubReply } from "../pubsub/reply.ts";
import type { PageRequest, PubsubItem } from "../pubsub/state.ts";
import { NS } from "./namespaces.ts";

/** Attributes as text; those without a value are left out. */
export function attributes(values: Readonly<Record<string, string | undefined>>): string {
  let text = "";
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) text += ` ${name}="${escapeAttribute(value)}"`;
  return text;
}

/** What answers a PubSub request (XEP-0060), as the child of an IQ result; empty where nothing is to be said. */
export function replyToXml(reply: PubsubReply): string {
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
      return pubsub(`<subscriptions>${rows.join("")}</subscriptions>`); // §5.6
    }
    case "affiliations": {
      const rows = reply.affiliations.map((row) => `<affiliation${attributes(row)}/>`);
      return pubsub(`<affiliations>${rows.join("")}</affiliations>`); // §5.7
    }
    case "published":
      return pubsub(`<publish${attributes({ node: reply.node })}><item${attributes({ id: reply.id })}/></publish>`); // §7.1.2
    case "items": {
      const { items, firstIndex, count } = reply.page;
      const set = reply.paged
        ? pageToXml(
            items.map(({ id }) => id),
            firstIndex,
            count,
          )
        : "";
      return pubsub(`<items${attributes({ node: reply.node })}>${items.map(itemToXml).join("")}</items>${set}`); // §6.5
    }
  }
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
  const by = order === "modification" ? `<order xmlns="${NS.order}" field="modification"/>` : "";
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
