/** Digits after the point that a quotient keeps. */
const QUOTIENT_DIGITS = 20;

/** A decimal number as a whole number of a power of ten. */
interface Scaled {
  readonly digits: bigint;
  /** How many of the digits stand after the point. */
  readonly scale: number;
}

/**
 * `+ - * /` of decimals, exact but for the last digits of a quotient: 0.1 and 0.2 make 0.3, as they do on paper and not
 * in binary.
 */
export function computeDecimal(operator: string, a: number, b: number): number {
  const [left, right] = [scaledOf(a), scaledOf(b)];
  // As large as that, there is nothing after the point.
  if (left === undefined || right === undefined) return computePlain(operator, a, b);
  if (operator === "*") return numberOf({ digits: left.digits * right.digits, scale: left.scale + right.scale });
  if (operator === "/") {
    const digits = (left.digits * 10n ** BigInt(QUOTIENT_DIGITS + right.scale)) / right.digits;
    return numberOf({ digits, scale: QUOTIENT_DIGITS + left.scale });
  }
  const scale = Math.max(left.scale, right.scale);
  const [one, other] = [left, right].map((each) => each.digits * 10n ** BigInt(scale - each.scale)) as [bigint, bigint];
  return numberOf({ digits: operator === "+" ? one + other : one - other, scale });
}

function computePlain(operator: string, a: number, b: number): number {
  return operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" ? a * b : a / b;
}

function scaledOf(value: number): Scaled | undefined {
  const text = String(value);
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) return undefined;
  const [whole = "0", fraction = ""] = text.split(".");
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

function numberOf({ digits, scale }: Scaled): number {
  return Number(`${digits}e-${scale}`);
}
