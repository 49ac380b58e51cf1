import type { RemoteDocuments } from "../hub/ports/hub-ports.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { formatOfMediaType } from "../rdf/format.ts";
import { isIri } from "../rdf/iri.ts";
import { parseRdf } from "../rdf/parse.ts";
import { type GuardedAnswer, type RequestGuard, sendGuarded } from "./guarded-request.ts";

/** LIMIT: bytes of one fetched document, redirects followed, and milliseconds for all of it. */
const BODY_BYTES_MAX = 2 * 1_024 * 1_024;
const REDIRECTS_MAX = 5;
const FETCH_TIMEOUT_MS = 10_000;

const ACCEPT_RDF =
  "text/turtle, application/ld+json;q=0.9, application/rdf+xml;q=0.8, application/n-triples;q=0.8, text/html;q=0.1";

/** Reads documents of other hubs over HTTP, each hop of a redirect as guarded as the first ({@link sendGuarded}). */
export function createGuardedFetch(guard: RequestGuard): RemoteDocuments {
  const fetch = async (url: string, accept: string, signal?: AbortSignal): Promise<GuardedAnswer | Refusal> => {
    let next = url;
    const late = AbortSignal.timeout(FETCH_TIMEOUT_MS);
    const limit = AbortSignal.any([late, ...(signal === undefined ? [] : [signal])]);
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const answer = await sendGuarded(next, { accept, signal: limit, bytes_max: BODY_BYTES_MAX }, guard);
      if (isRefusal(answer)) return late.aborted ? tooLate(answer, url) : answer;
      const { status, headers } = answer;
      if (status >= 300 && status < 400 && headers.location !== undefined && URL.canParse(headers.location, next)) {
        next = new URL(headers.location, next).href;
      } else if (status !== 200) {
        return refuse("remote-refused", `${next} answered with status ${status} instead of 200.`, { status });
      } else return answer;
    }
    return refuse("remote-refused", `${url} redirects more than ${REDIRECTS_MAX} times.`);
  };
  return {
    rdf: async (url, signal) => {
      const fetched = await fetch(url, ACCEPT_RDF, signal);
      if (isRefusal(fetched)) return fetched;
      const format = formatOfMediaType(fetched.mediaType);
      if (format === undefined) {
        return refuse(
          "remote-refused",
          `Expected RDF (Turtle, JSON-LD, RDF/XML) at ${url}, but got ${fetched.mediaType || "no media type"}; give the address of a page that offers RDF.`,
        );
      }
      const iri = fetched.url.href;
      if (!isIri(iri)) return refuse("invalid", `${iri.slice(0, 80)} is too long for an IRI.`);
      const quads = await parseRdf(fetched.body, { format, baseIri: iri });
      return isRefusal(quads) ? quads : { url: iri, quads };
    },
    webfinger: async (name, host, signal) => {
      const local = guard.allowPrivate && /^(localhost|127\.|\[)/.test(host);
      const resource = encodeURIComponent(`acct:${name}@${host}`);
      const url = URL.parse(`${local ? "http" : "https"}://${host}/.well-known/webfinger?resource=${resource}`);
      if (url === null) return refuse("invalid", `Expected a host name after "@", but got "${host.slice(0, 80)}".`);
      const fetched = await fetch(url.href, "application/jrd+json, application/json;q=0.9", signal);
      return isRefusal(fetched) ? fetched : linksOf(fetched.body, host);
    },
  };
}

function linksOf(body: string, host: string) {
  try {
    const answer: unknown = JSON.parse(body);
    const links = (answer as { readonly links?: unknown }).links;
    if (!Array.isArray(links)) throw new SyntaxError("no links");
    return links.slice(0, 100).flatMap((link: unknown) => {
      const { rel, href, type } = (link ?? {}) as {
        readonly rel?: unknown;
        readonly href?: unknown;
        readonly type?: unknown;
      };
      if (typeof rel !== "string" || typeof href !== "string") return [];
      return [typeof type === "string" ? { rel, href, type } : { rel, href }];
    });
  } catch {
    return refuse(
      "remote-refused",
      `Expected a WebFinger answer (JSON with links) of ${host}, but got something else.`,
    );
  }
}

function tooLate(refusal: Refusal, url: string): Refusal {
  if (refusal.code !== "timed-out") return refusal;
  return refuse("timed-out", `${new URL(url).host} did not answer within ${FETCH_TIMEOUT_MS / 1_000} seconds.`);
}
