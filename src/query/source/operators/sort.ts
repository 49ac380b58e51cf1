import type { Cell } from "../cell.ts";
import { order } from "../compare.ts";
import { END, type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";

/** One key of ORDER BY: what it is of the present row. */
export interface Key {
  readonly evaluate: () => Cell | undefined;
  readonly descending: boolean;
}

interface Sorted {
  readonly keys: readonly (Cell | undefined)[];
  readonly values: readonly number[];
  /** Equal solutions stay in the order they came. */
  readonly at: number;
}

/** Beyond this many times what is wanted, the rest is let go. */
const KEPT_FACTOR = 2;
const KEPT_LEAST = 1_000;

/**
 * Solutions in the order of keys: all of them, or the first `wanted`. When the input comes in the order of the first
 * `given` keys already, only solutions that are equal in those are held back.
 */
export class Sort implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #keys: readonly Key[];
  readonly #wanted: number;
  readonly #isPartly: boolean;
  readonly #slots: readonly number[];
  readonly #run: Run;
  #kept: Sorted[] = [];
  #count = 0;
  /** The first solution beyond the equal ones. */
  #next: Sorted | undefined;
  #isOver = false;
  #at = -1;

  constructor(
    input: Operator,
    keys: readonly Key[],
    slots: readonly number[],
    run: Run,
    options: { readonly wanted: number; readonly isPartly: boolean },
  ) {
    this.#input = input;
    this.inputs = [input];
    this.#keys = keys;
    this.#slots = slots;
    this.#run = run;
    this.#wanted = options.wanted;
    this.#isPartly = options.isPartly;
    this.label = options.isPartly
      ? "order equal ones"
      : Number.isFinite(options.wanted)
        ? `the first ${options.wanted} in order`
        : "order";
  }

  open(): void {
    this.#takeBack();
    this.#kept = [];
    this.#count = 0;
    this.#next = undefined;
    this.#isOver = false;
    this.#at = -1;
    this.#input.open();
  }

  next(): Step {
    for (;;) {
      this.#takeBack();
      if (this.#at >= 0) {
        const sorted = this.#kept[this.#at++];
        if (sorted !== undefined) {
          this.#before = this.#slots.map((slot) => this.#run.row[slot] ?? 0);
          for (const [index, slot] of this.#slots.entries()) this.#run.row[slot] = sorted.values[index] ?? 0;
          this.given++;
          return ROW;
        }
        if (this.#isOver) return END;
        this.#kept = [];
        if (this.#next !== undefined) this.#kept.push(this.#next);
        this.#next = undefined;
        this.#at = -1;
      }
      const step = this.#gather();
      if (step === PAUSE) return PAUSE;
      this.#kept.sort(this.#compare);
      this.#at = 0;
    }
  }

  /** The row as the input left it, while a solution of before stands in it. */
  #before: readonly number[] | undefined;

  #takeBack(): void {
    if (this.#before === undefined) return;
    for (const [index, slot] of this.#slots.entries()) this.#run.row[slot] = this.#before[index] ?? 0;
    this.#before = undefined;
  }

  /** Takes from the input what belongs together. */
  #gather(): typeof END | typeof PAUSE {
    const { row, turn } = this.#run;
    for (;;) {
      const step = this.#input.next();
      if (step === PAUSE) return PAUSE;
      if (step === END) {
        this.#isOver = true;
        return END;
      }
      const keys = this.#keys.map(({ evaluate }) => evaluate());
      const sorted: Sorted = { keys, values: this.#slots.map((slot) => row[slot] ?? 0), at: this.#count++ };
      const [first] = this.#kept;
      if (this.#isPartly && first !== undefined && order(first.keys[0], keys[0]) !== 0) {
        this.#next = sorted;
        return END;
      }
      this.#keep(sorted);
      if (--turn.left < 0) return PAUSE;
    }
  }

  #keep(sorted: Sorted): void {
    this.#kept.push(sorted);
    if (this.#isPartly || this.#kept.length <= KEPT_FACTOR * this.#wanted + KEPT_LEAST) return;
    this.#kept.sort(this.#compare);
    this.#kept.length = this.#wanted;
  }

  readonly #compare = (a: Sorted, b: Sorted): number => {
    for (const [index, { descending }] of this.#keys.entries()) {
      const compared = order(a.keys[index], b.keys[index]);
      if (compared !== 0) return descending ? -compared : compared;
    }
    return a.at - b.at;
  };
}
