import { xsd } from "../../vocab/xsd.ts";
import { cellOfTerm } from "./cell.ts";
import { equal } from "./compare.ts";
import { type Apply, cellOfValue, effectiveBoolean, STRICT_FUNCTIONS, type Value } from "./functions.ts";
import type { Expression } from "./node.ts";
import type { Run } from "./operator.ts";
import { timed } from "./timed.ts";

const XSD_DATE_TIME = xsd.dateTime.value;

/** An expression ready to be asked of the present row. */
export type Evaluate = () => Value;

/** Asks whether a pattern has a solution with the present row. */
export type CompileExists = (expression: Expression & { readonly type: "exists" }) => () => boolean;

/** Makes an expression into a function over the rows of `run`. */
export function compileExpression(expression: Expression, run: Run, exists: CompileExists): Evaluate {
  const compile = (inner: Expression): Evaluate => compileExpression(inner, run, exists);
  switch (expression.type) {
    case "term": {
      const cell = cellOfTerm(expression.term);
      return () => cell;
    }
    case "variable": {
      const slot = run.slotOf(expression.variable);
      return () => {
        const number = run.row[slot] ?? 0;
        return number === 0 ? null : run.terms.cellOf(number);
      };
    }
    case "exists": {
      const found = exists(expression);
      return expression.not ? () => !found() : found;
    }
    case "call":
      return compileCall(expression, run, compile);
  }
}

/** Makes a condition: whether the expression is true of the present row; errors are not. */
export function compileCondition(expression: Expression, run: Run, exists: CompileExists): () => boolean {
  const quick = compareNumbers(expression, run);
  if (quick !== undefined) return quick;
  const evaluate = compileExpression(expression, run, exists);
  return () => effectiveBoolean(evaluate()) === true;
}

/** `?a = <iri>`, `?a != ?b`: told by the terms' numbers alone when both are no literals. */
function compareNumbers(expression: Expression, run: Run): (() => boolean) | undefined {
  if (expression.type !== "call" || (expression.name !== "=" && expression.name !== "!=")) return undefined;
  const [a, b] = expression.args;
  if (a?.type !== "variable" || b?.type !== "term" || b.term.termType !== "NamedNode") return undefined;
  const slot = run.slotOf(a.variable);
  const wanted = run.terms.numberOf(b.term);
  return expression.name === "="
    ? () => run.row[slot] === wanted
    : () => run.row[slot] !== wanted && (run.row[slot] ?? 0) !== 0;
}

function compileCall(
  { name, args }: Expression & { readonly type: "call" },
  run: Run,
  compile: (inner: Expression) => Evaluate,
): Evaluate {
  const [first, second, third] = args.map(compile);
  const none: Evaluate = () => undefined;
  switch (name) {
    case "&&":
      return logical(first ?? none, second ?? none, false);
    case "||":
      return logical(first ?? none, second ?? none, true);
    case "!":
      return () => {
        const value = effectiveBoolean((first ?? none)());
        return value === undefined ? undefined : !value;
      };
    case "bound": {
      const [variable] = args;
      if (variable?.type !== "variable") return none;
      const slot = run.slotOf(variable.variable);
      return () => (run.row[slot] ?? 0) !== 0;
    }
    case "if":
      return () => {
        const value = effectiveBoolean((first ?? none)());
        return value === undefined ? undefined : value ? (second ?? none)() : (third ?? none)();
      };
    case "coalesce": {
      const all = args.map(compile);
      return () => {
        for (const each of all) {
          const value = each();
          if (value !== undefined && value !== null) return value;
        }
        return undefined;
      };
    }
    case "now": {
      const now: Value = { kind: "literal", value: run.now, datatype: XSD_DATE_TIME, language: "" };
      return () => now;
    }
    case "in":
    case "notin":
      return membership(args.map(compile), name === "in");
    default: {
      const apply = STRICT_FUNCTIONS.get(name);
      return apply === undefined ? none : strict(inItsTime(name, apply, run), args.map(compile));
    }
  }
}

/** `||` (`decisive` is true) and `&&` (false): one side may settle it though the other fails (SPARQL 1.1 §17.2). */
function logical(first: Evaluate, second: Evaluate, decisive: boolean): Evaluate {
  return () => {
    const left = effectiveBoolean(first());
    if (left === decisive) return decisive;
    const right = effectiveBoolean(second());
    if (right === decisive) return decisive;
    return left === undefined || right === undefined ? undefined : !decisive;
  };
}

function membership([needle, ...others]: readonly Evaluate[], wanted: boolean): Evaluate {
  return () => {
    const value = cellOfValue(needle?.());
    if (value === undefined) return undefined;
    let failed = false;
    for (const other of others) {
      const found = cellOfValue(other());
      const same = found === undefined ? undefined : equal(value, found);
      if (same === true) return wanted;
      if (same === undefined) failed = true;
    }
    return failed ? undefined : !wanted;
  };
}

/** What a regular expression has that may match in more ways than anybody can try. */
const REPETITION = /[*+?{]/;

/** A function that may never end, within the run's bound for that. */
function inItsTime(name: string, apply: Apply, { patternTime_ms }: Run): Apply {
  if (patternTime_ms === undefined || (name !== "regex" && name !== "replace")) return apply;
  return (...cells) => {
    const mayBeEndless = REPETITION.test(cells[1]?.value ?? "");
    return mayBeEndless ? timed(patternTime_ms, () => apply(...cells)) : apply(...cells);
  };
}

function strict(apply: Apply, args: readonly Evaluate[]): Evaluate {
  const [first, second] = args;
  if (args.length === 1 && first !== undefined) {
    return () => {
      const value = first();
      if (value === undefined || value === null) return value;
      const cell = cellOfValue(value);
      return cell === undefined ? undefined : apply(cell);
    };
  }
  if (args.length === 2 && first !== undefined && second !== undefined) {
    return () => {
      const [a, b] = [first(), second()];
      if (a === undefined || a === null) return a;
      if (b === undefined || b === null) return b;
      const [left, right] = [cellOfValue(a), cellOfValue(b)];
      return left === undefined || right === undefined ? undefined : apply(left, right);
    };
  }
  return () => {
    const cells = [];
    for (const each of args) {
      const value = each();
      if (value === undefined || value === null) return value;
      const cell = cellOfValue(value);
      if (cell === undefined) return undefined;
      cells.push(cell);
    }
    return apply(...cells);
  };
}
