// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** SKOS: concepts, and what they are called. */
export const skos = Object.freeze({
  namespace: "http://www.w3.org/2004/02/skos/core#",
  /** An idea, a notion; each tag is one. */
  Concept: namedNode("http://www.w3.org/2004/02/skos/core#Concept"),
  /** A set of concepts, such as the tags of one hub. */
  ConceptScheme: namedNode("http://www.w3.org/2004/02/skos/core#ConceptScheme"),
  /** Another name of a concept. */
  altLabel: namedNode("http://www.w3.org/2004/02/skos/core#altLabel"),
  /** A wider concept in another scheme. */
  broadMatch: namedNode("http://www.w3.org/2004/02/skos/core#broadMatch"),
  /** A wider concept. */
  broader: namedNode("http://www.w3.org/2004/02/skos/core#broader"),
  /** A concept elsewhere that means nearly the same. */
  closeMatch: namedNode("http://www.w3.org/2004/02/skos/core#closeMatch"),
  /** What a concept means. */
  definition: namedNode("http://www.w3.org/2004/02/skos/core#definition"),
  /** A concept elsewhere that means the same, such as one of DBpedia or Wikidata. */
  exactMatch: namedNode("http://www.w3.org/2004/02/skos/core#exactMatch"),
  /** A concept at the top of a scheme. */
  hasTopConcept: namedNode("http://www.w3.org/2004/02/skos/core#hasTopConcept"),
  /** The scheme a concept belongs to. */
  inScheme: namedNode("http://www.w3.org/2004/02/skos/core#inScheme"),
  /** A narrower concept in another scheme. */
  narrowMatch: namedNode("http://www.w3.org/2004/02/skos/core#narrowMatch"),
  /** A narrower concept. */
  narrower: namedNode("http://www.w3.org/2004/02/skos/core#narrower"),
  /** A code that stands for a concept. */
  notation: namedNode("http://www.w3.org/2004/02/skos/core#notation"),
  /** The main name of a concept. */
  prefLabel: namedNode("http://www.w3.org/2004/02/skos/core#prefLabel"),
  /** A concept that has to do with this one. */
  related: namedNode("http://www.w3.org/2004/02/skos/core#related"),
});
