// Runs a benchmark: `node bench/run.ts [NAME] [--json] [--OPTION=VALUE …]`; without a name, lists them. Exit code 1
// when a bar is missed, 2 for a name that is not known and for what is no option.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a benchmark found. */
export interface BenchResult {
  /** Plain measurements; the unit is the end of the name, as in `p50_ms`. */
  readonly figures: Readonly<Record<string, number>>;
  /** Ours to a peer's, measured in the same run. */
  readonly ratios: Readonly<Record<string, number>>;
  /** What is promised of a figure or ratio, and whether it held. */
  readonly bars: Readonly<Record<string, { readonly value: number; readonly bar: number; readonly ok: boolean }>>;
}

interface Bench {
  run(options: Readonly<Record<string, string>>): Promise<BenchResult>;
}

const FOLDER = import.meta.dirname;

/** The benchmarks of this folder: files that export `run`, by name. */
function benchNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".ts") && file !== "run.ts")
    .filter((file) => /^export (async function|const|function) run\b/m.test(readFileSync(join(FOLDER, file), "utf8")))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

/** The first lines of the docstring above `run`. */
function purposeOf(name: string): string {
  const text = readFileSync(join(FOLDER, `${name}.ts`), "utf8");
  const docstring = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export (?:async function|const|function) run\b/.exec(text)?.[1];
  return (docstring ?? "")
    .replace(/\n\s*\*/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** `--posts=300` and `--posts 300` as `{ posts: "300" }`; undefined for what is neither. */
function readOptions(parameters: readonly string[]): Readonly<Record<string, string>> | undefined {
  const options: Record<string, string> = {};
  for (let index = 0; index < parameters.length; index += 1) {
    const [, name, value] = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/.exec(parameters[index] ?? "") ?? [];
    if (name === undefined) return undefined;
    const next = parameters[index + 1];
    if (value === undefined && next !== undefined && !next.startsWith("--")) index += 1;
    options[name] = value ?? (next !== undefined && !next.startsWith("--") ? next : "true");
  }
  return options;
}

function printTable(name: string, result: BenchResult): void {
  const row = (key: string, value: number, rest = "") => {
    const digits = Math.abs(value) >= 100 ? 0 : 3;
    const shown = value.toLocaleString("en", { maximumFractionDigits: digits });
    console.log(`  ${key.padEnd(36)} ${shown.padStart(14)}${rest}`);
  };
  console.log(name);
  for (const [key, value] of Object.entries(result.figures)) row(key, value);
  for (const [key, value] of Object.entries(result.ratios)) row(key, value, "  (ratio)");
  for (const [key, { value, bar, ok }] of Object.entries(result.bars)) {
    row(key, value, `  (bar ${bar}: ${ok ? "held" : "MISSED"})`);
  }
}

async function main(parameters: readonly string[]): Promise<number> {
  const names = benchNames();
  const [name, ...rest] = parameters;
  if (name === undefined || name.startsWith("--")) {
    for (const one of names) console.log(`${one.padEnd(12)} ${purposeOf(one)}`);
    return 0;
  }
  const json = rest.includes("--json");
  const options = readOptions(rest.filter((parameter) => parameter !== "--json"));
  if (!names.includes(name) || options === undefined) {
    console.error(`Expected one of ${names.join(", ")} and options like --posts=300, but got: ${parameters.join(" ")}`);
    return 2;
  }
  const bench = (await import(join(FOLDER, `${name}.ts`))) as Bench;
  const { figures, ratios, bars } = await bench.run(options);
  printTable(name, { figures, ratios, bars });
  if (json) console.log(JSON.stringify({ bench: name, figures, ratios, bars }));
  return Object.values(bars).every(({ ok }) => ok) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
