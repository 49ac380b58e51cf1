import type { QueryPlanStep } from "../../hub/ports/queries.ts";
import type { Term } from "../../rdf/term.ts";
import { PREFIXES } from "../../vocab/prefixes.ts";
import type { Expression, Node, Path, Place } from "./node.ts";
import type { Operator } from "./operator.ts";

/** Describes a plan, run or not. */
export function writePlan(operator: Operator): QueryPlanStep {
  const { label, estimate, given } = operator;
  return {
    step: label,
    ...(estimate === undefined ? {} : { estimate: Number(estimate.toPrecision(3)) }),
    solutions: given,
    inputs: operator.inputs.filter(({ label: step }) => step !== "begin").map(writePlan),
  };
}

/** A part of a join, in a line. */
export function labelOf(node: Node & { readonly type: "pattern" | "repeat" | "values" | "search" }): string {
  switch (node.type) {
    case "pattern": {
      const line = [node.subject, node.predicate, node.object].map(writePlace).join(" ");
      const except = node.except === undefined ? "" : ` but ${node.except.map(writeTerm).join(", ")}`;
      return node.graph === "default" ? line + except : `${line}${except} in ${writePlace(node.graph)}`;
    }
    case "repeat":
      return `${writePlace(node.subject)} ${writePath(node.path)} ${writePlace(node.object)}`;
    case "values":
      return `${node.rows.length} given for ${node.variables.map((name) => `?${name}`).join(" ")}`;
    case "search":
      return `${writePlace(node.subject)} in the text index for "${node.words}"`;
  }
}

/** A variable or a term. */
export function writePlace(place: Place): string {
  return "variable" in place ? `?${place.variable}` : writeTerm(place.term);
}

function writeTerm(term: Term): string {
  if (term.termType !== "NamedNode")
    return term.termType === "Literal" ? JSON.stringify(term.value) : `_:${term.value}`;
  for (const [prefix, namespace] of Object.entries(PREFIXES)) {
    if (term.value.startsWith(namespace)) return `${prefix}:${term.value.slice(namespace.length)}`;
  }
  return `<${term.value}>`;
}

function writePath(path: Path): string {
  switch (path.type) {
    case "link":
      return writeTerm(path.predicate);
    case "inverse":
      return `^${writePath(path.path)}`;
    case "sequence":
      return `(${path.paths.map(writePath).join("/")})`;
    case "alternative":
      return `(${path.paths.map(writePath).join("|")})`;
    case "not":
      return `!(${path.predicates.map(writeTerm).join("|")})`;
    case "repeat":
      return `${writePath(path.path)}${path.more ? (path.least === 0 ? "*" : "+") : "?"}`;
  }
}

/** An expression, in a line. */
export function writeExpression(expression: Expression): string {
  switch (expression.type) {
    case "term":
      return writeTerm(expression.term);
    case "variable":
      return `?${expression.variable}`;
    case "exists":
      return expression.not ? "not exists {…}" : "exists {…}";
    case "call": {
      const args = expression.args.map(writeExpression);
      return /^\W+$/.test(expression.name) && args.length === 2
        ? `(${args.join(` ${expression.name} `)})`
        : `${expression.name}(${args.join(", ")})`;
    }
  }
}
