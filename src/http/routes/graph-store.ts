import type { GraphName } from "../../hub/graphs/graph-store.ts";
import { type GraphCondition, removeGraph, writeGraph } from "../../hub/graphs/write-graph.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import { type Iri, parseIri } from "../../rdf/iri.ts";
import { serializeRdfStream } from "../../rdf/serialize.ts";
import type { Quad } from "../../rdf/term.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { readGraphBody } from "../graph-body.ts";
import { choose } from "../negotiate.ts";
import { GRAPH_OFFERS, withCharset, writeGraph as writeGraphText } from "../representation.ts";
import { isKnown } from "../send.ts";
import { iriOf } from "./page.ts";

/** LIMIT: triples of the default graph in a format that is written only when all are there (JSON-LD, RDF/XML). */
const WHOLE_TRIPLES_MAX = 100_000;
/** Triples after which other requests have a turn. */
const TURN_TRIPLES = 2_000;

/** `GET /sparql/graph?graph=IRI` or `?default` (SPARQL 1.1 Graph Store HTTP Protocol §5.2): a graph in any format. */
export async function getGraph(exchange: Exchange): Promise<Answer | Refusal> {
  const graph = graphAsked(exchange);
  if (isRefusal(graph)) return graph;
  if (graph === undefined) {
    return refuse(
      "malformed",
      "Expected ?graph=IRI or ?default after the address of the graph store, but got neither.",
    );
  }
  const offer = choose(exchange.header("accept"), exchange.query.get("format"), GRAPH_OFFERS);
  if (isRefusal(offer)) return offer;
  const headers = { vary: "Accept, Authorization" };
  const type = withCharset(offer.mediaType);
  const { graphs, by } = exchange;
  if (graph === "default" && graphs.defaultGraph === "view") {
    const etag = `W/"${graphs.version(by)}.${offer.value}"`;
    const known = { ...headers, etag };
    if (isKnown(exchange.header("if-none-match"), etag)) return { status: 304, headers: known };
    const triples = inTurns(graphs.merged(by));
    if (offer.value === "turtle" || offer.value === "ntriples") {
      const body = serializeRdfStream(triples, { format: offer.value });
      return { type, body, headers: known, compressible: true };
    }
    const whole = await gather(triples, offer.mediaType);
    const body = isRefusal(whole) ? whole : await writeGraphText(exchange, whole, offer.value);
    return isRefusal(body) ? body : { type, body, headers: known, compressible: true };
  }
  const stored = graphs.read(by, graph);
  if (stored === undefined) return noGraph(graph);
  const body = await writeGraphText(exchange, stored.quads, offer.value);
  return isRefusal(body) ? body : { type, body, headers, etagPrefix: `${stored.version}.`, compressible: true };
}

/** `PUT` of a graph (§5.3): its triples take the place of those that were there. 201 when it is new. */
export async function putGraph(exchange: Exchange): Promise<Answer | Refusal> {
  const graph = graphAsked(exchange);
  if (isRefusal(graph)) return graph;
  if (graph === undefined) {
    return refuse(
      "malformed",
      "Expected ?graph=IRI after the address of the graph store; POST without it makes a new graph.",
    );
  }
  return await write(exchange, graph, "replace");
}

/** `POST` to a graph (§5.5): its triples come beside those that are there; without a graph's name, a new graph. */
export async function postGraph(exchange: Exchange): Promise<Answer | Refusal> {
  const asked = graphAsked(exchange);
  if (isRefusal(asked)) return asked;
  if (asked !== undefined) return await write(exchange, asked, "merge");
  const made = exchange.graphs.newName(exchange.by);
  if (isRefusal(made)) return made;
  const { params, hub } = exchange;
  // A graph that is posted to somebody's graphs would otherwise come to stand among one's own.
  const name = params["name"];
  if (name !== undefined && !made.startsWith(`${hub.identity.base}${encodeURIComponent(name)}/`)) {
    return refuse("forbidden", `Expected the token of "${name}", whose graphs these are, but got another account's.`);
  }
  return await write(exchange, made, "replace");
}

/** `DELETE` of a graph (§5.4). */
export async function removeOwnGraph(exchange: Exchange): Promise<Answer | Refusal> {
  const graph = graphAsked(exchange);
  if (isRefusal(graph)) return graph;
  if (graph === undefined) return refuse("malformed", "Expected ?graph=IRI after the address of the graph store.");
  const removed = await removeGraph(exchange.graphs, exchange.by, graph, conditionOf(exchange));
  return isRefusal(removed) ? removed : { status: 204 };
}

async function write(exchange: Exchange, graph: GraphName, how: "replace" | "merge"): Promise<Answer | Refusal> {
  const { graphs, by } = exchange;
  // Who may not write is told so before sending it all, whatever it is.
  const no = graphs.mayWrite(by, graph);
  if (no !== undefined) return no;
  const quads = await readGraphBody(exchange, graph === "default" ? iriOf(exchange) : graph);
  if (isRefusal(quads)) return quads;
  const written = await writeGraph(graphs, by, graph, quads, { how, condition: conditionOf(exchange) });
  if (isRefusal(written)) return written;
  return written.created
    ? jsonAnswer({ graph, triples: quads.length }, 201, graph === "default" ? {} : { location: graph })
    : { status: 204 };
}

/**
 * The graph that a request is about: named by `?graph=` (§4.2, decoded once) or `?default` at the graph store, or by its
 * own address (§4.1). Undefined when the graph store alone is addressed.
 */
function graphAsked(exchange: Exchange): GraphName | undefined | Refusal {
  const { query, segments } = exchange;
  if (segments[0] !== "sparql") return segments.length > 2 ? iriOf(exchange) : undefined;
  const named = query.getAll("graph");
  if (named.length + query.getAll("default").length > 1) {
    return refuse(
      "malformed",
      "Expected one graph, by ?graph=IRI or ?default, but got several; ask for them one by one.",
    );
  }
  if (query.has("default")) return "default";
  const [name] = named;
  return name === undefined ? undefined : parseIri(name);
}

/** What `If-Match` and `If-None-Match` allow a change to meet; a graph's ETags begin with its version (`"3.…"`). */
function conditionOf(exchange: Exchange): GraphCondition {
  const match = exchange.header("if-match").trim();
  const none = exchange.header("if-none-match").trim();
  const versions = match.split(",").flatMap((tag) => /^\s*(?:W\/)?"(\w+)(?:\.[^"]*)?"\s*$/.exec(tag)?.[1] ?? []);
  return {
    ...(match === "" || match === "*" ? {} : { versions }),
    ...(match === "*" ? { there: true } : none === "*" ? { there: false } : {}),
  };
}

async function* inTurns(triples: Iterable<Quad>): AsyncGenerator<Quad> {
  let count = 0;
  for (const each of triples) {
    if (++count % TURN_TRIPLES === 0) await new Promise((resolve) => setImmediate(resolve));
    yield each;
  }
}

/** Triples of an answer that is written whole. Refuses with `too-large` and the formats that are not. */
export async function gather(
  triples: AsyncIterable<Quad>,
  mediaType: string,
  triples_max = WHOLE_TRIPLES_MAX,
): Promise<readonly Quad[] | Refusal> {
  const found: Quad[] = [];
  try {
    for await (const each of triples) {
      if (found.length === triples_max) {
        return refuse(
          "too-large",
          `Expected at most ${triples_max} triples as ${mediaType}, but there are more; ask for Turtle or N-Triples, or for less.`,
        );
      }
      found.push(each);
    }
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  return found;
}

function noGraph(graph: GraphName): Refusal {
  return refuse("not-found", `Expected a graph that you may see, but there is none called <${graph as Iri}>.`);
}
