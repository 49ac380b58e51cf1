// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** SPARQL 1.1 Service Description: what an endpoint can do. */
export const sd = Object.freeze({
  namespace: "http://www.w3.org/ns/sparql-service-description#",
  /** An aggregate of SPARQL. */
  Aggregate: namedNode("http://www.w3.org/ns/sparql-service-description#Aggregate"),
  /** Feature: SERVICE can be used. */
  BasicFederatedQuery: namedNode("http://www.w3.org/ns/sparql-service-description#BasicFederatedQuery"),
  /** A default graph and named graphs. */
  Dataset: namedNode("http://www.w3.org/ns/sparql-service-description#Dataset"),
  /** Feature: IRIs in FROM are fetched. */
  DereferencesURIs: namedNode("http://www.w3.org/ns/sparql-service-description#DereferencesURIs"),
  /** Feature: empty graphs can exist. */
  EmptyGraphs: namedNode("http://www.w3.org/ns/sparql-service-description#EmptyGraphs"),
  /** A way in which more is concluded from the data. */
  EntailmentRegime: namedNode("http://www.w3.org/ns/sparql-service-description#EntailmentRegime"),
  /** Something a service can do. */
  Feature: namedNode("http://www.w3.org/ns/sparql-service-description#Feature"),
  /** A function that can be used in filters. */
  Function: namedNode("http://www.w3.org/ns/sparql-service-description#Function"),
  /** A graph and its description. */
  Graph: namedNode("http://www.w3.org/ns/sparql-service-description#Graph"),
  /** The graphs a service has. */
  GraphCollection: namedNode("http://www.w3.org/ns/sparql-service-description#GraphCollection"),
  /** A version of SPARQL. */
  Language: namedNode("http://www.w3.org/ns/sparql-service-description#Language"),
  /** A graph with its name. */
  NamedGraph: namedNode("http://www.w3.org/ns/sparql-service-description#NamedGraph"),
  /** Feature: each query must name its dataset. */
  RequiresDataset: namedNode("http://www.w3.org/ns/sparql-service-description#RequiresDataset"),
  /** The SPARQL 1.0 query language. */
  SPARQL10Query: namedNode("http://www.w3.org/ns/sparql-service-description#SPARQL10Query"),
  /** The SPARQL 1.1 query language. */
  SPARQL11Query: namedNode("http://www.w3.org/ns/sparql-service-description#SPARQL11Query"),
  /** The SPARQL 1.1 update language. */
  SPARQL11Update: namedNode("http://www.w3.org/ns/sparql-service-description#SPARQL11Update"),
  /** A SPARQL endpoint. */
  Service: namedNode("http://www.w3.org/ns/sparql-service-description#Service"),
  /** Feature: the default graph is the union of the named ones. */
  UnionDefaultGraph: namedNode("http://www.w3.org/ns/sparql-service-description#UnionDefaultGraph"),
  /** The graphs a query may use. */
  availableGraphs: namedNode("http://www.w3.org/ns/sparql-service-description#availableGraphs"),
  /** The dataset used when a query names none. */
  defaultDataset: namedNode("http://www.w3.org/ns/sparql-service-description#defaultDataset"),
  /** The entailment used when nothing else is said. */
  defaultEntailmentRegime: namedNode("http://www.w3.org/ns/sparql-service-description#defaultEntailmentRegime"),
  /** The graph used when a pattern names none. */
  defaultGraph: namedNode("http://www.w3.org/ns/sparql-service-description#defaultGraph"),
  /** Where the service is. */
  endpoint: namedNode("http://www.w3.org/ns/sparql-service-description#endpoint"),
  /** The entailment used in a graph. */
  entailmentRegime: namedNode("http://www.w3.org/ns/sparql-service-description#entailmentRegime"),
  /** An aggregate beyond SPARQL. */
  extensionAggregate: namedNode("http://www.w3.org/ns/sparql-service-description#extensionAggregate"),
  /** A function beyond SPARQL. */
  extensionFunction: namedNode("http://www.w3.org/ns/sparql-service-description#extensionFunction"),
  /** Something this service can do. */
  feature: namedNode("http://www.w3.org/ns/sparql-service-description#feature"),
  /** The graph behind a name. */
  graph: namedNode("http://www.w3.org/ns/sparql-service-description#graph"),
  /** A format the service reads. */
  inputFormat: namedNode("http://www.w3.org/ns/sparql-service-description#inputFormat"),
  /** Something the service understands beyond SPARQL. */
  languageExtension: namedNode("http://www.w3.org/ns/sparql-service-description#languageExtension"),
  /** The name of a graph. */
  name: namedNode("http://www.w3.org/ns/sparql-service-description#name"),
  /** A named graph of a dataset. */
  namedGraph: namedNode("http://www.w3.org/ns/sparql-service-description#namedGraph"),
  /** A property that the service computes. */
  propertyFeature: namedNode("http://www.w3.org/ns/sparql-service-description#propertyFeature"),
  /** A format the service answers in. */
  resultFormat: namedNode("http://www.w3.org/ns/sparql-service-description#resultFormat"),
  /** A language the service understands. */
  supportedLanguage: namedNode("http://www.w3.org/ns/sparql-service-description#supportedLanguage"),
});
