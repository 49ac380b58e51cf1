import type { AccountName } from "../core/account.ts";
import { accountIris } from "../core/hub-iris.ts";
import { type BareJid, localOf } from "../core/jid.ts";
import { isRefusal } from "../outcome/refusal.ts";
import { MICROBLOG_NODE, parseNodeId } from "../pubsub/configuration.ts";
import type { DiscoForm, DiscoInfo, DiscoItem } from "../pubsub/disco.ts";
import { PUBSUB_FEATURES } from "../pubsub/features.ts";
import type { PubsubError } from "../pubsub/reply.ts";
import type { PageRequest, PubsubNode } from "../pubsub/state.ts";
import { sterna } from "../vocab/sterna.ts";
import type { HubPorts } from "./ports.ts";

const NOT_FOUND: PubsubError = { kind: "error", condition: "item-not-found" };

/**
 * Answers disco#info (XEP-0030): the hub's own domain as a PubSub service, an account's JID as a PEP service that
 * names the account's IRI (which binds the JID to the IRI), and a PubsubNode with its `#meta-data` form.
 */
export function describeService(hub: HubPorts, jid: BareJid, node?: string): DiscoInfo | PubsubError {
  const name = localOf(jid);
  const account = name === undefined ? undefined : hub.records.reader.account(name as AccountName);
  if (name !== undefined && account === undefined) return NOT_FOUND;
  if (node !== undefined && node !== "") {
    const id = parseNodeId(node);
    const found = isRefusal(id) ? undefined : hub.records.reader.node(jid, id);
    return found === undefined ? NOT_FOUND : describeNode(hub, found);
  }
  if (account === undefined) {
    const form: DiscoForm = {
      formType: sterna.namespace,
      fields: [
        { name: "hub", values: [hub.identity.base] },
        { name: "sparql", values: [`${hub.identity.base}sparql`] },
      ],
    };
    return {
      identities: [{ category: "pubsub", type: "service", name: hub.identity.title }],
      features: PUBSUB_FEATURES,
      forms: [form],
    };
  }
  const iris = accountIris(hub.identity.base, account.name);
  return {
    identities: [
      { category: "account", type: "registered", name: account.displayName },
      { category: "pubsub", type: "pep", name: account.displayName },
    ],
    features: [...PUBSUB_FEATURES, MICROBLOG_NODE, "urn:xmpp:pubsub-social-feed:1", "vcard-temp"],
    forms: [
      {
        formType: sterna.namespace,
        fields: [
          { name: "account", values: [iris.account] },
          { name: "profile", values: [iris.profile] },
          { name: "hub", values: [hub.identity.base] },
        ],
      },
    ],
  };
}

function describeNode(hub: HubPorts, node: PubsubNode): DiscoInfo {
  const { config } = node;
  const subscribers = hub.records.reader.subscriptions(node.service, node.id).length;
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
        ],
      },
    ],
  };
}

/**
 * Answers disco#items: the accounts of the hub's domain, the PubsubNodes of an account, the item ids of a PubsubNode
 * (newest first, paged by XEP-0059).
 */
export function listServiceItems(
  hub: HubPorts,
  jid: BareJid,
  node: string | undefined,
  page: PageRequest,
): { readonly items: readonly DiscoItem[]; readonly firstIndex: number; readonly count: number } | PubsubError {
  const { reader } = hub.records;
  if (node !== undefined && node !== "") {
    const id = parseNodeId(node);
    const found = isRefusal(id) ? undefined : reader.node(jid, id);
    const items = found === undefined ? undefined : reader.items(jid, found.id, page);
    if (items === undefined) return NOT_FOUND;
    return {
      items: items.items.map((item) => ({ jid, name: item.id })),
      firstIndex: items.firstIndex,
      count: items.count,
    };
  }
  const name = localOf(jid);
  if (name !== undefined && reader.account(name as AccountName) === undefined) return NOT_FOUND;
  const nodes: DiscoItem[] = reader
    .nodes(jid)
    .map(({ id, config }) => ({ jid, node: id, ...(config.title === undefined ? {} : { name: config.title }) }));
  const accounts: DiscoItem[] =
    name === undefined ? reader.accounts().map((account) => ({ jid: account.jid, name: account.displayName })) : [];
  const all = [...nodes, ...accounts];
  return { items: all, firstIndex: 0, count: all.length };
}
