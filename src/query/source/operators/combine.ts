import { type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";

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
