import type { Account, AccountName } from "../../core/account.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid, Jid } from "../../core/jid.ts";
import type { PictureId, PictureType } from "../../core/picture.ts";
import type { Refusal } from "../../outcome/refusal.ts";
import type { Notification } from "../../pubsub/reply.ts";
import type {
  Contact,
  NodeId,
  PresenceView,
  PubsubChange,
  PubsubNode,
  PubsubState,
  Subscription,
} from "../../pubsub/state.ts";
import type { Document, Tombstone } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { DocumentChange } from "../../rdf/patch.ts";
import type { Destination } from "./destinations.ts";
import type { LearnedChange, LearnedReader } from "./learned.ts";
import type { WatchChange, WatchReader } from "./standing.ts";
import type { HookChange, HookReader } from "./watch-hooks.ts";

/** A document as `hub.db` holds it: live with its version, or only its tombstone. */
export type StoredDocument =
  | {
      readonly kind: "live";
      readonly document: Document /** Grows with each put; part of the ETag. */;
      readonly version: number;
    }
  | { readonly kind: "tombstone"; readonly tombstone: Tombstone };

/** How one document points at another IRI; what lists are kept for. */
export type Reference =
  | "topic"
  | "reply-of"
  | "addressed-to"
  | "follows"
  | "like-of"
  | "reaction-of"
  | "repost-of"
  | "quote-of";

/** Which documents a list holds. */
export type ListScope =
  | { readonly kind: "container"; readonly container: Iri }
  | { readonly kind: "authors"; readonly authors: readonly Iri[]; readonly documentKind: "post" | "follow" | "profile" }
  | { readonly kind: "reference"; readonly reference: Reference; readonly target: Iri }
  | { readonly kind: "text" /** Words; all must occur. */; readonly words: string }
  | { readonly kind: "all"; readonly documentKind?: Document["kind"]; readonly origin?: Document["origin"]["kind"] };

/** A place in a newest-first list: the creation time and graph IRI of the document there, as opaque text. */
export type ListCursor = string;

/** A keyset page, newest first by `created`, then by graph IRI. */
export interface ListQuery {
  readonly scope: ListScope;
  /** LIMIT: 1 to 1,000. */
  readonly limit: number;
  /** Only what is older than this cursor … */
  readonly olderThan?: ListCursor;
  /** … or newer than this one (the page is still newest first, and touches the cursor). */
  readonly newerThan?: ListCursor;
  /** The audiences whose documents may be listed; public always. */
  readonly audience?: Iri;
}

export interface ListPage {
  readonly documents: readonly Document[];
  /** Cursors of the first and last document, when the list goes on beyond them. */
  readonly newer?: ListCursor;
  readonly older?: ListCursor;
}

/** A token, stored only as its SHA-256. The owner's token administers the hub; an account's acts for that account. */
export interface TokenRecord {
  readonly hash: string;
  readonly holder: { readonly kind: "owner" } | { readonly kind: "account"; readonly name: AccountName };
  readonly label: string;
  readonly created: Instant;
}

/** A PubsubNode on another hub that this hub is subscribed to: one for each followed account, however many follow it. */
export interface Upstream {
  /** The followed account. */
  readonly account: Iri;
  /** Its profile document, fetched again from time to time. */
  readonly profile: Iri;
  /** IRIs this account may speak about start with this (its origin and path up to `/`). */
  readonly authority: string;
  readonly container?: Iri;
  /**
   * The post whose comments the node holds, and who wrote it; without a post all posts of that account. Then `account`
   * is the node's own IRI.
   */
  readonly commentsOn?: { readonly post?: Iri; readonly author?: Iri };
  /**
   * Whose posts' likes and reactions the node counts (XEP-0470 §4.6), and how many of its items are about posts that
   * are not here. Then `account` is the node's own IRI.
   */
  readonly summaryOf?: { readonly author: Iri; readonly passedOver: number };
  readonly service: BareJid;
  readonly node: NodeId;
  readonly state: "subscribing" | "subscribed" | "refused";
  readonly subid?: string;
  /** Why the last attempt failed, as a sentence. */
  readonly problem?: string;
  /** The newest modification time whose page was taken in whole. */
  readonly caughtUpTo?: Instant;
  /**
   * What retention let go, however much it was: the creation time of the newest such post, and where it stands in the
   * list over there (its IRI, or that of the newest post that is not newer). What is older and not here is not missed.
   */
  readonly letGo?: { readonly created: Instant; readonly graph: Iri };
  /** Backfill: how many posts came so far, where to go on, whether it is done. */
  readonly backfill: { readonly done: boolean; readonly fetched: number; readonly after?: ItemId };
  readonly attempts: number;
  readonly nextAttempt: Instant;
  readonly created: Instant;
}

/** One push not yet handed over. */
export interface Delivery {
  readonly id: number;
  readonly event: OutboundEvent;
  readonly to: Jid;
  readonly subid: string;
  /** Whether it stays queued until the other hub has answered (XEP-0184). */
  readonly wantsReceipt: boolean;
  readonly attempts: number;
  readonly nextAttempt: Instant;
  readonly created: Instant;
  /** Not due by itself: its host does not answer. */
  readonly held?: true;
}

/** What is pushed, without its recipients. `id` is the same for all deliveries of one notification. */
export interface OutboundEvent extends Omit<Notification, "to"> {
  readonly id: number;
}

/** An older version of an edited post. */
export interface DocumentVersion {
  readonly graph: Iri;
  /** 1 for the first. */
  readonly version: number;
  readonly document: Document;
}

/**
 * Of what is told about something only the last counts: it takes the place, and the time, of what waits about the same
 * for the same recipient, and what was sent without an answer says it too if it is sent again.
 */
export interface LastWord {
  readonly about: string;
  /** Before this a hub is not told, so that there may be something to take the place of. */
  readonly hubsDue: Instant;
}

/** One change to the records. A list of them is applied in order, all or none. */
export type RecordChange =
  | DocumentChange
  | PubsubChange
  | WatchChange
  | LearnedChange
  | HookChange
  | { readonly kind: "account-put"; readonly account: Account }
  | { readonly kind: "picture-put"; readonly picture: KeptPicture }
  | { readonly kind: "copy-put"; readonly copy: PostCopy }
  | { readonly kind: "copy-removed"; readonly copy: Omit<PostCopy, "version"> }
  | { readonly kind: "token-put"; readonly token: TokenRecord }
  | { readonly kind: "token-removed"; readonly hash: string }
  | { readonly kind: "upstream-put"; readonly upstream: Upstream }
  | { readonly kind: "upstream-removed"; readonly account: Iri }
  /**
   * Queues one Delivery for each recipient; `receiptFrom` says which recipients are hubs that answer. Nothing is queued
   * for suspended people and hosts left to catch up, and what goes to a host that does not answer is held.
   */
  | {
      readonly kind: "notification-queued";
      readonly notification: Notification;
      readonly now: Instant;
      readonly receiptFrom: (jid: Jid) => boolean;
      readonly lastWord?: LastWord;
    }
  | { readonly kind: "delivery-done"; readonly id: number }
  | {
      readonly kind: "delivery-deferred";
      readonly id: number;
      readonly attempts: number;
      readonly nextAttempt: Instant;
    }
  /** Keeps a delivery back until its host answers. */
  | { readonly kind: "delivery-held"; readonly id: number; readonly attempts: number }
  /** Makes the oldest `limit` of a host's held deliveries due. */
  | {
      readonly kind: "deliveries-released";
      readonly host: string;
      readonly now: Instant;
      readonly limit: number;
    }
  /** Takes out the oldest `limit` of a host's held deliveries. */
  | { readonly kind: "deliveries-dropped"; readonly host: string; readonly limit: number }
  | { readonly kind: "destination-put"; readonly destination: Destination }
  | { readonly kind: "destination-removed"; readonly name: string }
  /** Keeps the present version of a document under `?version=n` before it is replaced. */
  | { readonly kind: "version-kept"; readonly graph: Iri; readonly version: number }
  | { readonly kind: "meta-put"; readonly key: string; readonly value: string }
  /** JIDs as earlier versions wrote them become what they are compared as (RFC 7622). */
  | { readonly kind: "jids-prepared" };

/**
 * Reads of the system of record: synchronous, from one consistent state (inside {@link Records.transact} with the
 * changes made before in the same batch).
 */
export interface RecordReader extends PubsubState, LearnedReader, WatchReader, HookReader {
  meta(key: string): string | undefined;
  account(name: AccountName): Account | undefined;
  accounts(): readonly Account[];
  /** Accounts that name this JID as linked. */
  accountsOfLinkedJid(jid: BareJid): readonly Account[];
  token(hash: string): TokenRecord | undefined;
  document(graph: Iri): StoredDocument | undefined;
  /** The version of a live document, without reading the document. */
  versionOf(graph: Iri): number | undefined;
  documentVersion(graph: Iri, version: number): DocumentVersion | undefined;
  list(query: ListQuery): ListPage;
  count(scope: ListScope): number;
  /** Graph IRIs of all live public posts of a container, newest first. */
  postIds(container: Iri): readonly Iri[];
  /** The newest public document of a container; the same as the first of its list, at a fifth of the cost. */
  newestIn(container: Iri): Iri | undefined;
  /**
   * Whom an account's follow documents name, newest follow first: the public ones and those for `audience`, at most
   * `limit`. Read from indexes, at about 2 µs each.
   */
  followed(author: Iri, audience: Iri | undefined, limit: number): readonly Iri[];
  /**
   * What of the PubSub services has ended or may have: subscriptions whose lease ran out before `now` (LIMIT: at most
   * `limit`), and the nodes whose items expire.
   */
  expiring(
    now: Instant,
    limit: number,
  ): { readonly subscriptions: readonly Subscription[]; readonly nodes: readonly PubsubNode[] };
  /** Subscriptions whose lease ends after `after`, and not after `until`: the first to end first, at most `limit`. */
  leasesEnding(after: Instant, until: Instant, limit: number): readonly Subscription[];
  /** The contacts of all services, or of one, in order of service and JID: at most `limit`, after the one named. */
  contacts(limit: number, from?: { readonly after?: ContactRow; readonly service?: BareJid }): readonly ContactRow[];
  countContacts(service: BareJid): number;
  /** The picture of somebody elsewhere. */
  picture(id: PictureId): KeptPicture | undefined;
  /** The versions of an account's posts that stand in the microblog of a JID, by item id; and of one post. */
  copiesOf(account: AccountName, jid: BareJid): ReadonlyMap<ItemId, number>;
  copiedVersion(copy: Omit<PostCopy, "version">): number | undefined;
  upstream(account: Iri): Upstream | undefined;
  upstreamOf(service: BareJid, node: NodeId): Upstream | undefined;
  /** The subscription to the comments on one post elsewhere, where it has one of its own. */
  upstreamOfComments(post: Iri): Upstream | undefined;
  upstreams(): readonly Upstream[];
  /** Deliveries that are due, nodes taking turns, each in its own order; but for those that are `taken` already. */
  deliveriesDue(now: Instant, limit: number, turn?: DeliveryTurn): readonly Delivery[];
  /** When the first delivery falls due that is not held. */
  nextDelivery(): Instant | undefined;
  /** A host's held deliveries: those that want a receipt first, each kind oldest first. */
  heldDeliveries(host: string, limit: number): readonly Delivery[];
  /** In order of name. */
  destinations(): readonly Destination[];
  destination(name: string): Destination | undefined;
  /** The subscriptions of all resources of a bare JID, at every service. */
  subscriptionsHeldBy(jid: BareJid): readonly Subscription[];
  delivery(id: number): Delivery | undefined;
  /** When the next delivery falls due, and how many are queued. */
  outbox(): { readonly queued: number; readonly next?: Instant };
  /**
   * Graph IRIs of posts received from others before `before` that no own document answers or likes, oldest first;
   * LIMIT: at most 1,000 at a time. For retention: what they name may be dropped.
   */
  expired(before: Instant, limit: number): readonly Iri[];
  /** Every live document, in order of graph IRI, read in batches; for export and refilling. */
  everyDocument(filter?: { readonly author?: Iri; readonly audience?: Iri }): Iterable<Document>;
  /** An account's notes (the graphs it writes for itself) in order of graph IRI, without reading their quads. */
  notes(author: Iri): readonly NoteRecord[];
  /** Every tombstone, in order of graph IRI. */
  everyTombstone(filter?: { readonly author?: Iri }): Iterable<Tombstone>;
}

/** Somebody who is subscribed to the presence of an account, or of the hub's domain. */
export interface ContactRow extends Contact {
  readonly service: BareJid;
  readonly jid: BareJid;
}

/** Where a look at what is due goes on, and what it passes over. */
export interface DeliveryTurn {
  readonly isTaken: (id: number) => boolean;
  /** The lane that the last look ended with; set to where this one ends. */
  lane: number;
  /** Set where there are more nodes with something due than one look takes in. */
  hasMoreLanes: boolean;
}

/** The picture of somebody elsewhere, which has no address on the web. LIMIT: 2,000 of them. */
export interface KeptPicture {
  readonly id: PictureId;
  readonly type: PictureType;
  readonly bytes: Uint8Array;
}

/** A post that also stands in the microblog of a person's own JID, at their own server. */
export interface PostCopy {
  readonly account: AccountName;
  readonly jid: BareJid;
  readonly id: ItemId;
  /** The version of the post's document. */
  readonly version: number;
}

/** What is known of a note without reading it. */
export interface NoteRecord {
  readonly graph: Iri;
  readonly audience: Document["audience"];
  readonly modified: string;
  /** Bytes of its quads as N-Triples. */
  readonly bytes: number;
}

/** What a committed batch changed about documents. */
export interface CommittedDocuments {
  /** Grows by one with every batch. */
  readonly sequence: number;
  readonly changes: readonly {
    readonly graph: Iri;
    readonly before?: Document;
    readonly after?: Document;
  }[];
}

/**
 * The system of record (`hub.db`). A decision is a pure function of the present records; its changes are applied and
 * made durable all or none, and only then does the promise resolve. Decisions run one after the other; those that
 * wait at the same time may share one commit, without sharing their fate: a Refusal, or a throw, undoes only its own.
 */
export interface Records extends AsyncDisposable {
  readonly reader: RecordReader;
  /** From now on decisions see by `view` who is there, which is not kept here. */
  usePresence(view: PresenceView): void;
  /**
   * Runs `decide` on the records as they are and commits its changes.
   * @throws Fault `store-full`, `store-corrupt`, `store-locked` when the disk says so; then nothing was changed.
   */
  transact<T>(
    decide: (reader: RecordReader) => { readonly changes: readonly RecordChange[]; readonly result: T } | Refusal,
  ): Promise<T | Refusal>;
  /**
   * Calls back after each commit with the Deliveries it queued, before the query store and all others are told of it:
   * who waits for a push waits for nothing that this hub does for itself. Returns the way to stop.
   */
  onQueued(listener: (deliveries: readonly Delivery[]) => void): () => void;
  /** Calls back after each commit that changed documents, in order; returns the way to stop. */
  onCommit(listener: (committed: CommittedDocuments) => void): () => void;
}
