// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** RSS 1.0 content module: text with markup. */
export const content = Object.freeze({
  namespace: "http://purl.org/rss/1.0/modules/content/",
  /** The text of a post with its markup, as sanitised XHTML; beside the plain sioc:content. */
  encoded: namedNode("http://purl.org/rss/1.0/modules/content/encoded"),
});
