import type { PageWish, PoliteWeb, ReadPage } from "../hub/ports/polite-web.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { formatOfMediaType } from "../rdf/format.ts";
import { type Iri, isIri } from "../rdf/iri.ts";
import { parseRdf } from "../rdf/parse.ts";
import { freshnessOf } from "./freshness.ts";
import { type GuardedAnswer, type RequestGuard, sendGuarded } from "./guarded-request.ts";
import type { Manners } from "./manners.ts";

/** LIMIT: bytes and triples of a page, redirects followed, milliseconds for each request. */
const PAGE_BYTES_MAX = 1_024 * 1_024;
const PAGE_TRIPLES_MAX = 20_000;
const REDIRECTS_MAX = 5;
const REQUEST_TIMEOUT_MS = 10_000;
/** LIMIT: characters of a Link header that are read, and of a validator that is sent back. */
const LINK_LENGTH_MAX = 8_000;
const VALIDATOR_LENGTH_MAX = 500;

const ACCEPT = "text/turtle, application/n-triples;q=0.9, application/ld+json;q=0.8, application/rdf+xml;q=0.7";

/** Reads pages as {@link PoliteWeb} says, with the manners that the rest of the program has. */
export function createPoliteWeb(
  guard: RequestGuard,
  manners: Manners,
  { timeout_ms = REQUEST_TIMEOUT_MS }: { readonly timeout_ms?: number } = {},
): PoliteWeb {
  const send = async (address: Iri, wish: PageWish): Promise<GuardedAnswer | Refusal> => {
    let next: string = address;
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const notNow = await manners.turn(next, wish.signal);
      if (notNow !== undefined) return notNow;
      const late = AbortSignal.timeout(timeout_ms);
      const signal = AbortSignal.any([wish.signal, late]);
      // What was learned of the page is about its own address, wherever it leads today.
      const headers = validators(wish);
      const answer = await sendGuarded(next, { accept: ACCEPT, signal, bytes_max: PAGE_BYTES_MAX, headers }, guard);
      if (isRefusal(answer)) return answer;
      const { status, headers: told } = answer;
      if (![301, 302, 303, 307, 308].includes(status)) return answer;
      if (told.location === undefined || !URL.canParse(told.location, next)) {
        return refuse("remote-refused", `${new URL(next).host} redirects to no address.`);
      }
      next = new URL(told.location, next).href;
    }
    return refuse("remote-refused", `${new URL(address).host} redirects more than ${REDIRECTS_MAX} times.`);
  };
  return {
    turn: (address, signal) => manners.turn(address, signal),
    read: async (address, wish) => {
      const answer = await send(address, wish);
      if (isRefusal(answer)) return answer;
      const isConditional = wish.etag !== undefined || wish.lastModified !== undefined;
      if (answer.status === 304 && isConditional) {
        return { kind: "unchanged", fresh_ms: freshnessOf(answer.headers, Date.now()).fresh_ms };
      }
      if (answer.status !== 200) return manners.refused(answer, answer.url.host);
      return await pageOf(answer);
    },
  };
}

function validators({ etag, lastModified }: PageWish): Record<string, string> {
  return {
    ...(etag === undefined ? {} : { "if-none-match": etag }),
    ...(lastModified === undefined ? {} : { "if-modified-since": lastModified }),
  };
}

async function pageOf({ url, headers, mediaType, body }: GuardedAnswer): Promise<ReadPage | Refusal> {
  const format = formatOfMediaType(mediaType);
  const { href, host } = url;
  if (format === undefined) {
    return refuse("remote-refused", `Expected RDF of ${host}, but got ${mediaType.slice(0, 80) || "no media type"}.`);
  }
  if (!isIri(href)) return refuse("remote-refused", `${host} leads to an address that is no IRI.`);
  const quads = await parseRdf(body, { format, baseIri: href, quads_max: PAGE_TRIPLES_MAX });
  if (isRefusal(quads)) {
    const code = quads.code === "too-large" ? quads.code : "remote-refused";
    return refuse(code, `${host} sent what cannot be read: ${quads.message}`);
  }
  const next = nextOf(headers["link"], url);
  const { etag, "last-modified": lastModified } = headers;
  return {
    kind: "page",
    url: href,
    quads,
    ...freshnessOf(headers, Date.now()),
    ...(etag === undefined || etag.length > VALIDATOR_LENGTH_MAX ? {} : { etag }),
    ...(lastModified === undefined || lastModified.length > VALIDATOR_LENGTH_MAX ? {} : { lastModified }),
    ...(next === undefined ? {} : { next }),
  };
}

/** The next page (RFC 8288), where it is on the same host. */
function nextOf(link: string | readonly string[] | undefined, from: URL): Iri | undefined {
  const text = (Array.isArray(link) ? link.join(", ") : String(link ?? "")).slice(0, LINK_LENGTH_MAX);
  for (const part of text.split("<").slice(1)) {
    const end = part.indexOf(">");
    if (end < 0 || !/;\s*rel="?(?:[^",;]* )?next\b/i.test(part.slice(end))) continue;
    const next = URL.parse(part.slice(0, end), from.href);
    if (next !== null && next.origin === from.origin && isIri(next.href)) return next.href;
  }
  return undefined;
}
