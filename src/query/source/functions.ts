import { createHash, randomUUID } from "node:crypto";
import { isIri } from "../../rdf/iri.ts";
import { rdf } from "../../vocab/rdf.ts";
import { xsd } from "../../vocab/xsd.ts";
import { CASTS } from "./casts.ts";
import {
  booleanCell,
  type Cell,
  integerCell,
  isStringy,
  type LiteralCell,
  onText,
  stringCell,
  stringLike,
  XSD_BOOLEAN,
  XSD_STRING,
} from "./cell.ts";
import { booleanOf, compare, equal, sameTerm } from "./compare.ts";
import {
  absolute,
  compute,
  isNumericType,
  type NumberValue,
  negated,
  numberCell,
  numberOf,
  toWhole,
} from "./number-value.ts";
import { regex, replace } from "./regular-expression.ts";
import { dateTimeParts } from "./time-value.ts";

/** What an expression comes to; undefined is an error (SPARQL 1.1 §17.2), null a variable that is not bound. */
export type Value = Cell | boolean | undefined | null;

/** A function of values that are there. */
export type Apply = (...args: readonly Cell[]) => Cell | boolean | undefined;

const LANG_STRING = rdf.langString.value;

/** Functions that look at their arguments' values, by the algebra's names. */
export const STRICT_FUNCTIONS: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ["=", (a, b) => both(a, b, equal)],
  ["!=", (a, b) => not(both(a, b, equal))],
  ["<", (a, b) => sign(a, b, (found) => found < 0)],
  [">", (a, b) => sign(a, b, (found) => found > 0)],
  ["<=", (a, b) => sign(a, b, (found) => found <= 0)],
  [">=", (a, b) => sign(a, b, (found) => found >= 0)],
  ["+", (a, b) => arithmetic("+", a, b)],
  ["-", (a, b) => arithmetic("-", a, b)],
  ["*", (a, b) => arithmetic("*", a, b)],
  ["/", (a, b) => arithmetic("/", a, b)],
  ["uminus", (a) => onNumber(a, negated)],
  ["uplus", (a) => onNumber(a, (number) => number)],
  ["abs", (a) => onNumber(a, absolute)],
  ["ceil", (a) => onNumber(a, (number) => toWhole("up", number))],
  ["floor", (a) => onNumber(a, (number) => toWhole("down", number))],
  ["round", (a) => onNumber(a, (number) => toWhole("nearest", number))],
  ["sameterm", (a, b) => both(a, b, sameTerm)],
  ["isiri", (a) => a?.kind === "iri"],
  ["isuri", (a) => a?.kind === "iri"],
  ["isblank", (a) => a?.kind === "blank"],
  ["isliteral", (a) => a?.kind === "literal"],
  ["isnumeric", (a) => a !== undefined && numberOf(a) !== undefined],
  ["str", (a) => (a?.kind === "iri" || a?.kind === "literal" ? stringCell(a.value) : undefined)],
  ["lang", (a) => (a?.kind === "literal" ? stringCell(a.language) : undefined)],
  ["datatype", (a) => (a?.kind === "literal" ? { kind: "iri", value: a.datatype } : undefined)],
  ["langmatches", (a, b) => texts(a, b, langMatches)],
  ["strlen", (a) => onText(a, (text) => integerCell([...text.value].length))],
  ["ucase", (a) => onText(a, (text) => stringLike(text, text.value.toUpperCase()))],
  ["lcase", (a) => onText(a, (text) => stringLike(text, text.value.toLowerCase()))],
  ["substr", substring],
  ["contains", (a, b) => compatible(a, b, (text, part) => text.value.includes(part.value))],
  ["strstarts", (a, b) => compatible(a, b, (text, part) => text.value.startsWith(part.value))],
  ["strends", (a, b) => compatible(a, b, (text, part) => text.value.endsWith(part.value))],
  ["strbefore", (a, b) => compatible(a, b, (text, part) => before(text, text.value.indexOf(part.value)))],
  ["strafter", (a, b) => compatible(a, b, after)],
  ["encode_for_uri", (a) => onText(a, (text) => stringCell(encodeForUri(text.value)))],
  ["regex", regex],
  ["replace", replace],
  ["strdt", strdt],
  ["strlang", strlang],
  ["iri", toIri],
  ["uri", toIri],
  ["concat", concatenate],
  ["year", (a) => part(a, 0)],
  ["month", (a) => part(a, 1)],
  ["day", (a) => part(a, 2)],
  ["hours", (a) => part(a, 3)],
  ["minutes", (a) => part(a, 4)],
  ["seconds", (a) => onParts(a, ({ seconds }) => numberCell({ type: "decimal", value: Number(seconds) }))],
  ["timezone", (a) => onParts(a, timezone)],
  ["tz", (a) => onParts(a, ({ zone }) => stringCell(zone))],
  ...["md5", "sha1", "sha256", "sha384", "sha512"].map(
    (name) => [name, (a: Cell) => onText(a, (text) => stringCell(digest(name, text.value)))] as const,
  ),
  ["uuid", () => ({ kind: "iri", value: `urn:uuid:${randomUUID()}` })],
  ["struuid", () => stringCell(randomUUID())],
  ["rand", () => numberCell({ type: "double", value: Math.random() })],
  ...CASTS,
]);

/** All functions the source knows; those beyond the strict ones decide themselves what of their arguments to look at. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...STRICT_FUNCTIONS.keys(),
  ...["&&", "||", "!", "bound", "if", "coalesce", "in", "notin", "now"],
]);

/** The effective boolean value (SPARQL 1.1 §17.2.2); undefined is a type error. */
export function effectiveBoolean(value: Value): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (value === undefined || value === null || value.kind !== "literal") return undefined;
  if (value.datatype === XSD_BOOLEAN) return booleanOf(value) ?? false;
  const { datatype } = value;
  if (isStringy(value)) return value.value !== "";
  if (!isNumericType(datatype)) return undefined;
  const number = numberOf(value)?.value ?? 0;
  return number !== 0 && !Number.isNaN(number);
}

/** A value as a term. */
export function cellOfValue(value: Value): Cell | undefined {
  return typeof value === "boolean" ? booleanCell(value) : (value ?? undefined);
}

function both<T>(a: Cell | undefined, b: Cell | undefined, apply: (a: Cell, b: Cell) => T): T | undefined {
  return a === undefined || b === undefined ? undefined : apply(a, b);
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function sign(a: Cell | undefined, b: Cell | undefined, test: (found: number) => boolean): boolean | undefined {
  const found = both(a, b, compare);
  return found === undefined ? undefined : test(found);
}

function arithmetic(operator: string, a: Cell | undefined, b: Cell | undefined): Cell | undefined {
  const [left, right] = [a && numberOf(a), b && numberOf(b)];
  const found = left === undefined || right === undefined ? undefined : compute(operator, left, right);
  return found === undefined ? undefined : numberCell(found);
}

function onNumber(a: Cell | undefined, apply: (number: NumberValue) => NumberValue): Cell | undefined {
  const number = a && numberOf(a);
  return number === undefined ? undefined : numberCell(apply(number));
}

function texts<T>(
  a: Cell | undefined,
  b: Cell | undefined,
  apply: (a: LiteralCell, b: LiteralCell) => T,
): T | undefined {
  return a !== undefined && b !== undefined && isStringy(a) && isStringy(b) ? apply(a, b) : undefined;
}

/** Argument compatibility (SPARQL 1.1 §17.4.3.1.2): a second string with a language wants the same on the first. */
function compatible<T>(
  a: Cell | undefined,
  b: Cell | undefined,
  apply: (a: LiteralCell, b: LiteralCell) => T,
): T | undefined {
  return texts(a, b, (text, other) =>
    other.language === "" || other.language === text.language ? apply(text, other) : undefined,
  );
}

/** Where nothing is found the answer has no language. */
function before(text: LiteralCell, at: number): Cell {
  return at < 0 ? stringCell("") : stringLike(text, text.value.slice(0, at));
}

function after(text: LiteralCell, part: LiteralCell): Cell {
  const at = text.value.indexOf(part.value);
  return at < 0 ? stringCell("") : stringLike(text, text.value.slice(at + part.value.length));
}

function encodeForUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function strdt(a?: Cell, b?: Cell): Cell | undefined {
  if (a?.kind !== "literal" || a.datatype !== XSD_STRING || b?.kind !== "iri") return undefined;
  return { kind: "literal", value: a.value, datatype: b.value, language: "" };
}

function strlang(a?: Cell, b?: Cell): Cell | undefined {
  const isText = (cell: Cell | undefined): cell is LiteralCell =>
    cell?.kind === "literal" && cell.datatype === XSD_STRING;
  if (!isText(a) || !isText(b) || !/^[a-z]{1,8}(-[a-z0-9]{1,8})*$/i.test(b.value)) return undefined;
  return { kind: "literal", value: a.value, datatype: LANG_STRING, language: b.value.toLowerCase() };
}

/** An IRI, resolved against the query's base, which comes as a second argument; what cannot be written as one is an error. */
function toIri(a?: Cell, base?: Cell): Cell | undefined {
  if (a?.kind === "iri") return a;
  if (a?.kind !== "literal" || a.datatype !== XSD_STRING) return undefined;
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(a.value);
  const value = isAbsolute ? a.value : URL.parse(a.value, base?.value)?.href;
  return value !== undefined && isIri(value) ? { kind: "iri", value } : undefined;
}

/** A hash as hexadecimal digits. */
function digest(name: string, text: string): string {
  return createHash(name).update(text).digest("hex");
}

function timezone({ zone }: Parts): Cell | undefined {
  if (zone === "") return undefined;
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? ["", "", "0", "0"];
  const parts = [Number(hours) > 0 ? `${Number(hours)}H` : "", Number(minutes) > 0 ? `${Number(minutes)}M` : ""].join(
    "",
  );
  const value = parts === "" ? "PT0S" : `${sign === "-" ? "-" : ""}PT${parts}`;
  return { kind: "literal", value, datatype: xsd.dayTimeDuration.value, language: "" };
}

function substring(a?: Cell, b?: Cell, c?: Cell): Cell | undefined {
  return onText(a, (text) => {
    const start = b && numberOf(b)?.value;
    const length = c === undefined ? Number.POSITIVE_INFINITY : numberOf(c)?.value;
    if (start === undefined || length === undefined) return undefined;
    // XPath counts characters from 1, and what is before them shortens the rest.
    const [from, to] = [Math.round(start), Math.round(start) + Math.round(length)];
    const characters = [...text.value].filter((_, index) => index + 1 >= from && index + 1 < to);
    return stringLike(text, characters.join(""));
  });
}

function concatenate(...args: readonly Cell[]): Cell | undefined {
  if (!args.every(isStringy)) return undefined;
  const value = args.map((each) => each.value).join("");
  const [first] = args;
  return first !== undefined && first.language !== "" && args.every(({ language }) => language === first.language)
    ? stringLike(first, value)
    : stringCell(value);
}

function langMatches(language: LiteralCell, range: LiteralCell): boolean {
  const [tag, wanted] = [language.value.toLowerCase(), range.value.toLowerCase()];
  return wanted === "*" ? tag !== "" : tag === wanted || tag.startsWith(`${wanted}-`);
}

type Parts = NonNullable<ReturnType<typeof dateTimeParts>>;

function onParts<T>(a: Cell | undefined, apply: (parts: Parts) => T): T | undefined {
  const parts = a?.kind === "literal" ? dateTimeParts(a) : undefined;
  return parts === undefined ? undefined : apply(parts);
}

function part(a: Cell | undefined, index: number): Cell | undefined {
  return onParts(a, ({ parts }) => integerCell(parts[index] ?? 0));
}
