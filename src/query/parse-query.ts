import { toAlgebra } from "@traqula/algebra-sparql-1-2";
import { Parser } from "@traqula/parser-sparql-1-2";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import type { Iri } from "../rdf/iri.ts";

/** LIMIT: the longest query text in characters. */
export const QUERY_LENGTH_MAX = 100_000;

/** A SPARQL operation as Comunica takes it. */
export type Operation = ReturnType<typeof toAlgebra>;

/** One place in a text, both from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

const parser = new Parser({ lexerConfig: { positionTracking: "full" } });

/**
 * Parses a SPARQL query (1.1, with what 1.2 adds). Refuses with `malformed` and line and column, with `too-large` over
 * the bound, and with `forbidden` what an endpoint for everybody does not do: updates, SERVICE, and FROM, whose graphs
 * would be fetched from elsewhere.
 */
export function parseQuery(text: string, baseIri: Iri): Operation | Refusal {
  if (text.length > QUERY_LENGTH_MAX) {
    return refuse("too-large", `Expected a query of at most ${QUERY_LENGTH_MAX} characters, but got ${text.length}.`);
  }
  if (text.trim() === "")
    return refuse("malformed", "Expected a SPARQL query, but it is empty.", { line: 1, column: 1 });
  let operation: Operation;
  try {
    const syntax = parser.parse(text, { baseIRI: baseIri });
    operation = toAlgebra(syntax, { quads: true, blankToVariable: true, baseIRI: baseIri });
  } catch (error) {
    return malformed(text, error);
  }
  return whyForbidden(operation) ?? operation;
}

function malformed(text: string, error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  const prefix = /Unknown prefix: (\S*)/.exec(message)?.[1];
  const place = placeSaid(message) ?? placeOf(text, offsetSaid(text, message, prefix));
  const at = `line ${place.line}, column ${place.column}`;
  if (prefix !== undefined) {
    const sentence = `Expected a prefix that is declared, but "${prefix}:" at ${at} is not; add PREFIX ${prefix}: <…> at the top.`;
    return refuse("malformed", sentence, { ...place });
  }
  const said = message
    .replace(/^Parse error[^]*\n(?=Expecting|Redundant)/, "")
    .replace(/-->|<--/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return refuse("malformed", `Expected a SPARQL query, but it cannot be read at ${at}: ${said.slice(0, 300)}.`, {
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

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

const FORBIDDEN: Readonly<Record<string, string>> = {
  service: "SERVICE is not open here: this endpoint answers from its own store. Ask the other endpoint itself.",
  from: "FROM and FROM NAMED are not open here: this endpoint has one dataset, its own. Leave them out.",
};

/** Why an operation is not done here: the first of what it contains that is not a question to this store. */
function whyForbidden(operation: Operation): Refusal | undefined {
  const waiting: unknown[] = [operation];
  while (waiting.length > 0) {
    const each = waiting.pop();
    if (Array.isArray(each)) for (const inner of each as readonly unknown[]) waiting.push(inner);
    else if (typeof each === "object" && each !== null) {
      const { type } = each as { readonly type?: unknown };
      const why = typeof type === "string" ? (FORBIDDEN[type] ?? updateOf(type)) : undefined;
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

function updateOf(type: string): string | undefined {
  return UPDATES.has(type)
    ? "Updates are not open here: posts change through the hub's own commands (post, edit, delete). Send a query."
    : undefined;
}
