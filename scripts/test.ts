// Everything that must hold, one step after the other: `node scripts/test.ts [--unit]`. All steps run, so one run says
// all that failed; the tests come last, and their last line counts.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const BIN = join(ROOT, "node_modules/.bin");

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** A failure is told, and the tests that need it skip themselves, but outside of CI it is none. */
  readonly optional?: boolean;
}

const CHECKS: readonly Step[] = [
  { name: "services", command: ["node", "scripts/fetch-services.ts"], optional: process.env["CI"] !== "true" },
  { name: "format", command: ["biome", "check"] },
  { name: "types", command: ["tsc", "-p", "tsconfig.json"] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  { name: "dead code", command: ["knip"] },
  { name: "build", command: ["node", "scripts/build.ts"] },
];

/** Runs one step with its output shown; whether it went well. */
function run({ command: [command, ...parameters] }: Step, env: Readonly<Record<string, string>> = {}): boolean {
  // Whatever Node started this script, the steps run under the project's own.
  const path = `${BIN}:${process.env["PATH"] ?? ""}`;
  const { status } = spawnSync(command, parameters, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env, PATH: path },
  });
  return status === 0;
}

function runAll(): number {
  const failed: string[] = [];
  for (const check of CHECKS) {
    console.log(`\n== ${check.name}: ${check.command.join(" ")}`);
    const started_ms = performance.now();
    const ok = run(check);
    const seconds = ((performance.now() - started_ms) / 1000).toFixed(1);
    console.log(`${ok ? "ok" : check.optional === true ? "not everything" : "FAILED"} (${seconds} s)`);
    if (!ok && check.optional !== true) failed.push(check.name);
  }
  console.log("\n== tests: vitest run");
  const tests: Step = { name: "tests", command: ["vitest", "run", ...process.argv.slice(2)] };
  const ok = run(tests, { CHECKS_FAILED: failed.join(",") });
  return ok && failed.length === 0 ? 0 : 1;
}

process.exitCode = runAll();
