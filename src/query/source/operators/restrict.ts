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

/** Each solution of the input with each of the inner plan's, or alone when there is none (OPTIONAL). */
export class LeftJoin implements Operator {
  readonly label = "optionally";
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #inner: Operator;
  #isAsking = false;
  #isMatched = false;

  constructor(input: Operator, inner: Operator) {
    this.#input = input;
    this.#inner = inner;
    this.inputs = [input, inner];
  }

  open(): void {
    this.#inner.open();
    this.#isAsking = false;
    this.#input.open();
  }

  next(): Step {
    for (;;) {
      if (this.#isAsking) {
        const step = this.#inner.next();
        if (step === PAUSE) return PAUSE;
        if (step === ROW) {
          this.#isMatched = true;
          this.given++;
          return ROW;
        }
        this.#isAsking = false;
        if (!this.#isMatched) {
          this.given++;
          return ROW;
        }
      }
      const step = this.#input.next();
      if (step !== ROW) return step;
      this.#inner.open();
      this.#isAsking = true;
      this.#isMatched = false;
    }
  }
}

/** Each solution of the input with each of every branch's. Branches begin with nothing; the input leads. */
export class UnionJoin implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #branches: readonly Operator[];
  #at = -1;

  constructor(input: Operator, branches: readonly Operator[], label = "either") {
    this.#input = input;
    this.label = label;
    this.#branches = branches;
    this.inputs = [input, ...branches];
  }

  open(): void {
    for (const branch of this.#branches) branch.open();
    this.#at = -1;
    this.#input.open();
  }

  next(): Step {
    for (;;) {
      const branch = this.#branches[this.#at];
      if (branch !== undefined) {
        const step = branch.next();
        if (step === PAUSE) return PAUSE;
        if (step === ROW) {
          this.given++;
          return ROW;
        }
        this.#at++;
        this.#branches[this.#at]?.open();
        continue;
      }
      const step = this.#input.next();
      if (step !== ROW) return step;
      this.#at = 0;
      this.#branches[0]?.open();
    }
  }
}

/** Binds a variable to what an expression comes to; a solution in which it is something else already is none. */
export class Extend implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #slot: number;
  readonly #evaluate: () => number;
  readonly #run: Run;
  #wrote = false;

  constructor(input: Operator, slot: number, evaluate: () => number, run: Run, label: string) {
    this.#input = input;
    this.inputs = [input];
    this.#slot = slot;
    this.#evaluate = evaluate;
    this.#run = run;
    this.label = label;
  }

  open(): void {
    this.#takeBack();
    this.#input.open();
  }

  next(): Step {
    for (;;) {
      this.#takeBack();
      const step = this.#input.next();
      if (step !== ROW) return step;
      const { row } = this.#run;
      const number = this.#evaluate();
      const present = row[this.#slot] ?? 0;
      if (present === 0 || number === 0) {
        if (present === 0 && number !== 0) {
          row[this.#slot] = number;
          this.#wrote = true;
        }
        this.given++;
        return ROW;
      }
      if (present === number) {
        this.given++;
        return ROW;
      }
    }
  }

  #takeBack(): void {
    if (this.#wrote) this.#run.row[this.#slot] = 0;
    this.#wrote = false;
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
