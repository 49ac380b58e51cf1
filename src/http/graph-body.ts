import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { formatInfo, formatOfMediaType, RDF_FORMATS } from "../rdf/format.ts";
import type { Iri } from "../rdf/iri.ts";
import { parseRdf } from "../rdf/parse.ts";
import type { Quad } from "../rdf/term.ts";
import { mediaTypeOf, readText } from "./body.ts";
import type { Exchange } from "./exchange.ts";

/** LIMIT: bytes of a graph that is sent, and triples in it. */
export const GRAPH_BYTES_MAX = 4 * 1_024 * 1_024;
export const GRAPH_TRIPLES_MAX = 100_000;
/** LIMIT: parts of a form with files. */
const PARTS_MAX = 100;

/**
 * The triples of a body that is one graph: RDF in any format, or several files of it as a form (SPARQL 1.1 Graph Store
 * HTTP Protocol §5.5). Relative IRIs are resolved against the graph's own. Refuses with `malformed` (line and column),
 * `unsupported-media-type`, `too-large`, and with `invalid` a named graph.
 */
export async function readGraphBody(exchange: Exchange, baseIri: Iri): Promise<readonly Quad[] | Refusal> {
  const type = mediaTypeOf(exchange);
  const multipart = type === "multipart/form-data";
  if (!multipart && formatOfMediaType(type) === undefined) return notRdf(type);
  const text = await readText(exchange, GRAPH_BYTES_MAX);
  if (isRefusal(text)) return text;
  if (!multipart) return await parseGraph(exchange, text, type, baseIri);
  const parts = readParts(text, exchange.header("content-type"));
  if (isRefusal(parts)) return parts;
  const quads: Quad[] = [];
  for (const part of parts) {
    const found = await parseGraph(exchange, part.text, part.type, baseIri);
    if (isRefusal(found)) return found;
    for (const each of found) quads.push(each);
  }
  return quads;
}

async function parseGraph(
  { hub }: Exchange,
  text: string,
  type: string,
  baseIri: Iri,
): Promise<readonly Quad[] | Refusal> {
  const format = formatOfMediaType(type);
  if (format === undefined) return notRdf(type);
  const contextIri = `${hub.identity.base}context.jsonld` as Iri;
  const quads = await parseRdf(text, { format, baseIri, contextIri, quads_max: GRAPH_TRIPLES_MAX });
  if (isRefusal(quads)) return quads;
  const named = quads.find(({ graph }) => graph.termType !== "DefaultGraph");
  if (named === undefined) return quads;
  return refuse(
    "invalid",
    `Expected the triples of one graph, but the ${formatInfo(format).name} names <${named.graph.value.slice(0, 200)}>; send each graph by itself.`,
  );
}

function notRdf(type: string): Refusal {
  const accepted = RDF_FORMATS.map(({ mediaType }) => mediaType);
  return refuse("unsupported-media-type", `Expected RDF (${accepted.join(", ")}), but got "${type.slice(0, 80)}".`, {
    accepted,
  });
}

interface Part {
  readonly type: string;
  readonly text: string;
}

/** The files of a `multipart/form-data` body (RFC 7578 §4); a part without a media type is plain text, which is no RDF. */
function readParts(text: string, contentType: string): readonly Part[] | Refusal {
  const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined)
    return refuse("malformed", "Expected a boundary in the media type of the form, but got none.");
  const pieces = `\r\n${text}`.split(`\r\n--${boundary}`);
  const end = pieces.pop();
  if (pieces.length === 0 || end === undefined || !/^--[ \t]*(?:\r\n|$)/.test(end)) {
    return refuse("malformed", `Expected a form that ends with the boundary "--${boundary}--", but it does not.`);
  }
  if (pieces.length > PARTS_MAX + 1) return refuse("too-large", `Expected at most ${PARTS_MAX} files in one form.`);
  // What stands before the first boundary is for mail programs.
  const parts: Part[] = [];
  for (const piece of pieces.slice(1)) {
    const blank = piece.indexOf("\r\n\r\n");
    if (blank < 0) return refuse("malformed", "Expected an empty line after the head of each file, but there is none.");
    const head = piece.slice(0, blank);
    const type = /^content-type[ \t]*:[ \t]*([^;\r\n]*)/im.exec(head)?.[1]?.trim().toLowerCase() ?? "text/plain";
    parts.push({ type, text: piece.slice(blank + 4) });
  }
  return parts;
}
