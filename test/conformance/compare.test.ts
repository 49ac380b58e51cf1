import { describe, expect, it } from "vitest";
import { namedNode, quad } from "../../src/rdf/term.ts";
import { problemsOf } from "./compare.ts";
import { fingerprintOfQuads, fingerprintOfRows } from "./fingerprint.ts";
import { loadTests } from "./load-suite.ts";
import type { Verdict } from "./run-suite.ts";

const TEST = "https://suite.example/#1";
const passed = (answer: string): Verdict => ({ test: TEST, outcome: "passed", answer });
const failed: Verdict = { test: TEST, outcome: "failed", reason: "Expected 1, but got 2.", answer: "2" };
const compare = (source: Verdict, declined: Verdict, known = {}) =>
  problemsOf(
    new Map([
      ["source", [source]],
      ["declined", [declined]],
    ] as const),
    known,
  );

describe("the comparison of conformance runs", () => {
  it("has nothing to say of a test that passes with one answer, nor of a known failure", () => {
    expect(compare(passed("1"), passed("1"))).toEqual([]);
    expect(compare(passed("1"), failed, { [TEST]: "known" })).toEqual([]);
  });

  it("names a test that fails, with the reason", () => {
    expect(compare(failed, failed)).toMatchObject([{ test: TEST, modes: ["source", "declined"], differs: false }]);
    expect(compare(failed, failed)[0]?.sentence).toContain("Expected 1, but got 2.");
  });

  it("names a test that fails in one mode, and what only that one answered", () => {
    const [problem] = compare(failed, passed("1"));
    expect(problem).toMatchObject({ modes: ["source"], differs: true });
    expect(problem?.sentence).toMatch(/only source: 2\nonly declined: 1/);
  });

  it("names a known failure of plain Comunica that passes, and one that the source has too", () => {
    expect(compare(passed("1"), passed("1"), { [TEST]: "known" })).toMatchObject([{ modes: ["declined"] }]);
    expect(compare(failed, failed, { [TEST]: "known" })).toMatchObject([{ modes: ["source"] }]);
  });

  it("names a test that passes with another answer in each mode", () => {
    expect(compare(passed("1.0"), passed("1"))).toMatchObject([{ modes: ["source", "declined"], differs: true }]);
  });
});

describe("the fingerprint of an answer", () => {
  const [a, b] = [namedNode("https://a.example/"), namedNode("https://b.example/")];

  it("does not depend on order, and takes the same quad twice for one, but counts rows", () => {
    expect(fingerprintOfQuads([quad(a, a, a), quad(b, a, a)])).toBe(
      fingerprintOfQuads([quad(b, a, a), quad(a, a, a), quad(b, a, a)]),
    );
    expect(fingerprintOfRows([{ x: a }, { x: b }])).toBe(fingerprintOfRows([{ x: b }, { x: a }]));
    expect(fingerprintOfRows([{ x: a }])).not.toBe(fingerprintOfRows([{ x: a }, { x: a }]));
  });
});

describe("loading a suite", () => {
  it("says where it looked when the suite is not there", async () => {
    const error: unknown = await loadTests("/nowhere", "manifest.ttl").catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/\/nowhere.*--suite DIR/);
  });
});
