import fc from "fast-check";

/** What the random tests ask when nothing else is said: the same each time, so that a run fails for what was changed. */
const SAME = 20_080_501;

/**
 * The seed of all random tests of this process: `STERNA_RANDOM_SEED`, a number that a failure has printed, or `any` for
 * questions that were never asked before. Each file loads this before its tests.
 */
function seed(): number {
  const wished = process.env["STERNA_RANDOM_SEED"] ?? String(SAME);
  const number = wished === "any" ? Date.now() % 2 ** 31 : Number(wished);
  if (Number.isInteger(number)) return number;
  throw new Error(`Expected a whole number or "any" in STERNA_RANDOM_SEED, but it is "${wished}".`);
}

fc.configureGlobal({ seed: seed() });
