import { certain, type Expression, type Node, possible, union, variablesOf } from "./node.ts";

/**
 * Whether a node may be evaluated with what is bound already put in: whether that gives the solutions that evaluating
 * it alone and joining afterwards would (SPARQL 1.1 §18.5 evaluates from the inside out). `outer` may be bound.
 */
export function isOpenTo(node: Node, outer: ReadonlySet<string>): boolean {
  switch (node.type) {
    case "pattern":
    case "repeat":
    case "search":
    case "values":
      return true;
    case "graph":
      return isOpenTo(node.input, outer);
    case "join":
      return (
        node.parts.every((part) => isOpenTo(part, outer)) && node.filters.every((each) => isSettled(each, node, outer))
      );
    case "union":
      return node.parts.every((part) => isOpenTo(part, outer));
    case "left":
      return (
        isOpenTo(node.left, outer) &&
        isOpenTo(node.right, union([outer, possible(node.left)])) &&
        isSettledWithin(possible(node.right), certain(node.left), outer) &&
        node.condition.every((each) => isSettledWithin(variablesOf(each), certain(node.left), outer))
      );
    case "minus":
      return isOpenTo(node.left, outer) && isSettledWithin(possible(node.right), certain(node.left), outer);
    case "extend":
      return isOpenTo(node.input, outer) && isSettled(node.expression, node.input, outer);
    case "project":
    case "distinct":
      return isOpenTo(node.input, outer);
    case "group":
    case "order":
    case "slice":
      return false;
  }
}

function isSettled(expression: Expression, node: Node, outer: ReadonlySet<string>): boolean {
  return isSettledWithin(variablesOf(expression), certain(node), outer);
}

function isSettledWithin(
  variables: ReadonlySet<string>,
  certainly: ReadonlySet<string>,
  outer: ReadonlySet<string>,
): boolean {
  for (const name of variables) if (outer.has(name) && !certainly.has(name)) return false;
  return true;
}
