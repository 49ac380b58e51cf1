import { blankNode, defaultGraph, type Quad, type QuadObject, quad, type Term } from "../../rdf/term.ts";
import type { TemplateTriple } from "./store-query.ts";
import type { StoreTerms } from "./store-terms.ts";

/** LIMIT: triples of which is remembered that they were given, so that none is given twice. */
const SEEN_MAX = 200_000;
/** LIMIT: resources described by one query, and how many are asked for together. */
const RESOURCES_MAX = 10_000;
const RESOURCES_AT_ONCE = 100;

type Row = ReadonlyMap<string, Term>;

/** Fills a CONSTRUCT template with each row (SPARQL 1.1 Query §16.2); a triple comes once, as long as few are given. */
export async function* instantiate(
  rows: AsyncIterable<Row>,
  template: readonly TemplateTriple[],
): AsyncGenerator<Quad, undefined> {
  const seen = new Seen();
  let count = 0;
  for await (const row of rows) {
    count++;
    const value = (term: Term): Term | undefined => {
      if (term.termType === "Variable") return row.get(term.value);
      return term.termType === "BlankNode" ? blankNode(`r${count}-${term.value}`) : term;
    };
    for (const { subject, predicate, object } of template) {
      const triple = tripleOf(value(subject), value(predicate), value(object));
      if (triple !== undefined && seen.isNew(triple)) yield triple;
    }
  }
  return undefined;
}

/** The triples about resources, and about the blank nodes these lead to. */
export async function* describing(
  rows: AsyncIterable<Row>,
  wanted: readonly Term[],
  terms: StoreTerms,
  ask: (text: string) => AsyncIterable<Row>,
): AsyncGenerator<Quad, undefined> {
  const known = new Set<string>();
  let waiting: string[] = [];
  const want = (term: Term | undefined): void => {
    if (term === undefined || (term.termType !== "NamedNode" && term.termType !== "BlankNode")) return;
    const text = terms.write(term);
    if (text === undefined || known.has(text) || known.size >= RESOURCES_MAX) return;
    known.add(text);
    waiting.push(text);
  };
  for (const term of wanted) want(term);
  for await (const row of rows) for (const term of wanted) if (term.termType === "Variable") want(row.get(term.value));
  const seen = new Seen();
  while (waiting.length > 0) {
    const some = waiting.slice(0, RESOURCES_AT_ONCE);
    waiting = waiting.slice(RESOURCES_AT_ONCE);
    for await (const row of ask(`SELECT ?s ?p ?o WHERE { VALUES ?s { ${some.join(" ")} } ?s ?p ?o }`)) {
      const triple = tripleOf(row.get("s"), row.get("p"), row.get("o"));
      if (triple === undefined || !seen.isNew(triple)) continue;
      if (triple.object.termType === "BlankNode") want(triple.object);
      yield triple;
    }
  }
  return undefined;
}

/** A triple, when the terms can stand where they do. */
function tripleOf(subject: Term | undefined, predicate: Term | undefined, object: Term | undefined): Quad | undefined {
  if (subject === undefined || object === undefined || predicate?.termType !== "NamedNode") return undefined;
  if (subject.termType !== "NamedNode" && subject.termType !== "BlankNode") return undefined;
  if (object.termType === "Variable" || object.termType === "DefaultGraph") return undefined;
  return quad(subject, predicate, object as QuadObject, defaultGraph());
}

class Seen {
  readonly #keys = new Set<string>();

  isNew({ subject, predicate, object }: Quad): boolean {
    const tail = object.termType === "Literal" ? `\n${object.language}\n${object.datatype.value}` : "";
    const key = `${subject.termType[0]}${subject.value}\n${predicate.value}\n${object.termType[0]}${object.value}${tail}`;
    if (this.#keys.has(key)) return false;
    if (this.#keys.size < SEEN_MAX) this.#keys.add(key);
    return true;
  }
}
