import { isRefusal, type Refusal } from "../outcome/refusal.ts";
import { formatInfo, type RdfFormat } from "../rdf/format.ts";
import type { Iri } from "../rdf/iri.ts";
import { serializeRdf } from "../rdf/serialize.ts";
import type { Quad } from "../rdf/term.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { choose, type Offer } from "./negotiate.ts";
import type { PageContext } from "./pages/render.ts";

/** The formats of a graph, in order of preference. */
export const GRAPH_FORMATS = ["turtle", "jsonld", "rdfxml", "ntriples"] as const satisfies readonly RdfFormat[];
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** What a graph can be had as. */
export const GRAPH_OFFERS: readonly Offer<GraphFormat>[] = [
  ...GRAPH_FORMATS.map((format) => ({
    mediaType: formatInfo(format).mediaType,
    name: format,
    value: format,
  })),
  // Plain JSON is asked for by scripts that do not know JSON-LD; they can read it all the same.
  { mediaType: "application/json", value: "jsonld" },
];

/** What a page can be had as: HTML first, since a browser is what mostly comes without saying what it wants. */
export const PAGE_OFFERS: readonly Offer<"html" | GraphFormat>[] = [
  { mediaType: "text/html", name: "html", value: "html" },
  ...GRAPH_OFFERS,
];

/** A thing that has a page for people and a graph for programs. */
export interface Representable {
  /** The document's IRI: what `Link` alternates and pages hang on. */
  readonly subject: Iri;
  readonly quads: readonly Quad[];
  readonly html: (context: PageContext) => string;
  /** More links (RFC 8288), ready to send. */
  readonly links?: readonly string[];
  readonly etagPrefix?: string;
}

/** Chooses the representation that the peer wants most and writes it. */
export async function represent(exchange: Exchange, thing: Representable): Promise<Answer | Refusal> {
  const offer = choose(exchange.header("accept"), exchange.query.get("format"), PAGE_OFFERS);
  if (isRefusal(offer)) return offer;
  const alternates = alternatesOf(exchange, thing.subject);
  const headers = { vary: "Accept", link: [...(thing.links ?? []), ...alternates.map(linkText)].join(", ") };
  const etag = thing.etagPrefix === undefined ? {} : { etagPrefix: thing.etagPrefix };
  if (offer.value === "html") {
    const body = thing.html(pageContext(exchange, alternates));
    return { type: "text/html; charset=utf-8", body, headers, ...etag, compressible: true };
  }
  const body = await writeGraph(exchange, thing.quads, offer.value, thing.subject);
  if (isRefusal(body)) return body;
  return { type: withCharset(offer.mediaType), body, headers, ...etag, compressible: true };
}

/** A graph as text. RDF/XML alone may refuse. */
export function writeGraph(
  { hub }: Exchange,
  quads: Iterable<Quad>,
  format: GraphFormat,
  baseIri?: Iri,
): Promise<string | Refusal> {
  const contextIri = `${hub.identity.base}context.jsonld` as Iri;
  return serializeRdf(quads, { format, contextIri, ...(baseIri === undefined ? {} : { baseIri }) });
}

/** A text media type says its charset; JSON and XML types have theirs by definition or in the text. */
export function withCharset(mediaType: string): string {
  return mediaType.startsWith("text/") ? `${mediaType}; charset=utf-8` : mediaType;
}

/** The same page in each format, by `?format=`. */
function alternatesOf({ query }: Exchange, subject: Iri): PageContext["alternates"] {
  return PAGE_OFFERS.flatMap(({ mediaType, name }) => {
    if (name === undefined || name === "html") return [];
    const kept = new URLSearchParams(query);
    kept.set("format", name);
    return [{ mediaType, href: `${subject}?${kept.toString()}` }];
  });
}

function linkText({ mediaType, href }: { readonly mediaType: string; readonly href: string }): string {
  return `<${href}>; rel="alternate"; type="${mediaType}"`;
}

/** What pages need to know besides what they show. */
export function pageContext(exchange: Exchange, alternates: PageContext["alternates"] = []): PageContext {
  const { identity, xmpp } = exchange.hub;
  return {
    base: identity.base,
    title: identity.title,
    path: exchange.rawQuery === "" ? exchange.path : `${exchange.path}?${exchange.rawQuery}`,
    alternates,
    xmpp: xmpp.status,
    domain: identity.domain,
  };
}
