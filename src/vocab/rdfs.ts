// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** RDF Schema: classes, properties, labels. */
export const rdfs = Object.freeze({
  namespace: "http://www.w3.org/2000/01/rdf-schema#",
  /** The class of classes. */
  Class: namedNode("http://www.w3.org/2000/01/rdf-schema#Class"),
  /** The class of datatypes. */
  Datatype: namedNode("http://www.w3.org/2000/01/rdf-schema#Datatype"),
  /** The class of literals. */
  Literal: namedNode("http://www.w3.org/2000/01/rdf-schema#Literal"),
  /** The class of everything. */
  Resource: namedNode("http://www.w3.org/2000/01/rdf-schema#Resource"),
  /** A description for people; of a person, what they say of themselves. */
  comment: namedNode("http://www.w3.org/2000/01/rdf-schema#comment"),
  /** The class of the subjects of a property. */
  domain: namedNode("http://www.w3.org/2000/01/rdf-schema#domain"),
  /** Where a term is defined. */
  isDefinedBy: namedNode("http://www.w3.org/2000/01/rdf-schema#isDefinedBy"),
  /** A name for people. */
  label: namedNode("http://www.w3.org/2000/01/rdf-schema#label"),
  /** A member of a container. */
  member: namedNode("http://www.w3.org/2000/01/rdf-schema#member"),
  /** The class of the objects of a property. */
  range: namedNode("http://www.w3.org/2000/01/rdf-schema#range"),
  /** Where more can be read. */
  seeAlso: namedNode("http://www.w3.org/2000/01/rdf-schema#seeAlso"),
  /** A wider class. */
  subClassOf: namedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf"),
  /** A wider property. */
  subPropertyOf: namedNode("http://www.w3.org/2000/01/rdf-schema#subPropertyOf"),
});
