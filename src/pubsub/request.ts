import type { Instant } from "../core/instant.ts";
import type { ItemId } from "../core/item-id.ts";
import type { BareJid, Jid } from "../core/jid.ts";
import type { NodeId, PageRequest } from "./state.ts";

/** What an entity asks of a service (XEP-0060 chapters 5 to 8; a later issue adds the rest to this union). */
export type PubsubRequest =
  | { readonly kind: "subscribe"; readonly service: BareJid; readonly node: NodeId; readonly jid: Jid }
  | {
      readonly kind: "unsubscribe";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly jid: Jid;
      readonly subid?: string;
    }
  | { readonly kind: "subscriptions"; readonly service: BareJid; readonly node?: NodeId }
  | { readonly kind: "affiliations"; readonly service: BareJid; readonly node?: NodeId }
  | {
      readonly kind: "items";
      readonly service: BareJid;
      readonly node: NodeId;
      /** Ids asked for; when empty, a page. */
      readonly ids: readonly ItemId[];
      readonly page: PageRequest;
    }
  | {
      readonly kind: "publish";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly item: {
        readonly id: ItemId;
        readonly payload: string;
        readonly published: Instant;
        readonly updated: Instant;
      };
    }
  | {
      readonly kind: "retract";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly id: ItemId;
      readonly notify: boolean;
    };

/** Who asks: the full or bare JID the server vouches for, and what the pure core needs from outside. */
export interface PubsubContext {
  readonly actor: Jid;
  readonly now: Instant;
  /** A fresh subscription id, made outside since the core has no randomness. */
  readonly subid: string;
}
