import { xsd } from "../../vocab/xsd.ts";
import { booleanCell, type Cell, type LiteralCell, stringCell, XSD_BOOLEAN, XSD_STRING } from "./cell.ts";
import { booleanOf } from "./compare.ts";
import { castNumber, isNumericType, type NumberType, numberCell, numberOf } from "./number-value.ts";
import { timeOf } from "./time-value.ts";

/** The casts of SPARQL 1.1 §17.5 by the IRI of the type; undefined where a value has no place in it. */
export const CASTS: ReadonlyMap<string, (cell: Cell) => Cell | boolean | undefined> = new Map<
  string,
  (cell: Cell) => Cell | boolean | undefined
>([
  [XSD_STRING, toText],
  [XSD_BOOLEAN, (cell) => (cell.kind === "literal" ? toBoolean(cell) : undefined)],
  ...(["integer", "decimal", "float", "double"] as const).map(
    (type) => [xsd[type].value, (cell: Cell) => (cell.kind === "literal" ? toNumber(cell, type) : undefined)] as const,
  ),
  [xsd.dateTime.value, (cell) => (cell.kind === "literal" ? toDateTime(cell) : undefined)],
]);

function toText(cell: Cell): Cell | undefined {
  if (cell.kind === "iri") return stringCell(cell.value);
  if (cell.kind !== "literal") return undefined;
  if (cell.datatype === XSD_BOOLEAN) {
    const value = booleanOf(cell);
    return stringCell(value === undefined ? cell.value : String(value));
  }
  const number = numberOf(cell);
  if (number === undefined) return stringCell(cell.value);
  const { type, value } = number;
  // Without an exponent as long as people read it so (XPath and XQuery Functions §19.1.2).
  const isPlain = value === 0 || (Math.abs(value) >= 1e-6 && Math.abs(value) < 1e6);
  if ((type === "float" || type === "double") && !isPlain) return stringCell(numberCell(number).value);
  return stringCell(numberCell({ ...number, type: "decimal" }).value.replace(/\.0$/, ""));
}

function toBoolean(cell: LiteralCell): Cell | undefined {
  if (cell.datatype === XSD_STRING || cell.datatype === XSD_BOOLEAN) {
    const value = booleanOf(cell);
    return value === undefined ? undefined : booleanCell(value);
  }
  const number = numberOf(cell)?.value;
  return number === undefined ? undefined : booleanCell(number !== 0 && !Number.isNaN(number));
}

function toNumber(cell: LiteralCell, type: NumberType): Cell | undefined {
  if (cell.datatype === XSD_BOOLEAN) {
    const value = booleanOf(cell);
    return value === undefined ? undefined : numberCell({ type, value: Number(value) });
  }
  if (cell.datatype === XSD_STRING) {
    const read = numberOf({ ...cell, value: cell.value.trim(), datatype: xsd[type].value });
    return read === undefined ? undefined : numberCell(read);
  }
  if (!isNumericType(cell.datatype)) return undefined;
  const number = numberOf(cell);
  const found = number && castNumber(number, type);
  return found === undefined ? undefined : numberCell(found);
}

function toDateTime(cell: LiteralCell): Cell | undefined {
  const isDate = cell.datatype === xsd.date.value;
  if (cell.datatype !== XSD_STRING && cell.datatype !== xsd.dateTime.value && !isDate) return undefined;
  const value = isDate ? cell.value.replace(/^(-?\d+-\d\d-\d\d)/, "$1T00:00:00") : cell.value;
  const found: LiteralCell = { ...cell, value, datatype: xsd.dateTime.value };
  return timeOf(found) === undefined ? undefined : found;
}
