// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** OWL: how terms stand to each other. */
export const owl = Object.freeze({
  namespace: "http://www.w3.org/2002/07/owl#",
  /** The class of OWL classes. */
  Class: namedNode("http://www.w3.org/2002/07/owl#Class"),
  /** The class of properties whose values are literals. */
  DatatypeProperty: namedNode("http://www.w3.org/2002/07/owl#DatatypeProperty"),
  /** The class of properties whose values are things. */
  ObjectProperty: namedNode("http://www.w3.org/2002/07/owl#ObjectProperty"),
  /** The class of ontologies. */
  Ontology: namedNode("http://www.w3.org/2002/07/owl#Ontology"),
  /** Whether a term should no longer be used. */
  deprecated: namedNode("http://www.w3.org/2002/07/owl#deprecated"),
  /** The property that says the same the other way round. */
  inverseOf: namedNode("http://www.w3.org/2002/07/owl#inverseOf"),
  /** Another IRI of the same thing. */
  sameAs: namedNode("http://www.w3.org/2002/07/owl#sameAs"),
  /** The version of an ontology. */
  versionInfo: namedNode("http://www.w3.org/2002/07/owl#versionInfo"),
});
