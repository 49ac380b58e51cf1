import type { XmlElement } from "../atom/xml-element.ts";
import type { Account, AccountName } from "../core/account.ts";
import type { Instant } from "../core/instant.ts";
import type { ItemId } from "../core/item-id.ts";
import type { BareJid, Jid } from "../core/jid.ts";
import type { Shapes } from "../core/shapes.ts";
import type { Refusal } from "../outcome/refusal.ts";
import type { DiscoInfo, DiscoItem } from "../pubsub/disco.ts";
import type { Notification } from "../pubsub/reply.ts";
import type {
  NodeId,
  Page,
  PageRequest,
  PubsubChange,
  PubsubNode,
  PubsubState,
  Subscription,
} from "../pubsub/state.ts";
import type { Document, Tombstone } from "../rdf/document.ts";
import type { Iri } from "../rdf/iri.ts";
import type { DocumentChange } from "../rdf/patch.ts";
import type { Quad, Term } from "../rdf/term.ts";
import type { QuadIndex } from "./quad-index.ts";
import type { WatchChange, WatchDesk, WatchReader } from "./standing-ports.ts";

// ---------------------------------------------------------------------------------------------------------------
// Records: the system of record

/** A document as `hub.db` holds it: live with its version, or only its tombstone. */
export type StoredDocument =
  | {
      readonly kind: "live";
      readonly document: Document /** Grows with each put; part of the ETag. */;
      readonly version: number;
    }
  | { readonly kind: "tombstone"; readonly tombstone: Tombstone };

/** How one document points at another IRI; what lists are kept for. */
export type Reference = "topic" | "reply-of" | "addressed-to" | "follows" | "like-of";

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
  /** The post whose comments the node holds, and who wrote it; then `account` is the node's own IRI. */
  readonly commentsOn?: { readonly post: Iri; readonly author?: Iri };
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

/** One change to the records. A list of them is applied in order, all or none. */
export type RecordChange =
  | DocumentChange
  | PubsubChange
  | WatchChange
  | { readonly kind: "account-put"; readonly account: Account }
  | { readonly kind: "token-put"; readonly token: TokenRecord }
  | { readonly kind: "token-removed"; readonly hash: string }
  | { readonly kind: "upstream-put"; readonly upstream: Upstream }
  | { readonly kind: "upstream-removed"; readonly account: Iri }
  /** Queues one Delivery for each recipient; `receiptFrom` says which recipients are hubs that answer. */
  | {
      readonly kind: "notification-queued";
      readonly notification: Notification;
      readonly now: Instant;
      readonly receiptFrom: (jid: Jid) => boolean;
    }
  | { readonly kind: "delivery-done"; readonly id: number }
  | {
      readonly kind: "delivery-deferred";
      readonly id: number;
      readonly attempts: number;
      readonly nextAttempt: Instant;
    }
  /** Keeps the present version of a document under `?version=n` before it is replaced. */
  | { readonly kind: "version-kept"; readonly graph: Iri; readonly version: number }
  | { readonly kind: "meta-put"; readonly key: string; readonly value: string };

/**
 * Reads of the system of record: synchronous, from one consistent state (inside {@link Records.transact} with the
 * changes made before in the same batch).
 */
export interface RecordReader extends PubsubState, WatchReader {
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
   * What of the PubSub services has ended or may have: subscriptions whose lease ran out before `now` (LIMIT: at most
   * `limit`), and the nodes whose items expire.
   */
  expiring(
    now: Instant,
    limit: number,
  ): { readonly subscriptions: readonly Subscription[]; readonly nodes: readonly PubsubNode[] };
  upstream(account: Iri): Upstream | undefined;
  upstreamOf(service: BareJid, node: NodeId): Upstream | undefined;
  upstreams(): readonly Upstream[];
  /** Deliveries whose next attempt is due, oldest first. */
  deliveriesDue(now: Instant, limit: number): readonly Delivery[];
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

// ---------------------------------------------------------------------------------------------------------------
// Queries

/** The graphs a requester may see: public always, and one account's own. */
export interface Dataset {
  readonly private?: Iri;
}

/** The query store seen as quads: what a dataset holds, all in the default graph. */
export interface QuadSource {
  match(
    subject: Term | null | undefined,
    predicate: Term | null | undefined,
    object: Term | null | undefined,
    dataset: Dataset,
  ): Iterable<Quad>;
  count(
    subject: Term | null | undefined,
    predicate: Term | null | undefined,
    object: Term | null | undefined,
    dataset: Dataset,
  ): number;
  /**
   * The same count, where it takes a request to another program; `count` then gives the last one known. Undefined when
   * that program does not answer.
   */
  counted?(
    subject: Term | null | undefined,
    predicate: Term | null | undefined,
    object: Term | null | undefined,
    dataset: Dataset,
  ): Promise<number | undefined>;
  /** Quads in all graphs. */
  readonly size: number;
  /** Grows with every Patch; for ETags and caches. */
  readonly version: number;
  /** The store's inside, when it is an embedded one. */
  readonly index?: QuadIndex;
}

export type QueryAnswer =
  | {
      readonly kind: "bindings";
      readonly variables: readonly string[];
      readonly rows: AsyncIterable<ReadonlyMap<string, Term>>;
    }
  | { readonly kind: "quads"; readonly quads: AsyncIterable<Quad> }
  | { readonly kind: "boolean"; readonly value: boolean };

/** Graphs handed to one query, in the place of its dataset or beside it. */
export interface QueryGraphs {
  /** Triples of the default graph, and of named graphs under their names. Blank nodes are told apart already. */
  readonly quads: readonly Quad[];
  /** Whether the default graph also holds what the dataset does; else it holds these quads alone. */
  readonly withDataset: boolean;
  /** With the dataset: triples of it that the query does not see, as an earlier step of the same update took them out. */
  readonly without?: readonly Quad[];
}

export interface QueryOptions {
  readonly dataset: Dataset;
  /** The query's graphs when they are not just the dataset; its FROM and FROM NAMED are then settled and passed over. */
  readonly graphs?: QueryGraphs;
  readonly signal?: AbortSignal;
  /** Base for relative IRIs in the query. */
  readonly baseIri?: Iri;
  /** Whoever asks, as one text: queries at once are bounded for each. */
  readonly requester?: string;
}

/** How the process stands that answers ad-hoc queries. */
export interface QueryWorkerStatus {
  readonly state: "off" | "filling" | "up";
  readonly running: number;
  readonly waiting: number;
  /** How many were started since the hub was. */
  readonly started: number;
  readonly rss_bytes?: number;
  /** Commits it was told and has not taken in yet. */
  readonly patchesBehind?: number;
}

/** One step of a plan, with what it takes from, how many solutions were thought to come and how many came. */
export interface QueryPlanStep {
  readonly step: string;
  readonly estimate?: number;
  readonly solutions: number;
  readonly inputs: readonly QueryPlanStep[];
}

/** How a query was answered. */
export interface QueryExplanation {
  /** The hub's own query source, the general engine, or that with parts evaluated by the source. */
  readonly answeredBy: "source" | "engine" | "both";
  /** What the source does not do. */
  readonly why?: string;
  /** What the source did. */
  readonly plans: readonly QueryPlanStep[];
  readonly solutions: number;
  readonly time_ms: number;
}

/** How a query store outside of this process stands. */
export interface QueryStoreStatus {
  readonly state: "connecting" | "filling" | "catching-up" | "following" | "down";
  /** Documents whose changes it has not taken in yet. */
  readonly pending: number;
  readonly filled?: { readonly done: number; readonly total: number };
  /** Why it is down, as a sentence. */
  readonly problem?: string;
}

/** The SPARQL engine. */
export interface QueryEngine {
  /**
   * Runs `sparql/NAME.rq` with variables bound to terms. These texts are ours, so a failure is a Fault.
   */
  prepared(name: string, bindings: Readonly<Record<string, Term>>, options: QueryOptions): Promise<QueryAnswer>;
  /**
   * Runs a query that somebody sent. Refuses with `malformed` (line and column), `forbidden` (SERVICE, updates,
   * remote sources), `timed-out`, `too-large`. Iterating may end with a thrown Fault of the same sentence.
   */
  adHoc(text: string, options: QueryOptions): Promise<QueryAnswer | Refusal>;
  /** Runs a query to its end and tells how it was answered instead of the answer. Refuses as {@link adHoc}. */
  explain?(text: string, options: QueryOptions): Promise<QueryExplanation | Refusal>;
  /** Where ad-hoc queries have a process of their own. */
  readonly worker?: QueryWorkerStatus;
  /** Where queries are answered by a store outside of this process. */
  readonly store?: QueryStoreStatus;
  /** Says that ad-hoc queries are likely to come soon. */
  warm?(): void;
}

/** The graphs that FROM and FROM NAMED, USING and USING NAMED, or the protocol's parameters name. */
export interface NamedDataset {
  readonly default: readonly Iri[];
  readonly named: readonly Iri[];
}

/** Which graphs CLEAR, DROP, CREATE, COPY, MOVE and ADD mean. */
export type GraphTarget = Iri | "default" | "named" | "all";

/** One operation of a SPARQL Update request, its names resolved. */
export type UpdateStep =
  /** INSERT DATA and DELETE DATA: quads without variables. */
  | { readonly kind: "insert-data" | "delete-data"; readonly quads: readonly Quad[] }
  /** DELETE/INSERT … WHERE: patterns whose variables the solutions of `where` fill in. */
  | {
      readonly kind: "modify";
      readonly delete: readonly Quad[];
      readonly insert: readonly Quad[];
      /** The WHERE as a SELECT of the variables that the patterns use. */
      readonly where: string;
      /** WITH: the graph that WHERE takes for the default graph (the patterns have it already). */
      readonly with?: Iri;
      readonly using?: NamedDataset;
      /** Graphs that WHERE names by GRAPH, and whether it asks for any with a variable. */
      readonly graphs: { readonly named: readonly Iri[]; readonly any: boolean };
    }
  | { readonly kind: "clear" | "drop" | "create"; readonly target: GraphTarget; readonly silent: boolean }
  | {
      readonly kind: "copy" | "move" | "add";
      readonly from: GraphTarget;
      readonly to: GraphTarget;
      readonly silent: boolean;
    }
  | { readonly kind: "load"; readonly source: Iri; readonly silent: boolean };

/** Reads SPARQL texts without running them. */
export interface SparqlSyntax {
  /** The dataset that a query names with FROM and FROM NAMED, undefined when it names none. Refuses as `adHoc` does. */
  datasetIn(text: string, baseIri: Iri): NamedDataset | undefined | Refusal;
  /** Reads a SPARQL 1.1 Update request. Refuses with `malformed` (line and column), `too-large`, `forbidden` (SERVICE). */
  readUpdate(text: string, baseIri: Iri): readonly UpdateStep[] | Refusal;
  /** What a query needs of other hubs. Refuses as `adHoc` does, and what is not asked across hubs. */
  networkQuestion(text: string, baseIri: Iri): NetworkQuestion | Refusal;
}

/** What a query needs of each other hub, in one request. */
export interface NetworkQuestion {
  /** A CONSTRUCT of all triples that any pattern of the query can match; undefined when it has no patterns. */
  readonly construct: string | undefined;
}

// ---------------------------------------------------------------------------------------------------------------
// XMPP

/** How the hub stands with its XMPP server. */
export type XmppStatus =
  | { readonly kind: "off" /** Why, and what to do. */; readonly reason: string }
  | { readonly kind: "connecting"; readonly problem?: string }
  | { readonly kind: "online"; readonly domain: string; readonly since: Instant };

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

/** What the hub may ask of the XMPP network. Every request has a time limit of its own and answers with a Refusal. */
export interface XmppLink {
  readonly status: XmppStatus;
  /** Calls back at each change of status; returns the way to stop. */
  onStatus(listener: (status: XmppStatus) => void): () => void;
  /**
   * Writes one notification for each delivery (serialised once per event) and resolves when the socket has taken
   * them. Refuses with `unavailable` when offline; then none counts as sent.
   */
  notify(deliveries: readonly Delivery[]): Promise<undefined | Refusal>;
  /** Tells `to` that its stanza `id` was taken in (XEP-0184). */
  sendReceipt(from: BareJid, to: Jid, id: string): Promise<void>;
  /** Says a text to a person, as a chat message of `from`. Refuses with `unavailable` when offline. */
  say(from: BareJid, to: Jid, body: string, id?: string): Promise<undefined | Refusal>;
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

// ---------------------------------------------------------------------------------------------------------------
// Other hubs over HTTP

export interface RemoteDocuments {
  /** Fetches a document as RDF by content negotiation. No private address unless the hub itself lives on one. */
  rdf(url: Iri, signal?: AbortSignal): Promise<{ readonly url: Iri; readonly quads: readonly Quad[] } | Refusal>;
  /** WebFinger (RFC 7033) for `acct:name@host`: the links of the answer. */
  webfinger(
    name: string,
    host: string,
    signal?: AbortSignal,
  ): Promise<readonly { readonly rel: string; readonly href: string; readonly type?: string }[] | Refusal>;
}

// ---------------------------------------------------------------------------------------------------------------
// All together

/** Events with their particulars; never payloads, tokens or refused content. */
export interface Log {
  info(detail: Readonly<Record<string, unknown>>, event: string): void;
  warn(detail: Readonly<Record<string, unknown>>, event: string): void;
  error(detail: Readonly<Record<string, unknown>>, event: string): void;
}

/** Who this hub is. */
export interface HubIdentity {
  /** Ends in `/`. */
  readonly base: Iri;
  readonly title: string;
  readonly description?: string;
  /** The XMPP domain of the component: accounts are `name@domain`. */
  readonly domain: string;
}

export interface HubOptions {
  /** LIMIT: the longest post in characters (grapheme-independent: Unicode code points). */
  readonly postCharacters_max: number;
  /** LIMIT: how many older posts a new follow fetches. */
  readonly backfillPosts_max: number;
  /** How often each upstream is compared, without jitter. */
  readonly catchUpEvery_ms: number;
  /** Other people's posts older than this, neither answered nor starred, are dropped; 0 keeps all. */
  readonly retention_days: number;
}

/** Everything a use case may reach, handed in by `wire.ts`. */
export interface HubPorts {
  readonly identity: HubIdentity;
  readonly options: HubOptions;
  readonly records: Records;
  readonly quads: QuadSource;
  readonly queries: QueryEngine;
  /** Standing queries, where the query store is in this process. */
  readonly watches?: WatchDesk;
  readonly sparql: SparqlSyntax;
  readonly xmpp: XmppLink;
  readonly remote: RemoteDocuments;
  readonly shapes: Shapes;
  readonly log: Log;
  /** The present time. */
  readonly now: () => Instant;
  /** A new item id, never given before. */
  readonly newItemId: () => ItemId;
  /** `count` random bytes as base64url text. */
  readonly newSecret: (bytes: number) => string;
  /** SHA-256 of a text as hex. */
  readonly hash: (text: string) => string;
  /** Tells the catch-up loop to compare one upstream with its hub soon, and why. */
  readonly catchUpSoon: (account: Iri, why: CatchUpReason) => void;
}

/** Why an upstream is compared with its hub. */
export type CatchUpReason = "followed" | "connected" | "gap" | "timer" | "header-only";

/** Who asks. */
export type Requester =
  | { readonly kind: "anonymous" }
  | { readonly kind: "account"; readonly account: Account; readonly iri: Iri }
  | { readonly kind: "owner" };

/** The dataset a requester sees. */
export function datasetOf(requester: Requester): Dataset {
  return requester.kind === "account" ? { private: requester.iri } : {};
}

/** Whether a requester may see a document: the same rule by which {@link datasetOf} chooses what queries see. */
export function maySee(requester: Requester, { audience }: Pick<Document, "audience">): boolean {
  return audience === "public" || audience.only === datasetOf(requester).private;
}
