import type { Term } from "../../rdf/term.ts";

/** A place in a pattern: a variable by name, or a term. */
export type Place = { readonly variable: string } | { readonly term: Term };

/** Which graph a pattern is about: the merged one, one by name, or each named one in turn. */
export type GraphPlace = "default" | Place;

/** A property path below an operation, in the forms that do not become joins and unions (SPARQL 1.1 §9.3). */
export type Path =
  | { readonly type: "link"; readonly predicate: Term }
  | { readonly type: "inverse"; readonly path: Path }
  | { readonly type: "sequence"; readonly paths: readonly Path[] }
  | { readonly type: "alternative"; readonly paths: readonly Path[] }
  | { readonly type: "not"; readonly predicates: readonly Term[] }
  | { readonly type: "repeat"; readonly path: Path; readonly least: 0 | 1; readonly more: boolean };

/** An expression of SPARQL 1.1 §17. */
export type Expression =
  | { readonly type: "term"; readonly term: Term }
  | { readonly type: "variable"; readonly variable: string }
  | { readonly type: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly type: "exists"; readonly not: boolean; readonly input: Node };

export interface Aggregate {
  readonly name: "count" | "sum" | "avg" | "min" | "max" | "sample" | "group_concat";
  readonly distinct: boolean;
  readonly separator: string;
  /** Undefined for `COUNT(*)`. */
  readonly expression?: Expression;
  /** What makes one solution another for `COUNT(DISTINCT *)`: the variables of the text, not blank nodes and the like. */
  readonly all?: readonly string[];
  readonly variable: string;
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface PatternNode {
  readonly type: "pattern";
  readonly subject: Place;
  readonly predicate: Place;
  readonly object: Place;
  readonly graph: GraphPlace;
  /** Predicates it is not about, for a negated property set. */
  readonly except?: readonly Term[];
  readonly origin?: Origin;
}

/** A variable that becomes the origin of a triple, or of those along a path, with spaces between: `here` for the dataset's own. */
export interface Origin {
  readonly variable: string;
  readonly here: string;
}

export interface JoinNode {
  readonly type: "join";
  readonly parts: readonly Node[];
  readonly filters: readonly Expression[];
}

/**
 * A query as the source takes it: the algebra of SPARQL 1.1 §18 with each variable meaning one thing throughout (those
 * a subquery hides have other names), filters gathered at the joins they restrict, and paths taken apart.
 */
export type Node =
  | PatternNode
  | JoinNode
  | {
      readonly type: "repeat";
      readonly path: Path & { readonly type: "repeat" };
      readonly subject: Place;
      readonly object: Place;
      readonly graph: GraphPlace;
      readonly origin?: Origin;
    }
  | { readonly type: "search"; readonly subject: Place; readonly words: string }
  /** What the input gives for one graph by name, or for each in turn; its patterns say which one, too. */
  | { readonly type: "graph"; readonly name: Place; readonly input: Node }
  | {
      readonly type: "values";
      readonly variables: readonly string[];
      readonly rows: readonly Readonly<Record<string, Term>>[];
    }
  | { readonly type: "union"; readonly parts: readonly Node[] }
  | { readonly type: "left"; readonly left: Node; readonly right: Node; readonly condition: readonly Expression[] }
  | { readonly type: "minus"; readonly left: Node; readonly right: Node }
  | { readonly type: "extend"; readonly input: Node; readonly variable: string; readonly expression: Expression }
  | {
      readonly type: "group";
      readonly input: Node;
      readonly keys: readonly string[];
      readonly aggregates: readonly Aggregate[];
    }
  | { readonly type: "project"; readonly input: Node; readonly variables: readonly string[] }
  | { readonly type: "distinct"; readonly input: Node }
  | { readonly type: "order"; readonly input: Node; readonly keys: readonly SortKey[] }
  | { readonly type: "slice"; readonly input: Node; readonly offset: number; readonly limit: number };

/** The variables of an expression, those of patterns in EXISTS included. */
export function variablesOf(expression: Expression): ReadonlySet<string> {
  switch (expression.type) {
    case "term":
      return new Set();
    case "variable":
      return new Set([expression.variable]);
    case "call":
      return union(expression.args.map(variablesOf));
    case "exists":
      return mentioned(expression.input);
  }
}

const possibleOf = new WeakMap<Node, ReadonlySet<string>>();
const certainOf = new WeakMap<Node, ReadonlySet<string>>();

/** The variables that solutions of a node may bind. */
export function possible(node: Node): ReadonlySet<string> {
  return kept(possibleOf, node, findPossible);
}

/** The variables that every solution of a node binds. */
export function certain(node: Node): ReadonlySet<string> {
  return kept(certainOf, node, findCertain);
}

function kept(
  found: WeakMap<Node, ReadonlySet<string>>,
  node: Node,
  find: (node: Node) => ReadonlySet<string>,
): ReadonlySet<string> {
  let variables = found.get(node);
  if (variables === undefined) {
    variables = find(node);
    found.set(node, variables);
  }
  return variables;
}

function findPossible(node: Node): ReadonlySet<string> {
  switch (node.type) {
    case "pattern":
    case "repeat":
    case "search":
      return placesOf(node);
    case "values":
      return new Set(node.variables);
    case "graph":
      return union([possible(node.input), nameOf(node)]);
    case "join":
    case "union":
      return union(node.parts.map(possible));
    case "left":
      return union([possible(node.left), possible(node.right)]);
    case "minus":
      return possible(node.left);
    case "extend":
      return union([possible(node.input), new Set([node.variable])]);
    case "group":
      return new Set([...node.keys, ...node.aggregates.map(({ variable }) => variable)]);
    case "project":
      return intersection(possible(node.input), new Set(node.variables));
    case "distinct":
    case "order":
    case "slice":
      return possible(node.input);
  }
}

function findCertain(node: Node): ReadonlySet<string> {
  switch (node.type) {
    case "pattern":
    case "search":
      return placesOf(node);
    case "repeat": {
      // A path of no length is of no origin.
      const { origin, ...rest } = node;
      return placesOf(origin === undefined || node.path.least === 1 ? node : rest);
    }
    case "values":
      return new Set(node.variables.filter((name) => node.rows.every((row) => row[name] !== undefined)));
    case "graph":
      return union([certain(node.input), nameOf(node)]);
    case "join":
      return union(node.parts.map(certain));
    case "union": {
      const [first, ...others] = node.parts.map(certain);
      return others.reduce(intersection, first ?? new Set());
    }
    case "left":
    case "minus":
      return certain(node.left);
    case "group":
      return intersection(certain(node.input), new Set(node.keys));
    case "project":
      return intersection(certain(node.input), new Set(node.variables));
    case "extend":
    case "distinct":
    case "order":
    case "slice":
      return certain(node.input);
  }
}

/**
 * The variables that a node binds otherwise than as the name of the graph its patterns are about: GRAPH names that one
 * for all of its group at once, so it is not what solutions within the group share (SPARQL 1.1 §18.5, Graph).
 */
export function possibleBesideGraphs(node: Node): ReadonlySet<string> {
  switch (node.type) {
    case "pattern":
    case "repeat":
      return possible({ ...node, graph: "default" });
    case "graph":
      return possibleBesideGraphs(node.input);
    case "join":
    case "union":
      return union(node.parts.map(possibleBesideGraphs));
    case "left":
      return union([possibleBesideGraphs(node.left), possibleBesideGraphs(node.right)]);
    case "minus":
      return possibleBesideGraphs(node.left);
    default:
      return possible(node);
  }
}

/** All variables of a node and below it, hidden ones too. */
function mentioned(node: Node): ReadonlySet<string> {
  switch (node.type) {
    case "pattern":
    case "repeat":
    case "search":
    case "values":
      return possible(node);
    case "graph":
      return union([mentioned(node.input), nameOf(node)]);
    case "join":
      return union([...node.parts.map(mentioned), ...node.filters.map(variablesOf)]);
    case "union":
      return union(node.parts.map(mentioned));
    case "left":
      return union([mentioned(node.left), mentioned(node.right), ...node.condition.map(variablesOf)]);
    case "minus":
      return union([mentioned(node.left), mentioned(node.right)]);
    case "extend":
      return union([mentioned(node.input), new Set([node.variable]), variablesOf(node.expression)]);
    case "group":
      return union([mentioned(node.input), possible(node)]);
    case "project":
      return union([mentioned(node.input), new Set(node.variables)]);
    case "distinct":
    case "order":
    case "slice":
      return mentioned(node.input);
  }
}

function nameOf({ name }: Node & { readonly type: "graph" }): ReadonlySet<string> {
  return new Set("variable" in name ? [name.variable] : []);
}

function placesOf(node: Node & { readonly type: "pattern" | "repeat" | "search" }): ReadonlySet<string> {
  const places: GraphPlace[] = [node.subject];
  if (node.type === "pattern") places.push(node.predicate);
  if (node.type !== "search") {
    places.push(node.object, node.graph);
    if (node.origin !== undefined) places.push({ variable: node.origin.variable });
  }
  return new Set(places.flatMap((place) => (place !== "default" && "variable" in place ? [place.variable] : [])));
}

export function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...set]));
}

export function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((name) => b.has(name)));
}

/** Whether all of `some` are in `all`. */
export function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  for (const name of some) if (!all.has(name)) return false;
  return true;
}
