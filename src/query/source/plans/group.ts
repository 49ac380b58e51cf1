import { findCounted } from "../counted.ts";
import { orderOf } from "../estimate.ts";
import type { Aggregate, Node } from "../node.ts";
import type { Operator } from "../operator.ts";
import { CountJoin } from "../operators/count-join.ts";
import { type CompiledAggregate, GroupBy } from "../operators/group.ts";
import { spotOf } from "../operators/pattern-join.ts";
import { labelOf } from "../write-plan.ts";
import { evaluator } from "./filters.ts";
import { planChain } from "./joins.ts";
import { ALL, type Env, numberIn, type Planning } from "./planning.ts";

/** Groups and their aggregates; a count of triples that match one pattern is taken from their index. */
export function planGroup(
  planning: Planning,
  node: Node & { readonly type: "group" },
  input: Operator,
  env: Env,
): Operator {
  const run = planning.run;
  const keys = node.keys.map((name) => run.slotOf(name));
  const counted = findCounted(node);
  const [graph, ...others] = run.dataset.merged;
  if (counted !== undefined && graph !== undefined && others.length === 0) {
    const rest = planChain(planning, orderOf(counted.rest, env.certain, run), counted.filters, input, env);
    const pattern = {
      predicate: numberIn(run, counted.predicate),
      other: spotOf(counted.other, run),
      isSubjectCounted: counted.isSubjectCounted,
    };
    const isKnown = counted.isSubjectCounted || "term" in counted.other || rest.env.certain.has(counted.other.variable);
    if (isKnown) {
      const join = new CountJoin(rest.operator, pattern, run, graph, labelOf(counted.pattern));
      const aggregates = node.aggregates.map((aggregate) => ({
        ...compileAggregate(planning, aggregate, env),
        variable: undefined,
        evaluate: undefined,
      }));
      return new GroupBy(join, keys, aggregates, run, () => join.weight);
    }
  }
  const inner = planning.goOn(node.input, input, env, undefined, ALL);
  const aggregates = node.aggregates.map((aggregate) => compileAggregate(planning, aggregate, inner.env));
  return new GroupBy(inner.operator, keys, aggregates, run, () => 1);
}

function compileAggregate(planning: Planning, aggregate: Aggregate, env: Env): CompiledAggregate {
  const { expression, variable, all = [] } = aggregate;
  return {
    aggregate,
    slot: planning.run.slotOf(variable),
    all: all.map((name) => planning.run.slotOf(name)),
    evaluate: expression === undefined ? undefined : evaluator(planning, expression, env),
    variable: expression?.type === "variable" ? planning.run.slotOf(expression.variable) : undefined,
  };
}
