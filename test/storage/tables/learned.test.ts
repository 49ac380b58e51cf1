import { expect, it } from "vitest";
import { type Instant, instantOf } from "../../../src/core/instant.ts";
import type { LearnedFollows } from "../../../src/hub/ports/learned.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { openRecords } from "../../../src/storage/records.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const at = (minute: number): Instant => instantOf(Date.UTC(2026, 5, 1) + minute * 60_000);
const account = (number: number): Iri => `https://a.example/${number}#account` as Iri;
const learned = (number: number): LearnedFollows => ({
  kind: "follows",
  subject: account(number),
  follows: [account(0)],
  read: at(number),
  freshUntil: at(number + 60),
});

it("what was learned is remembered by kind, replaced, and forgotten when it is too old or too much", async () => {
  await using records = openRecords({ file: ":memory:", log });
  const put = async (numbers: readonly number[], forgetBefore: Instant): Promise<unknown> =>
    await records.transact(() => ({
      changes: numbers.map((number) => ({ kind: "learned-put", learned: learned(number), forgetBefore }) as const),
      result: undefined,
    }));
  const has = (number: number): boolean => records.reader.learned("follows", account(number)) !== undefined;
  await put([1, 2, 3], at(0));
  expect(records.reader.learned("follows", account(2))).toEqual(learned(2));
  expect(records.reader.learned("profile", account(2))).toBeUndefined();
  await put([3], at(2));
  expect([has(1), has(2), has(3)]).toEqual([false, true, true]);
  await put(
    Array.from({ length: 5_000 }, (_, number) => number + 10),
    at(0),
  );
  expect([has(2), has(3), has(10), has(5_009)]).toEqual([false, false, true, true]);
});
