import { DataFactory, termFromId } from "n3";
import { Fault } from "../outcome/fault.ts";
import { escapeString, writeBlankNode, writeIri } from "./escape.ts";
import type { Literal, NamedNode, Quad, QuadObject, QuadSubject, Term } from "./term.ts";

const XSD_STRING = "http://www.w3.org/2001/XMLSchema#string";

/** A literal in N-Triples. */
export function writeLiteral({ value, language, datatype }: Literal): string {
  const quoted = `"${escapeString(value)}"`;
  if (language !== "") return `${quoted}@${language}`;
  return datatype.value === XSD_STRING ? quoted : `${quoted}^^${writeIri(datatype.value)}`;
}

/** Any term of a triple in N-Triples. */
export function writeTerm(term: Term): string {
  switch (term.termType) {
    case "NamedNode":
      return writeIri(term.value);
    case "Literal":
      return writeLiteral(term);
    case "BlankNode":
      return writeBlankNode(term.value);
    default:
      throw new Fault("internal", `Expected an IRI, a literal or a blank node to write, but got a ${term.termType}.`);
  }
}

function writeTriple({ subject, predicate, object }: Quad): string {
  return `${writeTerm(subject)} ${writeTerm(predicate)} ${writeTerm(object)}`;
}

/** Writes triples as canonical N-Triples, one a line in the order given; graphs are left out. */
export function writeNTriples(quads: Iterable<Quad>): string {
  let text = "";
  for (const quad of quads) text += `${writeTriple(quad)} .\n`;
  return text;
}

/** Writes quads as canonical N-Quads, one a line in the order given. */
export function writeNQuads(quads: Iterable<Quad>): string {
  let text = "";
  for (const quad of quads) {
    const graph = quad.graph.termType === "DefaultGraph" ? "" : ` ${writeTerm(quad.graph)}`;
    text += `${writeTriple(quad)}${graph} .\n`;
  }
  return text;
}

/** LIMIT: IRIs a {@link TermCache} holds before it starts anew. */
const CACHE_TERMS_MAX = 100_000;

/** IRIs that came before, so that the same term object serves again. One for each long reading. */
export class TermCache {
  readonly #nodes = new Map<string, NamedNode>();

  namedNode(iri: string): NamedNode {
    let node = this.#nodes.get(iri);
    if (node === undefined) {
      if (this.#nodes.size >= CACHE_TERMS_MAX) this.#nodes.clear();
      node = DataFactory.namedNode(iri);
      this.#nodes.set(iri, node);
    }
    return node;
  }
}

const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g;
const UNESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
};

function unescape(text: string): string {
  return text.replace(ESCAPE, (_, short?: string, long?: string, one?: string) => {
    const hexadecimal = short ?? long;
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    const character = UNESCAPED[one ?? ""];
    if (character === undefined) throw corrupt(text);
    return character;
  });
}

function corrupt(line: string): Fault {
  return new Fault(
    "store-corrupt",
    `Expected stored N-Triples, but got "${line.slice(0, 120)}"; restore from a backup.`,
  );
}

/** The literal whose opening quote stands at `from` and whose last character before ` .` at `end - 1`. */
function readLiteral(text: string, from: number, end: number): QuadObject {
  // Neither language tags nor datatype IRIs hold a quote, so the last one closes.
  const close = text.lastIndexOf('"', end - 1);
  const escape = text.indexOf("\\", from);
  const escaped = escape >= 0 && escape < close;
  const typed = text.charCodeAt(close + 1) === 0x5e;
  if (close <= from) throw corrupt(text.slice(from, end));
  // N3's own id of a literal is what N-Triples writes, but for escapes and the brackets of a datatype: when there are
  // neither, the text as it stands is the term.
  if (!escaped && !typed) return termFromId(text.slice(from, end)) as QuadObject;
  const value = escaped ? unescape(text.slice(from + 1, close)) : text.slice(from + 1, close);
  const rest = typed ? `^^${text.slice(close + 4, end - 1)}` : text.slice(close + 1, end);
  return termFromId(`"${value}"${rest}`) as QuadObject;
}

/**
 * Reads N-Triples as {@link writeNTriples} writes it, and nothing else: this is how the store reads itself, many
 * thousand documents a second. Other people's N-Triples go through `parseRdf`.
 * @param cache - pass one along when many texts are read
 * @throws Fault `store-corrupt`
 */
export function readNTriples(text: string, cache: TermCache = new TermCache()): Quad[] {
  const quads: Quad[] = [];
  const graph = DataFactory.defaultGraph();
  let subject: QuadSubject | undefined;
  let subjectText = "";
  for (let at = 0; at < text.length; ) {
    const line = text.indexOf(" .\n", at);
    if (line < 0) throw corrupt(text.slice(at));
    // Triples of one subject stand together, so it is mostly the one before.
    const subjectEnd = text.indexOf(" ", at);
    if (subject === undefined || subjectEnd - at !== subjectText.length || !text.startsWith(subjectText, at)) {
      subjectText = text.slice(at, subjectEnd);
      subject = readSubject(subjectText, cache);
    }
    const predicateEnd = text.indexOf("> ", subjectEnd + 2);
    const from = predicateEnd + 2;
    if (predicateEnd < 0 || predicateEnd > line || text.charCodeAt(subjectEnd + 1) !== 0x3c) {
      throw corrupt(text.slice(at, line));
    }
    const predicate = cache.namedNode(text.slice(subjectEnd + 2, predicateEnd));
    // A literal may hold " ." itself, but no line end: only there can the first " .\n" be meant.
    const object = readObject(text, from, line, cache);
    quads.push(DataFactory.quad(subject, predicate, object, graph));
    at = line + 3;
  }
  return quads;
}

function readSubject(text: string, cache: TermCache): QuadSubject {
  if (text.startsWith("<") && text.endsWith(">")) return cache.namedNode(text.slice(1, -1));
  if (text.startsWith("_:")) return DataFactory.blankNode(text.slice(2));
  throw corrupt(text);
}

function readObject(text: string, from: number, end: number, cache: TermCache): QuadObject {
  switch (text.charCodeAt(from)) {
    case 0x3c:
      if (text.charCodeAt(end - 1) !== 0x3e) throw corrupt(text.slice(from, end));
      return cache.namedNode(text.slice(from + 1, end - 1));
    case 0x22:
      return readLiteral(text, from, end);
    default:
      return readSubject(text.slice(from, end), cache);
  }
}
