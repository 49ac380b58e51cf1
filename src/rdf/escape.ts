import { Fault } from "../outcome/fault.ts";
import { isIri } from "./iri.ts";

// Besides what N-Triples must escape, control characters and U+FFFE, U+FFFF: XML cannot carry those, and Turtle
// travels inside stanzas.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
const NEEDS_ESCAPE = /["\\\u0000-\u001f\u007f\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
const EACH_ESCAPE = /["\\\u0000-\u001f\u007f\ufffe\uffff]/g;

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

function escapeOne(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The inside of a Turtle or N-Triples string between double quotes, on one line (RDF 1.2 canonical N-Triples). */
export function escapeString(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replace(EACH_ESCAPE, escapeOne) : text;
}

/**
 * An IRI between `<` and `>`.
 * @throws Fault `internal` when it is not one that `parseIri` takes: then it could break out of the brackets
 */
export function writeIri(iri: string): string {
  if (!isIri(iri)) throw new Fault("internal", `Expected an absolute IRI to write, but got "${iri.slice(0, 80)}".`);
  return `<${iri}>`;
}

/** `_:label`, with what N-Triples does not allow in a label written as its code in hexadecimal. */
export function writeBlankNode(label: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(label)) return `_:${label}`;
  // `_x` never begins the labels our parsers give, so this cannot meet another label.
  return `_:_x${label.replace(/[^A-Za-z0-9]/gu, (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`)}`;
}
