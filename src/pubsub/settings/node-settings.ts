import type { PubsubError } from "../reply.ts";
import { ACCESS_MODELS, FULL_NODE_RULES, type NodeConfig, PUBLISH_MODELS, SEND_LAST } from "../state.ts";
import {
  choice,
  count,
  FLAG,
  type Form,
  formOf,
  JIDS,
  type Setting,
  type SubmittedForm,
  TEXT,
  TEXTS,
  valueOf,
} from "./form.ts";

/** FORM_TYPE of a node's configuration, and of the preconditions that a publication carries. */
export const NODE_CONFIG_FORM = "http://jabber.org/protocol/pubsub#node_config";
const PUBLISH_OPTIONS_FORM = "http://jabber.org/protocol/pubsub#publish-options";

/** LIMIT: items kept, seconds they are kept for, bytes of a payload, whatever an owner asks for. */
const MAX_ITEMS_MAX = 1_000_000;
const ITEM_EXPIRE_S_MAX = 100 * 366 * 86_400;
const PAYLOAD_BYTES_MAX = 100_000;

/** What an owner may set (XEP-0060 §16.4.4), in the order of the form. */
export const NODE_SETTINGS: readonly Setting<keyof NodeConfig>[] = [
  { key: "title", name: "title", label: "A friendly name for the node", kind: TEXT },
  { key: "description", name: "description", label: "A description of the node", kind: TEXT },
  { key: "type", name: "type", label: "The semantic type of the payloads", kind: TEXT },
  { key: "language", name: "language", label: "The default language of the node", kind: TEXT },
  { key: "contact", name: "contact", label: "People to contact with questions", kind: JIDS },
  { key: "accessModel", name: "access_model", label: "Who may subscribe and read", kind: choice(ACCESS_MODELS) },
  { key: "rosterGroups", name: "roster_groups_allowed", label: "Roster groups that may subscribe", kind: TEXTS },
  { key: "publishModel", name: "publish_model", label: "Who may publish", kind: choice(PUBLISH_MODELS) },
  flag("subscribe", "subscribe", "Whether to allow subscriptions", true),
  flag("deliverNotifications", "deliver_notifications", "Whether to send notifications", true),
  flag("deliverPayloads", "deliver_payloads", "Whether notifications carry payloads", true),
  {
    key: "notificationType",
    name: "notification_type",
    label: "The type of notification messages",
    kind: choice(["normal", "headline"]),
    fallback: "headline",
  },
  flag("presenceBased", "presence_based_delivery", "Whether to tell only those who are there", false),
  flag("notifyConfig", "notify_config", "Tell subscribers when the configuration changes", false),
  flag("notifyDelete", "notify_delete", "Tell subscribers when the node is deleted", true),
  flag("notifyRetract", "notify_retract", "Tell subscribers when items are removed", true),
  flag("notifySub", "notify_sub", "Tell owners of new subscribers and of those who leave", false),
  flag("persistItems", "persist_items", "Whether to keep items", true),
  { key: "maxItems", name: "max_items", label: "How many items to keep, or max", kind: count(1, MAX_ITEMS_MAX) },
  {
    key: "nodeFull",
    name: "publish_node_full",
    label: "What to do with a new item when that many are kept",
    kind: choice(FULL_NODE_RULES),
    fallback: "discard-oldest",
  },
  {
    key: "itemExpire_s",
    name: "item_expire",
    label: "How many seconds to keep items, or max",
    kind: count(1, ITEM_EXPIRE_S_MAX),
  },
  {
    key: "payloadBytes_max",
    name: "max_payload_size",
    label: "The largest payload in bytes, or max",
    kind: count(1, PAYLOAD_BYTES_MAX),
  },
  {
    key: "sendLast",
    name: "send_last_published_item",
    label: "When to send the last published item",
    kind: choice(SEND_LAST),
    fallback: "never",
  },
  {
    key: "itemReply",
    name: "itemreply",
    label: "Who receives replies to items",
    kind: choice(["owner", "publisher"]),
    // Every item names its publisher. COMPAT: with ejabberd it does so by this setting alone, so Movim asks for it.
    fallback: "publisher",
  },
];

function flag(key: keyof NodeConfig, name: string, label: string, fallback: boolean): Setting<keyof NodeConfig> {
  return { key, name, label, kind: FLAG, fallback };
}

/** Settings of the standard that are known and left at this value: collections and subscriptions that end with a session are not kept here. */
const FIXED: ReadonlyMap<string, readonly string[]> = new Map([
  ["node_type", ["leaf"]],
  ["purge_offline", ["0", "false"]],
  ["tempsub", ["0", "false"]],
  ["collection", [""]],
  ["children", [""]],
]);

const BY_NAME: ReadonlyMap<string, Setting<keyof NodeConfig>> = new Map(NODE_SETTINGS.map((row) => [row.name, row]));

/**
 * A new node's configuration where nothing is asked for (XEP-0060 §8.3).
 * COMPAT: Movim publishes posts with options that all of it has to meet, else it configures and publishes again.
 */
export const DEFAULT_CONFIG: NodeConfig = {
  accessModel: "open",
  publishModel: "publishers",
  deliverPayloads: true,
  notifyRetract: true,
  notifySub: true,
  persistItems: true,
};

/** The configuration as a form to fill in, or as its result. */
export function configForm(config: NodeConfig, fill: boolean): Form {
  return formOf(NODE_CONFIG_FORM, NODE_SETTINGS, config, fill);
}

/**
 * The configuration with what was submitted; what the form leaves out stays (XEP-0004 §3.2). Fields this service has
 * no use for (`pubsub#body_xslt`, names of others) are passed over. Refuses with `not-acceptable` (§8.2.5.3).
 */
export function configWith(config: NodeConfig, form: SubmittedForm): NodeConfig | PubsubError {
  if (form.formType !== undefined && form.formType !== NODE_CONFIG_FORM) {
    return problem(`Expected a form of the type ${NODE_CONFIG_FORM}, but got "${form.formType.slice(0, 80)}".`);
  }
  const changed: Record<string, unknown> = { ...config };
  for (const { name, values } of form.fields) {
    const row = BY_NAME.get(name.replace(/^pubsub#/, ""));
    if (row === undefined) {
      const no = whyNotFixed(name, values);
      if (no !== undefined) return no;
      continue;
    }
    const read = row.kind.read(values);
    if (read === undefined) {
      const no = problem(`"${values.join(", ").slice(0, 80)}" cannot be had for ${name}.`);
      return row.key === "accessModel" ? { ...no, pubsub: "unsupported-access-model" } : no; // §8.1.2
    }
    if (read.value === undefined) delete changed[row.key];
    else changed[row.key] = read.value;
  }
  return changed as unknown as NodeConfig;
}

function whyNotFixed(name: string, values: readonly string[]): PubsubError | undefined {
  const fixed = FIXED.get(name.replace(/^pubsub#/, ""));
  if (fixed === undefined || values.every((value) => fixed.includes(value))) return undefined;
  if (name === "pubsub#node_type" || name === "pubsub#collection" || name === "pubsub#children") {
    return { kind: "error", condition: "feature-not-implemented", pubsub: "unsupported", feature: "collections" };
  }
  return problem(`"${values.join(", ").slice(0, 80)}" cannot be had for ${name}; only ${fixed[0]} can.`);
}

function problem(text: string): PubsubError {
  return { kind: "error", condition: "not-acceptable", text };
}

/**
 * Why a publication's options keep it from a node that is there (XEP-0060 §7.1.5): each field is a precondition, met
 * when the node has that value; one that is not known is not met.
 */
export function whyUnmet(config: NodeConfig, form: SubmittedForm): PubsubError | undefined {
  for (const { name, values } of form.fields) {
    const row = BY_NAME.get(name.replace(/^pubsub#/, ""));
    const read = row?.kind.read(values);
    const met =
      row === undefined
        ? FIXED.get(name.replace(/^pubsub#/, ""))?.includes(values[0] ?? "") === true
        : read !== undefined && same(read.value ?? row.fallback, valueOf(config, row));
    if (met) continue;
    const text = `The node's ${name.slice(0, 80)} is not "${values.join(", ").slice(0, 80)}": configure it first, or publish without that option.`;
    return { kind: "error", condition: "conflict", pubsub: "precondition-not-met", text };
  }
  return undefined;
}

/** What a node that is made by publishing is configured to (XEP-0060 §7.1.5): the defaults, and the options. */
export function configByOptions(form: SubmittedForm | undefined): NodeConfig | PubsubError {
  if (form === undefined) return DEFAULT_CONFIG;
  const { formType, ...fields } = form;
  return configWith(DEFAULT_CONFIG, formType === PUBLISH_OPTIONS_FORM ? fields : form);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
