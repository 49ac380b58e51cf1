import type { QuadIndex } from "../../hub/ports/quad-index.ts";
import type { Dataset } from "../../hub/ports/queries.ts";
import type { StandingAnswer } from "../../hub/ports/standing.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { Iri } from "../../rdf/iri.ts";
import { writeNTriples } from "../../rdf/ntriples.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import { blankNode, type QuadObject, type QuadSubject, quad } from "../../rdf/term.ts";
import { termId } from "../../rdf/term-id.ts";
import { type AnswerBound, SourceAnswer } from "../source/answer.ts";
import { Declined } from "../source/declined.ts";
import { certain, intersection, type Node, type Place } from "../source/node.ts";
import type { TemplateTriple } from "../source/read-operation.ts";
import { type Translated, translate } from "../source/translate.ts";
import { parseQuery } from "../syntax/parse-query.ts";
import { type Triggers, triggersOf } from "./triggers.ts";

/** LIMIT: how long one regular expression may take of the hub, whose own process this is. */
const PATTERN_TIME_MS = 500;

/** A query that stays open, ready to be evaluated for some of its answers. */
export interface StandingQuery {
  readonly dataset: Dataset;
  /** What an answer says, in the order of the query. */
  readonly variables: readonly string[];
  readonly triggers: Triggers;
  /** Variables that can be given values before: those of every solution, and those of them that answers say. */
  readonly seedable: ReadonlySet<string>;
  readonly answerable: ReadonlySet<string>;
  readonly node: Node;
  readonly template?: readonly TemplateTriple[];
}

/**
 * Reads a SELECT or CONSTRUCT to be kept open over a dataset. Answers are a set: DISTINCT says nothing, nor does ORDER
 * BY without LIMIT. Refuses with `malformed`, `forbidden` and `too-large` as a query, and with `invalid` and
 * `too-large` what cannot be kept open.
 */
export function readStandingQuery(text: string, base: Iri, dataset: Dataset): StandingQuery | Refusal {
  const operation = parseQuery(text, base);
  if (isRefusal(operation)) return operation;
  let translated: Translated;
  try {
    translated = translate(operation, { variables: {}, iris: new Map(), base });
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    if (!(error instanceof Declined)) throw error;
    return refuse("invalid", `Expected a query that can stay open, but it uses ${error.message}; leave it out.`);
  }
  const { form } = translated;
  if (form.type !== "select" && form.type !== "construct") {
    return refuse("invalid", `Expected a SELECT or CONSTRUCT, but got ${form.type.toUpperCase()}.`);
  }
  const node = bare(translated.node);
  const triggers = triggersOf(node);
  if (isRefusal(triggers)) return triggers;
  const template = form.type === "construct" ? form.template : undefined;
  const variables = form.type === "construct" ? variablesIn(form.template) : form.variables;
  const seedable = certain(node);
  const answerable = intersection(seedable, new Set(variables));
  return { dataset, variables, triggers, seedable, answerable, node, ...(template === undefined ? {} : { template }) };
}

/** A node without what makes no difference to the set of its solutions. */
function bare(node: Node): Node {
  return node.type === "distinct" || node.type === "order" || node.type === "project" ? bare(node.input) : node;
}

function variablesIn(template: readonly TemplateTriple[]): readonly string[] {
  const places = template.flatMap(({ subject, predicate, object }) => [subject, predicate, object]);
  return [...new Set(places.flatMap((place) => ("variable" in place ? [place.variable] : [])))];
}

/**
 * The answers that have given values for some variables, each once, by its key.
 * @throws Refused when the bound is met
 */
export async function answersOf(
  query: StandingQuery,
  values: Readonly<Record<string, Term>>,
  index: QuadIndex,
  bound: AnswerBound,
): Promise<ReadonlyMap<string, StandingAnswer>> {
  const translated: Translated = {
    form: { type: "select", variables: query.variables },
    node: seeded(query.node, values),
  };
  const answer = await new SourceAnswer(translated, index, query.dataset, { patternTime_ms: PATTERN_TIME_MS }).answer(
    bound,
  );
  const found = new Map<string, StandingAnswer>();
  if (answer.kind !== "bindings") return found;
  for await (const row of answer.rows) {
    const said: Record<string, string> = {};
    for (const name of query.variables) {
      const term = row.get(name);
      if (term !== undefined) said[name] = termId(term);
    }
    const key = JSON.stringify(query.variables.map((name) => said[name] ?? null));
    if (found.has(key)) continue;
    const triples = query.template === undefined ? undefined : writeNTriples(constructed(query.template, row));
    // A solution that makes no triple is no answer of a CONSTRUCT.
    if (triples !== "") found.set(key, { values: said, ...(triples === undefined ? {} : { triples }) });
  }
  return found;
}

function seeded(node: Node, values: Readonly<Record<string, Term>>): Node {
  const names = Object.keys(values);
  if (names.length === 0) return node;
  const given: Node = { type: "values", variables: names, rows: [values] };
  return node.type === "join"
    ? { ...node, parts: [given, ...node.parts] }
    : { type: "join", parts: [given, node], filters: [] };
}

function constructed(template: readonly TemplateTriple[], row: ReadonlyMap<string, Term>): readonly Quad[] {
  const termAt = (place: Place): Term | undefined =>
    "variable" in place
      ? row.get(place.variable)
      : place.term.termType === "BlankNode"
        ? blankNode(place.term.value)
        : place.term;
  return template.flatMap((triple) => {
    const [subject, predicate, object] = [termAt(triple.subject), termAt(triple.predicate), termAt(triple.object)];
    if (subject === undefined || object === undefined || predicate?.termType !== "NamedNode") return [];
    if (subject.termType === "Literal") return [];
    return [quad(subject as QuadSubject, predicate, object as QuadObject)];
  });
}
