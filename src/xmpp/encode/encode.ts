import { escapeText } from "../../atom/xml-text.ts";
import type { DiscoInfo, DiscoItem } from "../../pubsub/disco.ts";
import type { ListPart, NodeAffiliations, NodeSubscriptions, PubsubReply } from "../../pubsub/reply.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { Page, PageRequest, PubsubItem, Subscription } from "../../pubsub/state.ts";
import { attributes } from "../attributes.ts";
import { GET_PENDING } from "../decode/decode-command.ts";
import { AUTHORIZATION_FORM } from "../decode/decode-owner.ts";
import { NS } from "../namespaces.ts";
import { formToXml } from "./encode-form.ts";

/** LIMIT: bytes of the items in one answer; a page with more is cut, which its `set` says. */
export const ITEMS_BYTES_MAX = 300_000;

/** What answers a PubSub request (XEP-0060), as the child of an IQ result; empty where nothing is to be said. */
export function replyToXml(reply: PubsubReply, request?: PubsubRequest): string {
  switch (reply.kind) {
    case "done":
      return "";
    case "subscribed": {
      const options = reply.options === undefined ? "" : `<options>${formToXml(reply.options, "result")}</options>`;
      return pubsub(subscriptionToXml(reply.subscription) + options); // §6.1.2, §6.3.7
    }
    case "unsubscribed": {
      const { node, jid, subid } = reply;
      return pubsub(`<subscription${attributes({ node, jid, subid, subscription: "none" })}/>`); // §6.2.2
    }
    case "options": {
      const { node, jid, subid, form } = reply;
      return pubsub(`<options${attributes({ node, jid, subid })}>${formToXml(form, "form")}</options>`); // §6.3.3
    }
    case "default-options":
      return pubsub(`<default${attributes({ node: reply.node })}>${formToXml(reply.form, "result")}</default>`); // §6.4.2
    case "subscriptions": {
      const rows = reply.subscriptions.map(subscriptionToXml).join("");
      return pubsub(
        `<subscriptions${attributes({ node: reply.node })}>${rows}</subscriptions>${partToXml(reply.page)}`,
      ); // §5.6
    }
    case "affiliations": {
      const rows = reply.affiliations.map(
        ({ node, affiliation }) => `<affiliation${attributes({ node, affiliation })}/>`,
      );
      return pubsub(`<affiliations>${rows.join("")}</affiliations>`); // §5.7
    }
    case "created":
      // Who named the node knows its name (§8.1.1).
      return reply.named ? pubsub(`<create${attributes({ node: reply.node })}/>`) : "";
    case "configuration":
      return owner(`<configure${attributes({ node: reply.node })}>${formToXml(reply.form, "form")}</configure>`); // §8.2.2
    case "default-configuration":
      return owner(`<default>${formToXml(reply.form, "form")}</default>`); // §8.3.2
    case "node-subscriptions":
    case "node-affiliations":
      return nodeListToXml(reply);
    case "pending":
      return pendingToXml(reply);
    case "published":
      return pubsub(
        reply.id === undefined
          ? `<publish${attributes({ node: reply.node })}/>`
          : `<publish${attributes({ node: reply.node })}><item${attributes({ id: reply.id })}/></publish>`,
      ); // §7.1.2
    case "items":
      return itemsToXml(reply, request); // §6.5
  }
}

/** Every subscription has its subid: one JID may hold several (§6.1.6). */
function subscriptionToXml({ node, jid, subid, state }: Subscription): string {
  return `<subscription${attributes({ node, jid, subid, subscription: state })}/>`;
}

/** What an owner sees of a node (§8.8.1, §8.9.1), or what could not be changed (§8.8.2.4, §8.9.2.4). */
export function nodeListToXml(list: NodeSubscriptions | NodeAffiliations): string {
  const { node } = list;
  if (list.kind === "node-affiliations") {
    const rows = list.affiliations.map((row) => `<affiliation${attributes({ ...row })}/>`);
    return owner(`<affiliations${attributes({ node })}>${rows.join("")}</affiliations>`);
  }
  const rows = list.subscriptions.map(
    ({ jid, subid, state }) => `<subscription${attributes({ jid, subid, subscription: state })}/>`,
  );
  return owner(`<subscriptions${attributes({ node })}>${rows.join("")}</subscriptions>${partToXml(list.page)}`);
}

/** One step of the command that asks for undecided requests (§8.7, XEP-0050). */
function pendingToXml({ session, nodes }: PubsubReply & { readonly kind: "pending" }): string {
  if (nodes === undefined) return commandToXml(GET_PENDING, session, "completed");
  const fields = [{ name: "pubsub#node", type: "list-single", label: "Node", options: nodes, values: [] }];
  const form = formToXml({ formType: AUTHORIZATION_FORM, fields }, "form");
  const actions = `<actions execute="complete"><complete/></actions>`;
  return commandToXml(GET_PENDING, session, "executing", actions + form);
}

/** An ad-hoc command's answer (XEP-0050 §3.4). */
export function commandToXml(
  node: string,
  session: string,
  status: "executing" | "completed" | "canceled",
  inner = "",
): string {
  return `<command xmlns="${NS.commands}"${attributes({ node, sessionid: session, status })}>${inner}</command>`;
}

function partToXml(part: ListPart | undefined): string {
  if (part === undefined) return "";
  const { first, last, firstIndex, count } = part;
  return pageToXml(first === undefined || last === undefined ? [] : [first, last], firstIndex, count);
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
export function fitting(page: Page<PubsubItem>, backwards: boolean) {
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

function owner(inner: string): string {
  return `<pubsub xmlns="${NS.pubsubOwner}">${inner}</pubsub>`;
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
  const identities = info.identities.map(
    ({ lang, ...identity }) => `<identity${attributes({ ...identity, "xml:lang": lang })}/>`,
  );
  const features = [...new Set(info.features)].map((feature) => `<feature${attributes({ var: feature })}/>`);
  const forms = info.forms.map((form) => formToXml(form, "result"));
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
