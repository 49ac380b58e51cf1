import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { createGunzip } from "node:zlib";
import { exportQuads } from "../../hub/house/export-documents.ts";
import { type ImportProgress, importDocuments } from "../../hub/house/import-documents.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import { formatOfMediaType, RDF_FORMATS } from "../../rdf/format.ts";
import type { Iri } from "../../rdf/iri.ts";
import { parseRdfStream } from "../../rdf/parse.ts";
import { serializeRdf } from "../../rdf/serialize.ts";
import type { Quad } from "../../rdf/term.ts";
import { mediaTypeOf } from "../body.ts";
import type { Answer, Exchange } from "../exchange.ts";

/** Quads of an export that are written at once. */
const EXPORT_QUADS = 2_000;
/** LIMIT: characters of the name of what is imported. */
const SOURCE_LENGTH_MAX = 200;

/** `POST /api/import`: RDF as it comes, also gzipped; answers with one line of JSON for each step. */
export function postImport(exchange: Exchange): Answer | Refusal {
  const { hub, by, query } = exchange;
  const format = formatOfMediaType(mediaTypeOf(exchange));
  if (format === undefined) {
    const accepted = RDF_FORMATS.map(({ mediaType }) => mediaType);
    const came = exchange.header("content-type").slice(0, 80);
    return refuse("unsupported-media-type", `Expected RDF (${accepted.join(", ")}), but got "${came}".`, { accepted });
  }
  const encoding = exchange.header("content-encoding").trim().toLowerCase();
  if (!["", "identity", "gzip", "x-gzip"].includes(encoding)) {
    return refuse("unsupported-media-type", `Expected gzip or no compression, but got "${encoding.slice(0, 40)}".`);
  }
  const signal = AbortSignal.any([exchange.gone, exchange.closing]);
  const bytes = bytesOf(exchange.request, encoding.endsWith("gzip"));
  const { base } = hub.identity;
  const parsed = parseRdfStream(bytes, { format, baseIri: base, contextIri: `${base}context.jsonld` as Iri, signal });
  const source = (query.get("source") ?? "import").slice(0, SOURCE_LENGTH_MAX);
  const progress = importDocuments(hub, by, quadsOf(parsed), { source, signal });
  if (isRefusal(progress)) return progress;
  return { type: "application/x-ndjson", body: lines(progress), headers: { "cache-control": "no-store" } };
}

async function* lines(progress: AsyncIterable<ImportProgress>): AsyncGenerator<string> {
  for await (const step of progress) yield `${JSON.stringify(step)}\n`;
}

/** The quads; a refusal among them ends the import, which tells it as its problem. */
async function* quadsOf(parsed: AsyncIterable<Quad | Refusal>): AsyncGenerator<Quad> {
  for await (const one of parsed) {
    if (isRefusal(one)) throw new Refused(one);
    yield one;
  }
}

async function* bytesOf(request: IncomingMessage, gzipped: boolean): AsyncGenerator<Uint8Array> {
  // When reading ends early the request must live on, or its answer would not arrive.
  const raw = request.iterator({ destroyOnReturn: false });
  if (!gzipped) return yield* raw;
  const gunzip = createGunzip();
  const done = pipeline(Readable.from(raw), gunzip).catch(() => undefined);
  try {
    yield* gunzip;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ERR_STREAM_PREMATURE_CLOSE") throw error;
    throw new Refused(
      refuse(
        "malformed",
        "Expected gzip, as Content-Encoding says, but the body is damaged or ends too early; send it again.",
      ),
    );
  } finally {
    await done;
  }
}

/** `GET /api/export`: TriG of all for the owner, of what an account wrote for the account. */
export function getExport({ hub, by }: Exchange): Answer | Refusal {
  const quads = exportQuads(hub, by);
  if (isRefusal(quads)) return quads;
  return {
    type: "application/trig",
    body: trigOf(quads),
    headers: { "content-disposition": 'attachment; filename="sterna-export.trig"' },
  };
}

/**
 * TriG written document by document, some at once. A document's quads stay together, so that its blank nodes do: they
 * may be written without labels.
 */
async function* trigOf(quads: Iterable<Quad>): AsyncGenerator<string> {
  let batch: Quad[] = [];
  for (const quad of quads) {
    const begins = quad.graph.termType === "DefaultGraph" && batch.at(-1)?.graph.termType !== "DefaultGraph";
    if (begins && batch.length >= EXPORT_QUADS) {
      yield await serializeRdf(batch, { format: "trig" });
      batch = [];
      // A large export must not keep everybody else waiting.
      await setImmediate();
    }
    batch.push(quad);
  }
  yield await serializeRdf(batch, { format: "trig" });
}
