import type { Iri } from "./iri.ts";
import type { Quad } from "./term.ts";

/**
 * What a document mainly describes; decides which shape it must pass and whether it stays in the hot set. A note is a
 * graph that an account writes for itself, about whatever it likes.
 */
export const DOCUMENT_KINDS = ["post", "profile", "follow", "note", "other"] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/**
 * Who may see a document: everybody, or one account of this hub (by its IRI).
 * Public triples share one graph of the query store; each private audience has its own.
 */
export type Audience = "public" | { readonly only: Iri };

/** How a document came here. */
export type Origin =
  | { readonly kind: "own" }
  | { readonly kind: "received"; readonly from: string }
  | { readonly kind: "imported" };

/**
 * One named graph: a post, a profile, a follow, a note. Stored, replaced and deleted whole.
 * `quads` all stand in the default graph; the document's IRI `graph` names them in `hub.db` and in exports.
 */
export interface Document {
  readonly graph: Iri;
  readonly kind: DocumentKind;
  readonly audience: Audience;
  readonly origin: Origin;
  /** The account that speaks in it. */
  readonly author?: Iri;
  /** The container it belongs to (a post's microblog). */
  readonly container?: Iri;
  /** Instants in UTC with milliseconds, `2026-11-21T06:00:00.000Z`. */
  readonly created: string;
  readonly modified?: string;
  readonly received: string;
  readonly quads: readonly Quad[];
}

/** What stays of a deleted document, so that a late copy does not rise again. */
export interface Tombstone {
  readonly graph: Iri;
  readonly deleted: string;
  readonly kind: DocumentKind;
  readonly author?: Iri;
  readonly container?: Iri;
}
