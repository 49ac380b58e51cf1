import type { RemoteAnswer } from "../hub/ports/remote-queries.ts";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import { isIri } from "../rdf/iri.ts";
import { blankNode, literal, namedNode, type Term } from "../rdf/term.ts";

type Solutions = Extract<RemoteAnswer, { readonly kind: "bindings" }>;
type YesOrNo = Extract<RemoteAnswer, { readonly kind: "boolean" }>;

/** Reads SPARQL 1.1 Query Results JSON of an ASK. Refuses with `malformed`. */
export function readBooleanJson(text: string): YesOrNo | Refusal {
  const value = at(readJson(text), "boolean");
  return typeof value === "boolean" ? { kind: "boolean", value } : refuse("malformed", "it says neither yes nor no.");
}

/** Reads SPARQL 1.1 Query Results JSON of a SELECT. Refuses with `malformed` and `too-large`. */
export function readResultsJson(text: string, rows_max: number): Solutions | Refusal {
  const json = readJson(text);
  if (json === undefined) return refuse("malformed", "it is no JSON.");
  const vars = at(at(json, "head"), "vars");
  const bindings = at(at(json, "results"), "bindings");
  if (!Array.isArray(vars) || !Array.isArray(bindings)) return refuse("malformed", "it is no SPARQL results.");
  if (bindings.length > rows_max) return refuse("too-large", `it has more than ${rows_max} rows.`);
  const variables = vars.filter((name): name is string => typeof name === "string");
  const rows: ReadonlyMap<string, Term>[] = [];
  for (const binding of bindings as readonly unknown[]) {
    const row = new Map<string, Term>();
    for (const name of variables) {
      const value = at(binding, name);
      if (value === undefined) continue;
      const term = readTerm(value);
      if (term === undefined) return refuse("malformed", "it has a term that is none of RDF.");
      row.set(name, term);
    }
    rows.push(row);
  }
  return { kind: "bindings", variables, rows };
}

function readTerm(json: unknown): Term | undefined {
  const value = at(json, "value");
  if (typeof value !== "string") return undefined;
  switch (at(json, "type")) {
    case "uri":
      return isIri(value) ? namedNode(value) : undefined;
    case "bnode":
      return blankNode(value.replace(/[^A-Za-z0-9_-]/g, "-"));
    // COMPAT: Virtuoso has "typed-literal" from the draft of 2007.
    case "literal":
    case "typed-literal": {
      const [language, datatype] = [at(json, "xml:lang"), at(json, "datatype")];
      if (typeof language === "string") return literal(value, language);
      return typeof datatype === "string" ? literal(value, namedNode(datatype)) : literal(value);
    }
    default:
      return undefined;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
