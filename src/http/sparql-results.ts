import { headToXml, rowToXml, SPARQL_RESULTS_NS } from "../atom/sparql-results-xml.ts";
import type { QueryAnswer } from "../hub/ports/queries.ts";
import { refuse } from "../outcome/refusal.ts";
import { Refused } from "../outcome/refused.ts";
import type { Term } from "../rdf/term.ts";
import { xsd } from "../vocab/xsd.ts";
import type { Offer } from "./negotiate.ts";

/** The SPARQL 1.1 result formats. */
export type ResultFormat = "json" | "xml" | "csv" | "tsv";

/** How the answer of a SELECT can be had, the first when nothing is preferred. ASK has no CSV or TSV form. */
export const RESULT_OFFERS: readonly Offer<ResultFormat>[] = [
  { mediaType: "application/sparql-results+json", name: "json", value: "json" },
  { mediaType: "application/sparql-results+xml", name: "xml", value: "xml" },
  { mediaType: "text/csv", name: "csv", value: "csv" },
  { mediaType: "text/tab-separated-values", name: "tsv", value: "tsv" },
  // What scripts ask for that do not know the SPARQL media types.
  { mediaType: "application/json", value: "json" },
];

type Answer = Exclude<QueryAnswer, { readonly kind: "quads" }>;
type Row = ReadonlyMap<string, Term>;

const XSD_STRING = xsd.string.value;

/**
 * Writes an answer row by row. ASK in CSV or TSV is a bare word. JSON can carry more beside the results: what `beside`
 * gives when all rows are written, as the member `sterna`.
 * @throws Refused `not-acceptable` for text that XML cannot carry
 */
export function writeResults(answer: Answer, format: ResultFormat, beside?: () => unknown): AsyncIterable<string> {
  switch (format) {
    case "json":
      return writeJson(answer, beside);
    case "xml":
      return writeXml(answer);
    case "csv":
      return writeCsv(answer);
    case "tsv":
      return writeTsv(answer);
  }
}

/** SPARQL 1.1 Query Results JSON Format. */
async function* writeJson(answer: Answer, beside?: () => unknown): AsyncGenerator<string> {
  if (answer.kind === "boolean") {
    yield JSON.stringify({ head: {}, boolean: answer.value, ...(beside === undefined ? {} : { sterna: beside() }) });
    return;
  }
  yield `{"head":{"vars":${JSON.stringify(answer.variables)}},"results":{"bindings":[`;
  let comma = "\n";
  for await (const row of answer.rows) {
    const binding: Record<string, unknown> = {};
    for (const name of answer.variables) {
      const term = row.get(name);
      if (term !== undefined) binding[name] = jsonTerm(term);
    }
    yield comma + JSON.stringify(binding);
    comma = ",\n";
  }
  yield `\n]}${beside === undefined ? "" : `,\n"sterna":${JSON.stringify(beside())}`}}\n`;
}

function jsonTerm(term: Term): unknown {
  switch (term.termType) {
    case "NamedNode":
      return { type: "uri", value: term.value };
    case "BlankNode":
      return { type: "bnode", value: term.value };
    case "Literal":
      if (term.language !== "") return { type: "literal", value: term.value, "xml:lang": term.language };
      if (term.datatype.value === XSD_STRING) return { type: "literal", value: term.value };
      return { type: "literal", value: term.value, datatype: term.datatype.value };
    default:
      return { type: "literal", value: term.value };
  }
}

/** SPARQL Query Results XML Format (Second Edition). */
async function* writeXml(answer: Answer): AsyncGenerator<string> {
  yield `<?xml version="1.0"?>\n<sparql xmlns="${SPARQL_RESULTS_NS}">\n`;
  if (answer.kind === "boolean") {
    yield `<head/>\n<boolean>${answer.value}</boolean>\n</sparql>\n`;
    return;
  }
  yield `${headToXml(answer.variables)}\n<results>\n`;
  for await (const row of answer.rows) {
    const xml = rowToXml(row, answer.variables);
    if (xml === undefined) {
      throw new Refused(
        refuse(
          "not-acceptable",
          "The answer holds characters that XML cannot carry; ask for JSON, CSV or TSV instead.",
        ),
      );
    }
    yield `${xml}\n`;
  }
  yield "</results>\n</sparql>\n";
}

/** SPARQL 1.1 Query Results CSV: values only, lines end with CRLF (§3). */
async function* writeCsv(answer: Answer): AsyncGenerator<string> {
  if (answer.kind === "boolean") {
    yield `${answer.value}\r\n`;
    return;
  }
  const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  yield `${answer.variables.map(cell).join(",")}\r\n`;
  for await (const row of answer.rows) yield `${cells(row, answer.variables, csvTerm).map(cell).join(",")}\r\n`;
}

function csvTerm(term: Term): string {
  return term.termType === "BlankNode" ? `_:${term.value}` : term.value;
}

/** SPARQL 1.1 Query Results TSV: terms as in Turtle (§4). */
async function* writeTsv(answer: Answer): AsyncGenerator<string> {
  if (answer.kind === "boolean") {
    yield `${answer.value}\n`;
    return;
  }
  yield `${answer.variables.map((name) => `?${name}`).join("\t")}\n`;
  for await (const row of answer.rows) yield `${cells(row, answer.variables, tsvTerm).join("\t")}\n`;
}

const TSV_ESCAPES: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

function tsvTerm(term: Term): string {
  if (term.termType === "NamedNode") return `<${term.value}>`;
  if (term.termType === "BlankNode") return `_:${term.value}`;
  const quoted = `"${term.value.replace(/[\t\n\r"\\]/g, (character) => TSV_ESCAPES[character] ?? character)}"`;
  if (term.termType !== "Literal") return quoted;
  if (term.language !== "") return `${quoted}@${term.language}`;
  return term.datatype.value === XSD_STRING ? quoted : `${quoted}^^<${term.datatype.value}>`;
}

function cells(row: Row, variables: readonly string[], write: (term: Term) => string): readonly string[] {
  return variables.map((name) => {
    const term = row.get(name);
    return term === undefined ? "" : write(term);
  });
}
