import type { Instant } from "../core/instant.ts";
import type { ItemId } from "../core/item-id.ts";
import type { BareJid, Jid } from "../core/jid.ts";
import type { Form } from "./settings/form.ts";
import type { Affiliation, NodeId, Page, PubsubChange, PubsubItem, Subscription } from "./state.ts";

/** Why a request was refused: RFC 6120 §8.3.3 condition and, where there is one, its condition of its own in XEP-0060 (chapters 5 to 8). */
export interface PubsubError {
  readonly kind: "error";
  readonly condition:
    | "bad-request"
    | "conflict"
    | "feature-not-implemented"
    | "forbidden"
    | "gone"
    | "internal-server-error"
    | "item-not-found"
    | "jid-malformed"
    | "not-acceptable"
    | "not-allowed"
    | "not-authorized"
    | "payment-required"
    | "policy-violation"
    | "resource-constraint"
    | "service-unavailable"
    | "unexpected-request";
  /** Local name in `http://jabber.org/protocol/pubsub#errors`. */
  readonly pubsub?: string;
  /** The `feature` attribute of `<unsupported/>`. */
  readonly feature?: string;
  /** One sentence for a person. */
  readonly text?: string;
  /** The error's type where XEP-0060 has another than RFC 6120. */
  readonly type?: "auth" | "cancel" | "modify" | "wait";
  /** Where to go instead, as a URI (`gone`, RFC 6120 §8.3.3.5). */
  readonly uri?: string;
  /** Where in a text that was sent it is wrong, both from 1. */
  readonly place?: { readonly line: number; readonly column: number };
  /** An ad-hoc command's own condition (XEP-0050 §4.4). */
  readonly command?: "bad-action" | "bad-payload" | "bad-sessionid" | "session-expired" | "malformed-action";
  /** What an owner could not change, as it still is (XEP-0060 §8.8.2.4, §8.9.2.4). */
  readonly unchanged?: NodeSubscriptions | NodeAffiliations;
}

/** Subscriptions to one PubsubNode, as its owner sees them (XEP-0060 §8.8). */
export interface NodeSubscriptions {
  readonly kind: "node-subscriptions";
  readonly node: NodeId;
  readonly subscriptions: readonly {
    readonly jid: Jid;
    readonly subid?: string;
    readonly state: Subscription["state"] | "none";
  }[];
  readonly page?: ListPart;
}

/** Affiliations with one PubsubNode, as its owner sees them (XEP-0060 §8.9). */
export interface NodeAffiliations {
  readonly kind: "node-affiliations";
  readonly node: NodeId;
  readonly affiliations: readonly { readonly jid: BareJid; readonly affiliation: Affiliation }[];
}

/** Which part of a list a page is (XEP-0059); there when a page was asked for. */
export interface ListPart {
  readonly first?: string;
  readonly last?: string;
  readonly firstIndex: number;
  readonly count: number;
}

/** What the asker is told. */
export type PubsubReply =
  | { readonly kind: "done" }
  /** `options` are told when they were asked for together with the subscription (XEP-0060 §6.3.7). */
  | { readonly kind: "subscribed"; readonly subscription: Subscription; readonly options?: Form }
  | { readonly kind: "unsubscribed"; readonly node: NodeId; readonly jid: Jid; readonly subid: string }
  | {
      readonly kind: "options";
      readonly node: NodeId;
      readonly jid: Jid;
      readonly subid?: string;
      readonly form: Form;
    }
  | { readonly kind: "default-options"; readonly node?: NodeId; readonly form: Form }
  /** `named` when the service found the id (an instant node). */
  | { readonly kind: "created"; readonly node: NodeId; readonly named: boolean }
  | { readonly kind: "configuration"; readonly node: NodeId; readonly form: Form }
  | { readonly kind: "default-configuration"; readonly form: Form }
  | NodeSubscriptions
  | NodeAffiliations
  /** The nodes with requests to decide on, to choose from (XEP-0060 §8.7); none when one was chosen. */
  | { readonly kind: "pending"; readonly session: string; readonly nodes?: readonly NodeId[] }
  /** `node` is there when only that PubsubNode was asked about. */
  | {
      readonly kind: "subscriptions";
      readonly node?: NodeId;
      readonly subscriptions: readonly Subscription[];
      readonly page?: ListPart;
    }
  | {
      readonly kind: "affiliations";
      readonly node?: NodeId;
      readonly affiliations: readonly { readonly node: NodeId; readonly affiliation: Affiliation }[];
    }
  | { readonly kind: "items"; readonly node: NodeId; readonly page: Page<PubsubItem>; readonly paged: boolean }
  /** Without an id where nothing but the fact was published. */
  | { readonly kind: "published"; readonly node: NodeId; readonly id?: ItemId };

/** What is told; the same for all recipients of one {@link Notification}. */
export type NotifiedEvent =
  | ({
      readonly kind: "items";
      readonly id: ItemId;
      readonly publisher: BareJid;
      /** Absent when the node delivers no payloads. */
      readonly payload?: string;
      /** When it was published, for an item that is not new (XEP-0203). */
      readonly delay?: Instant;
      /** Whom to answer, where that is not the publisher (`pubsub#itemreply`). */
      readonly replyTo?: readonly BareJid[];
    } & Telling)
  /** Something was published where there are neither items nor payloads (XEP-0060 §7.1.3.6). */
  | ({ readonly kind: "touch" } & Telling)
  | ({ readonly kind: "retract"; readonly id: ItemId } & Telling)
  | ({ readonly kind: "purge" } & Telling)
  | ({ readonly kind: "delete"; readonly redirect?: string } & Telling)
  /** `form` unless the node delivers no payloads. */
  | ({ readonly kind: "configuration"; readonly form?: Form } & Telling)
  /** To the subscriber, and to owners where the node says so. */
  | {
      readonly kind: "subscription";
      readonly jid: Jid;
      readonly subid?: string;
      readonly state: Subscription["state"] | "none";
      /** When its lease is over, where that is soon (XEP-0060 §12.18). */
      readonly expiry?: Instant;
    }
  /** To an owner: whether `jid` may subscribe (XEP-0060 §8.6). */
  | { readonly kind: "authorization"; readonly jid: Jid; readonly subid: string }
  /** To whom it is about (XEP-0060 §8.9.4). */
  | { readonly kind: "affiliation"; readonly jid: BareJid; readonly affiliation: Affiliation };

/** How subscribers want to be told. */
interface Telling {
  /** As an ordinary message; else as a headline. */
  readonly normal?: true;
  /** With a text to read. */
  readonly body?: true;
}

/** What subscribers and owners are told; `service` sends it. */
export interface Notification {
  readonly service: BareJid;
  readonly node: NodeId;
  readonly event: NotifiedEvent;
  /** Who holds several subscriptions is told once: their subids, separated by a space (XEP-0060 §7.1.2.5). */
  readonly to: readonly { readonly jid: Jid; readonly subid: string }[];
}

/** The outcome of one request, as values: nothing has happened yet. */
export type PubsubDecision =
  | PubsubError
  | {
      readonly kind: "decision";
      /** An error where a part could not be done; the changes are the part that is. */
      readonly reply: PubsubReply | PubsubError;
      readonly changes: readonly PubsubChange[];
      readonly notifications: readonly Notification[];
    };
