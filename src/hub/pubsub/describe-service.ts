import { ATTACHMENTS_NS } from "../../atom/attachments.ts";
import { PPS_NS } from "../../atom/public-lists.ts";
import { SPARQL_BINDING_NS } from "../../atom/sparql-results-xml.ts";
import type { Account, AccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { type BareJid, bareOf, type Jid, localOf } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { isLive } from "../../pubsub/access.ts";
import { MICROBLOG_NODE, parseNodeId } from "../../pubsub/configuration.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import { PUBSUB_FEATURES } from "../../pubsub/decide/features.ts";
import { listPage } from "../../pubsub/decide/list-page.ts";
import type { DiscoForm, DiscoInfo, DiscoItem } from "../../pubsub/disco.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { Affiliation, PageRequest, PubsubNode, PubsubState } from "../../pubsub/state.ts";
import { sterna } from "../../vocab/sterna.ts";
import { canonicalNode, isReserved } from "../attachments/attachments-node.ts";
import { adHocCommand, adHocItems } from "../chat/ad-hoc.ts";
import { NICK, VCARD4 } from "../people/profile-payloads.ts";
import { VCARD } from "../people/vcard.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { placeOfNode } from "../watches/watch-node.ts";
import { QUERY_FIELD } from "../watches/watch-node-door.ts";
import { nodesOf } from "./nodes-of.ts";
import { CONTACT_MODELS, standing } from "./pubsub-policy.ts";

/**
 * What an account's own nodes do beside (XEP-0163 §6): publishing makes them, and contacts are told without subscribing,
 * as their presence says; and where else the person's name, card and picture are.
 */
const ACCOUNT_FEATURES = [
  ...[
    "auto-create",
    "auto-subscribe",
    "filtered-notifications",
    "last-published",
    "presence-notifications",
    "presence-subscribe",
  ].map((feature) => `http://jabber.org/protocol/pubsub#${feature}`),
  NICK,
  VCARD,
  VCARD4,
];
/** What needs a person's contacts. */
const NOT_AT_DOMAIN = CONTACT_MODELS.map((model) => `http://jabber.org/protocol/pubsub#access-${model}`);
const COMMANDS = "http://jabber.org/protocol/commands";
const GET_PENDING = "http://jabber.org/protocol/pubsub#get-pending";

const NOT_FOUND: PubsubError = { kind: "error", condition: "item-not-found" };

/**
 * Answers disco#info (XEP-0030): the hub's own domain as a PubSub service, an account's JID as a PEP service that
 * names the account's IRI (which binds the JID to the IRI), and a PubsubNode with its `#meta-data` form.
 */
export function describeService(hub: HubPorts, jid: BareJid, node?: string): DiscoInfo | PubsubError {
  const name = localOf(jid);
  const account = name === undefined ? undefined : hub.records.reader.account(name as AccountName);
  if (name !== undefined && account === undefined) return NOT_FOUND;
  const command = adHocCommand(node ?? "");
  if (node === GET_PENDING || node === COMMANDS || command !== undefined) {
    return describeCommand(node ?? "", command?.name);
  }
  if (node !== undefined && node !== "") {
    const id = parseNodeId(node);
    const found = isRefusal(id) ? undefined : stateOf(hub, account).node(jid, canonicalNode(jid, id));
    return found === undefined ? NOT_FOUND : describeNode(hub, found);
  }
  if (account === undefined) {
    const { base } = hub.identity;
    return {
      identities: [{ category: "pubsub", type: "service", name: hub.identity.title }],
      features: [...PUBSUB_FEATURES, ATTACHMENTS_NS, PPS_NS, SPARQL_BINDING_NS].filter(
        (feature) => !NOT_AT_DOMAIN.includes(feature),
      ),
      forms: [ownForm({ hub: base, sparql: `${base}sparql` })],
    };
  }
  const iris = accountIris(hub.identity.base, account.name);
  return {
    identities: [
      { category: "account", type: "registered", name: account.displayName },
      { category: "pubsub", type: "pep", name: account.displayName },
    ],
    features: [
      ...PUBSUB_FEATURES,
      ...ACCOUNT_FEATURES,
      ATTACHMENTS_NS,
      PPS_NS,
      SPARQL_BINDING_NS,
      MICROBLOG_NODE,
      "urn:xmpp:pubsub-social-feed:1",
      "vcard-temp",
    ],
    forms: [ownForm({ account: iris.account, profile: iris.profile, hub: hub.identity.base })],
  };
}

/** What the hub says of itself (XEP-0128). COMPAT: Libervia 0.9 fails on a field that leaves its type to be guessed. */
function ownForm(values: Readonly<Record<string, string>>): DiscoForm {
  const fields = Object.entries(values).map(([name, value]) => ({ name, type: "text-single", values: [value] }));
  return { formType: sterna.namespace, fields };
}

/** The command of XEP-0060 §8.7, and the list it is in (XEP-0050 §2.1, §2.2). */
function describeCommand(node: string, name = "Subscriptions to decide on"): DiscoInfo {
  const type = node === COMMANDS ? "command-list" : "command-node";
  return {
    identities: [{ category: "automation", type, name }],
    features: [COMMANDS, "jabber:x:data"],
    forms: [],
  };
}

function describeNode(hub: HubPorts, node: PubsubNode): DiscoInfo {
  const { config } = node;
  const { reader } = hub.records;
  const now = hub.now();
  const subscribers = reader
    .subscriptions(node.service, node.id)
    .filter((each) => each.state === "subscribed" && isLive(each, now)).length;
  const affiliations = reader.affiliations(node.service, node.id);
  const jids = (affiliation: Affiliation) =>
    affiliations.filter((each) => each.affiliation === affiliation).map(({ jid }) => jid);
  const list = (name: string, values: readonly string[] | undefined) =>
    values === undefined || values.length === 0 ? [] : [{ name: `pubsub#${name}`, type: "jid-multi", values }];
  const field = (name: string, value: string | undefined, type = "text-single") =>
    value === undefined ? [] : [{ name: `pubsub#${name}`, type, values: [value] }];
  return {
    identities: [{ category: "pubsub", type: "leaf", ...(config.title === undefined ? {} : { name: config.title }) }],
    features: PUBSUB_FEATURES,
    forms: [
      {
        formType: "http://jabber.org/protocol/pubsub#meta-data",
        fields: [
          ...field("title", config.title),
          ...field("description", config.description),
          ...field("type", config.type),
          ...field("creation_date", node.created),
          ...field("num_subscribers", String(subscribers)),
          ...field("access_model", config.accessModel, "list-single"),
          ...field("publish_model", config.publishModel, "list-single"),
          ...field("creator", node.creator, "jid-single"),
          ...field("language", config.language, "list-single"),
          ...list("contact", config.contact),
          ...field("max_items", config.maxItems === undefined ? "max" : String(config.maxItems)),
          ...list("owner", jids("owner")),
          ...list("publisher", [...jids("owner"), ...jids("publisher")]),
          ...openQuery(hub, node),
        ],
      },
    ],
  };
}

/** What a node tells the answers of, where everybody may know. */
function openQuery(hub: HubPorts, { service, id }: PubsubNode) {
  const place = localOf(service) === undefined ? placeOfNode(id) : undefined;
  const watch = place === undefined ? undefined : hub.records.reader.watch(place);
  if (watch === undefined || !watch.isPublic) return [];
  return [{ name: QUERY_FIELD, type: "text-multi", values: watch.query.split("\n") }];
}

/** The nodes as strangers see them. */
function stateOf(hub: HubPorts, account: Account | undefined): PubsubState {
  return nodesOf(hub, hub.records.reader, account);
}

/** Whether a node of the hub's domain is shown to somebody: those with a list of who may read are to these. */
function isListed(reader: PubsubState, { service, id, config }: PubsubNode, actor: Jid): boolean {
  return config.accessModel !== "whitelist" || reader.affiliation(service, id, bareOf(actor)) !== "none";
}

/** The ids of a node's items, for whom may read them. */
function listItems(hub: HubPorts, request: PubsubRequest & { readonly kind: "items" }, actor: Jid) {
  const { reader } = hub.records;
  const { service } = request;
  const account = reader.account((localOf(service) ?? "") as AccountName);
  const context = { ...standing(reader, account, request, actor), now: hub.now(), subid: "" };
  const decision = decide(stateOf(hub, account), request, context);
  // A node that keeps no items has none.
  if (decision.kind === "error")
    return decision.feature === undefined ? decision : { items: [], firstIndex: 0, count: 0 };
  if (decision.reply.kind !== "items") return NOT_FOUND;
  const { items, firstIndex, count } = decision.reply.page;
  return { items: items.map((item) => ({ jid: service, name: item.id })), firstIndex, count };
}

/**
 * Answers disco#items: the accounts of the hub's domain, the PubsubNodes of an account, the item ids of a PubsubNode
 * that `actor` may read (newest first, paged by XEP-0059).
 */
export function listServiceItems(
  hub: HubPorts,
  jid: BareJid,
  node: string | undefined,
  page: PageRequest,
  actor: Jid,
): { readonly items: readonly DiscoItem[]; readonly firstIndex: number; readonly count: number } | PubsubError {
  const { reader } = hub.records;
  if (node === COMMANDS) {
    const items = [{ jid, node: GET_PENDING, name: "Subscriptions to decide on" }, ...adHocItems(hub, jid, actor)];
    return { items, firstIndex: 0, count: items.length };
  }
  if (node !== undefined && node !== "") {
    const id = parseNodeId(node);
    if (isRefusal(id)) return NOT_FOUND;
    return listItems(hub, { kind: "items", service: jid, node: canonicalNode(jid, id), ids: [], page }, actor);
  }
  const name = localOf(jid);
  if (name !== undefined && reader.account(name as AccountName) === undefined) return NOT_FOUND;
  const nodes: DiscoItem[] = reader
    .nodes(jid)
    .filter((each) => name !== undefined || isListed(reader, each, actor))
    // One for each item that somebody likes: found by the item's address, not in a list.
    .filter(({ id }) => !isReserved(id))
    .map(({ id, config }) => ({ jid, node: id, ...(config.title === undefined ? {} : { name: config.title }) }));
  const accounts: DiscoItem[] =
    name === undefined ? reader.accounts().map((account) => ({ jid: account.jid, name: account.displayName })) : [];
  const all = [...nodes, ...accounts];
  const listed = listPage(all, (item) => item.node ?? item.jid, page);
  return listed === undefined
    ? NOT_FOUND
    : { items: listed.rows, firstIndex: listed.part.page?.firstIndex ?? 0, count: all.length };
}
