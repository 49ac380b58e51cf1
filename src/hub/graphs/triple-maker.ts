import { type Refusal, refuse } from "../../outcome/refusal.ts";
import { isIri } from "../../rdf/iri.ts";
import { blankNode, literal, namedNode, type Quad, type QuadObject, quad, type Term } from "../../rdf/term.ts";

/** LIMIT: triples that one update puts in, takes out or copies, as its patterns are filled in. */
export const UPDATE_TRIPLES_MAX = 200_000;

/** Makes the triples of one update request, whose blank nodes meet none that are there. */
export class TripleMaker {
  /** Goes before the labels of new blank nodes. */
  readonly #scope: string;
  #blanks = 0;
  #triples = 0;

  constructor(scope: string) {
    this.#scope = scope;
  }

  /**
   * Patterns with a solution's values in the place of variables. A triple with a variable that has none, or that would
   * be no triple of RDF, is left out (SPARQL 1.1 Update §3.1.3). `blanks` holds the blank nodes made for this solution.
   * Refuses with `invalid` what this hub keeps no triples with, and with `too-large`.
   */
  fillIn(
    patterns: readonly Quad[],
    row: ReadonlyMap<string, Term>,
    blanks: Map<string, Term>,
  ): readonly Quad[] | Refusal {
    const filled: Quad[] = [];
    const value = (term: Term): Term | undefined => {
      if (term.termType === "Variable") return plain(row.get(term.value));
      return term.termType === "BlankNode" ? this.#blank(term.value, blanks) : plain(term);
    };
    for (const pattern of patterns) {
      const [subject, predicate, object, graph] = [
        value(pattern.subject),
        value(pattern.predicate),
        value(pattern.object),
        value(pattern.graph),
      ];
      if (subject === undefined || predicate === undefined || object === undefined || graph === undefined) continue;
      if (subject.termType === "Literal" || predicate.termType !== "NamedNode") continue;
      if (graph.termType !== "DefaultGraph" && graph.termType !== "NamedNode") continue;
      for (const term of [subject, predicate, object, graph]) {
        const no = whyNotStored(term);
        if (no !== undefined) return no;
      }
      const tooMany = this.#count(1);
      if (tooMany !== undefined) return tooMany;
      filled.push(quad(subject as Quad["subject"], predicate, object as QuadObject, graph));
    }
    return filled;
  }

  /** The triples of a graph for another one, their blank nodes new, as no two graphs share any here. */
  copy(triples: ReadonlyMap<string, Quad>): readonly Quad[] | Refusal {
    const tooMany = this.#count(triples.size);
    if (tooMany !== undefined) return tooMany;
    const blanks = new Map<string, Term>();
    const rename = <T extends Term>(term: T): T =>
      term.termType === "BlankNode" ? (this.#blank(term.value, blanks) as T) : term;
    return [...triples.values()].map(({ subject, predicate, object }) =>
      quad(rename(subject), predicate, rename(object)),
    );
  }

  #blank(label: string, blanks: Map<string, Term>): Term {
    let made = blanks.get(label);
    if (made === undefined) {
      made = blankNode(`${this.#scope}-${this.#blanks++}`);
      blanks.set(label, made);
    }
    return made;
  }

  #count(triples: number): undefined | Refusal {
    this.#triples += triples;
    if (this.#triples <= UPDATE_TRIPLES_MAX) return undefined;
    return refuse(
      "too-large",
      `Expected an update of at most ${UPDATE_TRIPLES_MAX} triples, but got more; do less at once.`,
    );
  }
}

/** A parser's or engine's term as one of ours. */
function plain(term: Term | undefined): Term | undefined {
  switch (term?.termType) {
    case "NamedNode":
      return namedNode(term.value);
    case "BlankNode":
      // COMPAT: Comunica 5.4 writes the number of the source before the label of a blank node that it read.
      return blankNode(term.value.replace(/^bc_\d+_/, ""));
    case "Literal":
      return term.language === ""
        ? literal(term.value, namedNode(term.datatype.value))
        : literal(term.value, term.language);
    default:
      return term;
  }
}

/** Why a term cannot stand in a graph here. */
function whyNotStored(term: Term): Refusal | undefined {
  switch (term.termType) {
    case "NamedNode":
      return isIri(term.value)
        ? undefined
        : refuse(
            "invalid",
            `Expected absolute IRIs, but got <${term.value.slice(0, 80)}>; write it whole or give a BASE.`,
          );
    case "Literal":
      return term.value.isWellFormed() && !("direction" in term && term.direction)
        ? undefined
        : refuse("invalid", `Expected literals of RDF 1.1 in Unicode, but "${term.value.slice(0, 80)}" is none.`);
    case "Quad":
      return refuse("invalid", "Expected triples of RDF 1.1, but got a triple inside of a triple; use a blank node.");
    default:
      return undefined;
  }
}
