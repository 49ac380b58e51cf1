import { END, type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";

/** Solutions of the input for which all conditions hold. */
export class Filter implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #conditions: readonly (() => boolean)[];
  readonly #run: Run;

  constructor(input: Operator, conditions: readonly (() => boolean)[], run: Run, label: string) {
    this.#input = input;
    this.inputs = [input];
    this.#conditions = conditions;
    this.#run = run;
    this.label = label;
  }

  open(): void {
    this.#input.open();
  }

  next(): Step {
    for (;;) {
      const step = this.#input.next();
      if (step !== ROW) return step;
      if (this.#conditions.every((holds) => holds())) {
        this.given++;
        return ROW;
      }
      // The refused solution is spent: the next call asks the input for another.
      if (--this.#run.turn.left < 0) return PAUSE;
    }
  }
}

/** Solutions of the input for which the inner plan, asked with them, has (or has not) a solution. */
export class SemiJoin implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #inner: Operator;
  readonly #wanted: boolean;
  #isAsking = false;

  constructor(input: Operator, inner: Operator, wanted: boolean, label: string) {
    this.#input = input;
    this.#inner = inner;
    this.inputs = [input, inner];
    this.#wanted = wanted;
    this.label = label;
  }

  open(): void {
    this.#inner.open();
    this.#isAsking = false;
    this.#input.open();
  }

  next(): Step {
    for (;;) {
      if (!this.#isAsking) {
        const step = this.#input.next();
        if (step !== ROW) return step;
        this.#inner.open();
        this.#isAsking = true;
      }
      const found = this.#inner.next();
      if (found === PAUSE) return PAUSE;
      this.#isAsking = false;
      // Takes back what the inner plan wrote.
      this.#inner.open();
      if ((found === ROW) === this.#wanted) {
        this.given++;
        return ROW;
      }
    }
  }
}

/** The first `limit` solutions after `offset`. */
export class Slice implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #offset: number;
  readonly #limit: number;
  #seen = 0;

  constructor(input: Operator, offset: number, limit: number) {
    this.#input = input;
    this.inputs = [input];
    this.#offset = offset;
    this.#limit = limit;
    this.label = `at most ${limit}${offset === 0 ? "" : ` after ${offset}`}`;
  }

  open(): void {
    this.#seen = 0;
    this.#input.open();
  }

  next(): Step {
    for (;;) {
      if (this.#seen >= this.#offset + this.#limit) return END;
      const step = this.#input.next();
      if (step !== ROW) return step;
      if (++this.#seen > this.#offset) {
        this.given++;
        return ROW;
      }
    }
  }
}

/** Solutions that differ in the given variables, each once. */
export class Distinct implements Operator {
  readonly label = "distinct";
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #slots: readonly number[];
  readonly #run: Run;
  readonly #seen = new Set<number | string>();

  constructor(input: Operator, slots: readonly number[], run: Run) {
    this.#input = input;
    this.inputs = [input];
    this.#slots = slots;
    this.#run = run;
  }

  open(): void {
    this.#seen.clear();
    this.#input.open();
  }

  next(): Step {
    for (;;) {
      const step = this.#input.next();
      if (step !== ROW) return step;
      const key = keyOf(this.#run.row, this.#slots);
      if (!this.#seen.has(key)) {
        this.#seen.add(key);
        this.given++;
        return ROW;
      }
      if (--this.#run.turn.left < 0) return PAUSE;
    }
  }
}

/** What tells rows apart by some of their places. */
export function keyOf(row: readonly number[], slots: readonly number[]): number | string {
  const [first, ...others] = slots;
  if (first === undefined) return 0;
  if (others.length === 0) return row[first] ?? 0;
  let key = String(row[first] ?? 0);
  for (const slot of others) key += ` ${row[slot] ?? 0}`;
  return key;
}
