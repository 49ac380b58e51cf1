import type { Term } from "../../../rdf/term.ts";
import { certain, type Node, possible, union } from "../node.ts";
import type { Operator, Run } from "../operator.ts";
import type { Table } from "../operators/table.ts";

/** What is bound where a plan goes on. */
export interface Env {
  readonly certain: ReadonlySet<string>;
  readonly possible: ReadonlySet<string>;
}

/** The order that is asked of a plan, and how many of its solutions are wanted. */
export interface Wanted {
  readonly variable: string;
  readonly descending: boolean;
  readonly limit: number;
}

/** A plan so far: its last operator, and whether solutions come in the order that was wanted. */
export interface Planned {
  readonly operator: Operator;
  readonly env: Env;
  readonly inOrder: boolean;
}

/** What planning an operation asks of the planner for the operations in it. */
export interface Planning {
  readonly run: Run;
  /** Whether newest-first walks may be used. */
  readonly walks: boolean;
  /** Variables that stand for what is bound around an EXISTS: constants within it (SPARQL 1.1 §18.6). */
  readonly constants: ReadonlySet<string>;
  /** Goes on from `input` by a node; `limit` is how many solutions will be asked for. */
  goOn(node: Node, input: Operator, env: Env, wanted: Wanted | undefined, limit: number): Planned;
  /** A plan of its own that sees what is bound outside, as far as that changes nothing. */
  inner(node: Node, env: Env): Operator;
  /** The same, in which these variables are constant. */
  innerWith(constants: ReadonlySet<string>, node: Node, env: Env): Operator;
  /** The solutions of a node by itself, in a row of its own. */
  table(node: Node, shown: ReadonlySet<string>, shared: readonly string[]): Table;
}

/** All solutions, as a limit. */
export const ALL: number = Number.POSITIVE_INFINITY;

/** Where nothing is bound yet. */
export const NOTHING: Env = { certain: new Set(), possible: new Set() };

/** What is bound after a node. */
export function extended(env: Env, node: Node): Env {
  return { certain: union([env.certain, certain(node)]), possible: union([env.possible, possible(node)]) };
}

/** The names that are not among `some`. */
export function without(all: ReadonlySet<string>, some: ReadonlySet<string>): ReadonlySet<string> {
  return some.size === 0 ? all : new Set([...all].filter((name) => !some.has(name)));
}

/** The number of a term in a run; 0 is none. */
export function numberIn(run: Run, term: Term | undefined): number {
  return term === undefined ? 0 : run.terms.numberOf(term);
}
