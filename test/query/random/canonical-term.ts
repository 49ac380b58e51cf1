import type { Literal, Term } from "../../../src/rdf/term.ts";
import { expand } from "./sparql-text.ts";

const xsd = (name: string): string => expand(`xsd:${name}`);

const INTEGERS: ReadonlySet<string> = new Set(
  ["integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger"]
    .concat(["negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"])
    .map(xsd),
);

/** What a literal is worth where literals are compared; undefined for one that only equals itself. */
export type Value =
  | { readonly kind: "number"; readonly value: number; readonly exact?: bigint }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "instant" | "local time" | "day"; readonly value: number };

/** The value of a literal whose lexical form its datatype has. */
export function valueOf({ value, language, datatype }: Literal): Value | undefined {
  if (language !== "") return undefined;
  const type = datatype.value;
  if (type === xsd("string")) return { kind: "text", value };
  if (INTEGERS.has(type)) {
    return /^[+-]?\d+$/.test(value) ? { kind: "number", value: Number(value), exact: BigInt(value) } : undefined;
  }
  if (type === xsd("decimal")) {
    return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(value) ? { kind: "number", value: Number(value) } : undefined;
  }
  if (type === xsd("double") || type === xsd("float")) return floatOf(value);
  if (type === xsd("boolean")) {
    return /^(true|false|0|1)$/.test(value) ? { kind: "boolean", value: value === "true" || value === "1" } : undefined;
  }
  if (type === xsd("dateTime")) return timeOf(value);
  if (type === xsd("date")) {
    return /^\d{4}-\d\d-\d\d$/.test(value) ? { kind: "day", value: Date.parse(value) } : undefined;
  }
  return undefined;
}

function floatOf(text: string): Value | undefined {
  if (/^[+-]?INF$/.test(text)) return { kind: "number", value: text.startsWith("-") ? -Infinity : Infinity };
  if (text === "NaN") return { kind: "number", value: Number.NaN };
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? { kind: "number", value: Number(text) } : undefined;
}

const TIME = /^(-?\d{4,})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

function timeOf(text: string): Value | undefined {
  const zone = TIME.exec(text)?.[6];
  const value = Date.parse(zone === undefined ? `${text}Z` : text);
  if (!TIME.test(text) || Number.isNaN(value)) return undefined;
  return { kind: zone === undefined ? "local time" : "instant", value };
}

/** A number to twelve digits: engines differ in how far they divide. */
function rounded(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(12))) : String(value);
}

/**
 * A term as text in which terms of the same datatype and value are the same: numbers, booleans and times in one form.
 * Blank nodes that are in no data are all alike.
 */
export function canonical(term: Term | undefined): string {
  if (term === undefined) return "unbound";
  if (term.termType === "NamedNode") return `<${term.value}>`;
  if (term.termType === "BlankNode") return `_:${/d[0-9a-f]{20}-\d+$/.exec(term.value)?.[0] ?? "new"}`;
  if (term.termType !== "Literal") return `${term.termType} ${term.value}`;
  if (term.language !== "") return `${JSON.stringify(term.value)}@${term.language.toLowerCase()}`;
  return `${JSON.stringify(formOf(term))}^^${term.datatype.value.replace(/^.*#/, "")}`;
}

function formOf(term: Literal): string {
  const value = valueOf(term);
  switch (value?.kind) {
    case "number":
      return value.exact === undefined ? rounded(value.value) : String(value.exact);
    case "boolean":
      return String(value.value);
    case "instant":
    case "local time":
      return term.value
        .replace(/(\.\d*?)0+(?=Z|[+-]|$)/, "$1")
        .replace(/\.(?=Z|[+-]|$)/, "")
        .replace(/[+-]00:00$/, "Z");
    case "text":
    case "day":
    case undefined:
      return term.value;
  }
}

const RANKS = ["BlankNode", "NamedNode", "Literal"];

/**
 * How ORDER BY has to order two terms: negative, positive, 0 for a tie; undefined where it is left open, as for two
 * literals that `<` does not compare.
 */
export function compareTerms(a: Term | undefined, b: Term | undefined): number | undefined {
  const rank = (term: Term | undefined): number => (term === undefined ? -1 : RANKS.indexOf(term.termType));
  if (a === undefined || b === undefined || rank(a) !== rank(b)) return rank(a) - rank(b);
  if (canonical(a) === canonical(b)) return 0;
  if (a.termType === "NamedNode") return compareTexts(a.value, b.value);
  if (a.termType !== "Literal" || b.termType !== "Literal") return undefined;
  return compareValues(valueOf(a), valueOf(b));
}

/** Compares values of one kind; undefined where there is nothing to compare. */
export function compareValues(a: Value | undefined, b: Value | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a.kind === "text" && b.kind === "text") return compareTexts(a.value, b.value);
  if (a.kind !== b.kind || a.kind === "text" || b.kind === "text") return undefined;
  if (a.kind === "number" && b.kind === "number" && a.exact !== undefined && b.exact !== undefined) {
    return a.exact < b.exact ? -1 : Number(a.exact > b.exact);
  }
  const difference = Number(a.value) - Number(b.value);
  if (a.value === b.value) return 0;
  return Number.isNaN(difference) ? undefined : Math.sign(difference);
}

/** Code point by code point, as XPath's collation does; JavaScript compares halves of surrogate pairs. */
export function compareTexts(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = (one.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
