import { Fault } from "../outcome/fault.ts";
import { rdf } from "../vocab/rdf.ts";
import { xsd } from "../vocab/xsd.ts";
import { escapeString, writeBlankNode } from "./escape.ts";
import type { Iri } from "./iri.ts";
import type { Literal, Quad, QuadObject, QuadSubject } from "./term.ts";
import { type Prefixes, TurtleNames } from "./turtle-names.ts";

/** How to write Turtle or TriG. */
export interface TurtleOptions {
  /** IRIs of this page and origin are written relative to it, and `@base` says so. */
  readonly baseIri?: Iri | undefined;
  /** Prefix to namespace; only those used are declared. Without it the table of `src/vocab/prefixes.ts`. */
  readonly prefixes?: Prefixes | undefined;
}

/** LIMIT: nesting of `[ … ]`; deeper blank nodes get labels, so that recursion has an end. */
const NESTING_MAX = 8;

const INTEGER = /^[+-]?[0-9]+$/;
const DECIMAL = /^[+-]?[0-9]*\.[0-9]+$/;

/** Writes triples as Turtle: see {@link TurtleOptions}. @throws Fault when one stands in a named graph */
export function writeTurtle(quads: Iterable<Quad>, options: TurtleOptions = {}): string {
  const names = new TurtleNames(options);
  const graph = new GraphWriter(names);
  for (const quad of quads) {
    if (quad.graph.termType !== "DefaultGraph") {
      throw new Fault(
        "internal",
        `Expected triples to write as Turtle, but one stands in the graph ${quad.graph.value}.`,
      );
    }
    graph.add(quad);
  }
  return withDirectives(names, graph.write(""));
}

/** Writes quads as TriG, the default graph first, the named ones in order of their IRI. */
export function writeTrig(quads: Iterable<Quad>, options: TurtleOptions = {}): string {
  const names = new TurtleNames(options);
  const graphs = new Map<string, { readonly name: Quad["graph"]; readonly quads: Quad[] }>();
  for (const quad of quads) {
    const key = `${quad.graph.termType === "BlankNode" ? "_:" : ""}${quad.graph.value}`;
    const graph = graphs.get(key);
    if (graph === undefined) graphs.set(key, { name: quad.graph, quads: [quad] });
    else graph.quads.push(quad);
  }
  // A blank node that several graphs share must keep its label in all of them.
  const inlined = graphs.size === 1 && graphs.has("");
  const blocks = [...graphs.entries()].sort(byKey).map(([, { name, quads: own }]) => {
    const writer = new GraphWriter(names, inlined);
    for (const quad of own) writer.add(quad);
    if (name.termType === "DefaultGraph") return writer.write("");
    const label = name.termType === "BlankNode" ? writeBlankNode(name.value) : names.iri(name.value);
    return `${label} {\n${writer.write("  ")}}\n`;
  });
  return withDirectives(names, blocks.join("\n"));
}

function withDirectives(names: TurtleNames, body: string): string {
  const directives = names.directives();
  return directives === "" || body === "" ? directives + body : `${directives}\n${body}`;
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

/** What is said of one subject: predicate IRI to objects. */
interface Description {
  readonly subject: QuadSubject;
  readonly objects: Map<string, QuadObject[]>;
}

/** One graph, grouped by subject and predicate, written in an order that does not hang on that of the input. */
class GraphWriter {
  readonly #names: TurtleNames;
  readonly #inlined: boolean;
  readonly #about = new Map<string, Description>();
  /** How often each blank node is an object. */
  readonly #references = new Map<string, number>();
  readonly #written = new Set<string>();
  /** Blank nodes that were mentioned by label because they nested too deep. */
  readonly #pending: Description[] = [];

  constructor(names: TurtleNames, inlined = true) {
    this.#names = names;
    this.#inlined = inlined;
  }

  add({ subject, predicate, object }: Quad): void {
    const key = subject.termType === "BlankNode" ? `_:${subject.value}` : subject.value;
    let about = this.#about.get(key);
    if (about === undefined) {
      about = { subject, objects: new Map() };
      this.#about.set(key, about);
    }
    const objects = about.objects.get(predicate.value);
    if (objects === undefined) about.objects.set(predicate.value, [object]);
    else objects.push(object);
    if (object.termType === "BlankNode") {
      this.#references.set(object.value, (this.#references.get(object.value) ?? 0) + 1);
    }
  }

  write(indent: string): string {
    const blocks: string[] = [];
    const sorted = [...this.#about].sort(byKey).map(([, about]) => about);
    const roots = sorted.filter(({ subject }) => !this.#nests(subject));
    // Blank nodes that only refer to each other in a ring are reached from no root.
    for (const about of [...roots, ...sorted]) {
      this.#pending.push(about);
      for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
        if (!this.#written.has(keyOf(next.subject))) blocks.push(this.#block(next, indent));
      }
    }
    return blocks.join("");
  }

  /** Whether a subject can stand as `[ … ]` in the one place that mentions it. */
  #nests(subject: QuadSubject): boolean {
    return this.#inlined && subject.termType === "BlankNode" && this.#references.get(subject.value) === 1;
  }

  #block(about: Description, indent: string): string {
    this.#written.add(keyOf(about.subject));
    const name = this.#subject(about.subject);
    return `${indent}${name} ${this.#predicates(about, `${indent}  `, 0)} .\n`;
  }

  #subject(subject: QuadSubject): string {
    if (subject.termType !== "BlankNode") return this.#names.iri(subject.value);
    return this.#inlined && !this.#references.has(subject.value) ? "[]" : writeBlankNode(subject.value);
  }

  #predicates({ objects }: Description, indent: string, depth: number): string {
    const type = rdf.type.value;
    let text = "";
    for (const predicate of [...objects.keys()].sort((a, b) => (a === type ? -1 : b === type ? 1 : a < b ? -1 : 1))) {
      const verb = predicate === type ? "a" : this.#names.iri(predicate);
      const texts = (objects.get(predicate) ?? []).map((object) => this.#object(object, indent, depth));
      if (text !== "") text += ` ;\n${indent}`;
      text += `${verb} ${texts.length === 1 ? texts[0] : distinct(texts).join(", ")}`;
    }
    return text;
  }

  #object(object: QuadObject, indent: string, depth: number): string {
    if (object.termType === "NamedNode") return this.#names.iri(object.value);
    if (object.termType === "Literal") return turtleLiteral(object, this.#names);
    if (object.termType !== "BlankNode") {
      throw new Fault("internal", `Expected RDF 1.1 to write, but got a ${object.termType} as an object.`);
    }
    const about = this.#about.get(`_:${object.value}`);
    if (about === undefined) {
      const lone = this.#inlined && this.#references.get(object.value) === 1;
      return lone ? "[]" : writeBlankNode(object.value);
    }
    if (!this.#nests(object) || this.#written.has(keyOf(object))) return writeBlankNode(object.value);
    if (depth >= NESTING_MAX) {
      this.#pending.push(about);
      return writeBlankNode(object.value);
    }
    this.#written.add(keyOf(object));
    return `[ ${this.#predicates(about, `${indent}  `, depth + 1)} ]`;
  }
}

/** Sorted, each once; but two `[ … ]` that read alike are two blank nodes. */
function distinct(texts: string[]): readonly string[] {
  return texts.sort().filter((text, at) => text !== texts[at - 1] || text.startsWith("["));
}

function keyOf(subject: QuadSubject): string {
  return subject.termType === "BlankNode" ? `_:${subject.value}` : subject.value;
}

/** A literal in Turtle, with the short forms of integers, decimals and booleans. */
export function turtleLiteral(literal: Literal, names: TurtleNames): string {
  const { value, language } = literal;
  if (language !== "") return `"${escapeString(value)}"@${language}`;
  const datatype = literal.datatype.value;
  switch (datatype) {
    case xsd.string.value:
      return `"${escapeString(value)}"`;
    case xsd.integer.value:
      if (INTEGER.test(value)) return value;
      break;
    case xsd.decimal.value:
      if (DECIMAL.test(value)) return value;
      break;
    case xsd.boolean.value:
      if (value === "true" || value === "false") return value;
      break;
  }
  return `"${escapeString(value)}"^^${names.iri(datatype)}`;
}
