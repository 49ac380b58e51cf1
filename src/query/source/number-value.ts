import { xsd } from "../../vocab/xsd.ts";
import type { Cell, LiteralCell } from "./cell.ts";
import {
  compareDecimals,
  computeDecimal,
  type Decimal,
  DIGITS_MAX,
  decimalOf,
  decimalText,
  fitsDouble,
  wholeOf,
} from "./decimal.ts";

/** The numeric types, each of which the ones after it can hold (SPARQL 1.1 §17.3, XPath type promotion). */
const RANKS = ["integer", "decimal", "float", "double"] as const;

export type NumberType = (typeof RANKS)[number];

/** A number as it is held: in the precision of its type, and, where an integer or decimal has more digits than that, in all of them. */
export interface NumberValue {
  readonly type: NumberType;
  readonly value: number;
  readonly exact?: Decimal;
}

const NS = "http://www.w3.org/2001/XMLSchema#";

const TYPES: ReadonlyMap<string, NumberType> = new Map([
  ...RANKS.map((type) => [NS + type, type] as const),
  ...[
    "int",
    "long",
    "short",
    "byte",
    "nonNegativeInteger",
    "positiveInteger",
    "nonPositiveInteger",
    "negativeInteger",
    "unsignedLong",
    "unsignedInt",
    "unsignedShort",
    "unsignedByte",
  ].map((name) => [NS + name, "integer"] as const),
]);

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
const DOUBLE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whether a literal's datatype is one of the numeric ones, well formed or not. */
export function isNumericType(datatype: string): boolean {
  return TYPES.has(datatype);
}

/** The number that a literal is; undefined for what is none, or ill formed. */
export function numberOf(cell: Cell): NumberValue | undefined {
  if (cell.kind !== "literal") return undefined;
  const type = TYPES.get(cell.datatype);
  if (type === undefined) return undefined;
  return isExact(type) ? exactNumberOf(type, cell.value) : floatOf(type, cell.value);
}

/** Whether numbers of a type have all their digits: integers and decimals. */
function isExact(type: NumberType): boolean {
  return type === "integer" || type === "decimal";
}

function exactNumberOf(type: NumberType, text: string): NumberValue | undefined {
  if (!(type === "integer" ? INTEGER : DECIMAL).test(text)) return undefined;
  return text.length <= 15 || text.length > DIGITS_MAX
    ? { type, value: Number(text) }
    : exactNumber(type, decimalOf(text));
}

function floatOf(type: NumberType, text: string): NumberValue | undefined {
  if (DOUBLE.test(text)) return { type, value: inPrecision(type, Number(text)) };
  if (text === "INF" || text === "+INF") return { type, value: Number.POSITIVE_INFINITY };
  if (text === "-INF") return { type, value: Number.NEGATIVE_INFINITY };
  return text === "NaN" ? { type, value: Number.NaN } : undefined;
}

/** An `xsd:float` has 32 bits; JavaScript's numbers have the 64 of an `xsd:double`. */
function inPrecision(type: NumberType, value: number): number {
  return type === "float" ? Math.fround(value) : value;
}

function exactNumber(type: NumberType, decimal: Decimal): NumberValue {
  const value = Number(decimalText(decimal));
  return fitsDouble(decimal) ? { type, value } : { type, value, exact: decimal };
}

function decimalIn({ value, exact }: NumberValue): Decimal {
  return exact ?? decimalOf(String(value));
}

/** The narrower type of two that holds both. */
export function widerOf(a: NumberType, b: NumberType): NumberType {
  return RANKS[Math.max(RANKS.indexOf(a), RANKS.indexOf(b))] ?? "double";
}

export function numberCell({ type, value, exact }: NumberValue): LiteralCell {
  const text = exact === undefined ? write(type, value) : decimalText(exact);
  const whole = type === "decimal" && !text.includes(".");
  return { kind: "literal", value: whole ? `${text}.0` : text, datatype: xsd[type].value, language: "" };
}

function write(type: NumberType, value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "INF" : "-INF";
  // No exponent, and no negative zero.
  if (isExact(type)) return decimalText(decimalOf(String(value)));
  const text = type === "float" ? shortestFloat(value) : value.toExponential();
  const [mantissa = "0", exponent = "0"] = text.split("e");
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${exponent.replace("+", "")}`;
}

/** With the fewest digits that are read back as the same number of 32 bits. */
function shortestFloat(value: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential(8);
}

/** `+ - * /` of SPARQL 1.1 §17.3; undefined for an integer or decimal divided by zero, or as long as no number may be. */
export function compute(operator: string, a: NumberValue, b: NumberValue): NumberValue | undefined {
  const wider = widerOf(a.type, b.type);
  if (!isExact(wider)) {
    const [left, right] = [inPrecision(wider, a.value), inPrecision(wider, b.value)];
    return { type: wider, value: inPrecision(wider, computePlain(operator, left, right)) };
  }
  if (wider === "integer" && operator !== "/" && a.exact === undefined && b.exact === undefined) {
    const value = computePlain(operator, a.value, b.value);
    if (Number.isSafeInteger(value)) return { type: wider, value };
  }
  const [left, right] = [decimalIn(a), decimalIn(b)];
  if (operator === "/" && right.digits === 0n) return undefined;
  const found = computeDecimal(operator, left, right);
  if (found === undefined) return undefined;
  const number = exactNumber(operator === "/" ? "decimal" : wider, found);
  // A quotient's last digits are not right anyway: they are kept only where a double would lose some before the point.
  const isRounded = operator === "/" && a.exact === undefined && b.exact === undefined;
  return isRounded ? { type: number.type, value: number.value } : number;
}

function computePlain(operator: string, a: number, b: number): number {
  return operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" ? a * b : a / b;
}

/** The sign of `a - b`; NaN when one of them is none. */
export function compareNumbers(a: NumberValue, b: NumberValue): number {
  const beyondDouble = a.exact !== undefined || b.exact !== undefined;
  if (beyondDouble && isExact(a.type) && isExact(b.type)) return compareDecimals(decimalIn(a), decimalIn(b));
  return a.value < b.value ? -1 : a.value > b.value ? 1 : a.value === b.value ? 0 : Number.NaN;
}

const WHOLE = {
  zero: Math.trunc,
  down: Math.floor,
  up: Math.ceil,
  // Of two as near the greater one, as XPath's fn:round.
  nearest: Math.round,
} as const;

/** The integer next to a number, in the number's own type. */
export function toWhole(to: keyof typeof WHOLE, number: NumberValue): NumberValue {
  const { type, value, exact } = number;
  return exact === undefined ? { type, value: WHOLE[to](value) } : exactNumber(type, wholeOf(to, exact));
}

export function negated({ type, value, exact }: NumberValue): NumberValue {
  return exact === undefined ? { type, value: -value } : exactNumber(type, { ...exact, digits: -exact.digits });
}

export function absolute(number: NumberValue): NumberValue {
  return number.value < 0 || Object.is(number.value, -0) ? negated(number) : number;
}

/** The same number in another type; undefined for an integer or decimal that would be infinite or none. */
export function castNumber(number: NumberValue, type: NumberType): NumberValue | undefined {
  if (!isExact(type)) return { type, value: inPrecision(type, number.value) };
  if (!Number.isFinite(number.value)) return undefined;
  const wanted = type === "integer" ? toWhole("zero", number) : number;
  return { ...wanted, type };
}
