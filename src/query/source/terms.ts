import type { QuadIndex } from "../../hub/ports/quad-index.ts";
import { blankNode, literal, namedNode, type Term } from "../../rdf/term.ts";
import { type Cell, cellOfTerm, cellOfText } from "./cell.ts";

/**
 * The terms of one running query by number: those of the store by the store's numbers, those that only the query knows
 * (constants, computed values) by numbers below zero. Equal terms have equal numbers; 0 is no term.
 */
export class Terms {
  readonly #index: QuadIndex;
  readonly #numbers = new Map<string, number>();
  readonly #terms: Term[] = [];

  constructor(index: QuadIndex) {
    this.#index = index;
  }

  /** The number of a term. */
  numberOf(term: Term): number {
    return this.#index.numberOf(term) ?? this.#ownNumberOf(term);
  }

  #ownNumberOf(term: Term): number {
    const key =
      term.termType === "Literal"
        ? `"${term.language}^${term.datatype.value}"${term.value}`
        : `${term.termType} ${term.value}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = -this.#terms.push(term);
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** The number of a value. */
  numberOfCell(cell: Cell): number {
    return this.numberOf(termOfCell(cell));
  }

  /** The value of a number; undefined when the store let it go. */
  cellOf(number: number): Cell | undefined {
    if (number < 0) {
      const term = this.#terms[-number - 1];
      return term === undefined ? undefined : cellOfTerm(term);
    }
    const text = this.#index.textOf(number);
    return text === undefined ? undefined : cellOfText(text);
  }

  termOf(number: number): Term | undefined {
    return number < 0 ? this.#terms[-number - 1] : this.#index.termOf(number);
  }
}

function termOfCell(cell: Cell): Term {
  switch (cell.kind) {
    case "blank":
      return blankNode(cell.value);
    case "literal":
      return literal(cell.value, cell.language === "" ? namedNode(cell.datatype) : cell.language);
    default:
      return namedNode(cell.value);
  }
}
