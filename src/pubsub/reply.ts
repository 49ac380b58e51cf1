import type { ItemId } from "../core/item-id.ts";
import type { BareJid, Jid } from "../core/jid.ts";
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
}

/** What the asker is told. */
export type PubsubReply =
  | { readonly kind: "done" }
  | { readonly kind: "subscribed"; readonly subscription: Subscription }
  /** `node` is there when only that PubsubNode was asked about. */
  | { readonly kind: "subscriptions"; readonly node?: NodeId; readonly subscriptions: readonly Subscription[] }
  | {
      readonly kind: "affiliations";
      readonly node?: NodeId;
      readonly affiliations: readonly { readonly node: NodeId; readonly affiliation: Affiliation }[];
    }
  | { readonly kind: "items"; readonly node: NodeId; readonly page: Page<PubsubItem>; readonly paged: boolean }
  | { readonly kind: "published"; readonly node: NodeId; readonly id: ItemId };

/** What subscribers are told; `service` sends it. */
export interface Notification {
  readonly service: BareJid;
  readonly node: NodeId;
  readonly event:
    | {
        readonly kind: "items";
        readonly id: ItemId;
        readonly publisher: BareJid;
        /** Absent when the node delivers no payloads. */
        readonly payload?: string;
      }
    | { readonly kind: "retract"; readonly id: ItemId };
  readonly to: readonly { readonly jid: Jid; readonly subid: string }[];
}

/** The outcome of one request, as values: nothing has happened yet. */
export type PubsubDecision =
  | PubsubError
  | {
      readonly kind: "decision";
      readonly reply: PubsubReply;
      readonly changes: readonly PubsubChange[];
      readonly notifications: readonly Notification[];
    };
