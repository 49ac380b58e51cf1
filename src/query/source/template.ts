import { blankNode, type Quad, type QuadObject, type QuadSubject, quad, type Term } from "../../rdf/term.ts";
import type { Place } from "./node.ts";
import type { TemplateTriple } from "./read-operation.ts";

/** A CONSTRUCT's template while solutions are put into it (SPARQL 1.1 §16.2): blank nodes are new with each of them. */
export class Template {
  readonly #triples: readonly TemplateTriple[];
  readonly #termAt: (variable: string) => Term | undefined;
  readonly #seen = new Set<string>();
  #solution = 0;

  /** `termAt` gives what a variable is in the present solution. */
  constructor(triples: readonly TemplateTriple[], termAt: (variable: string) => Term | undefined) {
    this.#triples = triples;
    this.#termAt = termAt;
  }

  /** The triples of the present solution that no solution before it gave; what is no triple is left out. */
  *fill(): Generator<Quad> {
    this.#solution++;
    for (const triple of this.#triples) {
      const [subject, predicate, object] = [triple.subject, triple.predicate, triple.object].map((place) =>
        this.#instance(place),
      );
      if (subject === undefined || predicate === undefined || object === undefined) continue;
      if (subject.termType === "Literal" || predicate.termType !== "NamedNode") continue;
      const key = [subject, predicate, object].map(keyOf).join(" ");
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      yield quad(subject as QuadSubject, predicate, object as QuadObject);
    }
  }

  #instance(place: Place): Term | undefined {
    if ("variable" in place) return this.#termAt(place.variable);
    return place.term.termType === "BlankNode" ? blankNode(`${place.term.value}-${this.#solution}`) : place.term;
  }
}

function keyOf(term: Term): string {
  const tail = term.termType === "Literal" ? `${term.language}^${term.datatype.value}` : "";
  return JSON.stringify([term.termType, term.value, tail]);
}
