import type { Reporter, SerializedError, TestCase, TestModule, TestRunEndReason, Vitest } from "vitest/node";

/**
 * Says at the end which tests were skipped and why, and prints as the very last line `N passed, N failed, N skipped`,
 * which `.ci/run` reads. What failed outside a test (a file that does not load, an unhandled rejection, a check named
 * in CHECKS_FAILED by scripts/test.ts) counts as failed. With CI=true a skip is a failure: there everything can be had.
 */
export default class CountingReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === "skipped");
    const checks = (process.env["CHECKS_FAILED"] ?? "").split(",").filter((name) => name !== "");
    const broken = modules.filter((module) => brokenOutsideTests(module));
    const passed = tests.filter((test) => test.result().state === "passed").length;
    const skipsForbidden = process.env["CI"] === "true" && skipped.length > 0;
    const failed =
      tests.filter((test) => test.result().state === "failed").length +
      broken.length +
      unhandled.length +
      checks.length +
      (skipsForbidden ? skipped.length : 0);
    const lines = [
      // What a name given on the command line left out was not skipped for a reason.
      ...(this.#vitest?.config.testNamePattern === undefined ? describeSkipped(skipped) : []),
      ...checks.map((name) => `Failed before the tests: ${name}`),
      ...(skipsForbidden ? ["With CI=true nothing may be skipped; each skip counts as failed."] : []),
    ];
    // A run that broke off without a failed test must not look like a good one.
    const count = failed === 0 && (reason === "failed" || tests.length === 0) ? 1 : failed;
    const last = `${passed} passed, ${count} failed, ${skipped.length} skipped\n`;
    if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
    if (this.#vitest?.config.watch === true) {
      process.stdout.write(last);
      return;
    }
    if (count > 0) process.exitCode = 1;
    process.once("exit", () => process.stdout.write(last));
  }
}

/** Whether a file failed to load, or a hook of it or of a suite in it failed. */
function brokenOutsideTests(module: TestModule): boolean {
  return module.errors().length > 0 || [...module.children.allSuites()].some((suite) => suite.errors().length > 0);
}

/** One line for each skipped test, grouped by reason. */
function describeSkipped(skipped: readonly TestCase[]): readonly string[] {
  const byReason = Map.groupBy(skipped, (test) => {
    const result = test.result();
    const note = result.state === "skipped" ? result.note : undefined;
    // The reason that describeNeeding puts into a title.
    const needs = /\[(needs [^\]]+)\]/.exec(test.fullName)?.[1];
    return (
      note ?? needs ?? (test.options.mode === "todo" ? "to be written" : "skipped in the source, without a reason")
    );
  });
  return [...byReason].flatMap(([reason, tests]) => [
    `Skipped (${tests.length}): ${reason}`,
    ...tests.map((test) => `  ${test.module.relativeModuleId} > ${test.fullName}`),
  ]);
}
