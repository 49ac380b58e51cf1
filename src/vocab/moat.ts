// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** MOAT, with which SMOB gave tags a meaning; read on import. */
export const moat = Object.freeze({
  namespace: "http://moat-project.org/ns#",
  /** The text of a tag: read as rdfs:label. */
  name: namedNode("http://moat-project.org/ns#name"),
  /** What a tag means: read as skos:exactMatch. */
  tagMeaning: namedNode("http://moat-project.org/ns#tagMeaning"),
  /** A concept that a post was tagged with: read as sioc:topic. */
  taggedWith: namedNode("http://moat-project.org/ns#taggedWith"),
});
