import { type Cell, integerCell, stringCell } from "../cell.ts";
import { order } from "../compare.ts";
import { cellOfValue, type Value } from "../functions.ts";
import type { Aggregate } from "../node.ts";
import { compute, type NumberValue, numberCell, numberOf } from "../number-value.ts";
import { END, type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";
import { keyOf } from "./restrict.ts";

/** An aggregate with what it is of: `evaluate` of the present row, or the row's own count for `COUNT(*)`. */
export interface CompiledAggregate {
  readonly aggregate: Aggregate;
  readonly slot: number;
  readonly evaluate: (() => Value) | undefined;
  /** Where the variable stands when the expression is nothing but one: its number says enough for counting. */
  readonly variable: number | undefined;
  /** Where all variables of the solutions stand, for `COUNT(DISTINCT *)`. */
  readonly all: readonly number[];
}

interface Group {
  readonly keys: readonly number[];
  readonly states: readonly Accumulator[];
}

/** GROUP BY with aggregates (SPARQL 1.1 §18.5.1): one solution for each group. */
export class GroupBy implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #input: Operator;
  readonly #keys: readonly number[];
  readonly #aggregates: readonly CompiledAggregate[];
  readonly #run: Run;
  /** How many solutions the present row stands for. */
  readonly #weightOf: () => number;
  readonly #groups = new Map<number | string, Group>();
  #emitting: Iterator<Group> | undefined;
  /** What was bound before of the keys, while a group stands in the row. */
  #before: readonly number[] | undefined;

  constructor(
    input: Operator,
    keys: readonly number[],
    aggregates: readonly CompiledAggregate[],
    run: Run,
    weightOf: () => number,
  ) {
    this.#input = input;
    this.inputs = [input];
    this.#keys = keys;
    this.#aggregates = aggregates;
    this.#run = run;
    this.#weightOf = weightOf;
    this.label = `group (${aggregates.map(({ aggregate }) => aggregate.name).join(", ")})`;
  }

  open(): void {
    this.#takeBack();
    this.#groups.clear();
    this.#emitting = undefined;
    this.#input.open();
  }

  next(): Step {
    this.#takeBack();
    if (this.#emitting === undefined) {
      if (this.#gather() === PAUSE) return PAUSE;
      // Without keys there is one group, even of nothing.
      if (this.#groups.size === 0 && this.#keys.length === 0) this.#groups.set(0, this.#newGroup());
      this.#emitting = this.#groups.values();
    }
    const next = this.#emitting.next();
    if (next.done === true) return END;
    this.#write(next.value);
    this.given++;
    return ROW;
  }

  #gather(): typeof END | typeof PAUSE {
    const { row, turn } = this.#run;
    for (;;) {
      const step = this.#input.next();
      if (step !== ROW) return step;
      const key = keyOf(row, this.#keys);
      let group = this.#groups.get(key);
      if (group === undefined) {
        group = this.#newGroup();
        this.#groups.set(key, group);
      }
      const weight = this.#weightOf();
      for (const state of group.states) state.take(weight);
      if (--turn.left < 0) return PAUSE;
    }
  }

  #newGroup(): Group {
    const { row } = this.#run;
    return {
      keys: this.#keys.map((slot) => row[slot] ?? 0),
      states: this.#aggregates.map((each) => accumulatorOf(each, this.#run)),
    };
  }

  #write(group: Group): void {
    const { row, terms } = this.#run;
    this.#before = this.#keys.map((slot) => row[slot] ?? 0);
    for (const [index, slot] of this.#keys.entries()) row[slot] = group.keys[index] ?? 0;
    for (const [index, { slot }] of this.#aggregates.entries()) {
      const result = group.states[index]?.result();
      row[slot] = result === undefined ? 0 : terms.numberOfCell(result);
    }
  }

  #takeBack(): void {
    if (this.#before === undefined) return;
    const { row } = this.#run;
    for (const [index, slot] of this.#keys.entries()) row[slot] = this.#before[index] ?? 0;
    for (const { slot } of this.#aggregates) row[slot] = 0;
    this.#before = undefined;
  }
}

interface Accumulator {
  /** Takes in the present row, `weight` times. */
  take(weight: number): void;
  result(): Cell | undefined;
}

function accumulatorOf(compiled: CompiledAggregate, run: Run): Accumulator {
  const { aggregate, evaluate, variable } = compiled;
  if (aggregate.name === "count" && (evaluate === undefined || variable !== undefined)) {
    const slots = variable !== undefined ? [variable] : aggregate.distinct ? compiled.all : [];
    return new Counter(slots, variable !== undefined, aggregate.distinct, run);
  }
  return new Folding(compiled, run);
}

/** COUNT of solutions, of those that differ, or of those in which a variable is bound. */
class Counter implements Accumulator {
  readonly #slots: readonly number[];
  readonly #isVariable: boolean;
  readonly #seen: Set<number | string> | undefined;
  readonly #run: Run;
  #count = 0;

  constructor(slots: readonly number[], isVariable: boolean, distinct: boolean, run: Run) {
    this.#slots = slots;
    this.#isVariable = isVariable;
    this.#seen = distinct ? new Set() : undefined;
    this.#run = run;
  }

  take(weight: number): void {
    const key = keyOf(this.#run.row, this.#slots);
    // A variable that is not bound is not counted.
    if (this.#isVariable && key === 0) return;
    if (this.#seen === undefined) this.#count += weight;
    else this.#seen.add(key);
  }

  result(): Cell {
    return integerCell(this.#seen?.size ?? this.#count);
  }
}

/**
 * All other aggregates, value by value. An error in one value, and a variable that is not bound is one, is an error of
 * the whole, but for COUNT and SAMPLE (SPARQL 1.1 §18.5.1).
 */
class Folding implements Accumulator {
  readonly #compiled: CompiledAggregate;
  readonly #run: Run;
  readonly #seen: Set<number> | undefined;
  #hasFailed = false;
  #count = 0;
  #best: Cell | undefined;
  #sum: NumberValue = { type: "integer", value: 0 };
  #text: string[] = [];

  constructor(compiled: CompiledAggregate, run: Run) {
    this.#compiled = compiled;
    this.#run = run;
    this.#seen = compiled.aggregate.distinct ? new Set() : undefined;
  }

  take(weight: number): void {
    const cell = cellOfValue(this.#compiled.evaluate?.());
    if (cell === undefined) {
      this.#hasFailed = true;
      return;
    }
    if (this.#seen !== undefined) {
      const number = this.#run.terms.numberOfCell(cell);
      if (this.#seen.has(number)) return;
      this.#seen.add(number);
    }
    for (let times = 0; times < weight; times++) this.#fold(cell);
  }

  #fold(cell: Cell): void {
    this.#count++;
    switch (this.#compiled.aggregate.name) {
      case "sum":
      case "avg": {
        const number = numberOf(cell);
        const sum = number === undefined ? undefined : compute("+", this.#sum, number);
        if (sum === undefined) this.#hasFailed = true;
        else this.#sum = sum;
        return;
      }
      case "min":
      case "max": {
        const sign = this.#compiled.aggregate.name === "min" ? -1 : 1;
        if (this.#best === undefined || order(cell, this.#best) * sign > 0) this.#best = cell;
        return;
      }
      case "sample":
        this.#best ??= cell;
        return;
      case "group_concat":
        if (cell.kind === "blank" || cell.kind === "triple") this.#hasFailed = true;
        else this.#text.push(cell.value);
        return;
      case "count":
    }
  }

  result(): Cell | undefined {
    const { name, separator } = this.#compiled.aggregate;
    if (name === "count") return integerCell(this.#count);
    if (name === "sample") return this.#best;
    if (this.#hasFailed) return undefined;
    if (name === "min" || name === "max") return this.#best;
    if (name === "group_concat") return stringCell(this.#text.join(separator));
    if (name === "sum" || this.#count === 0) return numberCell(this.#sum);
    const mean = compute("/", this.#sum, { type: "integer", value: this.#count });
    return mean === undefined ? undefined : numberCell(mean);
  }
}
