import type { Instant } from "../core/instant.ts";
import type { Place } from "../core/posts/post.ts";

/**
 * An Atom entry (RFC 4287 §4.1.2) that wraps a post's RDF, as values. `atom/xml.ts` turns it into XML and back.
 * Rules of peers: `title`, `id`, `updated`, `published` always present; `authorUri` is `xmpp:bare@jid`.
 */
export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly published: Instant;
  readonly updated: Instant;
  readonly authorName: string;
  readonly authorUri: string;
  /** Plain text, and its XHTML `div` (serialised) where there is markup. */
  readonly text?: string;
  readonly xhtml?: string;
  readonly language?: string;
  readonly categories: readonly { readonly term: string; readonly scheme?: string; readonly label?: string }[];
  readonly links: readonly {
    readonly rel: string;
    readonly href: string;
    readonly type?: string;
    readonly title?: string;
    readonly length?: string;
  }[];
  /** Where it was written (XEP-0080), in decimal degrees. */
  readonly place?: Place;
  /** RFC 4685. */
  readonly inReplyTo?: { readonly ref: string; readonly href?: string; readonly type?: string };
  /** The RDF inside: Turtle text, or RDF/XML text as some peers send it. */
  readonly rdf?: { readonly format: "turtle" | "rdfxml"; readonly text: string };
}
