// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** SHACL: the terms our shapes are written with. */
export const sh = Object.freeze({
  namespace: "http://www.w3.org/ns/shacl#",
  /** Node kind: blank nodes. */
  BlankNode: namedNode("http://www.w3.org/ns/shacl#BlankNode"),
  /** Node kind: blank nodes and IRIs. */
  BlankNodeOrIRI: namedNode("http://www.w3.org/ns/shacl#BlankNodeOrIRI"),
  /** Node kind: blank nodes and literals. */
  BlankNodeOrLiteral: namedNode("http://www.w3.org/ns/shacl#BlankNodeOrLiteral"),
  /** Node kind: IRIs. */
  IRI: namedNode("http://www.w3.org/ns/shacl#IRI"),
  /** Node kind: IRIs and literals. */
  IRIOrLiteral: namedNode("http://www.w3.org/ns/shacl#IRIOrLiteral"),
  /** Node kind: literals. */
  Literal: namedNode("http://www.w3.org/ns/shacl#Literal"),
  /** A shape about a thing itself. */
  NodeShape: namedNode("http://www.w3.org/ns/shacl#NodeShape"),
  /** A shape about the values of a property. */
  PropertyShape: namedNode("http://www.w3.org/ns/shacl#PropertyShape"),
  /** Severity: the data may not be used. */
  Violation: namedNode("http://www.w3.org/ns/shacl#Violation"),
  /** The class each value must be declared to have. */
  class: namedNode("http://www.w3.org/ns/shacl#class"),
  /** The datatype each value must have. */
  datatype: namedNode("http://www.w3.org/ns/shacl#datatype"),
  /** What a property is for, for people. */
  description: namedNode("http://www.w3.org/ns/shacl#description"),
  /** Flags of a pattern. */
  flags: namedNode("http://www.w3.org/ns/shacl#flags"),
  /** A value that must be there. */
  hasValue: namedNode("http://www.w3.org/ns/shacl#hasValue"),
  /** The values allowed. */
  in: namedNode("http://www.w3.org/ns/shacl#in"),
  /** A path read from object to subject. */
  inversePath: namedNode("http://www.w3.org/ns/shacl#inversePath"),
  /** The language tags allowed. */
  languageIn: namedNode("http://www.w3.org/ns/shacl#languageIn"),
  /** How many values there may be at most. */
  maxCount: namedNode("http://www.w3.org/ns/shacl#maxCount"),
  /** The highest value allowed. */
  maxInclusive: namedNode("http://www.w3.org/ns/shacl#maxInclusive"),
  /** How many characters a value may have at most. */
  maxLength: namedNode("http://www.w3.org/ns/shacl#maxLength"),
  /** What to tell the sender when a constraint is not met. */
  message: namedNode("http://www.w3.org/ns/shacl#message"),
  /** How many values there must be at least. */
  minCount: namedNode("http://www.w3.org/ns/shacl#minCount"),
  /** The lowest value allowed. */
  minInclusive: namedNode("http://www.w3.org/ns/shacl#minInclusive"),
  /** How many characters a value must have at least. */
  minLength: namedNode("http://www.w3.org/ns/shacl#minLength"),
  /** The name of a property, for people. */
  name: namedNode("http://www.w3.org/ns/shacl#name"),
  /** A shape each value must conform to. */
  node: namedNode("http://www.w3.org/ns/shacl#node"),
  /** Whether values must be IRIs, blank nodes or literals. */
  nodeKind: namedNode("http://www.w3.org/ns/shacl#nodeKind"),
  /** Shapes of which one must hold. */
  or: namedNode("http://www.w3.org/ns/shacl#or"),
  /** Where a property stands among others, for people. */
  order: namedNode("http://www.w3.org/ns/shacl#order"),
  /** The property a shape is about. */
  path: namedNode("http://www.w3.org/ns/shacl#path"),
  /** A regular expression each value must match. */
  pattern: namedNode("http://www.w3.org/ns/shacl#pattern"),
  /** A property shape the focus must conform to. */
  property: namedNode("http://www.w3.org/ns/shacl#property"),
  /** How bad it is when a constraint is not met. */
  severity: namedNode("http://www.w3.org/ns/shacl#severity"),
  /** The class whose members a shape is about. */
  targetClass: namedNode("http://www.w3.org/ns/shacl#targetClass"),
  /** The thing a shape is about. */
  targetNode: namedNode("http://www.w3.org/ns/shacl#targetNode"),
  /** The property whose objects a shape is about. */
  targetObjectsOf: namedNode("http://www.w3.org/ns/shacl#targetObjectsOf"),
  /** The property whose subjects a shape is about. */
  targetSubjectsOf: namedNode("http://www.w3.org/ns/shacl#targetSubjectsOf"),
  /** Whether each language may occur once only. */
  uniqueLang: namedNode("http://www.w3.org/ns/shacl#uniqueLang"),
});
