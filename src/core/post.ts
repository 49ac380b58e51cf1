import type { Iri } from "../rdf/iri.ts";
import type { Instant } from "./instant.ts";

/** A hashtag: its IRI on the hub it was written on, and its label without `#`. */
export interface Tag {
  readonly iri: Iri;
  readonly label: string;
}

/** A `sioct:MicroblogPost`. */
export interface Post {
  /** The post and its document: `https://hub.example/alice/posts/<id>`. */
  readonly iri: Iri;
  readonly creator: Iri;
  readonly maker?: Iri;
  readonly container?: Iri;
  readonly text: string;
  readonly language?: string;
  readonly xhtml?: string;
  readonly created: Instant;
  readonly modified?: Instant;
  readonly previousVersion?: Iri;
  /** The post of the same container before this one (`sioc:previous_by_date`), so that a gap shows. */
  readonly previousByDate?: Iri;
  readonly replyOf?: Iri;
  /** Accounts mentioned or answered. */
  readonly addressedTo: readonly Iri[];
  readonly topics: readonly Tag[];
  readonly links: readonly Iri[];
}
