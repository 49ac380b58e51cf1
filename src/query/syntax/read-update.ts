import type { GraphTarget, NamedDataset, UpdateStep } from "../../hub/ports/sparql-syntax.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import { datasetIn, type Operation, parseOperation, whyForbidden } from "./parse-query.ts";
import { type OperationPlace, operationsOf } from "./scan.ts";

/** LIMIT: the longest update text in characters; graphs that are larger go through the Graph Store Protocol. */
export const UPDATE_LENGTH_MAX = 250_000;
/** LIMIT: operations of one update request. */
export const UPDATE_STEPS_MAX = 1_000;

/** The parts of an update's algebra that are looked at. */
interface Shape {
  readonly type: string;
  readonly updates?: readonly Shape[];
  readonly delete?: readonly Quad[];
  readonly insert?: readonly Quad[];
  readonly where?: Operation;
  readonly source?: unknown;
  readonly destination?: unknown;
  readonly silent?: boolean;
}

interface FromShape {
  readonly default: readonly Term[];
  readonly named: readonly Term[];
}

/**
 * Reads a SPARQL 1.1 Update request into its operations. Refuses with `malformed` and line and column, with `too-large`
 * over the bounds, and with `forbidden` SERVICE.
 */
export function readUpdate(text: string, baseIri: Iri): readonly UpdateStep[] | Refusal {
  // A request without any operation is one that changes nothing (SPARQL 1.1 Update §3).
  const parsed = parseOperation(text, baseIri, { what: "update", length_max: UPDATE_LENGTH_MAX });
  if (isRefusal(parsed)) return parsed;
  const forbidden = whyForbidden(parsed, ["from"]);
  if (forbidden !== undefined) return forbidden;
  const whole = parsed as unknown as Shape;
  const shapes = whole.type === "compositeupdate" ? (whole.updates ?? []) : whole.type === "nop" ? [] : [whole];
  if (shapes.length > UPDATE_STEPS_MAX) {
    return refuse(
      "too-large",
      `Expected at most ${UPDATE_STEPS_MAX} operations, but got ${shapes.length}; send less at once.`,
    );
  }
  const places = operationsOf(text);
  const steps: UpdateStep[] = [];
  for (const [at, shape] of shapes.entries()) {
    const step = stepOf(shape, places[at], baseIri);
    if (isRefusal(step)) return step;
    steps.push(step);
  }
  return steps;
}

function stepOf(shape: Shape, place: OperationPlace | undefined, baseIri: Iri): UpdateStep | Refusal {
  const silent = shape.silent === true;
  switch (shape.type) {
    case "deleteinsert":
      return modifyOf(shape, place, baseIri);
    case "clear":
    case "drop":
    case "create":
      return { kind: shape.type, target: targetOf(shape.source), silent };
    case "copy":
    case "move":
    case "add":
      return { kind: shape.type, from: targetOf(shape.source), to: targetOf(shape.destination), silent };
    case "load":
      return { kind: "load", source: targetOf(shape.source) as Iri, silent };
    default:
      return refuse("invalid", "Expected an update, but got a query; send it as application/sparql-query.");
  }
}

/** DEFAULT, NAMED and ALL come as words, graphs as terms. */
function targetOf(target: unknown): GraphTarget {
  if (typeof target === "string") return target.toLowerCase() as GraphTarget;
  return (target as { readonly value: string }).value as Iri;
}

function modifyOf(shape: Shape, place: OperationPlace | undefined, baseIri: Iri): UpdateStep | Refusal {
  const { delete: removed = [], insert: added = [], where } = shape;
  // The parser leaves out an empty WHERE, which has one solution that binds nothing: what it would have to fill in fails.
  if (where === undefined && (removed.length === 0 || added.length === 0)) {
    const quads = [...removed, ...added].filter((each) => variablesIn([each]).size === 0);
    return { kind: removed.length > 0 ? "delete-data" : "insert-data", quads };
  }
  if (place === undefined || place.group === "") {
    return refuse("not-implemented", "This update cannot be taken apart; send its operations one by one.");
  }
  const names = variablesIn([...removed, ...added]);
  const fresh = added.some(
    ({ subject, object }) => subject.termType === "BlankNode" || object.termType === "BlankNode",
  );
  const given =
    place.with === undefined ? undefined : datasetIn(`${place.prologue} ASK FROM ${place.with} {}`, baseIri);
  if (isRefusal(given)) return given;
  const using = where?.type === "from" ? usingOf(where) : undefined;
  return {
    kind: "modify",
    delete: removed,
    insert: added,
    where: selectOf(place, [...names], fresh),
    ...(given?.default[0] === undefined ? {} : { with: given.default[0] }),
    ...(using === undefined ? {} : { using }),
    graphs: where === undefined ? { named: [], any: false } : graphsIn(where),
  };
}

/** The WHERE as a query for what its templates need: without variables one solution will do, else each different one. */
function selectOf({ prologue, group }: OperationPlace, names: readonly string[], fresh: boolean): string {
  // Each solution makes blank nodes of its own, so none may be left out.
  const distinct = fresh ? "" : "DISTINCT ";
  const [what, limit] =
    names.length > 0 ? [`${distinct}${names.map((name) => `?${name}`).join(" ")}`, ""] : ["*", fresh ? "" : " LIMIT 1"];
  return `${prologue}\nSELECT ${what} WHERE ${group}${limit}`;
}

function usingOf({ default: merged, named }: FromShape): NamedDataset {
  const iris = (terms: readonly Term[]): readonly Iri[] => terms.map(({ value }) => value).filter(isIri);
  return { default: iris(merged), named: iris(named) };
}

function variablesIn(quads: readonly Quad[]): ReadonlySet<string> {
  const names = new Set<string>();
  const waiting: Term[] = [...quads];
  for (let term = waiting.pop(); term !== undefined; term = waiting.pop()) {
    if (term.termType === "Variable") names.add(term.value);
    if (term.termType === "Quad") waiting.push(term.subject, term.predicate, term.object, term.graph);
  }
  return names;
}

/** The graphs that patterns stand in. */
function graphsIn(where: Operation): { readonly named: readonly Iri[]; readonly any: boolean } {
  const named = new Set<Iri>();
  let any = false;
  const waiting: unknown[] = [where];
  while (waiting.length > 0) {
    const each = waiting.pop();
    if (typeof each !== "object" || each === null) continue;
    const { graph, name, type } = each as { readonly graph?: Term; readonly name?: Term; readonly type?: unknown };
    for (const term of [graph, type === "graph" ? name : undefined]) {
      if (term?.termType === "Variable") any = true;
      if (term?.termType === "NamedNode" && isIri(term.value)) named.add(term.value);
    }
    if ("termType" in each && each.termType !== "Quad") continue;
    for (const inner of Object.values(each) as readonly unknown[]) waiting.push(inner);
  }
  return { named: [...named], any };
}
