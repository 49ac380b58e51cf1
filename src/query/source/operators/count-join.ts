import type { GraphIndex } from "../../../hub/ports/quad-index.ts";
import { type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";
import type { Spot } from "./pattern-join.ts";

/** A pattern of which one end is only counted. */
export interface CountedPattern {
  readonly predicate: number;
  /** The end that is not counted. */
  readonly other: Spot;
  readonly isSubjectCounted: boolean;
}

/**
 * Each solution of the input with each value of a pattern's other end, and how often the counted end goes with it: read
 * off the sizes of the index's levels instead of walked.
 */
export class CountJoin implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  given = 0;
  /** How many triples the present solution stands for. */
  weight = 0;
  readonly #run: Run;
  readonly #input: Operator;
  readonly #graph: GraphIndex;
  readonly #pattern: CountedPattern;
  #keys: readonly number[] = [];
  #at = 0;
  #wrote = false;

  constructor(input: Operator, pattern: CountedPattern, run: Run, graph: GraphIndex, label: string) {
    this.#run = run;
    this.#input = input;
    this.inputs = [input];
    this.#graph = graph;
    this.#pattern = pattern;
    this.label = `count ${label}`;
  }

  open(): void {
    this.#takeBack();
    this.#keys = [];
    this.#at = 0;
    this.#input.open();
  }

  next(): Step {
    const { row, turn } = this.#run;
    const { other } = this.#pattern;
    for (;;) {
      this.#takeBack();
      const key = this.#keys[this.#at++];
      if (key !== undefined) {
        this.weight = this.#sizeOf(key);
        if (this.weight > 0) {
          if (other.slot >= 0 && row[other.slot] === 0) {
            row[other.slot] = key;
            this.#wrote = true;
          }
          this.given++;
          return ROW;
        }
        if (--turn.left < 0) return PAUSE;
        continue;
      }
      const step = this.#input.next();
      if (step !== ROW) return step;
      const bound = other.slot < 0 ? other.number : (row[other.slot] ?? 0);
      this.#at = 0;
      this.#keys =
        bound !== 0 ? [bound] : this.#run.index.keysOf(this.#graph.predicates[this.#pattern.predicate] ?? {});
    }
  }

  #sizeOf(key: number): number {
    const { predicate, isSubjectCounted } = this.#pattern;
    const leaf = isSubjectCounted ? this.#graph.predicates[predicate]?.[key] : this.#graph.subjects[key]?.[predicate];
    return leaf === undefined ? 0 : this.#run.index.sizeOf(leaf);
  }

  #takeBack(): void {
    if (this.#wrote) this.#run.row[this.#pattern.other.slot] = 0;
    this.#wrote = false;
  }
}
