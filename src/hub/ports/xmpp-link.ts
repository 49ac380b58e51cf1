import type { XmlElement } from "../../atom/xml-element.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid, Jid } from "../../core/jid.ts";
import type { Refusal } from "../../outcome/refusal.ts";
import type { Caps } from "../../pubsub/caps.ts";
import type { DiscoInfo, DiscoItem } from "../../pubsub/disco.ts";
import type { NodeId, Page, PageRequest, Show, Subscription } from "../../pubsub/state.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Delivery } from "./records.ts";
import type { RemoteAnswer } from "./remote-queries.ts";

/** How the hub stands with its XMPP server. */
export type XmppStatus =
  | { readonly kind: "off" /** Why, and what to do. */; readonly reason: string }
  | { readonly kind: "connecting"; readonly problem?: string }
  | { readonly kind: "online"; readonly domain: string; readonly since: Instant };

/** How many stanzas were not taken in since the start. */
export interface StanzaCounts {
  /** Over the rate of their JID or its domain: requests were asked to wait, all else was dropped. */
  readonly limited: number;
  /** Without addresses that can be read, for another domain, or too deep. */
  readonly malformed: number;
  /** Readable, and nothing that a hub has to do with. */
  readonly ignored: number;
}

/** A pushed event as it came in, its payloads parsed as XML and not yet believed. */
export interface InboundEvent {
  /** The JID the servers vouch for: the service. */
  readonly from: Jid;
  readonly to: Jid;
  readonly node: NodeId;
  readonly items: readonly InboundItem[];
  readonly retracted: readonly ItemId[];
  /** How many items and retractions were left out, as their ids cannot be those of posts. */
  readonly unnamed?: number;
  /** Every item of the node was taken out, or the node deleted (XEP-0060 §8.4, §8.5). */
  readonly emptied?: true;
  /** The stanza id, when the sender asks for a receipt (XEP-0184). */
  readonly receiptWanted?: string;
}

export interface InboundItem {
  readonly id: ItemId;
  readonly publisher?: string;
  readonly payload?: XmlElement;
}

/** Presence of somebody (RFC 6121 chapters 3 and 4), as it came in; not yet believed. */
export interface InboundPresence {
  readonly from: Jid;
  readonly to: BareJid;
  readonly type: PresenceType | "error";
  readonly show: Show;
  /** What it says it can do (XEP-0115). */
  readonly caps?: Caps;
}

/** Presence of an account, or of the hub's domain, to be sent. What it can do is added where it is written. */
export interface OutboundPresence {
  readonly from: BareJid;
  readonly to: Jid;
  readonly type: PresenceType;
  /** XEP-0172. */
  readonly nick?: string;
  /** The SHA-1 of its picture in hex, empty when there is none (XEP-0153). */
  readonly photo?: string;
}

export type PresenceType =
  | "available"
  | "unavailable"
  | "subscribe"
  | "subscribed"
  | "unsubscribe"
  | "unsubscribed"
  | "probe";

/** What the hub may say on the XMPP network. */
export interface XmppMessages {
  /** Writes presence and resolves when the socket has taken it. Refuses with `unavailable` when offline. */
  sendPresence(presences: readonly OutboundPresence[]): Promise<undefined | Refusal>;
  /**
   * Writes one notification for each delivery (serialised once per event) and resolves when the socket has taken
   * them. Refuses with `unavailable` when offline; then none counts as sent.
   */
  notify(deliveries: readonly Delivery[]): Promise<undefined | Refusal>;
  /** Tells `to` that its stanza `id` was taken in (XEP-0184). */
  sendReceipt(from: BareJid, to: Jid, id: string): Promise<void>;
  /**
   * Says a text to a person, as a chat message of `from`, in the place of an earlier one of ours (XEP-0308) where it is
   * about that. Refuses with `unavailable` when offline.
   */
  say(from: BareJid, to: Jid, body: string, id?: string, replaces?: string): Promise<undefined | Refusal>;
}

/** A question by SPARQL in an IQ. */
export interface SparqlAsk {
  /** Empty asks the service what it says of itself. */
  readonly text: string;
  /** LIMIT: bytes, and rows or triples, of the answer, all its pages together. */
  readonly bytes_max: number;
  readonly rows_max: number;
  /** The base of the hub that asks, where it asks as a hub. */
  readonly askedBy?: Iri;
}

/** What came of it, read whole. Nothing in it is believed yet. */
export type SparqlAnswer = RemoteAnswer;

/** A request over HTTP that somebody is asked to confirm (XEP-0070). */
export interface ConfirmRequest {
  /** The transaction identifier, as the person reads it on both sides. */
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly thread: string;
  /** The same for people whose program does not know what this is. */
  readonly words: string;
}

/** The answer to it, as a message. */
export interface Confirmation {
  readonly id: string;
  readonly granted: boolean;
  readonly thread?: string;
}

/** What the hub may ask of the XMPP network. Every request has a time limit of its own and answers with a Refusal. */
export interface XmppRequests {
  /**
   * Asks `jid` on behalf of `from` what its presence says it can do. Refuses with `remote-refused` an answer that does
   * not have the hash that was said (XEP-0115 §5.4).
   */
  capabilities(from: BareJid, jid: Jid, caps: Caps, signal?: AbortSignal): Promise<DiscoInfo | Refusal>;
  /**
   * Asks a service by SPARQL in an IQ, from the hub's own domain JID, and follows the pages of its answer. Refuses with
   * `remote-unreachable` what does not answer or does not know SPARQL, with `remote-refused`, `too-large`, `timed-out`,
   * and with `unavailable` where it asks to wait.
   */
  askSparql(service: Jid, question: SparqlAsk, signal?: AbortSignal): Promise<SparqlAnswer | Refusal>;
  discover(jid: Jid, node?: string, signal?: AbortSignal): Promise<DiscoInfo | Refusal>;
  discoverItems(
    jid: Jid,
    node: NodeId,
    page: PageRequest,
    signal?: AbortSignal,
  ): Promise<
    | {
        readonly items: readonly DiscoItem[];
        readonly count?: number;
        readonly last?: string;
        /** The list goes no further; a service may give fewer rows than were asked for. */
        readonly complete: boolean;
      }
    | Refusal
  >;
  /** From the hub's own domain JID. */
  subscribe(
    service: BareJid,
    node: NodeId,
    signal?: AbortSignal,
  ): Promise<Pick<Subscription, "state" | "subid"> | Refusal>;
  unsubscribe(
    service: BareJid,
    node: NodeId,
    subid: string | undefined,
    signal?: AbortSignal,
  ): Promise<undefined | Refusal>;
  /** What the account `from` of this hub is at a node, as its service says (XEP-0060 §5.7); `none` when it does not. */
  affiliation(from: BareJid, service: BareJid, node: NodeId, signal?: AbortSignal): Promise<string | Refusal>;
  /** Publishes an item as the account `from` of this hub: a comment. */
  publish(
    from: BareJid,
    service: BareJid,
    node: NodeId,
    item: { readonly id: ItemId; readonly payload: string },
    signal?: AbortSignal,
  ): Promise<undefined | Refusal>;
  /** Takes it back, its subscribers told. */
  retract(
    from: BareJid,
    service: BareJid,
    node: NodeId,
    id: ItemId,
    signal?: AbortSignal,
  ): Promise<undefined | Refusal>;
  items(
    service: BareJid,
    node: NodeId,
    wanted: { readonly ids: readonly ItemId[] } | { readonly page: PageRequest },
    signal?: AbortSignal,
  ): Promise<(Omit<Page<InboundItem>, "firstIndex" | "count"> & { readonly count?: number }) | Refusal>;
}

/** The hub's end of the XMPP network. */
export interface XmppLink extends XmppMessages, XmppRequests {
  readonly status: XmppStatus;
  /** What was kept out; undefined while there is no link. */
  readonly counts?: StanzaCounts | undefined;
  /**
   * Asks a person whether a request over HTTP is theirs (XEP-0070): `granted` or `denied` where a client answers within
   * `signal`, `asked` where the answer comes as a message.
   */
  confirm(
    from: BareJid,
    to: Jid,
    request: ConfirmRequest,
    signal: AbortSignal,
  ): Promise<"granted" | "denied" | "asked" | Refusal>;
  /** Calls back at each change of status; returns the way to stop. */
  onStatus(listener: (status: XmppStatus) => void): () => void;
}
