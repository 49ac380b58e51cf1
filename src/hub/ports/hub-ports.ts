import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import type { Shapes } from "../../core/shapes/shapes.ts";
import type { Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad } from "../../rdf/term.ts";
import type { PoliteWeb } from "./polite-web.ts";
import type { QuadSource, QueryEngine } from "./queries.ts";
import type { Records } from "./records.ts";
import type { RemoteQueries } from "./remote-queries.ts";
import type { SparqlSyntax } from "./sparql-syntax.ts";
import type { WatchDesk } from "./standing.ts";
import type { HookSender } from "./watch-hooks.ts";
import type { XmppLink } from "./xmpp-link.ts";

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
  /** Hubs (addresses that end in `/`, or `xmpp:` IRIs) and SPARQL endpoints that all accounts may ask. */
  readonly services?: readonly string[];
  /** Who administers the hub by ad-hoc commands. */
  readonly ownerJids?: readonly BareJid[];
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
  /** What sends the answers of standing queries to webhooks. */
  readonly hookSender?: HookSender;
  readonly sparql: SparqlSyntax;
  readonly xmpp: XmppLink;
  readonly remote: RemoteDocuments;
  readonly remoteQueries: RemoteQueries;
  /** For walks over the follow graph; without it a hub suggests what it knows and walks nowhere. */
  readonly politeWeb?: PoliteWeb;
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
  /** SHA-1 of bytes as hex: names pictures on XMPP (XEP-0084), guards nothing. */
  readonly sha1: (bytes: Uint8Array) => string;
  /** Tells the catch-up loop to compare one upstream with its hub soon, and why. */
  readonly catchUpSoon: (account: Iri, why: CatchUpReason) => void;
}

/** Why an upstream is compared with its hub. */
export type CatchUpReason = "followed" | "connected" | "gap" | "timer" | "header-only";
