import {
  ASKED_BY_HEADER,
  type RemoteAnswer,
  type RemoteDescription,
  type RemoteQueries,
  type RemoteQuestion,
} from "../hub/ports/remote-queries.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { formatOfMediaType } from "../rdf/format.ts";
import type { Iri } from "../rdf/iri.ts";
import { parseRdf } from "../rdf/parse.ts";
import { type GuardedAnswer, type RequestGuard, sendGuarded } from "./guarded-request.ts";
import { Manners } from "./manners.ts";
import { readBooleanJson, readResultsJson } from "./sparql-results.ts";

/** LIMIT: characters of an address; longer questions go by POST. */
const ADDRESS_LENGTH_MAX = 2_000;
const REDIRECTS_MAX = 3;
/** LIMIT: bytes and triples of a description. */
const DESCRIPTION_BYTES_MAX = 1_024 * 1_024;
const DESCRIPTION_TRIPLES_MAX = 20_000;
/** How long a description is kept that says nothing of it. */
const DESCRIPTION_FRESH_MS = 3_600_000;

const ACCEPT_GRAPH = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.5, application/ld+json;q=0.3";
const ACCEPT_RESULTS = "application/sparql-results+json";

/**
 * Asks other hubs over HTTP by the SPARQL 1.1 Protocol: short questions by GET, long ones by POST. Leaves a hub alone
 * for as long as it says with Retry-After (RFC 9110 §10.2.3); what a robots.txt forbids is not read, and not asked once
 * that is known.
 */
export function createRemoteQueries(
  options: RequestGuard & { readonly base: Iri },
  manners = new Manners(options),
): RemoteQueries {
  return new HttpQueries(options, manners);
}

class HttpQueries implements RemoteQueries {
  readonly #options: RequestGuard & { readonly base: Iri };
  readonly #manners: Manners;

  constructor(options: RequestGuard & { readonly base: Iri }, manners: Manners) {
    this.#options = options;
    this.#manners = manners;
  }

  async ask(question: RemoteQuestion): Promise<RemoteAnswer | Refusal> {
    const { to, query, kind, signal, bytes_max } = question;
    const endpoint = "hub" in to ? `${to.hub}sparql` : to.endpoint;
    const shown = "hub" in to ? to.hub : to.endpoint;
    const no = this.#manners.whyNot(endpoint, shown);
    if (no !== undefined) return no;
    const parameter = `query=${encodeURIComponent(query)}`;
    const address = `${endpoint}${endpoint.includes("?") ? "&" : "?"}${parameter}`;
    const isLong = address.length > ADDRESS_LENGTH_MAX;
    const answer = await this.#send(isLong ? endpoint : address, {
      accept: kind === "quads" ? ACCEPT_GRAPH : ACCEPT_RESULTS,
      signal,
      bytes_max,
      ...(isLong ? { method: "POST", body: parameter } : {}),
    });
    if (isRefusal(answer)) return named(answer, shown);
    if (answer.status !== 200) return this.#manners.refused(answer, shown);
    return await readAnswer(question, answer, shown);
  }

  async describe(
    hub: Iri,
    signal: AbortSignal,
    etag?: string,
  ): Promise<RemoteDescription | { readonly unchanged: true; readonly fresh_ms: number } | Refusal> {
    const endpoint = `${hub}sparql`;
    await this.#manners.readRobots(endpoint, signal);
    const no = this.#manners.whyNot(endpoint, hub);
    if (no !== undefined) return no;
    const answer = await this.#send(endpoint, {
      accept: ACCEPT_GRAPH,
      signal,
      bytes_max: DESCRIPTION_BYTES_MAX,
      ...(etag === undefined ? {} : { headers: { "if-none-match": etag } }),
    });
    if (isRefusal(answer)) return named(answer, hub);
    const fresh_ms = freshFor(answer.headers["cache-control"]);
    if (answer.status === 304 && etag !== undefined) return { unchanged: true, fresh_ms };
    if (answer.status !== 200) return this.#manners.refused(answer, hub);
    const format = formatOfMediaType(answer.mediaType);
    if (format === undefined) return notRdf(answer, hub);
    const quads = await parseRdf(answer.body, {
      format,
      baseIri: answer.url.href as Iri,
      quads_max: DESCRIPTION_TRIPLES_MAX,
    });
    if (isRefusal(quads)) return unreadable(quads, hub);
    const { etag: tag } = answer.headers;
    return { quads, fresh_ms, ...(tag === undefined ? {} : { etag: tag }) };
  }

  reaches(hub: Iri): boolean {
    return /^https?:/.test(hub);
  }

  /** Sends a request and follows its redirects; a POST goes on as a POST only where the status says so. */
  async #send(address: string, wish: Parameters<typeof sendGuarded>[1]): Promise<GuardedAnswer | Refusal> {
    let next = address;
    const form = wish.method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {};
    const headers = { [ASKED_BY_HEADER]: this.#options.base, ...form, ...wish.headers };
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const answer = await sendGuarded(next, { ...wish, headers }, this.#options);
      if (isRefusal(answer)) return answer;
      const { status, headers: told } = answer;
      const again = wish.method === "POST" ? [307, 308] : [301, 302, 303, 307, 308];
      if (!again.includes(status) || told.location === undefined || !URL.canParse(told.location, next)) return answer;
      next = new URL(told.location, next).href;
    }
    return refuse("remote-refused", `${new URL(address).host} redirects more than ${REDIRECTS_MAX} times.`);
  }
}

async function readAnswer(
  { kind, rows_max }: RemoteQuestion,
  answer: GuardedAnswer,
  shown: string,
): Promise<RemoteAnswer | Refusal> {
  if (kind !== "quads") {
    if (answer.mediaType !== ACCEPT_RESULTS && answer.mediaType !== "application/json") {
      return notWhatWasAsked(answer, shown, "SPARQL results as JSON");
    }
    const results = kind === "boolean" ? readBooleanJson(answer.body) : readResultsJson(answer.body, rows_max);
    return isRefusal(results) ? unreadable(results, shown) : results;
  }
  const format = formatOfMediaType(answer.mediaType);
  if (format === undefined) return notRdf(answer, shown);
  const quads = await parseRdf(answer.body, { format, baseIri: answer.url.href as Iri, quads_max: rows_max });
  return isRefusal(quads) ? unreadable(quads, shown) : { kind, quads };
}

function notRdf(answer: GuardedAnswer, shown: string): Refusal {
  return notWhatWasAsked(answer, shown, "RDF");
}

function notWhatWasAsked({ mediaType }: GuardedAnswer, shown: string, expected: string): Refusal {
  return refuse(
    "remote-refused",
    `Expected ${expected} of ${shown}, but got ${mediaType.slice(0, 80) || "no media type"}.`,
  );
}

function unreadable({ code, message }: Refusal, shown: string): Refusal {
  return refuse(code === "too-large" ? code : "remote-refused", `${shown} sent what cannot be read: ${message}`);
}

function named({ code, message, detail }: Refusal, shown: string): Refusal {
  return refuse(code, message.startsWith(shown) ? message : `${shown}: ${message}`, detail);
}

function freshFor(header: string | undefined): number {
  if (header === undefined) return DESCRIPTION_FRESH_MS;
  if (/\bno-(?:store|cache)\b/i.test(header)) return 0;
  const age = /\bmax-age=(\d+)/i.exec(header)?.[1];
  return age === undefined ? DESCRIPTION_FRESH_MS : Number(age) * 1_000;
}
