import { accountIris } from "../../core/hub-iris.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import {
  type BlankNode,
  blankNode,
  literal,
  type NamedNode,
  namedNode,
  type Quad,
  type QuadObject,
  quad,
  type Term,
} from "../../rdf/term.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { foaf } from "../../vocab/foaf.ts";
import { formats } from "../../vocab/formats.ts";
import { PREFIXES } from "../../vocab/prefixes.ts";
import { rdf } from "../../vocab/rdf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sd } from "../../vocab/sd.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { sterna } from "../../vocab/sterna.ts";
import { void_ } from "../../vocab/void.ts";
import { xsd } from "../../vocab/xsd.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { QuadIndex } from "../ports/quad-index.ts";

const GRAPH_FORMATS = [formats.Turtle, formats.N_Triples, formats.JSON_LD, formats.RDF_XML];
const RESULT_FORMATS = [
  formats.SPARQL_Results_JSON,
  formats.SPARQL_Results_XML,
  formats.SPARQL_Results_CSV,
  formats.SPARQL_Results_TSV,
  ...GRAPH_FORMATS,
];
/** What graphs can be sent in. */
const INPUT_FORMATS = [...GRAPH_FORMATS, formats.N_Quads, formats.TriG];
const VOCABULARIES = ["sioc", "sioct", "foaf", "dcterms", "skos", "as", "prov", "sterna"] as const;

const DATASET_TEXT =
  "Without a dataset of its own, a query sees one default graph: everything here that is public, and for an account's token also what is private to that account. There are no named graphs in it.";
const GRAPHS_TEXT =
  "Each document of this hub (a post, a profile, a follow, a note) is a graph under its own IRI, for queries that name it by FROM, FROM NAMED, default-graph-uri or named-graph-uri, and in the graph store. An account may write graphs of its own below NAME/graphs/ by SPARQL Update and by the Graph Store Protocol; they are private unless they say sterna:audience sterna:Public of themselves.";

type Say = (subject: NamedNode | BlankNode, predicate: NamedNode, object: QuadObject) => void;

/** The SPARQL 1.1 Service Description and VoID of this hub; both agree since both are these quads. */
export async function serviceDescription(hub: HubPorts): Promise<readonly Quad[]> {
  const quads: Quad[] = [];
  const say: Say = (subject, predicate, object) => quads.push(quad(subject, predicate, object));
  const { base } = hub.identity;
  const dataset = namedNode(`${base}sparql#dataset`);
  describeEndpoint(base, dataset, say);
  await describeDataset(hub, dataset, say);
  return quads;
}

/** What the endpoint does: languages, formats, and what it does beyond SPARQL (SPARQL 1.1 Service Description §3). */
function describeEndpoint(base: Iri, dataset: NamedNode, say: Say): void {
  const service = namedNode(`${base}sparql#service`);
  const graphs = namedNode(`${base}sparql#graphs`);
  say(service, rdf.type, sd.Service);
  say(service, sd.endpoint, namedNode(`${base}sparql`));
  say(service, sterna.graphStore, namedNode(`${base}sparql/graph`));
  say(service, sd.supportedLanguage, sd.SPARQL11Query);
  say(service, sd.supportedLanguage, sd.SPARQL11Update);
  // SERVICE is for accounts alone, and no graph is fetched: neither sd:BasicFederatedQuery nor sd:DereferencesURIs.
  say(service, sd.feature, sd.EmptyGraphs);
  say(service, sd.propertyFeature, sterna.matches);
  say(sterna.matches, rdf.type, sd.Feature);
  say(sterna.matches, rdfs.comment, literal(MATCHES_TEXT, "en"));
  for (const format of RESULT_FORMATS) say(service, sd.resultFormat, format);
  for (const format of INPUT_FORMATS) say(service, sd.inputFormat, format);
  say(service, sd.defaultDataset, dataset);
  say(service, sd.availableGraphs, graphs);
  say(graphs, rdf.type, sd.GraphCollection);
  say(graphs, rdfs.comment, literal(GRAPHS_TEXT, "en"));
}

const MATCHES_TEXT =
  'Full-text search: ?post sterna:matches "words" holds of the posts whose text has all the words, whatever their case and accents.';

/** What there is to be asked, by VoID. Counts are of what everybody may see. */
async function describeDataset(hub: HubPorts, dataset: NamedNode, say: Say): Promise<void> {
  const { base } = hub.identity;
  const graph = blankNode("default-graph");
  say(dataset, rdf.type, sd.Dataset);
  say(dataset, rdf.type, void_.Dataset);
  say(dataset, sd.defaultGraph, graph);
  say(graph, rdf.type, sd.Graph);
  say(graph, rdfs.comment, literal(DATASET_TEXT, "en"));
  say(dataset, dcterms.title, literal(hub.identity.title));
  say(dataset, foaf.homepage, namedNode(base));
  say(dataset, void_.sparqlEndpoint, namedNode(`${base}sparql`));
  const overXmpp = `xmpp:${hub.identity.domain}`;
  if (hub.xmpp.status.kind !== "off" && isIri(overXmpp)) say(dataset, void_.sparqlEndpoint, namedNode(overXmpp));
  for (const format of GRAPH_FORMATS) say(dataset, void_.feature, format);
  say(dataset, void_.triples, literal(String(await countOf(hub, null)), xsd.integer));
  say(dataset, void_.uriSpace, literal(base));
  for (const prefix of VOCABULARIES) {
    const namespace = PREFIXES[prefix];
    if (namespace !== undefined) say(dataset, void_.vocabulary, namedNode(namespace));
  }
  const { index } = hub.quads;
  if (index === undefined) await describeCounts(hub, dataset, say);
  else describeParts(index, dataset, say);
  describeHosted(hub, dataset, say);
}

/** How many posts and accounts there are, where the store tells no more. */
async function describeCounts(hub: HubPorts, dataset: NamedNode, say: Say): Promise<void> {
  for (const [type, name] of [
    [sioct.MicroblogPost, "posts"],
    [sioc.UserAccount, "accounts"],
  ] as const) {
    const partition = namedNode(`${hub.identity.base}sparql#${name}`);
    say(dataset, void_.classPartition, partition);
    say(partition, void_.class, type);
    say(partition, void_.entities, literal(String(await countOf(hub, type)), xsd.integer));
  }
}

/**
 * The classes and properties of what is public, all of them, so that a hub need not ask here for others; and from when
 * to when there are posts.
 */
function describeParts(index: QuadIndex, dataset: NamedNode, say: Say): void {
  const [graph] = index.of({}).merged;
  if (graph === undefined) return;
  const partition = (link: NamedNode, key: NamedNode, of: Term, total: NamedNode, count: number): void => {
    if (of.termType !== "NamedNode") return;
    const part = blankNode(`${key.value.split("#").at(-1)}-${index.numberOf(of)}`);
    say(dataset, link, part);
    say(part, key, of);
    say(part, total, literal(String(count), xsd.integer));
  };
  const properties = index.keysOf(graph.predicates).flatMap((number) => {
    const term = index.termOf(number);
    return term === undefined || graph.triplesOf(number) === 0 ? [] : [{ term, count: graph.triplesOf(number) }];
  });
  for (const { term, count } of properties)
    partition(void_.propertyPartition, void_.property, term, void_.triples, count);
  say(dataset, void_.properties, literal(String(properties.length), xsd.integer));
  const types = graph.predicates[index.numberOf(rdf.type) ?? 0] ?? {};
  const classes = index.keysOf(types).flatMap((number) => {
    const term = index.termOf(number);
    return term?.termType === "NamedNode" ? [{ term, count: index.sizeOf(types[number] ?? {}) }] : [];
  });
  for (const { term, count } of classes) partition(void_.classPartition, void_.class, term, void_.entities, count);
  say(dataset, void_.classes, literal(String(classes.length), xsd.integer));
  const times = graph.inOrder(index.numberOf(dcterms.created) ?? -1, 0, 0);
  const [from, until] = [times?.[0]?.times[0], times?.at(-1)?.times.at(-1)];
  if (from !== undefined && until !== undefined) {
    const period = `start=${new Date(from).toISOString()}; end=${new Date(until).toISOString()}; scheme=W3C-DTF`;
    say(dataset, dcterms.temporal, literal(period, namedNode(`${dcterms.namespace}Period`)));
  }
}

/** LIMIT: accounts that a description lists. */
const LISTED_ACCOUNTS_MAX = 500;

/** Which accounts live here: who asks for others' posts need not ask here. */
function describeHosted(hub: HubPorts, dataset: NamedNode, say: Say): void {
  const { base } = hub.identity;
  const accounts = hub.records.reader.accounts();
  const hosted = namedNode(`${base}sparql#hosted`);
  say(dataset, void_.subset, hosted);
  say(hosted, rdf.type, void_.Dataset);
  say(hosted, void_.class, sioc.UserAccount);
  say(hosted, void_.entities, literal(String(accounts.length), xsd.integer));
  for (const { name } of accounts.slice(0, LISTED_ACCOUNTS_MAX)) {
    say(hosted, void_.rootResource, namedNode(accountIris(base, name).account));
  }
}

/** How many public triples there are, or how many things of a type. */
async function countOf({ quads }: HubPorts, type: NamedNode | null): Promise<number> {
  const predicate = type === null ? null : rdf.type;
  return (await quads.counted?.(null, predicate, type, {})) ?? quads.count(null, predicate, type, {});
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
