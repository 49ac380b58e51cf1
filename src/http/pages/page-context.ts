import type { XmppStatus } from "../../hub/ports/xmpp-link.ts";
import type { Iri } from "../../rdf/iri.ts";

/** What each page needs besides its content. */
export interface PageContext {
  readonly base: Iri;
  readonly title: string;
  /** The page's path below the base, with its query: `alice/posts?before=…`. */
  readonly path: string;
  readonly alternates: readonly { readonly mediaType: string; readonly href: string }[];
  readonly xmpp: XmppStatus;
  readonly domain: string;
}
