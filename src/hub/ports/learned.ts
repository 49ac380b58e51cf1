import type { Instant } from "../../core/instant.ts";
import type { BareJid } from "../../core/jid.ts";
import type { Iri } from "../../rdf/iri.ts";

/**
 * What another hub told about one of its own accounts, or itself, to a walk over the follow graph or a question across
 * hubs. It is a cache: never a document, so that no query of this hub gives it out as if it were true, and it goes by
 * itself.
 */
interface LearnedOf {
  /** The account. */
  readonly subject: Iri;
  readonly read: Instant;
  /** Until then it is not asked for again. */
  readonly freshUntil: Instant;
  /** Why nothing came, as a sentence; what was known before stays. */
  readonly problem?: string;
}

/** Whom an account follows, as its hub says. */
export interface LearnedFollows extends LearnedOf {
  readonly kind: "follows";
  readonly follows: readonly Iri[];
  /** Whether it follows more than were taken in. */
  readonly isCut?: true;
  /** Where it was read as a page, and what to send to hear only whether it changed (RFC 9110 §8.8). */
  readonly page?: { readonly address: Iri; readonly etag?: string; readonly lastModified?: string };
}

/** Who an account is and what it posts about, as its hub says. */
export interface LearnedProfile extends LearnedOf {
  readonly kind: "profile";
  readonly name?: string;
  readonly jid?: BareJid;
  readonly lastPost?: Instant;
  /** What its newest posts are about, most often first. */
  readonly topics: readonly string[];
}

/** What a hub has; its subject is the hub's base. */
export interface LearnedHub extends LearnedOf {
  readonly kind: "hub";
  readonly hasSparql: boolean;
}

/** About how many triples a hub has, by predicate: the most frequent ones. Its subject is the hub's base. */
export interface LearnedDescription extends LearnedOf {
  readonly kind: "description";
  readonly triples: Readonly<Record<string, number>>;
}

export type Learned = LearnedFollows | LearnedProfile | LearnedHub | LearnedDescription;

/** One thing of a kind. */
export type LearnedKind<K extends Learned["kind"]> = Extract<Learned, { readonly kind: K }>;

/** Reads of what was learned. */
export interface LearnedReader {
  learned<K extends Learned["kind"]>(kind: K, subject: Iri): LearnedKind<K> | undefined;
}

/** Keeps what was learned, in the place of what was known of it before. LIMIT: 5,000 of them, the oldest go. */
export interface LearnedChange {
  readonly kind: "learned-put";
  readonly learned: Learned;
  /** What was read before is forgotten. */
  readonly forgetBefore: Instant;
}
