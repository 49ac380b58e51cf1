import type { Term } from "../../rdf/term.ts";
import { findCounted } from "./counted.ts";
import { type Ordered, orderOf, searched } from "./estimate.ts";
import { compileCondition, compileExpression, type Evaluate } from "./expression.ts";
import { cellOfValue } from "./functions.ts";
import {
  type Aggregate,
  certain,
  type Expression,
  intersection,
  isWithin,
  type JoinNode,
  type Node,
  possible,
  possibleBesideGraphs,
  type SortKey,
  union,
  variablesOf,
} from "./node.ts";
import { isOpenTo } from "./open-to.ts";
import { Once, type Operator, PAUSE, ROW, type Run } from "./operator.ts";
import { Extend, LeftJoin, UnionJoin } from "./operators/combine.ts";
import { CountJoin } from "./operators/count-join.ts";
import { type CompiledAggregate, GroupBy } from "./operators/group.ts";
import { NewestWalk } from "./operators/newest-walk.ts";
import { PatternJoin, spotOf } from "./operators/pattern-join.ts";
import { numberPath, RepeatJoin } from "./operators/repeat-join.ts";
import { Distinct, Filter, SemiJoin, Slice } from "./operators/restrict.ts";
import { Sort } from "./operators/sort.ts";
import { RowsJoin, Table, TableJoin, TableMinus } from "./operators/table.ts";
import { innerRun } from "./run.ts";
import { findWalk, type WalkPlan } from "./walk.ts";
import { labelOf, writeExpression, writePlace } from "./write-plan.ts";

/** What is bound where a plan goes on. */
interface Env {
  readonly certain: ReadonlySet<string>;
  readonly possible: ReadonlySet<string>;
}

/** The order that is asked of a plan, and how many of its solutions are wanted. */
export interface Wanted {
  readonly variable: string;
  readonly descending: boolean;
  readonly limit: number;
}

/** A plan so far: its last operator, and whether solutions come in the order that was wanted. */
interface Planned {
  readonly operator: Operator;
  readonly env: Env;
  readonly inOrder: boolean;
}

/** Nodes that look at all their solutions at once. */
const BY_THEMSELVES: ReadonlySet<Node["type"]> = new Set(["distinct", "slice", "group", "order"] as const);

const ALL = Number.POSITIVE_INFINITY;

const NOTHING: Env = { certain: new Set(), possible: new Set() };

/** Makes plans for one run. */
export class Planner {
  readonly #run: Run;
  /** Whether newest-first walks may be used. */
  readonly #walks: boolean;
  /** Variables that stand for what is bound around an EXISTS: constants within it (SPARQL 1.1 §18.6). */
  readonly #constants: ReadonlySet<string>;

  constructor(run: Run, options: { readonly walks: boolean; readonly constants?: ReadonlySet<string> }) {
    this.#run = run;
    this.#walks = options.walks;
    this.#constants = options.constants ?? new Set();
  }

  plan(node: Node): Operator {
    return this.#plan(node, new Once(), NOTHING, undefined, ALL).operator;
  }

  /** Goes on from `input` by a node; `limit` is how many solutions will be asked for. */
  #plan(node: Node, input: Operator, env: Env, wanted: Wanted | undefined, limit: number): Planned {
    const outer = without(env.possible, this.#constants);
    if (outer.size > 0 && !isOpenTo(node, outer)) return this.#planTable(node, input, env);
    // What counts or compares solutions does so by itself for each solution before it.
    if (BY_THEMSELVES.has(node.type) && !(input instanceof Once)) {
      const operator = new UnionJoin(input, [this.#planInner(node, env)], "with each of");
      return { operator, env: extended(env, node), inOrder: false };
    }
    switch (node.type) {
      case "pattern":
      case "repeat":
      case "search":
      case "values":
        return this.#planJoin({ type: "join", parts: [node], filters: [] }, input, env, wanted);
      case "join":
        return this.#planJoin(node, input, env, wanted);
      case "union": {
        const branches = node.parts.map((part) => this.#planInner(part, env));
        return { operator: new UnionJoin(input, branches), env: extended(env, node), inOrder: false };
      }
      case "graph":
        return this.#planGraph(node, input, env);
      case "left":
        return this.#planLeft(node, input, env, wanted);
      case "minus":
        return this.#planMinus(node, input, env, wanted);
      case "extend": {
        const below = wanted?.variable === node.variable ? undefined : wanted;
        const inner = this.#plan(node.input, input, env, below, limit);
        return { ...inner, operator: this.#extend(inner, node), env: extended(inner.env, node) };
      }
      case "group":
        return { operator: this.#planGroup(node, input, env), env: extended(env, node), inOrder: false };
      case "project":
        return this.#plan(node.input, input, env, wanted, limit);
      case "distinct": {
        const inner = this.#plan(node.input, input, env, wanted, ALL);
        const slots = [...possible(node)].map((name) => this.#run.slotOf(name));
        return { ...inner, operator: new Distinct(inner.operator, slots, this.#run) };
      }
      case "order":
        return this.#planOrder(node, input, env, limit);
      case "slice": {
        const inner = this.#plan(node.input, input, env, wanted, node.offset + node.limit);
        return { ...inner, operator: new Slice(inner.operator, node.offset, node.limit) };
      }
    }
  }

  /** A plan of its own that sees what is bound outside, as far as that changes nothing. */
  #planInner(node: Node, env: Env): Operator {
    return this.#plan(node, new Once(), env, undefined, ALL).operator;
  }

  /** A plan of its own in which what is bound outside is constant. */
  #planExists(node: Node, env: Env): Operator {
    const constants = union([this.#constants, env.possible]);
    return new Planner(this.#run, { walks: this.#walks, constants }).#planInner(node, env);
  }

  #planTable(node: Node, input: Operator, env: Env): Planned {
    const shared = [...certain(node)].filter((name) => env.certain.has(name));
    const table = this.#table(node, possible(node), shared);
    return { operator: new TableJoin(input, table, this.#run), env: extended(env, node), inOrder: false };
  }

  /** The solutions of a node by itself, in a row of its own. */
  #table(node: Node, shown: ReadonlySet<string>, shared: readonly string[]): Table {
    const inner = innerRun(this.#run);
    const plan = new Planner(inner, { walks: this.#walks }).plan(node);
    const both = (name: string): readonly [number, number] => [inner.slotOf(name), this.#run.slotOf(name)];
    return new Table(plan, inner, [...shown].map(both), shared.map(both));
  }

  // -------------------------------------------------------------------------------------------------------------
  // Joins

  #planJoin(node: JoinNode, input: Operator, env: Env, wanted: Wanted | undefined): Planned {
    const order = orderOf(node.parts, env.certain, this.#run);
    if (wanted !== undefined && this.#walks && env.possible.size === 0 && input instanceof Once) {
      const walk = findWalk(node, order, wanted, this.#run);
      if (walk !== undefined) return { ...this.#planWalk(node, walk), inOrder: true };
    }
    return { ...this.#chain(order, node.filters, input, env), inOrder: false };
  }

  /** Parts one inside the other, each filter as soon as what it needs is bound. */
  #chain(
    order: readonly Ordered[],
    filters: readonly Expression[],
    input: Operator,
    env: Env,
  ): Omit<Planned, "inOrder"> {
    let [operator, known, waiting] = [input, env, filters];
    const settle = (isEnd: boolean): void => {
      const ready = waiting.filter((each) => isEnd || isWithin(variablesOf(each), known.certain));
      waiting = waiting.filter((each) => !ready.includes(each));
      operator = this.#filter(operator, ready, known);
    };
    for (const { part, fanOut } of order) {
      settle(false);
      operator = this.#planPart(part, operator, known, fanOut);
      known = extended(known, part);
    }
    settle(true);
    return { operator, env: known };
  }

  #planPart(part: Node, input: Operator, env: Env, fanOut: number): Operator {
    const run = this.#run;
    switch (part.type) {
      case "pattern":
        return new PatternJoin(input, part, run, labelOf(part), fanOut);
      case "repeat": {
        const path = numberPath(part.path, run) as typeof part.path;
        return new RepeatJoin(input, { ...part, path }, run, labelOf(part), fanOut);
      }
      case "values": {
        const slots = part.variables.map((name) => run.slotOf(name));
        const rows = part.rows.map((row) => part.variables.map((name) => numberIn(run, row[name])));
        return new RowsJoin(input, slots, () => rows, run, labelOf(part), fanOut);
      }
      case "search": {
        const { subject, words } = part;
        if ("variable" in subject) {
          const rowsOf = (): readonly (readonly number[])[] => searched(words, run).map((number) => [number]);
          return new RowsJoin(input, [run.slotOf(subject.variable)], once(rowsOf), run, labelOf(part), fanOut);
        }
        const isFound = once(() => searched(words, run).includes(run.terms.numberOf(subject.term)));
        return new Filter(input, [isFound], run, labelOf(part));
      }
      default:
        return this.#plan(part, input, env, undefined, ALL).operator;
    }
  }

  #planWalk(node: JoinNode, walk: WalkPlan): Omit<Planned, "inOrder"> {
    const run = this.#run;
    const leading = this.#chain(orderOf(walk.leading, new Set(), run), walk.leadingFilters, new Once(), NOTHING);
    const operator = new NewestWalk(
      leading.operator,
      {
        subject: run.slotOf(walk.subject),
        date: run.slotOf(walk.date),
        datePredicate: numberIn(run, walk.datePredicate),
        predicate: numberIn(run, walk.predicate),
        object: walk.object !== undefined && "term" in walk.object ? numberIn(run, walk.object.term) : 0,
        objectSlot: walk.object !== undefined && "variable" in walk.object ? run.slotOf(walk.object.variable) : -1,
        newestFirst: walk.newestFirst,
        leading: [...leading.env.possible].map((name) => run.slotOf(name)),
      },
      run,
      walk.label,
    );
    const bound = new Set([walk.subject, walk.date]);
    const env = {
      certain: union([leading.env.certain, bound]),
      possible: union([leading.env.possible, bound]),
    };
    const filters = node.filters.filter((each) => !walk.leadingFilters.includes(each));
    return this.#chain(orderOf(walk.rest, env.certain, run), filters, operator, env);
  }

  // -------------------------------------------------------------------------------------------------------------
  // Filters and expressions

  #filter(input: Operator, filters: readonly Expression[], env: Env): Operator {
    const plain = filters.filter(({ type }) => type !== "exists");
    let operator = input;
    if (plain.length > 0) {
      const conditions = plain.map((each) => compileCondition(each, this.#run, (inner) => this.#exists(inner, env)));
      operator = new Filter(operator, conditions, this.#run, `filter ${plain.map(writeExpression).join(" and ")}`);
    }
    for (const each of filters) {
      if (each.type !== "exists") continue;
      const inner = this.#planExists(each.input, env);
      operator = new SemiJoin(operator, inner, !each.not, each.not ? "not exists" : "exists");
    }
    return operator;
  }

  /** An EXISTS inside an expression is answered at once, without a pause. */
  #exists({ input }: Expression & { readonly type: "exists" }, env: Env): () => boolean {
    const inner = this.#planExists(input, env);
    return () => {
      inner.open();
      let step = inner.next();
      while (step === PAUSE) step = inner.next();
      inner.open();
      return step === ROW;
    };
  }

  #evaluate(expression: Expression, env: Env): Evaluate {
    return compileExpression(expression, this.#run, (inner) => this.#exists(inner, env));
  }

  #extend({ operator, env }: Planned, node: Node & { readonly type: "extend" }): Operator {
    const { expression, variable } = node;
    const run = this.#run;
    const label = `${writeExpression(expression)} as ?${variable}`;
    const slot = run.slotOf(variable);
    if (expression.type === "variable") {
      const from = run.slotOf(expression.variable);
      return new Extend(operator, slot, () => run.row[from] ?? 0, run, label);
    }
    const evaluate = this.#evaluate(expression, env);
    const number = (): number => {
      const cell = cellOfValue(evaluate());
      return cell === undefined ? 0 : run.terms.numberOfCell(cell);
    };
    return new Extend(operator, slot, number, run, label);
  }

  // -------------------------------------------------------------------------------------------------------------
  // The other operations

  /** Evaluates by itself for each graph, whose name is constant then (SPARQL 1.1 §18.6, Graph). */
  #planGraph(node: Node & { readonly type: "graph" }, input: Operator, env: Env): Planned {
    const run = this.#run;
    const { name } = node;
    const { named } = run.dataset;
    const label = `in the graph ${writePlace(name)}`;
    if ("term" in name) {
      const isThere = named.has(run.terms.numberOf(name.term));
      const inner = this.#plan(node.input, new Filter(input, [() => isThere], run, label), env, undefined, ALL);
      return { ...inner, inOrder: false };
    }
    const rows = [...named.keys()].map((number) => [number]);
    const operator = new RowsJoin(input, [run.slotOf(name.variable)], () => rows, run, label, rows.length);
    const bound = new Set([name.variable]);
    const known = { certain: union([env.certain, bound]), possible: union([env.possible, bound]) };
    const planner = new Planner(run, { walks: this.#walks, constants: union([this.#constants, bound]) });
    const inner = planner.#planInner(node.input, known);
    return { operator: new UnionJoin(operator, [inner], "for each"), env: extended(known, node), inOrder: false };
  }

  #planLeft(
    { left, right, condition }: Node & { readonly type: "left" },
    input: Operator,
    env: Env,
    wanted: Wanted | undefined,
  ): Planned {
    const outer = this.#plan(left, input, env, wanted, ALL);
    const inner = this.#plan(right, new Once(), outer.env, undefined, ALL);
    const operator = new LeftJoin(outer.operator, this.#filter(inner.operator, condition, inner.env));
    return {
      operator,
      env: { certain: outer.env.certain, possible: inner.env.possible },
      inOrder: outer.inOrder,
    };
  }

  #planMinus(
    { left, right }: Node & { readonly type: "minus" },
    input: Operator,
    env: Env,
    wanted: Wanted | undefined,
  ): Planned {
    const outer = this.#plan(left, input, env, wanted, ALL);
    const shared = without(intersection(possible(left), possible(right)), this.#constants);
    const beside = intersection(shared, intersection(possibleBesideGraphs(left), possibleBesideGraphs(right)));
    // Without a variable in common nothing is taken away.
    if (beside.size === 0) return outer;
    const surely = [...shared].filter((name) => certain(left).has(name) && certain(right).has(name));
    const isPlain =
      surely.length === shared.size &&
      isOpenTo(right, without(outer.env.possible, this.#constants)) &&
      [...possible(right)].every(
        (name) => shared.has(name) || this.#constants.has(name) || !outer.env.possible.has(name),
      );
    const operator = isPlain
      ? new SemiJoin(outer.operator, this.#planInner(right, outer.env), false, "minus")
      : new TableMinus(outer.operator, this.#table(right, shared, surely), this.#run, {
          counts: [...shared].map((name) => beside.has(name)),
        });
    return { ...outer, operator };
  }

  #planGroup(node: Node & { readonly type: "group" }, input: Operator, env: Env): Operator {
    const run = this.#run;
    const keys = node.keys.map((name) => run.slotOf(name));
    const counted = findCounted(node);
    const [graph, ...others] = run.dataset.merged;
    if (counted !== undefined && graph !== undefined && others.length === 0) {
      const rest = this.#chain(orderOf(counted.rest, env.certain, run), counted.filters, input, env);
      const pattern = {
        predicate: numberIn(run, counted.predicate),
        other: spotOf(counted.other, run),
        isSubjectCounted: counted.isSubjectCounted,
      };
      const isKnown =
        counted.isSubjectCounted || "term" in counted.other || rest.env.certain.has(counted.other.variable);
      if (isKnown) {
        const join = new CountJoin(rest.operator, pattern, run, graph, labelOf(counted.pattern));
        const aggregates = node.aggregates.map((aggregate) => ({
          ...this.#aggregate(aggregate, env),
          variable: undefined,
          evaluate: undefined,
        }));
        return new GroupBy(join, keys, aggregates, run, () => join.weight);
      }
    }
    const inner = this.#plan(node.input, input, env, undefined, ALL);
    const aggregates = node.aggregates.map((aggregate) => this.#aggregate(aggregate, inner.env));
    return new GroupBy(inner.operator, keys, aggregates, run, () => 1);
  }

  #aggregate(aggregate: Aggregate, env: Env): CompiledAggregate {
    const { expression, variable, all = [] } = aggregate;
    return {
      aggregate,
      slot: this.#run.slotOf(variable),
      all: all.map((name) => this.#run.slotOf(name)),
      evaluate: expression === undefined ? undefined : this.#evaluate(expression, env),
      variable: expression?.type === "variable" ? this.#run.slotOf(expression.variable) : undefined,
    };
  }

  #planOrder(
    { input: ordered, keys }: Node & { readonly type: "order" },
    input: Operator,
    env: Env,
    limit: number,
  ): Planned {
    const [first, ...others] = keys;
    const wanted: Wanted | undefined =
      first?.expression.type === "variable"
        ? { variable: first.expression.variable, descending: first.descending, limit }
        : undefined;
    const inner = this.#plan(ordered, input, env, wanted, ALL);
    // In this order, which is not the one that may be wanted around it.
    if (inner.inOrder && others.length === 0) return { ...inner, inOrder: false };
    const operator = new Sort(
      inner.operator,
      keys.map((key) => this.#key(key, inner.env)),
      [...inner.env.possible].map((name) => this.#run.slotOf(name)),
      this.#run,
      { wanted: limit, isPartly: inner.inOrder },
    );
    return { operator, env: inner.env, inOrder: false };
  }

  #key({ expression, descending }: SortKey, env: Env) {
    const evaluate = this.#evaluate(expression, env);
    return { evaluate: () => cellOfValue(evaluate()), descending };
  }
}

function extended(env: Env, node: Node): Env {
  return { certain: union([env.certain, certain(node)]), possible: union([env.possible, possible(node)]) };
}

function without(all: ReadonlySet<string>, some: ReadonlySet<string>): ReadonlySet<string> {
  return some.size === 0 ? all : new Set([...all].filter((name) => !some.has(name)));
}

function numberIn(run: Run, term: Term | undefined): number {
  return term === undefined ? 0 : run.terms.numberOf(term);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
