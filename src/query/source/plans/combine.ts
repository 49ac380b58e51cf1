import { certain, intersection, type Node, possible, possibleBesideGraphs, union } from "../node.ts";
import { isOpenTo } from "../open-to.ts";
import { Once, type Operator } from "../operator.ts";
import { LeftJoin, UnionJoin } from "../operators/combine.ts";
import { Filter, SemiJoin } from "../operators/restrict.ts";
import { RowsJoin, TableMinus } from "../operators/table.ts";
import { writePlace } from "../write-plan.ts";
import { planFilter } from "./filters.ts";
import { ALL, type Env, extended, type Planned, type Planning, type Wanted, without } from "./planning.ts";

/** Evaluates by itself for each graph, whose name is constant then (SPARQL 1.1 §18.6, Graph). */
export function planGraph(
  planning: Planning,
  node: Node & { readonly type: "graph" },
  input: Operator,
  env: Env,
): Planned {
  const run = planning.run;
  const { name } = node;
  const { named } = run.dataset;
  const label = `in the graph ${writePlace(name)}`;
  if ("term" in name) {
    const isThere = named.has(run.terms.numberOf(name.term));
    const inner = planning.goOn(node.input, new Filter(input, [() => isThere], run, label), env, undefined, ALL);
    return { ...inner, inOrder: false };
  }
  const rows = [...named.keys()].map((number) => [number]);
  const operator = new RowsJoin(input, [run.slotOf(name.variable)], () => rows, run, label, rows.length);
  const bound = new Set([name.variable]);
  const known = { certain: union([env.certain, bound]), possible: union([env.possible, bound]) };
  const inner = planning.innerWith(bound, node.input, known);
  return { operator: new UnionJoin(operator, [inner], "for each"), env: extended(known, node), inOrder: false };
}

/** OPTIONAL. */
export function planLeft(
  planning: Planning,
  { left, right, condition }: Node & { readonly type: "left" },
  input: Operator,
  env: Env,
  wanted: Wanted | undefined,
): Planned {
  const outer = planning.goOn(left, input, env, wanted, ALL);
  const inner = planning.goOn(right, new Once(), outer.env, undefined, ALL);
  const operator = new LeftJoin(outer.operator, planFilter(planning, inner.operator, condition, inner.env));
  return {
    operator,
    env: { certain: outer.env.certain, possible: inner.env.possible },
    inOrder: outer.inOrder,
  };
}

/** MINUS: by a join where that changes nothing, else by a table. */
export function planMinus(
  planning: Planning,
  { left, right }: Node & { readonly type: "minus" },
  input: Operator,
  env: Env,
  wanted: Wanted | undefined,
): Planned {
  const outer = planning.goOn(left, input, env, wanted, ALL);
  const shared = without(intersection(possible(left), possible(right)), planning.constants);
  const beside = intersection(shared, intersection(possibleBesideGraphs(left), possibleBesideGraphs(right)));
  // Without a variable in common nothing is taken away.
  if (beside.size === 0) return outer;
  const surely = [...shared].filter((name) => certain(left).has(name) && certain(right).has(name));
  const isPlain =
    surely.length === shared.size &&
    isOpenTo(right, without(outer.env.possible, planning.constants)) &&
    [...possible(right)].every(
      (name) => shared.has(name) || planning.constants.has(name) || !outer.env.possible.has(name),
    );
  const operator = isPlain
    ? new SemiJoin(outer.operator, planning.inner(right, outer.env), false, "minus")
    : new TableMinus(outer.operator, planning.table(right, shared, surely), planning.run, {
        counts: [...shared].map((name) => beside.has(name)),
      });
  return { ...outer, operator };
}
