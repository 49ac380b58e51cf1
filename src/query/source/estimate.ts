import type { GraphIndex } from "../../hub/ports/quad-index.ts";
import { certain, type Expression, type Node, type PatternNode, type Place, possible } from "./node.ts";
import type { Run } from "./operator.ts";

/** How many ends a repeated path is thought to reach from one start. */
const REACHED = 20;

/** What a group, and a value that is found in some other way, leave of what goes in. */
const GROUPED = 0.1;

/** How many solutions are left by a filter, if nothing better is known. */
const FILTERED = 0.3;

/** One part of a join in its turn, and how many solutions come of each one before it. */
export interface Ordered {
  readonly part: Node;
  readonly fanOut: number;
}

/**
 * The order in which parts of a join are evaluated: always the one that multiplies least with what is bound by then.
 * One that shares no variable with what is bound comes as late as can be, unless it has a solution at most.
 */
export function orderOf(parts: readonly Node[], bound: ReadonlySet<string>, run: Run): readonly Ordered[] {
  const left = [...parts];
  const known = new Set(bound);
  const ordered: Ordered[] = [];
  while (left.length > 0) {
    let best: { readonly index: number; readonly fanOut: number; readonly rank: number } | undefined;
    for (const [index, part] of left.entries()) {
      const fanOut = fanOutOf(part, known, run);
      const isApart = known.size > 0 && fanOut > 1 && ![...possible(part)].some((name) => known.has(name));
      const rank = isApart ? fanOut * 1e9 : fanOut;
      if (best === undefined || rank < best.rank) best = { index, fanOut, rank };
    }
    if (best === undefined) break;
    const [part] = left.splice(best.index, 1);
    if (part === undefined) break;
    ordered.push({ part, fanOut: best.fanOut });
    for (const name of certain(part)) known.add(name);
  }
  return ordered;
}

/** What an order is thought to cost (all solutions on the way) and to give. */
export function costOf(order: readonly Ordered[], filters: readonly Expression[]): { cost: number; rows: number } {
  let [cost, rows] = [0, 1];
  for (const { fanOut } of order) {
    rows *= fanOut;
    cost += Math.max(rows, 1);
  }
  return { cost, rows: rows * FILTERED ** filters.length };
}

/** How many solutions of a node fit one solution in which `bound` are bound. */
export function fanOutOf(node: Node, bound: ReadonlySet<string>, run: Run): number {
  switch (node.type) {
    case "pattern":
      return fanOutOfPattern(node, bound, run);
    case "repeat": {
      const ends = [node.subject, node.object].filter((place) => "term" in place || bound.has(place.variable)).length;
      if (ends === 2) return 0.5;
      return ends === 1 ? REACHED : REACHED * nodesOf(run);
    }
    case "search": {
      const found = searched(node.words, run).length;
      return "term" in node.subject || bound.has(node.subject.variable) ? found / Math.max(nodesOf(run), 1) : found;
    }
    case "graph": {
      const { name, input } = node;
      const graphs = "term" in name || bound.has(name.variable) ? 1 : run.dataset.named.size;
      return graphs * fanOutOf(input, "term" in name ? bound : new Set([...bound, name.variable]), run);
    }
    case "values":
      return node.variables.some((name) => bound.has(name)) ? Math.min(node.rows.length, 1) : node.rows.length;
    case "join": {
      const { rows } = costOf(orderOf(node.parts, bound, run), node.filters);
      return rows;
    }
    case "union":
      return node.parts.reduce((sum, part) => sum + fanOutOf(part, bound, run), 0);
    case "left":
      return Math.max(fanOutOf(node.left, bound, run), 0);
    case "minus":
      return fanOutOf(node.left, bound, run) * FILTERED;
    case "group":
      return node.keys.length === 0 ? 1 : fanOutOf(node.input, NOTHING, run) * GROUPED;
    case "slice":
      return Math.min(node.limit, fanOutOf(node.input, NOTHING, run));
    case "extend":
    case "project":
    case "distinct":
    case "order":
      return fanOutOf(node.input, bound, run);
  }
}

const NOTHING: ReadonlySet<string> = new Set();

const found = new WeakMap<Run, Map<string, readonly number[]>>();

/** What a text search finds, once a run. */
export function searched(words: string, run: Run): readonly number[] {
  let searches = found.get(run);
  if (searches === undefined) {
    searches = new Map();
    found.set(run, searches);
  }
  let numbers = searches.get(words);
  if (numbers === undefined) {
    numbers = run.index.search(words, run.scope);
    searches.set(words, numbers);
  }
  return numbers;
}

function nodesOf(run: Run): number {
  return run.dataset.merged.reduce((sum, { subjects }) => sum + run.index.sizeOf(subjects), 0);
}

function graphsOf({ graph }: PatternNode, run: Run): readonly GraphIndex[] {
  if (graph === "default") return run.dataset.merged;
  if ("variable" in graph) return [...run.dataset.named.values()];
  const one = run.dataset.named.get(run.terms.numberOf(graph.term));
  return one === undefined ? [] : [one];
}

/** 0 for a place that is open, -1 for one whose term is known only when it runs, else the term's number. */
function numberAt(place: Place, bound: ReadonlySet<string>, run: Run): number {
  if ("term" in place) {
    const number = run.terms.numberOf(place.term);
    return number < 0 ? -2 : number;
  }
  return bound.has(place.variable) ? -1 : 0;
}

function fanOutOfPattern(pattern: PatternNode, bound: ReadonlySet<string>, run: Run): number {
  const numbers = [pattern.subject, pattern.predicate, pattern.object].map((place) => numberAt(place, bound, run));
  const [subject = 0, predicate = 0, object = 0] = numbers;
  // A term that no triple holds.
  if (numbers.includes(-2)) return 0;
  let sum = 0;
  for (const graph of graphsOf(pattern, run)) sum += fanOutIn(graph, subject, predicate, object, run);
  return sum;
}

function fanOutIn(graph: GraphIndex, subject: number, predicate: number, object: number, run: Run): number {
  const { index } = run;
  if (predicate <= 0) return fanOutWithoutPredicate(graph, subject, object, predicate < 0, run);
  const triples = graph.triplesOf(predicate);
  const objects = index.sizeOf(graph.predicates[predicate] ?? {});
  const subjects = Math.max(graph.subjectsOf(predicate), 1);
  if (triples === 0) return 0;
  if (object > 0) {
    const matching = index.sizeOf(graph.predicates[predicate]?.[object] ?? {});
    if (subject > 0) return object in (graph.subjects[subject]?.[predicate] ?? {}) ? 1 : 0;
    return subject === 0 ? matching : matching / subjects;
  }
  if (subject > 0) {
    const matching = index.sizeOf(graph.subjects[subject]?.[predicate] ?? {});
    return object === 0 ? matching : matching / Math.max(objects, 1);
  }
  if (subject === 0) return object === 0 ? triples : triples / Math.max(objects, 1);
  return object === 0 ? triples / subjects : Math.min(1, triples / (subjects * Math.max(objects, 1)));
}

/** Predicates that one subject, or one object, is thought to have. */
const PREDICATES = 8;

function fanOutWithoutPredicate(
  graph: GraphIndex,
  subject: number,
  object: number,
  isPredicateBound: boolean,
  run: Run,
): number {
  const { index } = run;
  const part = isPredicateBound ? 1 / PREDICATES : 1;
  const subjects = Math.max(index.sizeOf(graph.subjects), 1);
  if (subject > 0) {
    const all = index.sizeOf(graph.subjects[subject] ?? {});
    return (object === 0 ? all : Math.min(1, all / PREDICATES)) * part;
  }
  if (object > 0) {
    const all = index.sizeOf(graph.objects[object] ?? {});
    return (subject === 0 ? all : all / subjects) * part;
  }
  if (subject < 0) return (object === 0 ? PREDICATES : 0.1) * part;
  return (object < 0 ? PREDICATES : subjects * PREDICATES) * part;
}
