import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { briefly, problemsOf } from "./compare.ts";
import { loadTests } from "./load-suite.ts";
import { unpackSuite } from "./packed-suite.ts";
import { runTests } from "./run-suite.ts";
import { KNOWN_FAILURES, SUITES } from "./suites.ts";

let suites: Awaited<ReturnType<typeof unpackSuite>>;
beforeAll(async () => {
  suites = await unpackSuite();
});
afterAll(async () => {
  await suites[Symbol.asyncDispose]();
});

/** How many tests each suite has, so that none is lost. */
const TESTS = { query: 328, update: 157, results: 10, protocol: 34, "service-description": 3, "graph-store": 14 };

describe("W3C SPARQL 1.1", () => {
  it.each(SUITES)(
    "passes the $name suite but for what is known, and answers the same without the query source",
    async (suite) => {
      const tests = await loadTests(suites.folder, suite.manifest);
      expect(tests.length).toBe(TESTS[suite.name]);
      const verdicts = new Map([
        ["source", await runTests(suite, tests, "source")],
        ["declined", await runTests(suite, tests, "declined")],
      ] as const);
      expect(problemsOf(verdicts, KNOWN_FAILURES).map(briefly)).toEqual([]);
    },
    60_000,
  );
});
