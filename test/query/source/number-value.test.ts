import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiteralCell } from "../../../src/query/source/cell.ts";
import {
  absolute,
  castNumber,
  compareNumbers,
  compute,
  type NumberValue,
  numberCell,
  numberOf,
  toWhole,
} from "../../../src/query/source/number-value.ts";
import { xsd } from "../../../src/vocab/xsd.ts";

function read(value: string, type: "integer" | "decimal" | "float" | "double" = "integer"): NumberValue {
  const cell: LiteralCell = { kind: "literal", value, datatype: xsd[type].value, language: "" };
  const number = numberOf(cell);
  if (number === undefined) throw new Error(`${value} is no ${type}`);
  return number;
}

const text = (number: NumberValue | undefined): string | undefined => number && numberCell(number).value;

describe("numbers of the query source", () => {
  it("keep every digit of integers, however large", () => {
    const large = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
    fc.assert(
      fc.property(large, large, (a, b) => {
        const [left, right] = [read(String(a)), read(String(b))];
        expect(text(compute("+", left, right))).toBe(String(a + b));
        expect(text(compute("-", left, right))).toBe(String(a - b));
        expect(text(compute("*", left, right))).toBe(String(a * b));
        expect(Math.sign(compareNumbers(left, right))).toBe(a < b ? -1 : Number(a > b));
      }),
    );
  });

  it("tell neighbours beyond 2^53 apart", () => {
    expect(compareNumbers(read("9007199254740993"), read("9007199254740992"))).toBe(1);
    expect(text(compute("+", read("9007199254740993"), read("1")))).toBe("9007199254740994");
  });

  it("keep every digit of sums and products of decimals", () => {
    expect(text(compute("+", read("0.1", "decimal"), read("0.2", "decimal")))).toBe("0.3");
    expect(text(compute("+", read("9007199254740993.25", "decimal"), read("0.25", "decimal")))).toBe(
      "9007199254740993.5",
    );
    expect(text(compute("*", read("1.50", "decimal"), read("2", "decimal")))).toBe("3.0");
  });

  it("divide integers to decimals and refuse to divide them by zero", () => {
    expect(text(compute("/", read("9007199254740993"), read("2")))).toBe("4503599627370496.5");
    expect(text(compute("/", read("1"), read("4")))).toBe("0.25");
    expect(compute("/", read("1"), read("0"))).toBeUndefined();
    expect(text(compute("/", read("1"), read("0", "double")))).toBe("INF");
  });

  it("grow to a thousand digits and no further", () => {
    let number: NumberValue | undefined = read("7");
    let times = 0;
    for (; number !== undefined && times < 100; times++) number = compute("*", number, number);
    expect(times).toBeGreaterThan(8);
    expect(times).toBeLessThan(15);
  });

  it("take an integer that is longer than that as a double holds it", () => {
    expect(read("9".repeat(1_001)).value).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ["down", "-2.5", "-3"],
    ["up", "-2.5", "-2"],
    ["nearest", "-2.5", "-2"],
    ["nearest", "2.5", "3"],
    ["zero", "-2.5", "-2"],
    ["down", "-9007199254740993.5", "-9007199254740994"],
    ["up", "9007199254740993.5", "9007199254740994"],
    ["nearest", "-9007199254740993.5", "-9007199254740993"],
    ["nearest", "9007199254740993.5", "9007199254740994"],
    ["zero", "-9007199254740993.5", "-9007199254740993"],
  ] as const)("round %s from %s to %s", (to, from, whole) => {
    expect(text(toWhole(to, read(from, "decimal")))).toBe(`${whole}.0`);
  });

  it("compute floats in 32 bits, and write them with as many digits as these hold", () => {
    expect(text(compute("/", read("12.5", "float"), read("3")))).toBe("4.1666665E0");
    expect(text(compute("+", read("0.1", "float"), read("0.2", "float")))).toBe("3.0E-1");
    expect(text(compute("+", read("0.1", "float"), read("0.2", "double")))).toBe("3.0000000149011613E-1");
    expect(compareNumbers(read("0.1", "float"), read("0.1", "double"))).toBe(1);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(read(numberCell({ type: "float", value }).value, "float").value + 0).toBe(value + 0);
      }),
    );
  });

  it("lose their sign and change their type with all digits", () => {
    expect(text(absolute(read("-9007199254740993")))).toBe("9007199254740993");
    const cast = castNumber(read("9007199254740993.75", "decimal"), "integer");
    expect(cast && numberCell(cast)).toMatchObject({ value: "9007199254740993", datatype: xsd.integer.value });
    expect(castNumber(read("INF", "double"), "integer")).toBeUndefined();
    expect(text(castNumber(read("1e21", "double"), "integer"))).toBe("1000000000000000000000");
  });
});
