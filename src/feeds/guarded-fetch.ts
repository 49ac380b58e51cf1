import { lookup as resolve } from "node:dns";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import type { RemoteDocuments } from "../hub/ports/hub-ports.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { formatOfMediaType } from "../rdf/format.ts";
import { type Iri, isIri } from "../rdf/iri.ts";
import { parseRdf } from "../rdf/parse.ts";

/** LIMIT: bytes of one fetched document, redirects followed, and milliseconds for all of it. */
const BODY_BYTES_MAX = 2 * 1_024 * 1_024;
const REDIRECTS_MAX = 5;
const FETCH_TIMEOUT_MS = 10_000;

const ACCEPT_RDF =
  "text/turtle, application/ld+json;q=0.9, application/rdf+xml;q=0.8, application/n-triples;q=0.8, text/html;q=0.1";

// Addresses that are nobody's business on a stranger's word: RFC 6890 special-purpose registries.
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 127],
  ["64:ff9b:1::", 48],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv6");
}

/** Whether an IP address is private, loopback, link-local, multicast or otherwise not on the public internet. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain);
  return family === 0 || PRIVATE.check(plain, family === 6 ? "ipv6" : "ipv4");
}

interface Fetched {
  readonly url: Iri;
  readonly mediaType: string;
  readonly body: string;
}

/**
 * Reads documents of other hubs over HTTP. Names are resolved once and the connection goes to that very address, so
 * that a name cannot point elsewhere between check and use; private addresses are refused unless `allowPrivate`
 * (a hub that lives on one itself, as in development).
 */
export function createGuardedFetch(options: {
  readonly allowPrivate: boolean;
  readonly userAgent: string;
}): RemoteDocuments {
  const fetch = async (url: string, accept: string, signal?: AbortSignal): Promise<Fetched | Refusal> => {
    let next = url;
    const limit = AbortSignal.any([AbortSignal.timeout(FETCH_TIMEOUT_MS), ...(signal === undefined ? [] : [signal])]);
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const answer = await get(next, accept, options, limit);
      if (isRefusal(answer)) return answer;
      if (answer.kind === "document") return answer.document;
      next = new URL(answer.location, next).href;
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
      const quads = await parseRdf(fetched.body, { format, baseIri: fetched.url });
      return isRefusal(quads) ? quads : { url: fetched.url, quads };
    },
    webfinger: async (name, host, signal) => {
      const local = options.allowPrivate && /^(localhost|127\.|\[)/.test(host);
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

type Answer =
  | { readonly kind: "document"; readonly document: Fetched }
  | { readonly kind: "redirect"; readonly location: string };

function get(
  text: string,
  accept: string,
  options: { readonly allowPrivate: boolean; readonly userAgent: string },
  signal: AbortSignal,
): Promise<Answer | Refusal> {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "") {
    return Promise.resolve(refuse("invalid", `Expected an http or https address, but got "${text.slice(0, 120)}".`));
  }
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (!options.allowPrivate && isIP(literal) !== 0 && isPrivateAddress(literal)) {
    return Promise.resolve(refusePrivate(url));
  }
  return new Promise((done) => {
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(
      url,
      {
        signal,
        lookup: options.allowPrivate ? undefined : publicLookup,
        headers: { accept, "accept-encoding": "gzip", "user-agent": options.userAgent },
      },
      (response) => {
        const { statusCode = 0, headers } = response;
        if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
          response.resume();
          done({ kind: "redirect", location: headers.location });
          return;
        }
        if (statusCode !== 200) {
          response.resume();
          done(
            refuse("remote-refused", `${url.href} answered with status ${statusCode} instead of 200.`, {
              status: statusCode,
            }),
          );
          return;
        }
        readBody(response, headers["content-encoding"])
          .then((body) => {
            const plain = new URL(url.href);
            plain.hash = "";
            const iri = plain.href;
            if (isRefusal(body)) return done(body);
            if (!isIri(iri)) return done(refuse("invalid", `${iri.slice(0, 80)} is too long for an IRI.`));
            const mediaType = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
            return done({ kind: "document", document: { url: iri, mediaType, body } });
          })
          .catch((error: unknown) => done(unreachable(url, error)));
      },
    );
    request.on("error", (error) => done(unreachable(url, error)));
    request.end();
  });
}

async function readBody(
  response: import("node:http").IncomingMessage,
  encoding: string | undefined,
): Promise<string | Refusal> {
  const stream = encoding === "gzip" ? response.pipe(createGunzip()) : response;
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) stream.destroy(new Error("too-large"));
  });
  const body = await buffer(stream).catch((error: unknown) => {
    if (bytes <= BODY_BYTES_MAX) throw error;
  });
  if (body === undefined) {
    return refuse("too-large", `Expected at most ${BODY_BYTES_MAX} bytes from another hub, but got more.`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return refuse("remote-refused", "Expected UTF-8 from another hub, but got other bytes.");
  }
}

/** Resolves a name and gives only public addresses, which the connection then uses. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, "", 0);
      return;
    }
    const usable = addresses.filter(({ address }) => !isPrivateAddress(address));
    const [first] = usable;
    if (first === undefined) callback(Object.assign(new Error("private"), { code: "EPRIVATE" }), "", 0);
    else if (options.all === true) callback(null, usable);
    else callback(null, first.address, first.family);
  });
};

function refusePrivate(url: URL): Refusal {
  return refuse("forbidden", `${url.host} is a private address, which this hub does not fetch from.`);
}

function unreachable(url: URL, error: unknown): Refusal {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EPRIVATE") return refusePrivate(url);
  if (
    error instanceof Error &&
    (error.name === "TimeoutError" || error.name === "AbortError" || code === "ABORT_ERR")
  ) {
    return refuse("timed-out", `${url.host} did not answer within ${FETCH_TIMEOUT_MS / 1_000} seconds.`);
  }
  return refuse("remote-unreachable", `${url.host} could not be reached (${code || String(error)}).`);
}
