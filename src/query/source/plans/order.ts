import { cellOfValue } from "../functions.ts";
import type { Node, SortKey } from "../node.ts";
import type { Operator } from "../operator.ts";
import { Sort } from "../operators/sort.ts";
import { evaluator } from "./filters.ts";
import { ALL, type Env, type Planned, type Planning, type Wanted } from "./planning.ts";

/** Sorts, unless solutions come in the order already. */
export function planOrder(
  planning: Planning,
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
  const inner = planning.goOn(ordered, input, env, wanted, ALL);
  // In this order, which is not the one that may be wanted around it.
  if (inner.inOrder && others.length === 0) return { ...inner, inOrder: false };
  const operator = new Sort(
    inner.operator,
    keys.map((key) => sortKey(planning, key, inner.env)),
    [...inner.env.possible].map((name) => planning.run.slotOf(name)),
    planning.run,
    { wanted: limit, isPartly: inner.inOrder },
  );
  return { operator, env: inner.env, inOrder: false };
}

function sortKey(planning: Planning, { expression, descending }: SortKey, env: Env) {
  const evaluate = evaluator(planning, expression, env);
  return { evaluate: () => cellOfValue(evaluate()), descending };
}
