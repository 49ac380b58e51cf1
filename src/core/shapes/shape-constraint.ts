import { isRefusal } from "../../outcome/refusal.ts";
import type { Term } from "../../rdf/term.ts";
import { PREFIXES } from "../../vocab/prefixes.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sh } from "../../vocab/sh.ts";
import { xsd } from "../../vocab/xsd.ts";
import { parseInstant } from "../instant.ts";

/** What one value must be. `expected` goes on "to be", or "to have": "an IRI", "at most 5000 characters". */
export interface Constraint {
  readonly expected: string;
  /** What came, when the value itself does not tell it. */
  readonly came?: (term: Term) => string;
  holds(term: Term): boolean;
}

/** `prefix:local` for people, or the IRI in angle brackets. */
export function shortName(iri: string): string {
  for (const [prefix, namespace] of Object.entries(PREFIXES)) {
    if (iri.startsWith(namespace)) return `${prefix}:${iri.slice(namespace.length)}`;
  }
  return `<${iri}>`;
}

/** A term as a message shows it, cut short. */
export function showTerm(term: Term): string {
  const text = term.value.length > 80 ? `${term.value.slice(0, 80)}…` : term.value;
  if (term.termType === "NamedNode") return `<${text}>`;
  if (term.termType !== "Literal") return "a blank node";
  if (term.language !== "") return `"${text}"@${term.language}`;
  return term.datatype.value === xsd.string.value ? `"${text}"` : `"${text}"^^${shortName(term.datatype.value)}`;
}

const NODE_KINDS: ReadonlyMap<string, { readonly expected: string; readonly kinds: readonly string[] }> = new Map([
  [sh.IRI.value, { expected: "an IRI", kinds: ["NamedNode"] }],
  [sh.Literal.value, { expected: "a literal", kinds: ["Literal"] }],
  [sh.BlankNode.value, { expected: "a blank node", kinds: ["BlankNode"] }],
  [sh.BlankNodeOrIRI.value, { expected: "an IRI or a blank node", kinds: ["BlankNode", "NamedNode"] }],
  [sh.IRIOrLiteral.value, { expected: "an IRI or a literal", kinds: ["Literal", "NamedNode"] }],
  [sh.BlankNodeOrLiteral.value, { expected: "a literal or a blank node", kinds: ["BlankNode", "Literal"] }],
]);

/** `sh:nodeKind`; undefined for a kind that SHACL does not have. */
export function nodeKind(kind: string): Constraint | undefined {
  const known = NODE_KINDS.get(kind);
  return known && { expected: known.expected, holds: (term) => known.kinds.includes(term.termType) };
}

interface Lexical {
  readonly expected: string;
  readonly allows: (text: string) => boolean;
}

/** The texts each datatype allows, for the datatypes that shapes may name. */
const LEXICAL: ReadonlyMap<string, Lexical> = new Map<string, Lexical>([
  [xsd.string.value, { expected: "a text without a language", allows: () => true }],
  [rdf.langString.value, { expected: "a text with a language", allows: () => true }],
  // Stricter than the pattern of the datatype: what has no place in the calendar could not be put in order.
  [
    xsd.dateTime.value,
    { expected: "an xsd:dateTime such as 2026-11-21T06:00:00Z", allows: (text) => !isRefusal(parseInstant(text)) },
  ],
  [xsd.boolean.value, { expected: "an xsd:boolean", allows: (text) => /^(?:true|false|0|1)$/.test(text) }],
  [xsd.integer.value, { expected: "an xsd:integer", allows: (text) => /^[+-]?[0-9]+$/.test(text) }],
]);

/** `sh:datatype`, where a text that the datatype does not allow is refused too; undefined for a datatype not known. */
export function datatype(iri: string): Constraint | undefined {
  const known = LEXICAL.get(iri);
  return (
    known && {
      expected: known.expected,
      holds: (term) => term.termType === "Literal" && term.datatype.value === iri && known.allows(term.value),
    }
  );
}

/** Characters as Unicode code points, as SPARQL's STRLEN and so SHACL count them. */
function lengthOf(text: string): number {
  let length = text.length;
  for (let at = text.length - 1; at > 0; at--) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) length--;
  }
  return length;
}

function cameLength(term: Term): string {
  return term.termType === "BlankNode" ? "a blank node" : `${lengthOf(term.value)}`;
}

/** `sh:maxLength`. */
export function maxLength(bound: number): Constraint {
  return {
    expected: `of at most ${bound} characters`,
    came: cameLength,
    // Mostly the number of UTF-16 code units, which is never less, settles it.
    holds: ({ termType, value }) => termType !== "BlankNode" && (value.length <= bound || lengthOf(value) <= bound),
  };
}

/** `sh:minLength`. */
export function minLength(bound: number): Constraint {
  return {
    expected: `of at least ${bound} characters`,
    came: cameLength,
    holds: ({ termType, value }) => termType !== "BlankNode" && value.length >= bound && lengthOf(value) >= bound,
  };
}

/** `sh:pattern` without flags; undefined when it is no regular expression. */
export function pattern(source: string): Constraint | undefined {
  try {
    const expression = new RegExp(source, "u");
    return {
      expected: `matching ${source}`,
      holds: ({ termType, value }) => termType !== "BlankNode" && expression.test(value),
    };
  } catch {
    return undefined;
  }
}

/** `sh:in`. */
export function oneOf(terms: readonly Term[]): Constraint {
  return {
    expected: `one of ${terms.map(showTerm).join(", ")}`,
    holds: (term) => terms.some((allowed) => allowed.equals(term)),
  };
}

/** `sh:or` of value constraints. */
export function anyOf(alternatives: readonly (readonly Constraint[])[]): Constraint {
  const expected = alternatives.map((all) => all.map((one) => one.expected).join(", ")).join(", or ");
  return { expected, holds: (term) => alternatives.some((all) => all.every((one) => one.holds(term))) };
}
