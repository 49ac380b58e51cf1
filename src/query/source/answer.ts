import { setImmediate as nextTurn } from "node:timers/promises";
import type { QuadIndex } from "../../hub/ports/quad-index.ts";
import type { Dataset, QueryAnswer, QueryPlanStep } from "../../hub/ports/queries.ts";
import { type Quad, type QuadObject, type QuadSubject, quad, type Term } from "../../rdf/term.ts";
import { fanOutOf } from "./estimate.ts";
import type { Place } from "./node.ts";
import { type Operator, PAUSE, ROW, type Run } from "./operator.ts";
import { NotInOrder } from "./operators/newest-walk.ts";
import { Planner } from "./planner.ts";
import type { TemplateTriple } from "./read-operation.ts";
import { newRun, type RunOptions } from "./run.ts";
import { Template } from "./template.ts";
import type { Translated } from "./translate.ts";
import { writePlan } from "./write-plan.ts";

/** Steps of a plan before other requests have their turn: about a millisecond. */
const TURN_STEPS = 4_000;

type Row = ReadonlyMap<string, Term>;

/** What a running answer is held to: a time, a count of rows, whoever asked going away. */
export interface AnswerBound {
  /** @throws Refused when the bound is met */
  check(given: number): void;
  /** There will be no more to hold it to. */
  end(): void;
}

const UNBOUND: AnswerBound = { check: () => undefined, end: () => undefined };

/** A query that the source answers, under way. */
export class SourceAnswer {
  readonly #translated: Translated;
  readonly #index: QuadIndex;
  readonly #scope: Dataset;
  readonly #options: RunOptions;
  #run!: Run;
  #plan!: Operator;

  constructor(translated: Translated, index: QuadIndex, scope: Dataset, options: RunOptions = {}) {
    this.#translated = translated;
    this.#index = index;
    this.#scope = scope;
    this.#options = options;
    this.#prepare(options.walks ?? true);
  }

  #prepare(walks: boolean): void {
    this.#run = newRun(this.#index, this.#scope, this.#options);
    this.#plan = new Planner(this.#run, { walks }).plan(this.#translated.node);
    this.#plan.open();
  }

  /** The plan, with how many solutions each step has given by now. */
  get plan(): QueryPlanStep {
    return writePlan(this.#plan);
  }

  /** How many solutions are thought to come. */
  get estimate(): number {
    return Math.ceil(fanOutOf(this.#translated.node, new Set(), this.#run));
  }

  async answer(bound: AnswerBound): Promise<QueryAnswer> {
    const { form } = this.#translated;
    switch (form.type) {
      case "ask": {
        const found = await this.#solutions(bound).next();
        bound.end();
        return { kind: "boolean", value: found.done !== true };
      }
      case "select":
        return { kind: "bindings", variables: form.variables, rows: this.#rows(form.variables, bound) };
      case "construct":
        return { kind: "quads", quads: this.#construct(form.template, bound) };
      case "describe":
        return { kind: "quads", quads: this.#describe(form.terms, bound) };
    }
  }

  /** The solutions of a SELECT, held to nothing. */
  rows(): AsyncGenerator<Row> {
    const { form } = this.#translated;
    return this.#rows(form.type === "select" ? form.variables : [], UNBOUND);
  }

  /** Goes through the solutions: each time one is in the row. */
  async *#solutions(bound: AnswerBound): AsyncGenerator<undefined> {
    let given = 0;
    try {
      for (;;) {
        const step = this.#step();
        if (step === ROW) {
          bound.check(++given);
          yield undefined;
        } else if (step === PAUSE) {
          await nextTurn();
          bound.check(given);
        } else return;
      }
    } finally {
      bound.end();
    }
  }

  #step(): 0 | 1 | 2 {
    const { turn } = this.#run;
    if (turn.left <= 0) turn.left = TURN_STEPS;
    try {
      return this.#plan.next();
    } catch (error) {
      // Said before the walk gives its first solution: nothing was given yet.
      if (!(error instanceof NotInOrder)) throw error;
      this.#prepare(false);
      return PAUSE;
    }
  }

  async *#rows(variables: readonly string[], bound: AnswerBound): AsyncGenerator<Row> {
    for await (const _ of this.#solutions(bound)) {
      const row = new Map<string, Term>();
      for (const name of variables) {
        const term = this.#termAt(name);
        if (term !== undefined) row.set(name, term);
      }
      yield row;
    }
  }

  #termAt(name: string): Term | undefined {
    const number = this.#run.row[this.#run.slotOf(name)] ?? 0;
    return number === 0 ? undefined : this.#run.terms.termOf(number);
  }

  async *#construct(template: readonly TemplateTriple[], bound: AnswerBound): AsyncGenerator<Quad> {
    const filled = new Template(template, (name) => this.#termAt(name));
    for await (const _ of this.#solutions(bound)) yield* filled.fill();
  }

  /** The triples of which a described term is the subject. */
  async *#describe(terms: readonly Place[], bound: AnswerBound): AsyncGenerator<Quad> {
    const described = new Set<number>();
    for await (const _ of this.#solutions(bound)) {
      for (const place of terms) {
        const number =
          "term" in place
            ? this.#run.terms.numberOf(place.term)
            : (this.#run.row[this.#run.slotOf(place.variable)] ?? 0);
        if (number <= 0 || described.has(number)) continue;
        described.add(number);
        yield* this.#triplesOf(number);
      }
    }
  }

  *#triplesOf(subject: number): Generator<Quad> {
    const { terms, dataset } = this.#run;
    const seen = new Set<string>();
    const subjectTerm = terms.termOf(subject);
    if (subjectTerm === undefined) return;
    for (const { subjects } of dataset.merged) {
      const branch = subjects[subject];
      for (const predicate in branch) {
        const predicateTerm = terms.termOf(Number(predicate));
        for (const object in branch[Number(predicate)]) {
          const objectTerm = terms.termOf(Number(object));
          const key = `${predicate} ${object}`;
          if (seen.has(key) || objectTerm === undefined || predicateTerm?.termType !== "NamedNode") continue;
          seen.add(key);
          yield quad(subjectTerm as QuadSubject, predicateTerm, objectTerm as QuadObject);
        }
      }
    }
  }
}
