import type { Dataset, QuadSource } from "../hub/ports.ts";
import type { Quad, Term } from "../rdf/term.ts";
import type { Operation } from "./parse-query.ts";

/** How many index entries are looked at before other requests have a turn. */
const TURN_STEPS = 2_000;

type Row = ReadonlyMap<string, Term>;

/** A query that is answered here without an engine: a basic graph pattern and how its solutions are given. */
export interface DirectQuery {
  readonly kind: "ask" | "select";
  readonly variables: readonly string[];
  readonly patterns: readonly (readonly [Term, Term, Term])[];
  readonly distinct: boolean;
  readonly offset: number;
  readonly limit: number;
}

/**
 * Recognises ASK and SELECT over one basic graph pattern, with DISTINCT, OFFSET and LIMIT but nothing else: the
 * questions that programs ask most, for which an engine's planning takes longer than the answer. Undefined for all
 * other operations.
 */
export function directQueryOf(operation: Operation): DirectQuery | undefined {
  let [offset, limit, distinct] = [0, Number.POSITIVE_INFINITY, false];
  let inner = operation as Shape;
  if (inner.type === "slice" && inner.input !== undefined) {
    offset = inner.start ?? 0;
    limit = inner.length ?? limit;
    inner = inner.input;
  }
  if (inner.type === "distinct" && inner.input !== undefined) {
    distinct = true;
    inner = inner.input;
  }
  if ((inner.type !== "ask" && inner.type !== "project") || inner.input === undefined) return undefined;
  const patterns = patternsOf(inner.input);
  if (patterns === undefined) return undefined;
  const variables = (inner.variables ?? []).map(({ value }) => value);
  if (inner.type === "ask") return { kind: "ask", variables: [], patterns, distinct: false, offset: 0, limit: 1 };
  return { kind: "select", variables, patterns, distinct, offset, limit };
}

/** The parts of an algebra operation that are looked at. */
interface Shape {
  readonly type: string;
  readonly input?: Shape;
  readonly start?: number;
  readonly length?: number;
  readonly variables?: readonly { readonly value: string }[];
  readonly patterns?: readonly {
    readonly subject: Term;
    readonly predicate: Term;
    readonly object: Term;
    readonly graph: Term;
  }[];
}

const PLAIN: ReadonlySet<string> = new Set(["Variable", "NamedNode", "Literal"]);

function patternsOf({ type, patterns }: Shape): DirectQuery["patterns"] | undefined {
  if (type !== "bgp" || patterns === undefined) return undefined;
  const found: (readonly [Term, Term, Term])[] = [];
  for (const { subject, predicate, object, graph } of patterns) {
    const plain = [subject, predicate, object].every(({ termType }) => PLAIN.has(termType));
    if (!plain || graph.termType !== "DefaultGraph") return undefined;
    found.push([subject, predicate, object]);
  }
  return found;
}

/**
 * Answers a direct query row by row: patterns one inside the other, each looked up in the indexes with what is bound
 * by then, those with most bound (then with fewest quads) first. Lets other requests have their turns.
 */
export async function* answerDirectly(query: DirectQuery, quads: QuadSource, dataset: Dataset): AsyncGenerator<Row> {
  const order = joinOrder(query.patterns, quads, dataset);
  const seen = new Set<string>();
  let [skipped, given, steps] = [0, 0, 0];
  if (query.limit <= 0) return;
  for (const solution of solve(order, 0, new Map(), quads, dataset)) {
    if (++steps % TURN_STEPS === 0) await new Promise((resolve) => setImmediate(resolve));
    // A step that led nowhere.
    if (solution === undefined) continue;
    const row = new Map<string, Term>();
    for (const name of query.variables) {
      const term = solution.get(name);
      if (term !== undefined) row.set(name, term);
    }
    if (query.distinct) {
      const key = query.variables.map((name) => keyOf(row.get(name))).join("\n");
      if (seen.has(key)) continue;
      seen.add(key);
    }
    if (skipped < query.offset) {
      skipped++;
      continue;
    }
    yield row;
    if (++given >= query.limit) return;
  }
}

function keyOf(term: Term | undefined): string {
  if (term === undefined) return "";
  const tail = term.termType === "Literal" ? `${term.language}^${term.datatype.value}` : "";
  return JSON.stringify([term.termType, term.value, tail]);
}

function joinOrder(
  patterns: DirectQuery["patterns"],
  quads: QuadSource,
  dataset: Dataset,
): readonly (readonly [Term, Term, Term])[] {
  const left = patterns.map((pattern) => {
    const [s, p, o] = pattern.map((term) => (term.termType === "Variable" ? undefined : term));
    return { pattern, count: patterns.length === 1 ? 0 : quads.count(s, p, o, dataset) };
  });
  const bound = new Set<string>();
  const order: (readonly [Term, Term, Term])[] = [];
  const free = (pattern: readonly Term[]): number =>
    new Set(pattern.filter((term) => term.termType === "Variable" && !bound.has(term.value)).map(({ value }) => value))
      .size;
  const connected = (pattern: readonly Term[]): boolean =>
    bound.size === 0 || pattern.some((term) => term.termType === "Variable" && bound.has(term.value));
  while (left.length > 0) {
    // One that shares no variable with what is bound multiplies: it comes last, however few it is.
    left.sort(
      (a, b) =>
        Number(connected(b.pattern)) - Number(connected(a.pattern)) ||
        (bound.size === 0 ? a.count - b.count : free(a.pattern) - free(b.pattern) || a.count - b.count),
    );
    const next = left.shift();
    if (next === undefined) break;
    order.push(next.pattern);
    for (const term of next.pattern) if (term.termType === "Variable") bound.add(term.value);
  }
  return order;
}

/** Solutions of the patterns from `at` on; `undefined` stands for a step without one, so that the caller can count. */
function* solve(
  patterns: readonly (readonly [Term, Term, Term])[],
  at: number,
  solution: Map<string, Term>,
  quads: QuadSource,
  dataset: Dataset,
): Generator<Row | undefined> {
  const pattern = patterns[at];
  if (pattern === undefined) {
    yield solution;
    return;
  }
  const value = (term: Term): Term | undefined => (term.termType === "Variable" ? solution.get(term.value) : term);
  for (const quad of quads.match(value(pattern[0]), value(pattern[1]), value(pattern[2]), dataset)) {
    const added = bind(pattern, quad, solution);
    if (added === undefined) yield undefined;
    else {
      yield* solve(patterns, at + 1, solution, quads, dataset);
      for (const name of added) solution.delete(name);
    }
  }
}

/** Binds a pattern's variables to a quad that matches it; the names bound, or undefined when one would be two terms. */
function bind(
  pattern: readonly [Term, Term, Term],
  quad: Quad,
  solution: Map<string, Term>,
): readonly string[] | undefined {
  const added: string[] = [];
  const terms = [quad.subject, quad.predicate, quad.object] as const;
  for (const [index, term] of pattern.entries()) {
    const found = terms[index];
    if (term.termType !== "Variable" || found === undefined) continue;
    const present = solution.get(term.value);
    if (present === undefined) {
      solution.set(term.value, found);
      added.push(term.value);
    } else if (!present.equals(found)) {
      for (const name of added) solution.delete(name);
      return undefined;
    }
  }
  return added;
}
