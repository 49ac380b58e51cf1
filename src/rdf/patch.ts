import type { Document, Tombstone } from "./document.ts";
import type { Iri } from "./iri.ts";

/** One change to the documents. */
export type DocumentChange =
  /** Adds the document, or replaces the one of the same graph IRI whole. */
  | { readonly kind: "document-put"; readonly document: Document }
  /** Takes the document out and keeps its tombstone. */
  | { readonly kind: "document-deleted"; readonly tombstone: Tombstone }
  /** Takes the document out without a trace (retention, unfollow): a later copy may come in again. */
  | { readonly kind: "document-dropped"; readonly graph: Iri };
