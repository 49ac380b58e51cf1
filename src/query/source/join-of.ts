import type { Expression, Node } from "./node.ts";

/** A join without joins in it; filters of inner groups stay with them unless all they need is bound there. */
export function joinOf(parts: readonly Node[]): Node {
  const flat = parts.flatMap((part) => (part.type === "join" && part.filters.length === 0 ? part.parts : [part]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { type: "join", parts: flat, filters: [] };
}

/** What a node gives, filtered; at a join where it is one. */
export function restrict(node: Node, filters: readonly Expression[]): Node {
  if (node.type === "join") return { ...node, filters: [...node.filters, ...filters] };
  return { type: "join", parts: [node], filters };
}

/** The conditions that `&&` puts together. */
export function conjuncts(expression: Expression): readonly Expression[] {
  return expression.type === "call" && expression.name === "&&" ? expression.args.flatMap(conjuncts) : [expression];
}
