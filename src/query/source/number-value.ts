import { xsd } from "../../vocab/xsd.ts";
import type { Cell, LiteralCell } from "./cell.ts";
import { computeDecimal } from "./decimal.ts";

/** The numeric types, each of which the ones after it can hold (SPARQL 1.1 §17.3, XPath type promotion). */
const RANKS = ["integer", "decimal", "float", "double"] as const;

export type NumberType = (typeof RANKS)[number];

/** A number as it is held: like in the engine beside it, in double precision. */
export interface NumberValue {
  readonly type: NumberType;
  readonly value: number;
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
  const value = parse(type, cell.value);
  return value === undefined ? undefined : { type, value };
}

function parse(type: NumberType, text: string): number | undefined {
  if (type === "integer") return INTEGER.test(text) ? Number(text) : undefined;
  if (type === "decimal") return DECIMAL.test(text) ? Number(text) : undefined;
  if (DOUBLE.test(text)) return Number(text);
  if (text === "INF" || text === "+INF") return Number.POSITIVE_INFINITY;
  if (text === "-INF") return Number.NEGATIVE_INFINITY;
  return text === "NaN" ? Number.NaN : undefined;
}

/** The narrower type of two that holds both. */
export function widerOf(a: NumberType, b: NumberType): NumberType {
  return RANKS[Math.max(RANKS.indexOf(a), RANKS.indexOf(b))] ?? "double";
}

export function numberCell({ type, value }: NumberValue): LiteralCell {
  return { kind: "literal", value: write(type, value), datatype: xsd[type].value, language: "" };
}

function write(type: NumberType, value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "INF" : "-INF";
  if (type === "integer") return value.toFixed(0);
  if (type === "decimal") {
    const text = String(value).includes("e") ? value.toFixed(20).replace(/(\d)0+$/, "$1") : String(value);
    return text.includes(".") ? text : `${text}.0`;
  }
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${exponent.replace("+", "")}`;
}

/** `+ - * /` of SPARQL 1.1 §17.3; undefined for an integer or decimal divided by zero. */
export function compute(operator: string, a: NumberValue, b: NumberValue): NumberValue | undefined {
  const wider = widerOf(a.type, b.type);
  const exact = wider === "integer" || wider === "decimal";
  if (operator === "/" && exact && b.value === 0) return undefined;
  const type = operator === "/" && wider === "integer" ? "decimal" : wider;
  if (type === "decimal") return { type, value: computeDecimal(operator, a.value, b.value) };
  const [left, right] = [a.value, b.value];
  const value =
    operator === "+" ? left + right : operator === "-" ? left - right : operator === "*" ? left * right : left / right;
  return { type, value };
}
