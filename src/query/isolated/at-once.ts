import type { QuadIndex } from "../../hub/ports/quad-index.ts";
import type { Dataset, QuadSource, QueryAnswer, QueryOptions } from "../../hub/ports/queries.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import { Declined } from "../source/declined.ts";
import type { Node } from "../source/node.ts";
import { type Operator, PAUSE, ROW } from "../source/operator.ts";
import { Planner } from "../source/planner.ts";
import { newRun } from "../source/run.ts";
import { Template } from "../source/template.ts";
import { type Translated, translate } from "../source/translate.ts";
import { ParseCache } from "../syntax/parse-cache.ts";

/** LIMIT: characters of a query, patterns in it, steps of its plan and rows of its answer that are tried at once. */
const LENGTH_MAX = 2_000;
const PATTERNS_MAX = 16;
const STEPS_MAX = 1_000;
const ROWS_MAX = 200;

/** Answers a query within some tenths of a millisecond, or gives undefined: then it is somebody else's. */
export type AnswerAtOnce = (text: string, options: QueryOptions) => QueryAnswer | undefined;

/**
 * Look-ups are what programs ask most, and other hubs with a question across hubs; a worker's round trip costs them
 * more than their answer, and its start far more. So an ASK, SELECT or CONSTRUCT over nothing but triple patterns, VALUES
 * and UNION is tried here; one that looks at more than some hundred triples is given up and left to the worker. Filters,
 * paths, orders and all else that may take long in one step are not even tried.
 */
export function createAnswerAtOnce({ index }: Pick<QuadSource, "index">): AnswerAtOnce {
  const parsed = new ParseCache();
  return (text, { dataset, graphs, services, provenance, baseIri }) => {
    if (index === undefined || text.length > LENGTH_MAX) return undefined;
    if (graphs !== undefined || services !== undefined || provenance !== undefined) return undefined;
    const translated = read(parsed, text, baseIri);
    return translated === undefined ? undefined : attempt(translated, index, dataset);
  };
}

/** The query, when it is one to be tried. What is wrong with it is said where it is answered. */
function read(parsed: ParseCache, text: string, baseIri: Iri | undefined): Translated | undefined {
  const query = parsed.parse(text, baseIri ?? ("http://localhost/" as Iri), { dataset: "own" });
  if (isRefusal(query)) return undefined;
  try {
    const translated = translate(query.operation, { variables: {}, iris: query.iris });
    const { form, node } = translated;
    if (form.type === "describe" || (form.type === "construct" && form.template.length > PATTERNS_MAX))
      return undefined;
    return patternsIn(node) <= PATTERNS_MAX ? translated : undefined;
  } catch (error) {
    if (error instanceof Declined || error instanceof Refused) return undefined;
    throw error;
  }
}

/** How many patterns a node joins; without end when it is anything else. */
function patternsIn(node: Node): number {
  switch (node.type) {
    case "pattern":
      return node.graph === "default" && node.except === undefined ? 1 : Number.POSITIVE_INFINITY;
    case "join":
      if (node.filters.length > 0) return Number.POSITIVE_INFINITY;
      return patternsOf(node.parts);
    case "union":
      return patternsOf(node.parts);
    case "values":
      return 0;
    case "project":
    case "distinct":
    case "slice":
      return patternsIn(node.input);
    default:
      return Number.POSITIVE_INFINITY;
  }
}

function patternsOf(parts: readonly Node[]): number {
  return parts.reduce((sum, part) => sum + patternsIn(part), 0);
}

function attempt({ form, node }: Translated, index: QuadIndex, dataset: Dataset): QueryAnswer | undefined {
  const run = newRun(index, dataset);
  const plan = new Planner(run, { walks: false }).plan(node);
  if (!isShort(plan)) return undefined;
  plan.open();
  run.turn.left = STEPS_MAX;
  const variables = form.type === "select" ? form.variables : [];
  const termAt = (name: string): Term | undefined => {
    const number = run.row[run.slotOf(name)] ?? 0;
    return number === 0 ? undefined : run.terms.termOf(number);
  };
  const template = new Template(form.type === "construct" ? form.template : [], termAt);
  const quads: Quad[] = [];
  const rows: ReadonlyMap<string, Term>[] = [];
  for (let count = 0; ; count++) {
    const step = plan.next();
    if (step === PAUSE || count === ROWS_MAX) return undefined;
    if (form.type === "ask") return { kind: "boolean", value: step === ROW };
    if (step === ROW && form.type === "construct") quads.push(...template.fill());
    else if (step === ROW) rows.push(rowOf(variables, termAt));
    else if (form.type === "construct") return { kind: "quads", quads: each(quads) };
    else return { kind: "bindings", variables, rows: each(rows) };
  }
}

function rowOf(variables: readonly string[], termAt: (name: string) => Term | undefined): ReadonlyMap<string, Term> {
  const row = new Map<string, Term>();
  for (const name of variables) {
    const term = termAt(name);
    if (term !== undefined) row.set(name, term);
  }
  return row;
}

/** Whether no step lists many triples: listing them is one step, however long it takes. */
function isShort({ estimate = 0, inputs }: Operator): boolean {
  return estimate <= STEPS_MAX && inputs.every(isShort);
}

async function* each<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}
