import { Fault } from "../outcome/fault.ts";
import type { Refusal } from "../outcome/refusal.ts";
import { PREFIXES } from "../vocab/prefixes.ts";
import { writeBlankNode } from "./escape.ts";
import type { RdfFormat } from "./format.ts";
import type { Iri } from "./iri.ts";
import { writeJsonLd } from "./jsonld-serialize.ts";
import { writeNQuads, writeNTriples, writeTerm } from "./ntriples.ts";
import { writeRdfXml } from "./rdfxml-serialize.ts";
import type { Quad } from "./term.ts";
import { type Prefixes, TurtleNames } from "./turtle-names.ts";
import { turtleLiteral, writeTrig, writeTurtle } from "./turtle-writer.ts";

export { writeTurtle } from "./turtle-writer.ts";

/** How to write RDF. */
export interface SerializeOptions {
  readonly format: RdfFormat;
  /** Turtle and TriG: IRIs of this page and origin are written relative to it, and `@base` says so. */
  readonly baseIri?: Iri;
  /** Turtle, TriG, RDF/XML: prefix to namespace; only those used are declared. `PREFIXES` without it. */
  readonly prefixes?: Prefixes;
  /** JSON-LD: where this hub publishes its context; without it the context stands in the text. */
  readonly contextIri?: Iri;
}

/**
 * Writes quads whole. Quads in named graphs need a format that carries them (TriG, N-Quads, JSON-LD). RDF/XML alone can
 * refuse, with `not-acceptable`, what it cannot carry; the others always give text.
 * @throws Fault `internal` for graphs in a format without them, and for IRIs that are none
 */
export function serializeRdf(
  quads: Iterable<Quad>,
  options: SerializeOptions & { readonly format: Exclude<RdfFormat, "rdfxml"> },
): Promise<string>;
export function serializeRdf(quads: Iterable<Quad>, options: SerializeOptions): Promise<string | Refusal>;
export async function serializeRdf(quads: Iterable<Quad>, options: SerializeOptions): Promise<string | Refusal> {
  const { format, baseIri, prefixes, contextIri } = options;
  switch (format) {
    case "turtle":
      return writeTurtle(quads, { baseIri, prefixes });
    case "trig":
      return writeTrig(quads, { baseIri, prefixes });
    case "ntriples":
      return writeNTriples(withoutGraphs(quads));
    case "nquads":
      return writeNQuads(quads);
    case "jsonld":
      return writeJsonLd(quads, contextIri);
    case "rdfxml":
      return writeRdfXml(withoutGraphs(quads), prefixes);
  }
}

function* withoutGraphs(quads: Iterable<Quad>): Generator<Quad> {
  for (const quad of quads) {
    if (quad.graph.termType !== "DefaultGraph") {
      throw new Fault(
        "internal",
        `Expected a format with graphs, since a triple stands in ${quad.graph.value}; use TriG.`,
      );
    }
    yield quad;
  }
}

/** LIMIT: characters gathered before a piece of a stream is handed on. */
const PIECE_LENGTH = 16_384;

/** The formats that can be written while the quads still come; the others need the whole. */
export type StreamedFormat = "turtle" | "ntriples" | "nquads";

/**
 * Writes quads as they come, for results too large to hold; in pieces of some {@link PIECE_LENGTH} characters. Turtle is
 * grouped only where triples of one subject come one after the other, and declares all prefixes at its start.
 */
export async function* serializeRdfStream(
  quads: AsyncIterable<Quad>,
  options: SerializeOptions & { readonly format: StreamedFormat },
): AsyncIterable<string> {
  const write = options.format === "turtle" ? new TurtleStream(options) : new LineStream(options.format);
  let piece = write.start();
  for await (const quad of quads) {
    piece += write.quad(quad);
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = "";
  }
  piece += write.end();
  if (piece !== "") yield piece;
}

class LineStream {
  readonly #write: (quads: Iterable<Quad>) => string;

  constructor(format: "ntriples" | "nquads") {
    this.#write = format === "nquads" ? writeNQuads : (quads) => writeNTriples(withoutGraphs(quads));
  }

  start(): string {
    return "";
  }

  quad(quad: Quad): string {
    return this.#write([quad]);
  }

  end(): string {
    return "";
  }
}

class TurtleStream {
  readonly #names: TurtleNames;
  #last: Quad | undefined;

  constructor({ prefixes = PREFIXES, baseIri }: SerializeOptions) {
    this.#names = new TurtleNames({ prefixes, baseIri });
  }

  start(): string {
    return `${this.#names.allDirectives()}\n`;
  }

  quad(quad: Quad): string {
    const last = this.#last;
    this.#last = quad;
    const object =
      quad.object.termType === "Literal" ? turtleLiteral(quad.object, this.#names) : this.#node(quad.object);
    const verb = this.#names.iri(quad.predicate.value);
    if (last === undefined) return `${this.#node(quad.subject)} ${verb} ${object}`;
    if (!last.subject.equals(quad.subject)) return ` .\n${this.#node(quad.subject)} ${verb} ${object}`;
    return last.predicate.equals(quad.predicate) ? `, ${object}` : ` ;\n  ${verb} ${object}`;
  }

  end(): string {
    return this.#last === undefined ? "" : " .\n";
  }

  #node(term: Quad["subject"] | Quad["object"]): string {
    if (term.termType === "NamedNode") return this.#names.iri(term.value);
    return term.termType === "BlankNode" ? writeBlankNode(term.value) : writeTerm(term);
  }
}
