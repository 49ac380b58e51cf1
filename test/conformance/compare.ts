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
 * Everything that is not as it should be: a test that fails, and one whose verdict or answer depends on the mode; but
 * for those that are known to fail where the query source is off, and only there.
 * @param known reasons by IRI of the test
 */
export function problemsOf(verdicts: Verdicts, known: Readonly<Record<string, string>>): readonly Problem[] {
  const byTest = Map.groupBy(
    [...verdicts].flatMap(([mode, all]) => all.map((verdict) => ({ mode, ...verdict }))),
    ({ test }) => test,
  );
  return [...byTest].flatMap(([test, all]) => {
    const isKnown = Object.hasOwn(known, test);
    const differs = !isKnown && new Set(all.map(({ outcome, answer }) => `${outcome} ${answer}`)).size > 1;
    const wrong = all.filter(({ mode, outcome }) => (outcome === "passed") === (isKnown && mode === "declined"));
    if (wrong.length === 0 && !differs) return [];
    const told = wrong.map(({ reason }) => reason ?? "It passes, but is listed as failing; take it off the list.");
    const sentence = [...differenceOf(all), ...told.slice(0, 1)].join("\n");
    return [{ test, modes: (wrong.length > 0 ? wrong : all).map(({ mode }) => mode), differs, sentence }];
  });
}

/** What only one of the modes answered, where each answered something. */
function differenceOf(all: readonly { readonly mode: Mode; readonly answer?: string }[]): readonly string[] {
  const answers = all.map(({ mode, answer }) => ({ mode, answer, lines: answer?.split("\n") ?? [] }));
  if (answers.some(({ answer }) => answer === undefined) || new Set(answers.map(({ answer }) => answer)).size === 1) {
    return [];
  }
  const parts = answers.map(({ mode, lines: own }) => {
    const only = own.filter((line) => answers.some(({ lines }) => !lines.includes(line)));
    return `only ${mode}: ${only.join("\n")}`;
  });
  return ["The answers differ;", ...parts];
}

/** LIMIT: characters of a problem that is told briefly. */
const BRIEF_MAX = 700;

/** A problem in one line. */
export function briefly({ modes, test, sentence }: Problem): string {
  return `${modes.join(" and ")}: <${test}> ${sentence.replace(/\s+/g, " ").slice(0, BRIEF_MAX)}`;
}
