// `npm run conformance`: the W3C's SPARQL 1.1 suites, each with the query source on and with everything declined, and
// verdicts and answers compared. Exit code 1 when a test fails that is not known to, or the modes differ; 2 for options
// that are not known and for a suite that is not there.
import { parseArgs } from "node:util";
import { Fault } from "../src/outcome/fault.ts";
import { briefly, type Problem, problemsOf, type Verdicts } from "../test/conformance/compare.ts";
import { loadTests, SUITE_FOLDER } from "../test/conformance/load-suite.ts";
import { type Mode, runTests, type Verdict } from "../test/conformance/run-suite.ts";
import { KNOWN_FAILURES, SUITES, type Suite } from "../test/conformance/suites.ts";

const USAGE = `npm run conformance [-- --suite DIR] [--only NAME,…] [--mode source|declined] [--test REGEX] [--verbose]

Runs the W3C's SPARQL 1.1 suites: ${SUITES.map(({ name }) => name).join(", ")}.
  --suite DIR    a copy of the W3C's sparql11 folder (${SUITE_FOLDER})
  --only NAME,…  only these suites
  --mode MODE    only with the query source on (source) or everything declined (declined)
  --test REGEX   only tests whose IRI matches
  --verbose      say all of what was expected and what came, not only the beginning`;

const MODES: readonly Mode[] = ["source", "declined"];

interface Options {
  readonly folder: string;
  readonly suites: readonly Suite[];
  readonly modes: readonly Mode[];
  readonly test: RegExp;
  readonly verbose: boolean;
}

/**
 * The options as given, or a text to print instead of running.
 * @throws TypeError or SyntaxError for what is none
 */
function readOptions(parameters: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      suite: { type: "string", default: SUITE_FOLDER },
      only: { type: "string", default: SUITES.map(({ name }) => name).join(",") },
      mode: { type: "string" },
      test: { type: "string", default: "" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return USAGE;
  const names = values.only.split(",");
  const unknown = names.find((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown !== undefined) throw new TypeError(`Expected names of suites, but got "${unknown}".`);
  const modes = MODES.filter((mode) => values.mode === undefined || values.mode === mode);
  if (modes.length === 0) throw new TypeError(`Expected --mode source or declined, but got "${values.mode}".`);
  return {
    folder: values.suite,
    suites: SUITES.filter(({ name }) => names.includes(name)),
    modes,
    test: new RegExp(values.test),
    verbose: values.verbose,
  };
}

interface Outcome {
  readonly suite: Suite;
  readonly verdicts: Verdicts;
  readonly problems: readonly Problem[];
}

async function runSuite(suite: Suite, { folder, modes, test }: Options): Promise<Outcome> {
  const tests = (await loadTests(folder, suite.manifest)).filter(({ uri }) => test.test(uri));
  const verdicts = new Map<Mode, readonly Verdict[]>();
  for (const mode of modes) {
    let done = 0;
    const show = (): void => progress(`${suite.name}, ${mode}: ${++done} of ${tests.length}`);
    verdicts.set(mode, await runTests(suite, tests, mode, show));
  }
  progress("");
  return { suite, verdicts, problems: problemsOf(verdicts, KNOWN_FAILURES) };
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

/** Shows a line for each suite: its tests, how many of them passed and so on in each mode, and where the modes differ. */
function printTable(outcomes: readonly Outcome[], modes: readonly Mode[]): void {
  const columns = ["passed", "failed", "known", "skipped"];
  const row = (name: string, ...cells: readonly string[]): void =>
    console.log(name.padEnd(20) + cells.map((cell) => cell.padStart(9)).join(""));
  row("", "", ...modes.flatMap((mode) => ["", "", "", mode]));
  row("suite", "tests", ...modes.flatMap(() => columns), "differ");
  for (const { suite, verdicts, problems } of outcomes) {
    const cells = [...verdicts.values()].map((all) => {
      const of = (wanted: Verdict["outcome"]) => all.filter(({ outcome }) => outcome === wanted);
      const known = of("failed").filter(({ test }) => Object.hasOwn(KNOWN_FAILURES, test)).length;
      return [of("passed").length, of("failed").length - known, known, of("skipped").length];
    });
    const tests = cells[0]?.reduce((sum, count) => sum + count, 0) ?? 0;
    const differ = problems.filter(({ differs }) => differs).length;
    row(suite.name, ...[tests, ...cells.flat(), differ].map(String));
  }
}

/** Says how many queries of each suite the source answered by itself, and in part. */
function printShares(outcomes: readonly Outcome[]): void {
  for (const { suite, verdicts } of outcomes) {
    const told = (verdicts.get("source") ?? []).filter(({ by }) => by !== undefined);
    const count = (wanted: Verdict["by"]): number => told.filter(({ by }) => by === wanted).length;
    if (told.length === 0) continue;
    console.log(
      `\n${suite.name}: of ${told.length} queries the source answered ${count("source")} by itself and ${count("both")} in part; ${count("engine")} were left to Comunica.`,
    );
  }
}

async function main(parameters: readonly string[]): Promise<number> {
  let options: Options | string;
  try {
    options = readOptions(parameters);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (typeof options === "string") {
    console.log(options);
    return 0;
  }
  const outcomes: Outcome[] = [];
  for (const suite of options.suites) outcomes.push(await runSuite(suite, options));
  printTable(outcomes, options.modes);
  printShares(outcomes);
  for (const { suite, problems } of outcomes) {
    for (const problem of problems) {
      const { modes, test, sentence } = problem;
      const said = options.verbose ? `${modes.join(" and ")}: <${test}>\n${sentence}` : briefly(problem);
      console.log(`\n${suite.name}, ${said}`);
    }
  }
  return outcomes.every(({ problems }) => problems.length === 0) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
