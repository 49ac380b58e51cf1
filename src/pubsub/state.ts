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

/** Node configuration (XEP-0060 §16.4.4). Fields a later issue adds get a default here. */
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
}

/** A XEP-0060 leaf node. `service` is the JID it lives at: an account's, or the hub's own domain. */
export interface PubsubNode {
  readonly service: BareJid;
  readonly id: NodeId;
  readonly config: NodeConfig;
  readonly created: Instant;
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
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Position of the first item in the whole list. */
  readonly firstIndex: number;
  readonly count: number;
  /** The list goes no further in the direction asked for. */
  readonly complete: boolean;
}

/** What the core may ask about the nodes of every service; a consistent view, read without waiting. */
export interface PubsubState {
  node(service: BareJid, id: NodeId): PubsubNode | undefined;
  /** In order of node id. */
  nodes(service: BareJid): readonly PubsubNode[];
  /** `none` when nothing is said about the JID. */
  affiliation(service: BareJid, node: NodeId, jid: BareJid): Affiliation;
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
  | { readonly kind: "node-removed"; readonly service: BareJid; readonly node: NodeId }
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
