import type { DatasetIndex, QuadIndex } from "../../hub/ports/quad-index.ts";
import type { Dataset } from "../../hub/ports/queries.ts";
import type { Terms } from "./terms.ts";

/** There is no further solution. */
export const END = 0;
/** The row holds the next solution. */
export const ROW = 1;
/** The turn is over: ask again, for the same solution, when others have had theirs. */
export const PAUSE = 2;

export type Step = typeof END | typeof ROW | typeof PAUSE;

/** One row of variables as numbers of terms, 0 where nothing is bound; all operators of a pipeline share it. */
export type Row = number[];

/** What the operators of one running query share. */
export interface Run {
  readonly index: QuadIndex;
  readonly dataset: DatasetIndex;
  /** Who asks, for what is looked up elsewhere. */
  readonly scope: Dataset;
  readonly terms: Terms;
  readonly row: Row;
  /** The place of a variable in the row. */
  slotOf(variable: string): number;
  readonly turn: Turn;
  /** When the query began, as NOW() gives it. */
  readonly now: string;
  /** LIMIT: how long one regular expression may take, where nobody ends the process that it holds up. */
  readonly patternTime_ms: number | undefined;
}

/** Counts down the steps until others have their turn. */
export interface Turn {
  left: number;
}

/**
 * A step of a plan that gives solutions one after the other, by what it writes into the shared row. What it writes it
 * takes back: before it gives the next solution, when it ends and when it is opened again.
 */
export interface Operator {
  /** Begins anew, whatever was under way; reads nothing yet. */
  open(): void;
  next(): Step;
  /** For people: what it does, in a line. */
  readonly label: string;
  readonly inputs: readonly Operator[];
  /** How many solutions were thought to come, and how many came. */
  readonly estimate?: number;
  readonly given: number;
}

/** The beginning of a pipeline: one solution with nothing new in it. */
export class Once implements Operator {
  readonly label = "begin";
  readonly inputs: readonly Operator[] = [];
  readonly given = 1;
  #given = false;

  open(): void {
    this.#given = false;
  }

  next(): Step {
    if (this.#given) return END;
    this.#given = true;
    return ROW;
  }
}
