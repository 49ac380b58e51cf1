import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import type { RdfFormat } from "./format.ts";
import type { Iri } from "./iri.ts";
import { parseJsonLd } from "./parse-jsonld.ts";
import { parseRdfXmlStream } from "./parse-rdfxml.ts";
import { parseTurtleFamily, parseTurtleFamilyStream } from "./parse-turtle.ts";
import type { Quad } from "./term.ts";
import { invalidByteOffset, refuseUtf8, unfinishedLength } from "./utf8.ts";

export { parseTurtle } from "./parse-turtle.ts";

/** LIMIT: quads of one text that is read whole. */
export const TEXT_QUADS_MAX = 1_000_000;
/** LIMIT: quads of one stream, such as a file that is imported. */
export const STREAM_QUADS_MAX = 100_000_000;
/** LIMIT: characters of JSON-LD, which has to be held whole even when it comes as a stream. */
export const JSONLD_LENGTH_MAX = 64 * 1_024 * 1_024;

/** How to read RDF. */
export interface ParseOptions {
  readonly format: RdfFormat;
  /** What relative IRIs are resolved against. */
  readonly baseIri: Iri;
  /** LIMIT: more quads are refused with `too-large`; {@link TEXT_QUADS_MAX} or {@link STREAM_QUADS_MAX} without it. */
  readonly quads_max?: number;
  /** The IRI under which this hub publishes its JSON-LD context; every other remote context is refused. */
  readonly contextIri?: Iri;
}

/**
 * Reads a text whole. Blank nodes get labels that no other parse of this process gives (see `scopeBlankNodes` before
 * storing them). Nothing is ever fetched. RDF 1.2's quoted triples and base directions, and N3's rules, are refused.
 * Refuses with `malformed` (where known with `line` and `column`, both from 1) and `too-large`.
 */
export async function parseRdf(text: string, options: ParseOptions): Promise<readonly Quad[] | Refusal> {
  const { format, baseIri, contextIri, quads_max = TEXT_QUADS_MAX } = options;
  switch (format) {
    case "jsonld":
      return parseJsonLd(text, { baseIri, contextIri, quads_max });
    case "rdfxml": {
      const quads: Quad[] = [];
      for await (const one of parseRdfXmlStream(only(text), { baseIri, quads_max })) {
        if (isRefusal(one)) return one;
        quads.push(one);
      }
      return quads;
    }
    default:
      return parseTurtleFamily(text, { format, baseIri, quads_max });
  }
}

/**
 * Reads bytes of UTF-8 or text as they arrive, as {@link parseRdf} does. Yields quads; when the input cannot be read,
 * the last thing yielded is the Refusal (for wrong UTF-8 with its `byteOffset`), and what came before it stands.
 * @throws the signal's reason when it is aborted, and whatever `chunks` throws
 */
export async function* parseRdfStream(
  chunks: AsyncIterable<Uint8Array | string>,
  options: ParseOptions & { readonly signal?: AbortSignal },
): AsyncIterable<Quad | Refusal> {
  const { format, baseIri, contextIri, quads_max = STREAM_QUADS_MAX, signal } = options;
  const decoded = new Utf8Chunks(chunks, signal);
  const quads =
    format === "jsonld"
      ? parseJsonLdStream(decoded, { baseIri, contextIri, quads_max })
      : format === "rdfxml"
        ? parseRdfXmlStream(decoded, { baseIri, quads_max })
        : parseTurtleFamilyStream(decoded, { format, baseIri, quads_max });
  for await (const one of quads) {
    // Cut-off UTF-8 looks to the parser like the end of the text, so the real reason goes first.
    if (isRefusal(one) && decoded.refusal !== undefined) break;
    yield one;
  }
  if (decoded.refusal !== undefined) yield decoded.refusal;
}

async function* parseJsonLdStream(
  chunks: AsyncIterable<string>,
  options: { readonly baseIri: Iri; readonly contextIri: Iri | undefined; readonly quads_max: number },
): AsyncIterable<Quad | Refusal> {
  let text = "";
  for await (const chunk of chunks) {
    text += chunk;
    if (text.length > JSONLD_LENGTH_MAX) {
      const message = `Expected JSON-LD of at most ${JSONLD_LENGTH_MAX} characters, but got more; send N-Quads or TriG, which are read as they arrive.`;
      yield refuse("too-large", message);
      return;
    }
  }
  const quads = await parseJsonLd(text, options);
  if (isRefusal(quads)) yield quads;
  else yield* quads;
}

/** Bytes to text; ends at the first byte that is not UTF-8 and keeps the refusal. */
class Utf8Chunks implements AsyncIterable<string> {
  refusal: Refusal | undefined;
  readonly #chunks: AsyncIterable<Uint8Array | string>;
  readonly #signal: AbortSignal | undefined;

  constructor(chunks: AsyncIterable<Uint8Array | string>, signal: AbortSignal | undefined) {
    this.#chunks = chunks;
    this.#signal = signal;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    // The end of the chunk before may hold the beginning of a character.
    let [offset, tail] = [0, Buffer.alloc(0)];
    for await (const chunk of this.#chunks) {
      this.#signal?.throwIfAborted();
      if (typeof chunk === "string") {
        yield chunk;
        continue;
      }
      let text: string;
      try {
        text = decoder.decode(chunk, { stream: true });
      } catch {
        this.refusal = refuseUtf8(offset - tail.length + invalidByteOffset(Buffer.concat([tail, chunk])));
        return;
      }
      offset += chunk.length;
      const end = Buffer.concat([tail, chunk.subarray(-3)]);
      tail = end.subarray(end.length - unfinishedLength(end));
      yield text;
    }
    if (tail.length > 0) this.refusal = refuseUtf8(offset - tail.length);
  }
}

async function* only(text: string): AsyncIterable<string> {
  yield text;
}
