// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** Tag ontology, as SMOB used it; read on import. */
export const tags = Object.freeze({
  namespace: "http://www.holygoat.co.uk/owl/redwood/0.1/tags/",
  /** One act of tagging one thing with one tag. */
  RestrictedTagging: namedNode("http://www.holygoat.co.uk/owl/redwood/0.1/tags/RestrictedTagging"),
  /** A tag. */
  Tag: namedNode("http://www.holygoat.co.uk/owl/redwood/0.1/tags/Tag"),
  /** An act of tagging. */
  Tagging: namedNode("http://www.holygoat.co.uk/owl/redwood/0.1/tags/Tagging"),
  /** The tag that was given. */
  associatedTag: namedNode("http://www.holygoat.co.uk/owl/redwood/0.1/tags/associatedTag"),
  /** The text of a tag: read as rdfs:label. */
  name: namedNode("http://www.holygoat.co.uk/owl/redwood/0.1/tags/name"),
  /** Who tagged. */
  taggedBy: namedNode("http://www.holygoat.co.uk/owl/redwood/0.1/tags/taggedBy"),
  /** When it was tagged. */
  taggedOn: namedNode("http://www.holygoat.co.uk/owl/redwood/0.1/tags/taggedOn"),
  /** What was tagged. */
  taggedResource: namedNode("http://www.holygoat.co.uk/owl/redwood/0.1/tags/taggedResource"),
  /** A tag of a thing: read as sioc:topic. */
  taggedWithTag: namedNode("http://www.holygoat.co.uk/owl/redwood/0.1/tags/taggedWithTag"),
});
