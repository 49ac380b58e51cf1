import type { Instant } from "../core/instant.ts";
import type { ItemId } from "../core/item-id.ts";
import type { BareJid, Jid } from "../core/jid.ts";
import type { SubmittedForm } from "./settings/form.ts";
import type { NodeId, PageRequest } from "./state.ts";

/** What an entity asks of a service (XEP-0060 chapters 5 to 8). */
export type PubsubRequest =
  | {
      readonly kind: "subscribe";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly jid: Jid;
      readonly options?: SubmittedForm;
      /** Everybody may know of it (XEP-0465 §4.1). */
      readonly public?: true;
    }
  | {
      readonly kind: "unsubscribe";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly jid: Jid;
      readonly subid?: string;
    }
  /** A subscription's options: asked for, or set where there is a form. */
  | {
      readonly kind: "options";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly jid: Jid;
      readonly subid?: string;
      readonly form?: SubmittedForm;
    }
  | { readonly kind: "default-options"; readonly service: BareJid; readonly node?: NodeId }
  | {
      readonly kind: "subscriptions";
      readonly service: BareJid;
      readonly node?: NodeId;
      /** All of them where no page is asked for. */
      readonly page?: PageRequest;
    }
  | { readonly kind: "affiliations"; readonly service: BareJid; readonly node?: NodeId }
  | {
      readonly kind: "items";
      readonly service: BareJid;
      readonly node: NodeId;
      /** Ids asked for; when empty, a page. */
      readonly ids: readonly ItemId[];
      readonly page: PageRequest;
      readonly subid?: string;
    }
  | {
      readonly kind: "publish";
      readonly service: BareJid;
      readonly node: NodeId;
      /** Absent where a node is told of without an item (XEP-0060 §7.1.3.6). */
      readonly item?: {
        readonly id: ItemId;
        /** `""` when there is none. */
        readonly payload: string;
        readonly published: Instant;
        readonly updated: Instant;
      };
      /** Preconditions (XEP-0060 §7.1.5). */
      readonly options?: SubmittedForm;
    }
  | {
      readonly kind: "retract";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly id: ItemId;
      readonly notify: boolean;
    }
  /** Without a node the service finds an id (an instant node). */
  | {
      readonly kind: "create";
      readonly service: BareJid;
      readonly node?: NodeId;
      readonly config?: SubmittedForm;
    }
  /** A node's configuration: asked for, or set where there is a form. */
  | { readonly kind: "configure"; readonly service: BareJid; readonly node: NodeId; readonly form?: SubmittedForm }
  | { readonly kind: "default-configuration"; readonly service: BareJid; readonly node?: NodeId }
  | { readonly kind: "delete"; readonly service: BareJid; readonly node: NodeId; readonly redirect?: string }
  | { readonly kind: "purge"; readonly service: BareJid; readonly node: NodeId }
  /** An owner's answer to a request for a subscription (XEP-0060 §8.6). */
  | {
      readonly kind: "authorize";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly jid: Jid;
      readonly subid?: string;
      readonly allow: boolean;
    }
  /** The nodes of the asker's with requests to decide on, or, of one of them, the requests (XEP-0060 §8.7). */
  | { readonly kind: "pending"; readonly service: BareJid; readonly node?: NodeId; readonly session: string }
  /** The subscriptions to a node: asked for, or changed where there are changes (XEP-0060 §8.8). */
  | {
      readonly kind: "node-subscriptions";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly page?: PageRequest;
      readonly changes?: readonly {
        readonly jid: Jid;
        readonly subid?: string;
        /** As it was written; absent to leave it as it is. */
        readonly state?: string;
      }[];
    }
  /** The affiliations with a node: asked for, or changed where there are changes (XEP-0060 §8.9). */
  | {
      readonly kind: "node-affiliations";
      readonly service: BareJid;
      readonly node: NodeId;
      readonly changes?: readonly { readonly jid: BareJid; readonly affiliation: string }[];
    };

/** Who asks: the full or bare JID the server vouches for, and what the pure core needs from outside. */
export interface PubsubContext {
  readonly actor: Jid;
  /** Whose item a published one is, where the actor acts for somebody; when left out, the actor's. */
  readonly publisher?: BareJid;
  readonly now: Instant;
  /** A fresh id without white space, for a subscription or an instant node, made outside since the core has no randomness. */
  readonly subid: string;
  /** Whether the asker may make nodes at this service; when left out, anybody may. */
  readonly mayCreate?: boolean;
  /** Whether publishing to a node that is not there makes it (XEP-0060 §7.1.4), as at an account (XEP-0163 §3). */
  readonly autoCreate?: boolean;
}
