import { type Refusal, refuse } from "../outcome/refusal.ts";
import { isIri } from "../rdf/iri.ts";
import { blankNode, literal, namedNode, type Term } from "../rdf/term.ts";
import { xsd } from "../vocab/xsd.ts";
import type { XmlElement } from "./xml-element.ts";
import { escapeAttribute, escapeText, isXmlText } from "./xml-text.ts";

/** The namespace of SPARQL Query Results XML (Second Edition, §2). */
export const SPARQL_RESULTS_NS = "http://www.w3.org/2005/sparql-results#";

/** SPARQL in an IQ (W3C, September 2005): the query's namespace, and the feature that disco names. */
export const SPARQL_BINDING_NS = "http://www.w3.org/2005/09/xmpp-sparql-binding";

/** LIMIT: variables read of one head. */
const VARIABLES_MAX = 1_000;

type Row = ReadonlyMap<string, Term>;

/** The head of an answer (§2.2). */
export function headToXml(variables: readonly string[]): string {
  return `<head>${variables.map((name) => `<variable name="${escapeAttribute(name)}"/>`).join("")}</head>`;
}

/** One solution (§2.3.1); undefined where a value has characters that XML cannot carry. */
export function rowToXml(row: Row, variables: readonly string[]): string | undefined {
  let cells = "";
  for (const name of variables) {
    const term = row.get(name);
    if (term === undefined) continue;
    if (!isXmlText(term.value)) return undefined;
    cells += `<binding name="${escapeAttribute(name)}">${termToXml(term)}</binding>`;
  }
  return `<result>${cells}</result>`;
}

function termToXml(term: Term): string {
  if (term.termType === "NamedNode") return `<uri>${escapeText(term.value)}</uri>`;
  if (term.termType === "BlankNode") return `<bnode>${escapeText(term.value)}</bnode>`;
  if (term.termType !== "Literal") return `<literal>${escapeText(term.value)}</literal>`;
  if (term.language !== "")
    return `<literal xml:lang="${escapeAttribute(term.language)}">${escapeText(term.value)}</literal>`;
  const datatype = term.datatype.equals(xsd.string) ? "" : ` datatype="${escapeAttribute(term.datatype.value)}"`;
  return `<literal${datatype}>${escapeText(term.value)}</literal>`;
}

/** Results as they were read; `length` is how many characters their values have, for bounds. */
export type ReadXmlResults =
  | {
      readonly kind: "bindings";
      readonly variables: readonly string[];
      readonly rows: readonly Row[];
      readonly length: number;
    }
  | { readonly kind: "boolean"; readonly value: boolean };

/**
 * Reads a `<sparql/>` element by namespace; what it has beside is passed over. Blank nodes keep their labels, so that
 * pages of one answer agree. Refuses with `malformed` and `too-large`.
 */
export function resultsFromXml(sparql: XmlElement, rows_max: number): ReadXmlResults | Refusal {
  const boolean = sparql.getChild("boolean", SPARQL_RESULTS_NS);
  if (boolean !== undefined) {
    const value = boolean.getText().trim();
    if (value !== "true" && value !== "false") return refuse("malformed", "its boolean is neither true nor false.");
    return { kind: "boolean", value: value === "true" };
  }
  const head = sparql.getChild("head", SPARQL_RESULTS_NS);
  const results = sparql.getChild("results", SPARQL_RESULTS_NS);
  if (head === undefined || results === undefined) return refuse("malformed", "it has no head or no results.");
  const variables = head.getChildren("variable", SPARQL_RESULTS_NS).map(({ attrs }) => attrs["name"] ?? "");
  if (variables.length > VARIABLES_MAX) return refuse("too-large", `it has more than ${VARIABLES_MAX} variables.`);
  const elements = results.getChildren("result", SPARQL_RESULTS_NS);
  if (elements.length > rows_max) return refuse("too-large", `it has more than ${rows_max} rows.`);
  const names = new Set(variables);
  const rows: Row[] = [];
  let length = 0;
  for (const element of elements) {
    const row = rowOf(element, names);
    if (row === undefined) return refuse("malformed", "it has a value that is no term of RDF, or of no variable.");
    rows.push(row);
    for (const { value } of row.values()) length += value.length;
  }
  return { kind: "bindings", variables, rows, length };
}

function rowOf(result: XmlElement, names: ReadonlySet<string>): Row | undefined {
  const row = new Map<string, Term>();
  for (const binding of result.getChildren("binding", SPARQL_RESULTS_NS)) {
    const name = binding.attrs["name"] ?? "";
    const [value, more] = binding.getChildElements();
    const term = value === undefined || more !== undefined ? undefined : termOf(value);
    if (term === undefined || !names.has(name) || row.has(name)) return undefined;
    row.set(name, term);
  }
  return row;
}

function termOf(element: XmlElement): Term | undefined {
  if (element.getNS() !== SPARQL_RESULTS_NS || element.getChildElements().length > 0) return undefined;
  const value = element.getText();
  switch (element.getName()) {
    case "uri":
      return isIri(value.trim()) ? namedNode(value.trim()) : undefined;
    case "bnode":
      return blankNode(value.trim().replace(/[^A-Za-z0-9_-]/g, "-"));
    case "literal": {
      const { "xml:lang": language, datatype } = element.attrs;
      if (language !== undefined && language !== "") return literal(value, language);
      if (datatype === undefined) return literal(value);
      return isIri(datatype) ? literal(value, namedNode(datatype)) : undefined;
    }
    default:
      return undefined;
  }
}
