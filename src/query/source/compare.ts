import { type Cell, type LiteralCell, XSD_BOOLEAN, XSD_STRING } from "./cell.ts";
import { compareNumbers, isNumericType, numberOf } from "./number-value.ts";
import { timeOf } from "./time-value.ts";

/** Whether two terms are the same term. */
export function sameTerm(a: Cell, b: Cell): boolean {
  if (a.kind !== b.kind || a.value !== b.value) return false;
  return a.kind !== "literal" || b.kind !== "literal" || (a.datatype === b.datatype && a.language === b.language);
}

/** `=` of SPARQL 1.1 §17.3; undefined is a type error. */
export function equal(a: Cell, b: Cell): boolean | undefined {
  if (a.kind !== "literal" || b.kind !== "literal") return sameTerm(a, b);
  const compared = compareValues(a, b);
  if (compared !== undefined) return compared === 0;
  if (sameTerm(a, b)) return isWellFormed(a) ? true : undefined;
  // Strings with and without languages have their places in one space of values.
  const isText = (cell: LiteralCell): boolean => cell.language !== "" || cell.datatype === XSD_STRING;
  return isText(a) && isText(b) ? false : undefined;
}

/** `<` of SPARQL 1.1 §17.3 as a sign; NaN when neither is less, undefined is a type error. */
export function compare(a: Cell, b: Cell): number | undefined {
  return a.kind === "literal" && b.kind === "literal" ? compareValues(a, b) : undefined;
}

function compareValues(a: LiteralCell, b: LiteralCell): number | undefined {
  if (a.datatype === XSD_STRING && b.datatype === XSD_STRING) return compareText(a.value, b.value);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return compareNumbers(left, right);
  if (a.datatype === XSD_BOOLEAN && b.datatype === XSD_BOOLEAN) {
    const [one, other] = [booleanOf(a), booleanOf(b)];
    return one === undefined || other === undefined ? undefined : Number(one) - Number(other);
  }
  const [early, late] = [timeOf(a), timeOf(b)];
  return early === undefined || late === undefined || early.kind !== late.kind ? undefined : signOf(early.at, late.at);
}

function signOf(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
}

/** The value of an `xsd:boolean`; undefined if ill formed. */
export function booleanOf({ value }: LiteralCell): boolean | undefined {
  return value === "true" || value === "1" ? true : value === "false" || value === "0" ? false : undefined;
}

function isWellFormed(cell: LiteralCell): boolean {
  // What is not a number is not equal to itself either.
  return !isNumericType(cell.datatype) || (numberOf(cell) !== undefined && cell.value !== "NaN");
}

/** By code point, as XPath's default collation does; JavaScript itself goes by halves of surrogate pairs. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left === right) continue;
    // A surrogate stands for something beyond all that stands alone.
    const [leftHigh, rightHigh] = [isSurrogate(left), isSurrogate(right)];
    return leftHigh === rightHigh ? left - right : leftHigh ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

const KIND_ORDER = { blank: 1, iri: 2, literal: 3, triple: 4 } as const;

/**
 * The order of ORDER BY (SPARQL 1.1 §15.1): nothing, blank nodes, IRIs, literals. Literals that `<` does not compare go
 * by datatype, language and text, numbers of all types together, so that the order is always the same.
 */
export function order(a: Cell | undefined, b: Cell | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (a.kind !== "literal" || b.kind !== "literal") {
    return KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || compareText(a.value, b.value);
  }
  const family = compareText(familyOf(a), familyOf(b));
  if (family !== 0) return family;
  const compared = compareValues(a, b);
  if (compared !== undefined && !Number.isNaN(compared)) return compared;
  return numberRank(a) - numberRank(b) || compareText(a.value, b.value) || compareText(a.language, b.language);
}

function familyOf(cell: LiteralCell): string {
  if (numberOf(cell) !== undefined) return "number";
  // What is ill formed stands after its type's good values.
  const isTime = timeOf(cell) !== undefined || (cell.datatype === XSD_BOOLEAN && booleanOf(cell) !== undefined);
  return isTime || cell.datatype === XSD_STRING || cell.language !== "" ? cell.datatype : `${cell.datatype} `;
}

/** NaN before all numbers. */
function numberRank(cell: LiteralCell): number {
  return cell.value === "NaN" ? 0 : 1;
}
