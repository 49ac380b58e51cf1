import { END, type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";
import { keyOf } from "./restrict.ts";
import { RowWriter } from "./row-writer.ts";

/** Solutions of a plan that runs by itself, gathered once, found by the variables that are surely bound on both sides. */
export class Table {
  readonly plan: Operator;
  readonly #inner: Run;
  /** Where its variables stand in its own row and in the row of who asks. */
  readonly #slots: readonly (readonly [inner: number, outer: number])[];
  readonly #keyInner: readonly number[];
  readonly #keyOuter: readonly number[];
  readonly #rows = new Map<number | string, number[][]>();
  #state: "new" | "filling" | "full" = "new";

  /** `shared` are the places of variables that both sides surely bind. */
  constructor(
    plan: Operator,
    inner: Run,
    slots: readonly (readonly [inner: number, outer: number])[],
    shared: readonly (readonly [inner: number, outer: number])[],
  ) {
    this.plan = plan;
    this.#inner = inner;
    this.#slots = slots;
    this.#keyInner = shared.map(([slot]) => slot);
    this.#keyOuter = shared.map(([, slot]) => slot);
  }

  /** Gathers on; END when all is there. */
  fill(): typeof END | typeof PAUSE {
    if (this.#state === "full") return END;
    if (this.#state === "new") this.plan.open();
    this.#state = "filling";
    const { row, turn } = this.#inner;
    for (;;) {
      const step = this.plan.next();
      if (step === PAUSE) return PAUSE;
      if (step === END) break;
      const key = keyOf(row, this.#keyInner);
      const values = this.#slots.map(([slot]) => row[slot] ?? 0);
      const beside = this.#rows.get(key);
      if (beside === undefined) this.#rows.set(key, [values]);
      else beside.push(values);
      if (--turn.left < 0) return PAUSE;
    }
    this.#state = "full";
    return END;
  }

  /** The rows that may fit, as values side by side with {@link places}. */
  candidates(outer: readonly number[]): readonly (readonly number[])[] {
    return this.#rows.get(keyOf(outer, this.#keyOuter)) ?? [];
  }

  /** The places in the asker's row. */
  get places(): readonly number[] {
    return this.#slots.map(([, slot]) => slot);
  }
}

/** Each solution of the input with each compatible one of a table. */
export class TableJoin implements Operator {
  readonly label = "with all of";
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #table: Table;
  readonly #run: Run;
  readonly #places: readonly number[];
  #candidates: readonly (readonly number[])[] = [];
  #at = 0;
  readonly #writer: RowWriter;

  constructor(input: Operator, table: Table, run: Run) {
    this.#input = input;
    this.#table = table;
    this.#places = table.places;
    this.inputs = [input, table.plan];
    this.#run = run;
    this.#writer = new RowWriter(run.row);
  }

  open(): void {
    this.#writer.takeBack();
    this.#candidates = [];
    this.#at = 0;
    this.#input.open();
  }

  next(): Step {
    if (this.#table.fill() === PAUSE) return PAUSE;
    const { row, turn } = this.#run;
    for (;;) {
      this.#writer.takeBack();
      const values = this.#candidates[this.#at];
      if (values !== undefined) {
        this.#at++;
        if (bindAll(this.#writer, this.#places, values)) {
          this.given++;
          return ROW;
        }
        if (--turn.left < 0) return PAUSE;
        continue;
      }
      const step = this.#input.next();
      if (step !== ROW) return step;
      this.#candidates = this.#table.candidates(row);
      this.#at = 0;
    }
  }
}

/** Writes values where they fit; on a misfit nothing stays written. 0 stands for no value. */
function bindAll(writer: RowWriter, places: readonly number[], values: readonly number[]): boolean {
  const fits = values.every((value, index) => value === 0 || writer.write(places[index] ?? -1, value));
  if (!fits) writer.takeBack();
  return fits;
}

/** Solutions of the input that no compatible one of the table shares a variable with (SPARQL 1.1 §18.5, Minus). */
export class TableMinus implements Operator {
  readonly label = "minus";
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #table: Table;
  readonly #run: Run;

  /** Which of the table's variables make solutions share something. */
  readonly #counts: readonly boolean[];

  constructor(input: Operator, table: Table, run: Run, { counts }: { readonly counts: readonly boolean[] }) {
    this.#input = input;
    this.#table = table;
    this.inputs = [input, table.plan];
    this.#run = run;
    this.#counts = counts;
  }

  open(): void {
    this.#input.open();
  }

  next(): Step {
    if (this.#table.fill() === PAUSE) return PAUSE;
    for (;;) {
      const step = this.#input.next();
      if (step !== ROW) return step;
      const { row, turn } = this.#run;
      const { places } = this.#table;
      const candidates = this.#table.candidates(row);
      turn.left -= candidates.length;
      if (!candidates.some((values) => isTakenAway(row, places, values, this.#counts))) {
        this.given++;
        return ROW;
      }
      if (turn.left < 0) return PAUSE;
    }
  }
}

function isTakenAway(
  row: readonly number[],
  places: readonly number[],
  values: readonly number[],
  counts: readonly boolean[],
): boolean {
  let shares = false;
  for (const [index, value] of values.entries()) {
    const present = row[places[index] ?? -1] ?? 0;
    if (present === 0 || value === 0) continue;
    if (present !== value) return false;
    if (counts[index] === true) shares = true;
  }
  return shares;
}

/** Each solution of the input with each row of VALUES that fits; also what a text search found. */
export class RowsJoin implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  readonly estimate: number;
  given = 0;
  readonly #input: Operator;
  readonly #slots: readonly number[];
  readonly #rowsOf: () => readonly (readonly number[])[];
  readonly #run: Run;
  #rows: readonly (readonly number[])[] = [];
  #at = -1;
  readonly #writer: RowWriter;

  constructor(
    input: Operator,
    slots: readonly number[],
    rowsOf: () => readonly (readonly number[])[],
    run: Run,
    label: string,
    estimate: number,
  ) {
    this.#input = input;
    this.inputs = [input];
    this.#slots = slots;
    this.#rowsOf = rowsOf;
    this.#run = run;
    this.#writer = new RowWriter(run.row);
    this.label = label;
    this.estimate = estimate;
  }

  open(): void {
    this.#writer.takeBack();
    this.#at = -1;
    this.#input.open();
  }

  next(): Step {
    const { turn } = this.#run;
    for (;;) {
      this.#writer.takeBack();
      const values = this.#at < 0 ? undefined : this.#rows[this.#at++];
      if (values !== undefined) {
        if (bindAll(this.#writer, this.#slots, values)) {
          this.given++;
          return ROW;
        }
        if (--turn.left < 0) return PAUSE;
        continue;
      }
      const step = this.#input.next();
      if (step !== ROW) return step;
      this.#rows = this.#rowsOf();
      this.#at = 0;
    }
  }
}
