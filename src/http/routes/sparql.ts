import { runUpdate } from "../../hub/graphs/run-update.ts";
import type { QueryAnswer } from "../../hub/ports/queries.ts";
import { ASKED_BY_HEADER } from "../../hub/ports/remote-queries.ts";
import { askOneHub } from "../../hub/queries/ask-one-hub.ts";
import { explainQuery } from "../../hub/queries/explain-query.ts";
import type { NetworkWarning } from "../../hub/queries/network/walk-hubs.ts";
import { queryNetwork } from "../../hub/queries/query-network.ts";
import { runQuery } from "../../hub/queries/run-query.ts";
import { serviceDescription } from "../../hub/queries/service-description.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { serializeRdfStream, writeTurtle } from "../../rdf/serialize.ts";
import { askerAddress } from "../asker-address.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { gathered } from "../gathered.ts";
import { choose, type Offer } from "../negotiate.ts";
import { SHOWN_MAX, type ShownAnswer } from "../pages/query-answer.ts";
import { renderAnswer, renderQueryForm } from "../pages/render.ts";
import { GRAPH_OFFERS, pageContext, represent, withCharset, writeGraph } from "../representation.ts";
import { isKnown } from "../send.ts";
import { type NetworkRequest, readSparqlGet, readSparqlPost, type SparqlRequest } from "../sparql-request.ts";
import { RESULT_OFFERS, writeResults } from "../sparql-results.ts";
import { gather } from "./graph-store.ts";

/** `GET /sparql` (SPARQL 1.1 Protocol §2.1.1); without a query the Service Description (SPARQL 1.1 SD §2) or a form. */
export async function getSparql(exchange: Exchange): Promise<Answer | Refusal> {
  return await answer(exchange, readSparqlGet(exchange));
}

/** `POST /sparql`: a query or an update, as a form (§2.1.2, §2.2.1) or by itself (§2.1.3, §2.2.2). */
export async function postSparql(exchange: Exchange): Promise<Answer | Refusal> {
  return await answer(exchange, await readSparqlPost(exchange));
}

async function answer(exchange: Exchange, request: SparqlRequest | Refusal): Promise<Answer | Refusal> {
  if (isRefusal(request)) return request;
  switch (request.kind) {
    case "nothing":
      return await describeService(exchange);
    case "query":
      return await answerQuery(exchange, request);
    case "update":
      return await answerUpdate(exchange, request);
  }
}

/** For how long other hubs may go by what this one says of itself. */
const DESCRIPTION_FRESH_S = 60;

async function describeService(exchange: Exchange): Promise<Answer | Refusal> {
  const quads = await serviceDescription(exchange.hub);
  const answer = await represent(exchange, {
    subject: `${exchange.hub.identity.base}sparql` as Iri,
    quads,
    html: (context) => renderQueryForm(context, quads),
  });
  if (isRefusal(answer)) return answer;
  return { ...answer, headers: { ...answer.headers, "cache-control": `public, max-age=${DESCRIPTION_FRESH_S}` } };
}

async function answerQuery(
  exchange: Exchange,
  { text, graphs, format, explain, network }: Extract<SparqlRequest, { readonly kind: "query" }>,
): Promise<Answer | Refusal> {
  const { hub, by } = exchange;
  // What another hub asks is answered from what is here, so that no question goes round.
  const isAsked = exchange.header(ASKED_BY_HEADER) !== "";
  if (network !== undefined && !isAsked) {
    const { hub: named } = network;
    if (named !== undefined) return await answerOfOne(exchange, text, format, named);
    return await answerAcross(exchange, text, format, network);
  }
  if (explain) {
    const signal = AbortSignal.any([exchange.gone, exchange.closing]);
    const wish = { signal, from: askerOf(exchange), ...(graphs === undefined ? {} : { graphs }) };
    const explained = await explainQuery(hub, by, text, wish);
    return isRefusal(explained) ? explained : jsonAnswer(explained);
  }
  const etag = etagOf(exchange, { text, graphs, format });
  const headers = { vary: "Accept, Authorization", ...(etag === undefined ? {} : { etag }) };
  if (etag !== undefined && isKnown(exchange.header("if-none-match"), etag)) return { status: 304, headers };
  const stop = new AbortController();
  const signal = AbortSignal.any([exchange.gone, exchange.closing, stop.signal]);
  const wish = { signal, from: askerOf(exchange), ...(graphs === undefined ? {} : { graphs }) };
  const found = await runQuery(hub, by, text, wish, exchange.graphs);
  if (isRefusal(found)) return found;
  const written = await write(exchange, found, format, text);
  // Nobody reads an answer in a format that is not there, or only its head.
  if (isRefusal(written) || exchange.method === "HEAD") stop.abort();
  return isRefusal(written) ? written : { ...written, headers, compressible: true };
}

/** What one other hub says. */
async function answerOfOne(
  exchange: Exchange,
  text: string,
  format: string | null,
  named: string,
): Promise<Answer | Refusal> {
  const signal = AbortSignal.any([exchange.gone, exchange.closing]);
  const found = await askOneHub(exchange.hub, exchange.by, text, named, { signal });
  if (isRefusal(found)) return found;
  const written = await write(exchange, found, format, text);
  if (isRefusal(written)) return written;
  return { ...written, headers: { vary: "Accept, Authorization", "cache-control": "no-store" }, compressible: true };
}

async function answerAcross(
  exchange: Exchange,
  text: string,
  format: string | null,
  network: NetworkRequest,
): Promise<Answer | Refusal> {
  const stop = new AbortController();
  const signal = AbortSignal.any([exchange.gone, exchange.closing, stop.signal]);
  // Only JSON can say at its end what became of hubs that were still being asked when it began.
  const offer = choose(exchange.header("accept"), format, [...RESULT_OFFERS, ...GRAPH_OFFERS, HTML]);
  const gradual = !isRefusal(offer) && offer.value === "json";
  const wish = { ...network, gradual, signal, from: askerOf(exchange) };
  const found = await queryNetwork(exchange.hub, exchange.by, text, wish);
  if (isRefusal(found)) return found;
  const { told } = found;
  const written = await write(exchange, found.answer, format, text, () => told);
  if (isRefusal(written) || exchange.method === "HEAD") stop.abort();
  if (isRefusal(written)) return written;
  const headers = {
    vary: "Accept, Authorization",
    "cache-control": "no-store",
    ...(told.asked.length === 0 ? {} : { "sterna-hubs": asHeader(told.asked) }),
    ...(told.warnings.length === 0 ? {} : { "sterna-warnings": warningsHeader(told.warnings) }),
  };
  return { ...written, headers };
}

/** Warnings, short enough for a header. */
function warningsHeader(warnings: readonly NetworkWarning[]): string {
  return asHeader(warnings.map(({ hub, message }) => ({ hub: hub.slice(0, 200), message: message.slice(0, 300) })));
}

/** JSON in ASCII, as headers take it. */
function asHeader(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

async function answerUpdate(
  exchange: Exchange,
  { text, using }: Extract<SparqlRequest, { readonly kind: "update" }>,
): Promise<Answer | Refusal> {
  const signal = AbortSignal.any([exchange.gone, exchange.closing]);
  const wish = { signal, from: askerOf(exchange), ...(using === undefined ? {} : { using }) };
  const done = await runUpdate(exchange.hub, exchange.by, text, wish, exchange.graphs);
  return isRefusal(done) ? done : jsonAnswer(done);
}

/** Who asks, for the bound on queries at once: an account, or whoever has this address. */
function askerOf({ by, request }: Exchange): string {
  return by.kind === "account" ? by.iri : by.kind === "owner" ? "owner" : askerAddress(request).address;
}

/** Functions that give something else each time, after which an answer is not the same as before. */
const NEVER_THE_SAME = /\b(?:now|rand|uuid|struuid|bnode)\s*\(/i;

/**
 * The tag of an answer that is not there yet: the same question of the same requester over the same data has the same
 * answer, if perhaps in another order. Undefined for questions that have not.
 */
function etagOf(
  { hub, graphs, by, method, header }: Exchange,
  question: { readonly text: string; readonly [more: string]: unknown },
): string | undefined {
  if ((method !== "GET" && method !== "HEAD") || NEVER_THE_SAME.test(question.text)) return undefined;
  const who = by.kind === "account" ? by.iri : by.kind;
  const hash = hub.hash(JSON.stringify([graphs.version(by), who, header("accept"), question]));
  return `W/"${hash.slice(0, 24)}"`;
}

async function write(
  exchange: Exchange,
  found: QueryAnswer,
  format: string | null,
  text: string,
  beside?: () => unknown,
): Promise<Answer | Refusal> {
  const accept = exchange.header("accept");
  if (found.kind !== "quads") {
    const offers =
      found.kind === "boolean"
        ? RESULT_OFFERS.filter(({ value }) => value === "json" || value === "xml")
        : RESULT_OFFERS;
    const offer = choose(accept, format, [...offers, HTML]);
    if (isRefusal(offer)) return offer;
    if (offer.value === "html") return await page(exchange, text, found);
    // Rows that come while other hubs are asked go out as they come.
    const body = writeResults(found, offer.value, beside);
    return { type: withCharset(offer.mediaType), body: beside === undefined ? gathered(body) : body };
  }
  const offer = choose(accept, format, [...GRAPH_OFFERS, HTML]);
  if (isRefusal(offer)) return offer;
  if (offer.value === "html") return await page(exchange, text, found);
  const type = withCharset(offer.mediaType);
  if (offer.value === "turtle" || offer.value === "ntriples") {
    return { type, body: serializeRdfStream(found.quads, { format: offer.value }) };
  }
  const quads = await gather(found.quads, offer.mediaType);
  if (isRefusal(quads)) return quads;
  const graph = await writeGraph(exchange, quads, offer.value);
  return isRefusal(graph) ? graph : { type, body: graph };
}

/** For people who ask by the form, whose browsers do not show the media types of answers. */
const HTML: Offer<"html"> = { mediaType: "text/html", name: "html", value: "html" };

async function page(exchange: Exchange, query: string, found: QueryAnswer): Promise<Answer> {
  const body = renderAnswer(query, await beginningOf(found), pageContext(exchange));
  return { type: withCharset(HTML.mediaType), body };
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
