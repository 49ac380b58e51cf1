import { type Ordered, orderOf, searched } from "../estimate.ts";
import { type Expression, isWithin, type JoinNode, type Node, union, variablesOf } from "../node.ts";
import { Once, type Operator } from "../operator.ts";
import { NewestWalk } from "../operators/newest-walk.ts";
import { PatternJoin } from "../operators/pattern-join.ts";
import { numberPath } from "../operators/reach.ts";
import { RepeatJoin } from "../operators/repeat-join.ts";
import { Filter } from "../operators/restrict.ts";
import { RowsJoin } from "../operators/table.ts";
import { findWalk, type WalkPlan } from "../walk.ts";
import { labelOf } from "../write-plan.ts";
import { planFilter } from "./filters.ts";
import { ALL, type Env, extended, NOTHING, numberIn, type Planned, type Planning, type Wanted } from "./planning.ts";

/** A join in the order that costs least, or along a list where the wanted order makes that cost less still. */
export function planJoin(
  planning: Planning,
  node: JoinNode,
  input: Operator,
  env: Env,
  wanted: Wanted | undefined,
): Planned {
  const order = orderOf(node.parts, env.certain, planning.run);
  if (wanted !== undefined && planning.walks && env.possible.size === 0 && input instanceof Once) {
    const walk = findWalk(node, order, wanted, planning.run);
    if (walk !== undefined) return { ...planWalk(planning, node, walk), inOrder: true };
  }
  return { ...planChain(planning, order, node.filters, input, env), inOrder: false };
}

/** Parts one inside the other, each filter as soon as what it needs is bound. */
export function planChain(
  planning: Planning,
  order: readonly Ordered[],
  filters: readonly Expression[],
  input: Operator,
  env: Env,
): Omit<Planned, "inOrder"> {
  let [operator, known, waiting] = [input, env, filters];
  const settle = (isEnd: boolean): void => {
    const ready = waiting.filter((each) => isEnd || isWithin(variablesOf(each), known.certain));
    waiting = waiting.filter((each) => !ready.includes(each));
    operator = planFilter(planning, operator, ready, known);
  };
  for (const { part, fanOut } of order) {
    settle(false);
    operator = planPart(planning, part, operator, known, fanOut);
    known = extended(known, part);
  }
  settle(true);
  return { operator, env: known };
}

function planPart(planning: Planning, part: Node, input: Operator, env: Env, fanOut: number): Operator {
  const run = planning.run;
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
      return planning.goOn(part, input, env, undefined, ALL).operator;
  }
}

function planWalk(planning: Planning, node: JoinNode, walk: WalkPlan): Omit<Planned, "inOrder"> {
  const run = planning.run;
  const leading = planChain(planning, orderOf(walk.leading, new Set(), run), walk.leadingFilters, new Once(), NOTHING);
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
  return planChain(planning, orderOf(walk.rest, env.certain, run), filters, operator, env);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
