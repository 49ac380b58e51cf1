import type { Instant } from "../core/instant.ts";
import type { ItemId } from "../core/item-id.ts";
import type { BareJid, Jid } from "../core/jid.ts";

declare const nodeIdBrand: unique symbol;

/** The id of a PubsubNode within one service JID. */
export type NodeId = string & { readonly [nodeIdBrand]: true };

/** XEP-0060 §4.1. */
export const AFFILIATIONS = ["owner", "publisher", "publish-only", "member", "none", "outcast"] as const;
export type Affiliation = (typeof AFFILIATIONS)[number];

export const ACCESS_MODELS = ["open", "presence", "roster", "authorize", "whitelist"] as const;
export type AccessModel = (typeof ACCESS_MODELS)[number];

export const PUBLISH_MODELS = ["publishers", "subscribers", "open"] as const;
export type PublishModel = (typeof PUBLISH_MODELS)[number];

/** What becomes of the oldest item, or of the new one, where `maxItems` are kept (XEP-0060 §16.4.4). */
export const FULL_NODE_RULES = ["discard-oldest", "retract-oldest", "reject"] as const;

export const SEND_LAST = ["never", "on_sub", "on_sub_and_presence"] as const;

/** Values of `<show/>`, and `online` for none (XEP-0060 §16.4.2). */
export const SHOW_VALUES = ["away", "chat", "dnd", "online", "xa"] as const;
export type Show = (typeof SHOW_VALUES)[number];

/** Node configuration (XEP-0060 §16.4.4). What is left out is as the table of `node-settings.ts` says. */
export interface NodeConfig {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly accessModel: AccessModel;
  readonly publishModel: PublishModel;
  readonly deliverPayloads: boolean;
  readonly notifyRetract: boolean;
  readonly persistItems: boolean;
  /** The most items kept; undefined keeps all. */
  readonly maxItems?: number;
  readonly nodeFull?: (typeof FULL_NODE_RULES)[number];
  /** How long after they were last published items are kept; undefined keeps them. */
  readonly itemExpire_s?: number;
  readonly payloadBytes_max?: number;
  readonly language?: string;
  readonly contact?: readonly string[];
  /** With the access model `roster`: who is in one of these groups of the owner's. */
  readonly rosterGroups?: readonly string[];
  /** Whether anybody new may subscribe. */
  readonly subscribe?: boolean;
  readonly deliverNotifications?: boolean;
  readonly notificationType?: "normal" | "headline";
  /** Whether only those are told who are known to be there. */
  readonly presenceBased?: boolean;
  readonly notifyConfig?: boolean;
  readonly notifyDelete?: boolean;
  readonly notifySub?: boolean;
  readonly sendLast?: (typeof SEND_LAST)[number];
  readonly itemReply?: "owner" | "publisher";
}

/** What a subscriber asked for (XEP-0060 §6.3); what is left out is as the table of `subscription-settings.ts` says. */
export interface SubscriptionOptions {
  readonly deliver?: boolean;
  readonly includeBody?: boolean;
  /** While the subscriber's presence is not known, notifications are sent whatever it is. */
  readonly showValues?: readonly Show[];
  /** When the subscription ends (§12.18). */
  readonly expire?: Instant;
}

/** A XEP-0060 leaf node. `service` is the JID it lives at: an account's, or the hub's own domain. */
export interface PubsubNode {
  readonly service: BareJid;
  readonly id: NodeId;
  readonly config: NodeConfig;
  readonly created: Instant;
  /** Who made it, where that is known. */
  readonly creator?: BareJid;
}

/** One XEP-0060 item; `payload` is its serialised XML, opaque here. */
export interface PubsubItem {
  readonly service: BareJid;
  readonly node: NodeId;
  readonly id: ItemId;
  readonly publisher: BareJid;
  readonly payload: string;
  /** First published; the newest-first order of `items`. */
  readonly published: Instant;
  /** Last published; the order of `items` by modification (XEP-0413). */
  readonly updated: Instant;
}

/** A JID's wish to be notified of a PubsubNode. */
export interface Subscription {
  readonly service: BareJid;
  readonly node: NodeId;
  readonly jid: Jid;
  readonly subid: string;
  readonly state: "subscribed" | "pending";
  readonly created: Instant;
  readonly options?: SubscriptionOptions;
}

/** A page asked for by XEP-0059. `max` is bounded by the decoder; neither `after` nor `before` means the first page. */
export interface PageRequest {
  readonly max: number;
  /** Items after this id in the list's order. */
  readonly after?: ItemId;
  /** Items before this id; `""` asks for the last page. */
  readonly before?: ItemId | "";
  /** Newest first by publication unless `modification` is asked for (XEP-0413). */
  readonly order: "creation" | "modification";
  /** The other way round: the oldest first. */
  readonly oldestFirst?: true;
  /** Only items last published after this: what is older has expired. */
  readonly since?: Instant;
  /** Only items last published then or before. */
  readonly until?: Instant;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Position of the first item in the whole list. */
  readonly firstIndex: number;
  readonly count: number;
  /** The list goes no further in the direction asked for. */
  readonly complete: boolean;
}

/** What somebody is to the owner of a service: in which of the owner's roster groups. */
export interface Contact {
  readonly groups: readonly string[];
  /** Whether the owner has asked for the contact's presence in turn, which is done once. */
  readonly asked?: true;
}

/** Who is there, as services have been told: it is not kept, and handed in where decisions depend on it. */
export interface PresenceView {
  /** The resources of a JID that are there; undefined while nothing has been heard of it. */
  shown(service: BareJid, jid: BareJid): readonly { readonly jid: Jid; readonly show: Show }[] | undefined;
  /** The resources that want to be told of a node by what they can do (XEP-0163 §4.3.2). */
  interested(service: BareJid, node: NodeId): readonly Jid[];
}

/** What the core may ask about the nodes of every service; a consistent view, read without waiting. */
export interface PubsubState {
  /** Absent where nobody's presence is known. */
  readonly presence?: PresenceView;
  node(service: BareJid, id: NodeId): PubsubNode | undefined;
  /** In order of node id. */
  nodes(service: BareJid): readonly PubsubNode[];
  /** `none` when nothing is said about the JID. */
  affiliation(service: BareJid, node: NodeId, jid: BareJid): Affiliation;
  /** All that are not `none`, in order of JID. */
  affiliations(service: BareJid, node: NodeId): readonly { readonly jid: BareJid; readonly affiliation: Affiliation }[];
  /** Those of one JID at all nodes of a service, in order of node id. */
  affiliationsOf(
    service: BareJid,
    jid: BareJid,
  ): readonly { readonly node: NodeId; readonly affiliation: Affiliation }[];
  /** Where a node that was deleted went, when that was said. */
  redirect(service: BareJid, node: NodeId): string | undefined;
  /** Undefined when the owner of the service has nothing to do with the JID: access models `presence` and `roster`. */
  contact(service: BareJid, jid: BareJid): Contact | undefined;
  /** Oldest first, then by JID and subid. */
  subscriptions(service: BareJid, node: NodeId): readonly Subscription[];
  /** Those of all resources of one bare JID, in order of node id, JID and subid. */
  subscriptionsOf(service: BareJid, jid: BareJid): readonly Subscription[];
  item(service: BareJid, node: NodeId, id: ItemId): PubsubItem | undefined;
  /** Undefined when `after` or `before` names no item (XEP-0059 §2.2: item-not-found). */
  items(service: BareJid, node: NodeId, page: PageRequest): Page<PubsubItem> | undefined;
}

/** One change to the state, as a value. */
export type PubsubChange =
  | { readonly kind: "node-put"; readonly node: PubsubNode }
  /** With all that is in it. */
  | {
      readonly kind: "node-removed";
      readonly service: BareJid;
      readonly node: NodeId;
      /** An `xmpp:` URI to go to instead. */
      readonly redirect?: string;
    }
  /** Every item of a node. */
  | { readonly kind: "items-removed"; readonly service: BareJid; readonly node: NodeId }
  | {
      readonly kind: "contact-put";
      readonly service: BareJid;
      readonly jid: BareJid;
      readonly groups: readonly string[];
      readonly asked?: true;
    }
  | { readonly kind: "contact-removed"; readonly service: BareJid; readonly jid: BareJid }
  | {
      readonly kind: "affiliation-put";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly jid: BareJid;
      readonly affiliation: Affiliation;
    }
  | { readonly kind: "subscription-put"; readonly subscription: Subscription }
  | {
      readonly kind: "subscription-removed";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly jid: Jid;
      readonly subid: string;
    }
  | { readonly kind: "item-put"; readonly item: PubsubItem }
  | { readonly kind: "item-removed"; readonly service: BareJid; readonly node: NodeId; readonly id: ItemId };
