// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** PROV-O: where a thing came from. */
export const prov = Object.freeze({
  namespace: "http://www.w3.org/ns/prov#",
  /** Something that happened over a time. */
  Activity: namedNode("http://www.w3.org/ns/prov#Activity"),
  /** Somebody or something that bears responsibility. */
  Agent: namedNode("http://www.w3.org/ns/prov#Agent"),
  /** A thing with a provenance. */
  Entity: namedNode("http://www.w3.org/ns/prov#Entity"),
  /** When an entity came to be. */
  generatedAtTime: namedNode("http://www.w3.org/ns/prov#generatedAtTime"),
  /** The first-hand source of an entity. */
  hadPrimarySource: namedNode("http://www.w3.org/ns/prov#hadPrimarySource"),
  /** An agent that had a part in an activity. */
  wasAssociatedWith: namedNode("http://www.w3.org/ns/prov#wasAssociatedWith"),
  /** The agent an entity is ascribed to; of a document, the account that speaks in it. */
  wasAttributedTo: namedNode("http://www.w3.org/ns/prov#wasAttributedTo"),
  /** What an entity was made from. */
  wasDerivedFrom: namedNode("http://www.w3.org/ns/prov#wasDerivedFrom"),
  /** The activity that made an entity. */
  wasGeneratedBy: namedNode("http://www.w3.org/ns/prov#wasGeneratedBy"),
  /** The entity this one repeats a part of. */
  wasQuotedFrom: namedNode("http://www.w3.org/ns/prov#wasQuotedFrom"),
  /** The entity this one is a changed version of. */
  wasRevisionOf: namedNode("http://www.w3.org/ns/prov#wasRevisionOf"),
});
