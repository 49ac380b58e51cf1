import { isIri } from "../rdf/iri.ts";
import { blankNode, literal, type NamedNode, namedNode, type Quad, type QuadObject, quad } from "../rdf/term.ts";
import { dcterms } from "../vocab/dcterms.ts";
import { foaf } from "../vocab/foaf.ts";
import { formats } from "../vocab/formats.ts";
import { PREFIXES } from "../vocab/prefixes.ts";
import { rdf } from "../vocab/rdf.ts";
import { sd } from "../vocab/sd.ts";
import { sioc } from "../vocab/sioc.ts";
import { sioct } from "../vocab/sioct.ts";
import { sterna } from "../vocab/sterna.ts";
import { void_ } from "../vocab/void.ts";
import { xsd } from "../vocab/xsd.ts";
import type { HubPorts } from "./ports.ts";

const RESULT_FORMATS = [
  formats.SPARQL_Results_JSON,
  formats.SPARQL_Results_XML,
  formats.SPARQL_Results_CSV,
  formats.SPARQL_Results_TSV,
  formats.Turtle,
  formats.N_Triples,
  formats.JSON_LD,
  formats.RDF_XML,
];
const VOCABULARIES = ["sioc", "sioct", "foaf", "dcterms", "skos", "as", "prov", "sterna"] as const;

/** The SPARQL 1.1 Service Description and VoID of this hub; both agree since both are these quads. */
export function serviceDescription(hub: HubPorts): readonly Quad[] {
  const { base } = hub.identity;
  const endpoint = namedNode(`${base}sparql`);
  const service = namedNode(`${base}sparql#service`);
  const dataset = namedNode(`${base}sparql#dataset`);
  const graph = blankNode("default-graph");
  const quads: Quad[] = [];
  const say = (subject: NamedNode | typeof graph, predicate: NamedNode, object: QuadObject): void => {
    quads.push(quad(subject, predicate, object));
  };
  say(service, rdf.type, sd.Service);
  say(service, sd.endpoint, endpoint);
  say(service, sd.supportedLanguage, sd.SPARQL11Query);
  for (const format of RESULT_FORMATS) say(service, sd.resultFormat, format);
  say(service, sd.defaultDataset, dataset);
  say(dataset, rdf.type, sd.Dataset);
  say(dataset, rdf.type, void_.Dataset);
  say(dataset, sd.defaultGraph, graph);
  say(graph, rdf.type, sd.Graph);
  say(dataset, dcterms.title, literal(hub.identity.title));
  say(dataset, foaf.homepage, namedNode(base));
  say(dataset, void_.sparqlEndpoint, endpoint);
  say(dataset, void_.triples, literal(String(hub.quads.count(null, null, null, {})), xsd.integer));
  say(dataset, void_.uriSpace, literal(base));
  for (const prefix of VOCABULARIES) {
    const namespace = PREFIXES[prefix];
    if (namespace !== undefined) say(dataset, void_.vocabulary, namedNode(namespace));
  }
  for (const [type, name] of [
    [sioct.MicroblogPost, "posts"],
    [sioc.UserAccount, "accounts"],
  ] as const) {
    const partition = namedNode(`${base}sparql#${name}`);
    say(dataset, void_.classPartition, partition);
    say(partition, void_.class, type);
    say(partition, void_.entities, literal(String(hub.quads.count(null, rdf.type, type, {})), xsd.integer));
  }
  return quads;
}

/** What the hub says of itself: a `sioc:Site`, its endpoint and its accounts. */
export function hubToQuads(hub: HubPorts): readonly Quad[] {
  const { base, title, description, domain } = hub.identity;
  const self = namedNode(base);
  const quads = [
    quad(self, rdf.type, sioc.Site),
    quad(self, rdf.type, sterna.Hub),
    quad(self, dcterms.title, literal(title)),
    quad(self, void_.sparqlEndpoint, namedNode(`${base}sparql`)),
  ];
  if (description !== undefined) quads.push(quad(self, dcterms.description, literal(description)));
  const jid = `xmpp:${domain}`;
  if (hub.xmpp.status.kind !== "off" && isIri(jid)) quads.push(quad(self, sterna.pubsubService, namedNode(jid)));
  return quads;
}
