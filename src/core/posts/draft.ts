import type { Iri } from "../../rdf/iri.ts";
import type { Attachment, Place } from "./post.ts";

/** What a person typed, by whichever door it came in. */
export interface Draft {
  /** The text as typed: plain text, Unicode, line breaks kept. */
  readonly text: string;
  /** BCP 47 language tag of the text; without one the account's own language is used. */
  readonly language?: string;
  /** The post this one answers. */
  readonly replyOf?: Iri;
  /** The post that it passes on unchanged: then the text is a copy of that post's. */
  readonly repostOf?: Iri;
  /** The post that it passes on with words of its own. */
  readonly quoteOf?: Iri;
  /** What it goes with on the web, beside the links in its text; an edit that leaves them out keeps what there was. */
  readonly links?: readonly Iri[];
  /**
   * Files that go with it, and where it was written. An edit that leaves them out keeps what there was; none of them, and
   * `null`, takes it away.
   */
  readonly attachments?: readonly Attachment[];
  readonly place?: Place | null;
  /** Formatted text as XHTML, already sanitised by the door it came in. */
  readonly xhtml?: string;
}
