import type { Mode, Verdict } from "./run-suite.ts";

/** What one suite came to, by mode. */
export type Verdicts = ReadonlyMap<Mode, readonly Verdict[]>;

/** One test that is not as it should be. */
export interface Problem {
  readonly test: string;
  readonly modes: readonly Mode[];
  /** Whether the modes do not agree. */
  readonly differs: boolean;
  readonly sentence: string;
}

/**
 * Everything that is not as it should be: a test that fails and is not known to, one that is known to fail and passes,
 * and one whose verdict or answer depends on the mode.
 * @param known reasons by IRI of the test
 */
export function problemsOf(verdicts: Verdicts, known: Readonly<Record<string, string>>): readonly Problem[] {
  const byTest = Map.groupBy(
    [...verdicts].flatMap(([mode, all]) => all.map((verdict) => ({ mode, ...verdict }))),
    ({ test }) => test,
  );
  return [...byTest].flatMap(([test, all]) => {
    const differs = new Set(all.map(({ outcome }) => outcome)).size > 1;
    const wrong = all.filter(({ outcome }) => (outcome === "passed") === Object.hasOwn(known, test));
    if (wrong.length > 0) {
      const sentence = wrong[0]?.reason ?? "It passes, and is listed among the known failures; take it off.";
      return [{ test, modes: wrong.map(({ mode }) => mode), differs, sentence }];
    }
    const answers = new Set(all.map(({ answer }) => answer));
    if (answers.size === 1) return [];
    const sentence = `Expected one answer, but got:\n${all.map(({ mode, answer = "" }) => `${mode}:\n${answer}`).join("\n")}`;
    return [{ test, modes: all.map(({ mode }) => mode), differs: true, sentence }];
  });
}
