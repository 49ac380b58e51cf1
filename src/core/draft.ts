import type { Iri } from "../rdf/iri.ts";

/** What a person typed, by whichever door it came in. */
export interface Draft {
  /** The text as typed: plain text, Unicode, line breaks kept. */
  readonly text: string;
  /** BCP 47 language tag of the text; without one the account's own language is used. */
  readonly language?: string;
  /** The post this one answers. */
  readonly replyOf?: Iri;
  /** Formatted text as XHTML, already sanitised by the door it came in. */
  readonly xhtml?: string;
}
