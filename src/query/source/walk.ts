import type { Term } from "../../rdf/term.ts";
import { costOf, fanOutOf, type Ordered, orderOf } from "./estimate.ts";
import {
  certain,
  type Expression,
  isWithin,
  type JoinNode,
  type Node,
  type PatternNode,
  type Place,
  possible,
  variablesOf,
} from "./node.ts";
import type { Run } from "./operator.ts";
import type { Wanted } from "./plans/planning.ts";
import { labelOf } from "./write-plan.ts";

/** A join that begins with a walk along lists in the order of a date. */
export interface WalkPlan {
  readonly subject: string;
  readonly date: string;
  readonly datePredicate: Term;
  /** Undefined to walk along everything that has the date. */
  readonly predicate: Term | undefined;
  readonly object: Place | undefined;
  readonly newestFirst: boolean;
  /** What says whose lists are walked. */
  readonly leading: readonly Node[];
  readonly leadingFilters: readonly Expression[];
  readonly rest: readonly Node[];
  readonly label: string;
}

/** A list to walk along, and how long it is thought to be. */
interface Candidate {
  readonly pattern: PatternNode | undefined;
  readonly leading: readonly Node[];
  readonly length: number;
  readonly cost: number;
}

/**
 * The walk that gives a join's solutions in the wanted order, if there is one and it is thought to cost less than
 * finding all of them and sorting.
 */
export function findWalk(node: JoinNode, order: readonly Ordered[], wanted: Wanted, run: Run): WalkPlan | undefined {
  const dated = node.parts.find((part): part is PatternNode => isDated(part, wanted.variable));
  if (dated === undefined || !("variable" in dated.subject) || !("term" in dated.predicate)) return undefined;
  const { variable: subject } = dated.subject;
  const datePredicate = dated.predicate.term;
  const others = node.parts.filter((part) => part !== dated);
  const candidates = candidatesOf(others, subject, wanted.variable, datePredicate, run);
  const best = candidates.reduce((a, b) => (b.length + b.cost < a.length + a.cost ? b : a));
  const { cost, rows } = costOf(order, node.filters);
  const share = Number.isFinite(wanted.limit) ? Math.min(1, wanted.limit / Math.max(rows, 1)) : 1;
  if (best.cost + best.length * share * STEP > cost + rows * SORTED) return undefined;
  const { pattern, leading } = best;
  const bound = new Set(leading.flatMap((part) => [...certain(part)]));
  return {
    subject,
    date: wanted.variable,
    datePredicate,
    predicate: pattern !== undefined && "term" in pattern.predicate ? pattern.predicate.term : undefined,
    object: pattern?.object,
    newestFirst: wanted.descending,
    leading,
    leadingFilters: node.filters.filter((each) => leading.length > 0 && isWithin(variablesOf(each), bound)),
    rest: others.filter((part) => part !== pattern && !leading.includes(part)),
    label: `${wanted.descending ? "newest" : "oldest"} first along ${labelOf(pattern ?? dated)}`,
  };
}

/** A step of a walk beside one of a join, and what sorting a solution adds to finding it. */
const STEP = 2;
const SORTED = 1;

function isDated(part: Node, variable: string): boolean {
  return (
    part.type === "pattern" &&
    part.graph === "default" &&
    part.except === undefined &&
    "variable" in part.object &&
    part.object.variable === variable &&
    "variable" in part.subject &&
    part.subject.variable !== variable &&
    "term" in part.predicate
  );
}

function candidatesOf(
  others: readonly Node[],
  subject: string,
  date: string,
  datePredicate: Term,
  run: Run,
): readonly Candidate[] {
  const all = run.dataset.merged.reduce(
    (sum, graph) => sum + graph.triplesOf(Math.max(run.terms.numberOf(datePredicate), 0)),
    0,
  );
  const candidates: Candidate[] = [{ pattern: undefined, leading: [], length: all, cost: 0 }];
  for (const part of others) {
    if (part.type !== "pattern" || part.graph !== "default" || part.except !== undefined) continue;
    const { object, predicate } = part;
    if (!("variable" in part.subject) || part.subject.variable !== subject || !("term" in predicate)) continue;
    if (predicate.term.equals(datePredicate)) continue;
    if ("term" in object) {
      candidates.push({ pattern: part, leading: [], length: fanOutOf(part, new Set(), run), cost: 0 });
      continue;
    }
    if (object.variable === subject || object.variable === date) continue;
    const leading = leadingOf(others, part, object.variable, [subject, date]);
    if (leading === undefined) continue;
    const { cost, rows } = costOf(orderOf(leading, new Set(), run), []);
    candidates.push({ pattern: part, leading, length: rows * fanOutOf(part, new Set([object.variable]), run), cost });
  }
  return candidates;
}

/** The parts that say what a variable is without the subject and its date: those it is connected with. */
function leadingOf(
  others: readonly Node[],
  pattern: PatternNode,
  variable: string,
  apart: readonly string[],
): readonly Node[] | undefined {
  const left = others.filter((part) => part !== pattern && !apart.some((name) => possible(part).has(name)));
  const reached = new Set([variable]);
  const leading: Node[] = [];
  for (let index = left.findIndex(touches); index >= 0; index = left.findIndex(touches)) {
    const [part] = left.splice(index, 1);
    if (part === undefined) break;
    leading.push(part);
    for (const name of possible(part)) reached.add(name);
  }
  return leading.some((part) => certain(part).has(variable)) ? leading : undefined;

  function touches(part: Node): boolean {
    return [...possible(part)].some((name) => reached.has(name));
  }
}
