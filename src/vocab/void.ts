// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** VoID: what a dataset holds and how to get at it. */
export const void_ = Object.freeze({
  namespace: "http://rdfs.org/ns/void#",
  /** A set of RDF triples kept by somebody. */
  Dataset: namedNode("http://rdfs.org/ns/void#Dataset"),
  /** A document about a dataset. */
  DatasetDescription: namedNode("http://rdfs.org/ns/void#DatasetDescription"),
  /** Triples that link two datasets. */
  Linkset: namedNode("http://rdfs.org/ns/void#Linkset"),
  /** The class a partition is about. */
  class: namedNode("http://rdfs.org/ns/void#class"),
  /** The part of a dataset about the things of one class. */
  classPartition: namedNode("http://rdfs.org/ns/void#classPartition"),
  /** How many classes occur. */
  classes: namedNode("http://rdfs.org/ns/void#classes"),
  /** Where the whole dataset can be fetched. */
  dataDump: namedNode("http://rdfs.org/ns/void#dataDump"),
  /** How many distinct objects occur. */
  distinctObjects: namedNode("http://rdfs.org/ns/void#distinctObjects"),
  /** How many distinct subjects occur. */
  distinctSubjects: namedNode("http://rdfs.org/ns/void#distinctSubjects"),
  /** How many documents a dataset has. */
  documents: namedNode("http://rdfs.org/ns/void#documents"),
  /** How many things a dataset is about. */
  entities: namedNode("http://rdfs.org/ns/void#entities"),
  /** A thing in the dataset that shows what it is like. */
  exampleResource: namedNode("http://rdfs.org/ns/void#exampleResource"),
  /** Something the dataset offers, such as a format. */
  feature: namedNode("http://rdfs.org/ns/void#feature"),
  /** The dataset a document belongs to. */
  inDataset: namedNode("http://rdfs.org/ns/void#inDataset"),
  /** How the dataset can be searched by text. */
  openSearchDescription: namedNode("http://rdfs.org/ns/void#openSearchDescription"),
  /** How many properties occur. */
  properties: namedNode("http://rdfs.org/ns/void#properties"),
  /** The property a partition is about. */
  property: namedNode("http://rdfs.org/ns/void#property"),
  /** The part of a dataset with one property. */
  propertyPartition: namedNode("http://rdfs.org/ns/void#propertyPartition"),
  /** A thing from which the rest can be reached. */
  rootResource: namedNode("http://rdfs.org/ns/void#rootResource"),
  /** Where the dataset answers SPARQL. */
  sparqlEndpoint: namedNode("http://rdfs.org/ns/void#sparqlEndpoint"),
  /** A dataset that is part of this one. */
  subset: namedNode("http://rdfs.org/ns/void#subset"),
  /** How many triples a dataset has. */
  triples: namedNode("http://rdfs.org/ns/void#triples"),
  /** Where a thing's description can be asked for by its IRI. */
  uriLookupEndpoint: namedNode("http://rdfs.org/ns/void#uriLookupEndpoint"),
  /** A pattern the IRIs of a dataset match. */
  uriRegexPattern: namedNode("http://rdfs.org/ns/void#uriRegexPattern"),
  /** The start that the IRIs of a dataset share. */
  uriSpace: namedNode("http://rdfs.org/ns/void#uriSpace"),
  /** A vocabulary the dataset uses. */
  vocabulary: namedNode("http://rdfs.org/ns/void#vocabulary"),
});
