import { compileCondition, compileExpression, type Evaluate } from "../expression.ts";
import { cellOfValue } from "../functions.ts";
import type { Expression, Node } from "../node.ts";
import { type Operator, PAUSE, ROW } from "../operator.ts";
import { Extend } from "../operators/combine.ts";
import { Filter, SemiJoin } from "../operators/restrict.ts";
import { writeExpression } from "../write-plan.ts";
import type { Env, Planned, Planning } from "./planning.ts";

/** Solutions that pass filters: those with an EXISTS as a join, one after the other, the others at once. */
export function planFilter(planning: Planning, input: Operator, filters: readonly Expression[], env: Env): Operator {
  const plain = filters.filter(({ type }) => type !== "exists");
  let operator = input;
  if (plain.length > 0) {
    const conditions = plain.map((each) =>
      compileCondition(each, planning.run, (inner) => exists(planning, inner, env)),
    );
    operator = new Filter(operator, conditions, planning.run, `filter ${plain.map(writeExpression).join(" and ")}`);
  }
  for (const each of filters) {
    if (each.type !== "exists") continue;
    const inner = planning.innerWith(env.possible, each.input, env);
    operator = new SemiJoin(operator, inner, !each.not, each.not ? "not exists" : "exists");
  }
  return operator;
}

/** An EXISTS inside an expression is answered at once, without a pause. */
function exists(planning: Planning, { input }: Expression & { readonly type: "exists" }, env: Env): () => boolean {
  const inner = planning.innerWith(env.possible, input, env);
  return () => {
    inner.open();
    let step = inner.next();
    while (step === PAUSE) step = inner.next();
    inner.open();
    return step === ROW;
  };
}

/** An expression over the row of the run. */
export function evaluator(planning: Planning, expression: Expression, env: Env): Evaluate {
  return compileExpression(expression, planning.run, (inner) => exists(planning, inner, env));
}

/** Binds what an expression gives. */
export function planExtend(
  planning: Planning,
  { operator, env }: Planned,
  node: Node & { readonly type: "extend" },
): Operator {
  const { expression, variable } = node;
  const { run } = planning;
  const label = `${writeExpression(expression)} as ?${variable}`;
  const slot = run.slotOf(variable);
  if (expression.type === "variable") {
    const from = run.slotOf(expression.variable);
    return new Extend(operator, slot, () => run.row[from] ?? 0, run, label);
  }
  const evaluate = evaluator(planning, expression, env);
  const number = (): number => {
    const cell = cellOfValue(evaluate());
    return cell === undefined ? 0 : run.terms.numberOfCell(cell);
  };
  return new Extend(operator, slot, number, run, label);
}
