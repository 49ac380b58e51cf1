import type { QueryAnswer } from "../../hub/ports.ts";
import { runQuery } from "../../hub/run-query.ts";
import { serviceDescription } from "../../hub/service-description.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { Iri } from "../../rdf/iri.ts";
import { serializeRdfStream, writeTurtle } from "../../rdf/serialize.ts";
import type { Quad } from "../../rdf/term.ts";
import { mediaTypeOf, readText } from "../body.ts";
import type { Answer, Exchange } from "../exchange.ts";
import { gathered } from "../gathered.ts";
import { choose, type Offer } from "../negotiate.ts";
import { SHOWN_MAX, type ShownAnswer } from "../pages/query-answer.ts";
import { renderAnswer, renderQueryForm } from "../pages/render.ts";
import { GRAPH_OFFERS, pageContext, represent, withCharset, writeGraph } from "../representation.ts";
import { readQuery } from "../request-target.ts";
import { RESULT_OFFERS, writeResults } from "../sparql-results.ts";

/** LIMIT: quads of an answer in a format that is written only when all are there (JSON-LD, RDF/XML). */
const GRAPH_QUADS_MAX = 100_000;

/** `GET /sparql` (SPARQL 1.1 Protocol §2.1.1); without a query the Service Description (SPARQL 1.1 SD §2) or a form. */
export async function getSparql(exchange: Exchange): Promise<Answer | Refusal> {
  if (!exchange.query.has("query") && !exchange.query.has("update")) return await describeService(exchange);
  return await answer(exchange, exchange.query);
}

/** `POST /sparql`: a form (§2.1.2) or the query itself (§2.1.3). */
export async function postSparql(exchange: Exchange): Promise<Answer | Refusal> {
  const type = mediaTypeOf(exchange);
  if (type === "application/sparql-update") return noUpdates();
  if (type !== "application/x-www-form-urlencoded" && type !== "application/sparql-query") {
    const accepted = ["application/sparql-query", "application/x-www-form-urlencoded"];
    return refuse("unsupported-media-type", `Expected ${accepted.join(" or ")}, but got "${type.slice(0, 80)}".`, {
      accepted,
    });
  }
  const text = await readText(exchange);
  if (isRefusal(text)) return text;
  if (type === "application/x-www-form-urlencoded") {
    const form = readQuery(text);
    if (form === undefined) return refuse("malformed", "Expected a form in percent-encoded UTF-8, but it is not.");
    return await answer(exchange, form);
  }
  if (exchange.query.has("query")) {
    return refuse("malformed", "Expected one query, but one came in the body and another in the address.");
  }
  return await answer(exchange, exchange.query, text);
}

async function describeService(exchange: Exchange): Promise<Answer | Refusal> {
  const quads = serviceDescription(exchange.hub);
  return await represent(exchange, {
    subject: `${exchange.hub.identity.base}sparql` as Iri,
    quads,
    html: (context) => renderQueryForm(context, quads),
  });
}

async function answer(exchange: Exchange, parameters: URLSearchParams, body?: string): Promise<Answer | Refusal> {
  const text = readParameters(parameters, body);
  if (isRefusal(text)) return text;
  const stop = new AbortController();
  const signal = AbortSignal.any([exchange.gone, exchange.closing, stop.signal]);
  const found = await runQuery(exchange.hub, exchange.by, text, { signal });
  if (isRefusal(found)) return found;
  const written = await write(exchange, found, parameters.get("format"), text);
  // Nobody reads an answer in a format that is not there, or only its head.
  if (isRefusal(written) || exchange.method === "HEAD") stop.abort();
  return written;
}

/** The query's text, when the parameters ask one question that can be answered here. */
function readParameters(parameters: URLSearchParams, body: string | undefined): string | Refusal {
  if (parameters.has("update") || parameters.has("using-graph-uri")) return noUpdates();
  const queries = body === undefined ? parameters.getAll("query") : [body];
  const [text] = queries;
  if (text === undefined) return refuse("malformed", 'Expected the parameter "query", but it is missing.');
  if (queries.length > 1)
    return refuse("malformed", `Expected one query, but got ${queries.length}; send them one by one.`);
  for (const name of ["default-graph-uri", "named-graph-uri"]) {
    if (parameters.getAll(name).some((iri) => iri !== "")) {
      return refuse(
        "invalid",
        `Expected no ${name}: this endpoint has one default graph with all that the requester may see; leave the parameter out.`,
      );
    }
  }
  return text;
}

function noUpdates(): Refusal {
  return refuse("forbidden", "Updates are not open here: posts come in through their own doors. Send a query.");
}

async function write(
  exchange: Exchange,
  found: QueryAnswer,
  format: string | null,
  text: string,
): Promise<Answer | Refusal> {
  const accept = exchange.header("accept");
  const headers = { vary: "Accept" };
  if (found.kind !== "quads") {
    const offers =
      found.kind === "boolean"
        ? RESULT_OFFERS.filter(({ value }) => value === "json" || value === "xml")
        : RESULT_OFFERS;
    const offer = choose(accept, format, [...offers, HTML]);
    if (isRefusal(offer)) return offer;
    if (offer.value === "html") return await page(exchange, text, found);
    return { type: withCharset(offer.mediaType), body: gathered(writeResults(found, offer.value)), headers };
  }
  const offer = choose(accept, format, [...GRAPH_OFFERS, HTML]);
  if (isRefusal(offer)) return offer;
  if (offer.value === "html") return await page(exchange, text, found);
  const type = withCharset(offer.mediaType);
  if (offer.value === "turtle" || offer.value === "ntriples") {
    return { type, body: serializeRdfStream(found.quads, { format: offer.value }), headers };
  }
  const quads = await gather(found.quads, offer);
  if (isRefusal(quads)) return quads;
  const graph = await writeGraph(exchange, quads, offer.value);
  return isRefusal(graph) ? graph : { type, body: graph, headers };
}

/** For people who ask by the form, whose browsers do not show the media types of answers. */
const HTML: Offer<"html"> = { mediaType: "text/html", name: "html", value: "html" };

async function page(exchange: Exchange, query: string, found: QueryAnswer): Promise<Answer> {
  const body = renderAnswer(query, await beginningOf(found), pageContext(exchange));
  return { type: withCharset(HTML.mediaType), body, headers: { vary: "Accept" } };
}

async function beginningOf(found: QueryAnswer): Promise<ShownAnswer> {
  switch (found.kind) {
    case "boolean":
      return found;
    case "bindings": {
      const [rows, more] = await first(found.rows);
      return { kind: "rows", variables: found.variables, rows, more };
    }
    case "quads": {
      const [quads, more] = await first(found.quads);
      return { kind: "graph", turtle: writeTurtle(quads), more };
    }
  }
}

/** What a page shows of an answer; leaving the loop ends the query. */
async function first<T>(all: AsyncIterable<T>): Promise<readonly [shown: readonly T[], more: boolean]> {
  const shown: T[] = [];
  for await (const each of all) {
    if (shown.length === SHOWN_MAX) return [shown, true];
    shown.push(each);
  }
  return [shown, false];
}

async function gather(quads: AsyncIterable<Quad>, { mediaType }: Offer<unknown>): Promise<readonly Quad[] | Refusal> {
  const found: Quad[] = [];
  try {
    for await (const quad of quads) {
      if (found.length === GRAPH_QUADS_MAX) {
        return refuse(
          "too-large",
          `Expected at most ${GRAPH_QUADS_MAX} triples as ${mediaType}, but the answer has more; ask for Turtle or N-Triples, or add a LIMIT.`,
        );
      }
      found.push(quad);
    }
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  return found;
}
