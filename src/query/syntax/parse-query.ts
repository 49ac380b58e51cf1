import { toAlgebra } from "@traqula/algebra-sparql-1-2";
import { Parser } from "@traqula/parser-sparql-1-2";
import type { QueryAnswer } from "../../hub/ports/queries.ts";
import type { NamedDataset } from "../../hub/ports/sparql-syntax.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { tooDeepAt } from "./scan.ts";
import { isSyntaxProblem, syntaxProblem } from "./syntax-sentence.ts";

/** LIMIT: the longest query text in characters. */
export const QUERY_LENGTH_MAX = 100_000;
/** LIMIT: how deep brackets may stand in each other, so that neither parser nor engine runs out of stack. */
export const NESTING_MAX = 64;
/** LIMIT: operations, patterns and steps of paths in one query; planning takes longer than linear in them. */
export const OPERATIONS_MAX = 2_000;
/** LIMIT: how deep operations may stand in each other: a chain of OPTIONALs or of "||" is nested too. */
export const OPERATION_DEPTH_MAX = 400;

/** A SPARQL operation as Comunica takes it; `variables` are those of the text, kept where `COUNT(DISTINCT *)` is. */
export type Operation = ReturnType<typeof toAlgebra> & { metadata?: { readonly variables?: ReadonlySet<string> } };

const COUNTS_ALL = /\bcount\s*\(\s*distinct\s*\*/i;

/** What looks like a variable in a text. */
function variablesIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(/[?$]([^\s?$(){}[\].,;<>"'|^*/+=!&-]+)/g), ([, name = ""]) => name));
}

/** Gives the columns of `SELECT *` the order in which the text names them; the algebra has them by the alphabet. */
function orderColumns(operation: Operation, text: string): void {
  let outer: { readonly type: string; readonly input?: unknown; variables?: { readonly value: string }[] } = operation;
  while (outer.type !== "project") {
    if (!isOperation(outer.input)) return;
    outer = outer.input;
  }
  const order = [...variablesIn(text)];
  outer.variables?.sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value));
}

function isOperation(input: unknown): input is { readonly type: string } {
  return typeof input === "object" && input !== null && "type" in input;
}

function isWildcard(column: { readonly type: string } | undefined): boolean {
  return column?.type === "wildcard";
}

/** One place in a text, both from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

const parser = new Parser({ lexerConfig: { positionTracking: "full" } });

/**
 * Parses a SPARQL query (1.1, with what 1.2 adds). Refuses with `malformed` and line and column, with `too-large` over
 * the bounds, and with `forbidden` what is no question to this store: updates, SERVICE, and FROM, unless `dataset` says
 * that the graphs it names are settled; then it is passed over.
 */
export function parseQuery(
  text: string,
  baseIri: Iri,
  { dataset = "own", graphs = "placed" }: ParseOptions = {},
): Operation | Refusal {
  const parsed = parseOperation(text, baseIri, { what: "query", length_max: QUERY_LENGTH_MAX, graphs });
  if (isRefusal(parsed)) return parsed;
  if (UPDATES.has(parsed.type)) return notAQuery();
  const operation = dataset === "settled" ? withoutFrom(parsed).operation : parsed;
  return whyForbidden(operation) ?? operation;
}

/** The dataset that a query names with FROM and FROM NAMED; undefined when it names none. Refuses as {@link parseQuery}. */
export function datasetIn(text: string, baseIri: Iri): NamedDataset | undefined | Refusal {
  // Most queries name none, and need not be read twice.
  if (!/\bfrom\b/i.test(text)) return undefined;
  const parsed = parseOperation(text, baseIri, { what: "query", length_max: QUERY_LENGTH_MAX });
  if (isRefusal(parsed)) return parsed;
  return withoutFrom(parsed).from;
}

/** What a query is answered with, also one that another endpoint is to answer. Refuses as {@link parseQuery}. */
export function formOf(text: string, baseIri: Iri): QueryAnswer["kind"] | Refusal {
  const parsed = parseOperation(text, baseIri, { what: "query", length_max: QUERY_LENGTH_MAX });
  if (isRefusal(parsed)) return parsed;
  if (UPDATES.has(parsed.type)) return notAQuery();
  const { type } = withoutFrom(parsed).operation;
  return type === "ask" ? "boolean" : type === "construct" || type === "describe" ? "quads" : "bindings";
}

function notAQuery(): Refusal {
  return refuse(
    "forbidden",
    "Expected a query, but got an update; send it as application/sparql-update (`sterna update`).",
  );
}

/** How to parse a query. */
export interface ParseOptions {
  readonly dataset?: "own" | "settled";
  /** GRAPH as an operation of its own (`kept`), or as the graph of each pattern in it, which is what Comunica takes. */
  readonly graphs?: "placed" | "kept";
}

/** What {@link parseOperation} is to read. */
export interface ParseWish {
  readonly what: "query" | "update";
  readonly length_max: number;
  readonly graphs?: "placed" | "kept";
}

/**
 * Parses a query or an update within its bounds of length and depth, whatever it asks for. Refuses with `malformed` and
 * line and column, and with `too-large`.
 */
export function parseOperation(
  text: string,
  baseIri: Iri,
  { what, length_max, graphs }: ParseWish,
): Operation | Refusal {
  const a = what === "query" ? "a query" : "an update";
  if (text.length > length_max) {
    return refuse("too-large", `Expected ${a} of at most ${length_max} characters, but got ${text.length}.`);
  }
  const lone = /\p{Surrogate}/u.exec(text);
  if (lone !== null)
    return refuse("malformed", `Expected ${a} in Unicode, but half a character stands in it.`, {
      ...placeOf(text, lone.index),
    });
  if (text.trim() === "")
    return refuse("malformed", `Expected a SPARQL ${what}, but it is empty.`, { line: 1, column: 1 });
  const deep = tooDeepAt(text, NESTING_MAX);
  if (deep !== undefined) return tooDeep(`brackets at most ${NESTING_MAX} deep`, placeOf(text, deep));
  let operation: Operation;
  try {
    const syntax = parser.parse(text, { baseIRI: baseIri });
    operation = toAlgebra(syntax, { quads: graphs !== "kept", blankToVariable: true, baseIRI: baseIri });
    // Beside these stand what the parser calls blank nodes and the steps of paths, under names that the text has not.
    if (COUNTS_ALL.test(text)) operation.metadata = { variables: variablesIn(text) };
    if (syntax.type === "query" && syntax.subType === "select" && isWildcard(syntax.variables[0]))
      orderColumns(operation, text);
  } catch (error) {
    // The stack ran out: what took it stands nowhere in particular.
    if (error instanceof RangeError) return tooDeep("a text that is less deeply nested");
    return malformed(text, error, what);
  }
  const { depth, count } = sizeOf(operation);
  if (depth > OPERATION_DEPTH_MAX) return tooDeep(`operations at most ${OPERATION_DEPTH_MAX} deep`);
  if (count > OPERATIONS_MAX && what === "query") {
    return refuse(
      "too-large",
      `Expected at most ${OPERATIONS_MAX} patterns, groups and steps of paths in a query, but got ${count}; ask for less at once.`,
    );
  }
  return operation;
}

function tooDeep(expected: string, place?: Place): Refusal {
  const at = place === undefined ? "" : ` at line ${place.line}, column ${place.column}`;
  return refuse("too-large", `Expected ${expected}, but they go deeper${at}; ask in a flatter way.`, { ...place });
}

/** How deep the objects of an operation stand in each other, and how many of them are more than expressions. */
function sizeOf(operation: Operation): { readonly depth: number; readonly count: number } {
  const waiting: [value: unknown, depth: number][] = [[operation, 1]];
  let [deepest, count] = [0, 0];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, depth] = next;
    if (typeof value !== "object" || value === null) continue;
    const { type, termType } = value as { readonly type?: unknown; readonly termType?: unknown };
    if (termType === "Quad" || (typeof type === "string" && type !== "expression")) count++;
    if (termType !== undefined) continue;
    deepest = Math.max(deepest, depth);
    const inner = Array.isArray(value) ? depth : depth + 1;
    for (const each of Object.values(value) as readonly unknown[]) waiting.push([each, inner]);
  }
  return { depth: deepest, count };
}

interface FromOperation {
  readonly type: "from";
  readonly input: Operation;
  readonly default: readonly { readonly value: string }[];
  readonly named: readonly { readonly value: string }[];
}

/** A query without its FROM, and what that named. */
function withoutFrom(operation: Operation): { readonly operation: Operation; readonly from?: NamedDataset | Refusal } {
  if (operation.type !== "from") return { operation };
  const { input, default: merged, named } = operation as unknown as FromOperation;
  const values = [...merged, ...named].map(({ value }) => value);
  const bad = values.find((value) => !isIri(value));
  if (bad !== undefined) {
    return {
      operation: input,
      from: refuse("invalid", `Expected absolute IRIs in FROM, but got "${bad.slice(0, 80)}".`),
    };
  }
  const iris = (terms: FromOperation["default"]): readonly Iri[] => terms.map(({ value }) => value).filter(isIri);
  return { operation: input, from: { default: iris(merged), named: iris(named) } };
}

function malformed(text: string, error: unknown, what: ParseWish["what"]): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  const prefix = /Unknown prefix: (\S*)/.exec(message)?.[1];
  const place = placeSaid(message) ?? placeOf(text, offsetSaid(text, message, prefix));
  const at = `line ${place.line}, column ${place.column}`;
  if (prefix !== undefined) {
    const sentence = `Expected a prefix that is declared, but "${prefix}:" at ${at} is not; add PREFIX ${prefix}: <…> at the top.`;
    return refuse("malformed", sentence, { ...place });
  }
  if (!isSyntaxProblem(message)) {
    const rule = `${message.charAt(0).toLowerCase()}${message.slice(1).replace(/[.\s]+$/, "")}`;
    return refuse("malformed", `Expected a SPARQL ${what}, but this one breaks a rule of SPARQL: ${rule}.`);
  }
  const offset = offsetOf(text, place);
  return refuse("malformed", `Expected a SPARQL ${what}, but at ${at} ${syntaxProblem(text, offset, message)}`, {
    ...place,
  });
}

/** The place the parser itself names, as a line and a caret under it. */
function placeSaid(message: string): Place | undefined {
  const line = / on line (\d+)\n/.exec(message)?.[1];
  const dashes = /\n(-*)\^\n/.exec(message)?.[1];
  return line === undefined || dashes === undefined ? undefined : { line: Number(line), column: dashes.length + 1 };
}

function offsetSaid(text: string, message: string, prefix: string | undefined): number {
  const offset = /at offset: (\d+)/.exec(message)?.[1];
  if (offset !== undefined) return Number(offset);
  return prefix === undefined ? text.length : indexOfPrefix(text, prefix);
}

function indexOfPrefix(text: string, prefix: string): number {
  return Math.max(0, text.indexOf(`${prefix}:`));
}

function offsetOf(text: string, { line, column }: Place): number {
  const before = text.split("\n").slice(0, line - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

const FORBIDDEN: Readonly<Record<string, string>> = {
  service: "SERVICE is not open here: this endpoint answers from its own store. Ask the other endpoint itself.",
  from: "FROM and FROM NAMED are not open here. Leave them out.",
};

/** Why an operation is not done here: the first of what it contains that is not a question to this store. */
export function whyForbidden(operation: Operation, open: readonly string[] = []): Refusal | undefined {
  const waiting: unknown[] = [operation];
  while (waiting.length > 0) {
    const each = waiting.pop();
    if (Array.isArray(each)) for (const inner of each as readonly unknown[]) waiting.push(inner);
    else if (typeof each === "object" && each !== null) {
      const { type } = each as { readonly type?: unknown };
      const why = typeof type === "string" && !open.includes(type) ? FORBIDDEN[type] : undefined;
      if (why !== undefined) return refuse("forbidden", why);
      // Terms are leaves, but for quoted triples and patterns.
      if ("termType" in each && each.termType !== "Quad") continue;
      for (const inner of Object.values(each) as readonly unknown[]) waiting.push(inner);
    }
  }
  return undefined;
}

const UPDATES: ReadonlySet<string> = new Set([
  "compositeupdate",
  "deleteinsert",
  "load",
  "clear",
  "create",
  "drop",
  "add",
  "move",
  "copy",
  "nop",
]);
