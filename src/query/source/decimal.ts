/** Digits after the point that a quotient keeps. */
const QUOTIENT_DIGITS = 20;
/**
 * LIMIT: digits of a number; one product after the other would make them as many as memory holds. Beyond that is the
 * overflow of XPath and XQuery Functions (err:FOAR0002), a type error here. XML Schema asks for 18 at least.
 */
export const DIGITS_MAX = 1_000;
/** Up to so many digits are the same in a double and back. */
const DOUBLE_DIGITS = 15;

/** An integer or decimal of any length: `digits` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly digits: bigint;
  /** How many of the digits stand after the point; from 0. */
  readonly scale: number;
}

/** Reads the text of an `xsd:integer` or `xsd:decimal`, checked before, or of a number as JavaScript writes it. */
export function decimalOf(text: string): Decimal {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`${whole.replace("+", "")}${fraction}`.replace(/^-?$/, "0"));
  return scale >= 0 ? shortened({ digits, scale }) : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/**
 * `+ - * /`, exact but for the last digits of a quotient: 0.1 and 0.2 make 0.3, as they do on paper and not in binary.
 * Undefined for what would be too long. A divisor is not zero.
 */
export function computeDecimal(operator: string, a: Decimal, b: Decimal): Decimal | undefined {
  if (lengthOf(a) + lengthOf(b) > DIGITS_MAX) return undefined;
  if (operator === "*") return shortened({ digits: a.digits * b.digits, scale: a.scale + b.scale });
  if (operator === "/") {
    const digits = (a.digits * 10n ** BigInt(QUOTIENT_DIGITS + b.scale)) / b.digits;
    return shortened({ digits, scale: QUOTIENT_DIGITS + a.scale });
  }
  const [left, right, scale] = aligned(a, b);
  return shortened({ digits: operator === "+" ? left + right : left - right, scale });
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The integer next to a decimal towards zero, down, up, or the nearest one, of two the greater. */
export function wholeOf(to: "zero" | "down" | "up" | "nearest", { digits, scale }: Decimal): Decimal {
  const unit = 10n ** BigInt(scale);
  switch (to) {
    case "zero":
      return { digits: digits / unit, scale: 0 };
    case "down":
      return { digits: floorOf(digits, unit), scale: 0 };
    case "up":
      return { digits: -floorOf(-digits, unit), scale: 0 };
    case "nearest":
      return { digits: floorOf(2n * digits + unit, 2n * unit), scale: 0 };
  }
}

/** `a / b` rounded down; `b` is positive. */
function floorOf(a: bigint, b: bigint): bigint {
  return a / b - (a < 0n && a % b !== 0n ? 1n : 0n);
}

/** As XML Schema writes it; an integer without a point. */
export function decimalText({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? "-" : "";
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  return scale === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** Whether a double holds it to the last digit. */
export function fitsDouble({ digits }: Decimal): boolean {
  return String(digits < 0n ? -digits : digits).length <= DOUBLE_DIGITS;
}

function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale), scale];
}

function shortened({ digits, scale }: Decimal): Decimal {
  const zeros = Math.min(scale, /0*$/.exec(String(digits))?.[0].length ?? 0);
  return zeros === 0 ? { digits, scale } : { digits: digits / 10n ** BigInt(zeros), scale: scale - zeros };
}

function lengthOf({ digits, scale }: Decimal): number {
  return String(digits).length + scale;
}
