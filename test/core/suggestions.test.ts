import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Instant, instantOf } from "../../src/core/instant.ts";
import { type Candidate, rankCandidates, type Voucher } from "../../src/core/suggestions.ts";
import type { Iri } from "../../src/rdf/iri.ts";

const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;
const now = instantOf(NOW);
const daysAgo = (days: number): Instant => instantOf(NOW - days * DAY_MS);
const iri = (name: string): Iri => `https://a.example/${name}#account` as Iri;
const voucher = (name: string, follows = 10, distance = 1): Voucher => ({ account: iri(name), follows, distance });
const candidate = (name: string, rest: Partial<Candidate> = {}): Candidate => ({
  account: iri(name),
  followedBy: [voucher("carol")],
  topics: [],
  ...rest,
});
const names = (candidates: readonly Candidate[], topics: readonly string[] = []): readonly string[] =>
  rankCandidates(candidates, { topics, now }).map((each) => each.candidate.account.replace(/^.*\/|#.*$/g, ""));

describe("accounts are suggested", () => {
  it("by how many follow them, and who those are", () => {
    const two = candidate("two", { followedBy: [voucher("carol"), voucher("dan")] });
    const far = candidate("far", { followedBy: [voucher("carol", 10, 2)] });
    const famous = candidate("famous", { followedBy: [voucher("erin", 1_000_000)] });
    expect(names([famous, far, candidate("one"), two])).toEqual(["two", "one", "far", "famous"]);
  });

  it("by how lately they posted, and what they share with who asks", () => {
    const old = candidate("old", { lastPost: daysAgo(400) });
    const lately = candidate("lately", { lastPost: daysAgo(1) });
    expect(names([candidate("never"), old, lately])).toEqual(["lately", "old", "never"]);
    const birds = candidate("birds", { topics: ["Terns", "cake"] });
    expect(names([candidate("cake", { topics: ["cake"] }), birds], ["terns"])).toEqual(["birds", "cake"]);
  });

  it("by the formula that is told", () => {
    const [only] = rankCandidates(
      [
        candidate("x", {
          followedBy: [voucher("a", 3), voucher("b", 1, 2)],
          lastPost: daysAgo(30),
          topics: ["a", "b"],
        }),
      ],
      { topics: ["A", "B"], now },
    );
    expect(only?.score).toBeCloseTo((1 / 2 + 1 / 4) * (1 + 1 / 2 + 2 / 4));
    expect(only?.sharedTopics).toEqual(["a", "b"]);
    expect(only?.followedBy.map(({ account }) => account)).toEqual([iri("a"), iri("b")]);
  });

  const someVoucher = fc.record({
    account: fc.constantFrom(...["a", "b", "c", "d"].map(iri)),
    follows: fc.integer({ min: 0, max: 1_000_000 }),
    distance: fc.integer({ min: 1, max: 3 }),
  });
  const some = fc.record({
    account: fc.constantFrom(...["x", "y", "z"].map(iri)),
    followedBy: fc.array(someVoucher, { minLength: 1, maxLength: 6 }),
    topics: fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 }),
    lastPost: fc.integer({ min: -10, max: 1_000 }).map(daysAgo),
  });
  const scoreOf = (one: Candidate): number => rankCandidates([one], { topics: ["a", "b"], now })[0]?.score ?? 0;

  it("the better the more speaks for them", () => {
    fc.assert(
      fc.property(some, someVoucher, (one, more) => {
        const score = scoreOf(one);
        expect(Number.isFinite(score)).toBe(true);
        expect(scoreOf({ ...one, followedBy: [...one.followedBy, more] })).toBeGreaterThan(score);
        expect(scoreOf({ ...one, topics: [...one.topics, "a"] })).toBeGreaterThan(score);
        expect(scoreOf({ ...one, lastPost: daysAgo(0) })).toBeGreaterThanOrEqual(score);
      }),
    );
  });

  it("in the same order however they come", () => {
    fc.assert(
      fc.property(fc.uniqueArray(some, { selector: ({ account }) => account }), (list) => {
        expect(names(list.toReversed(), ["a"])).toEqual(names(list, ["a"]));
      }),
    );
  });
});
