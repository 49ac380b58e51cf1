import { afterEach, beforeEach, expect, it } from "vitest";
import type { BareJid } from "../../../src/core/jid.ts";
import { whyTooMany } from "../../../src/hub/comments/comment-flood.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { HOUR_MS, openTestHub, type TestHub } from "../test-hub.ts";

const POST = "https://hub.example/alice/posts/1" as Iri;

let hub: TestHub;

beforeEach(async () => {
  hub = await openTestHub();
});
afterEach(() => hub[Symbol.asyncDispose]());

/** One more comment on a post, by somebody who has not commented before. */
const comment = (by: number, post = POST) =>
  whyTooMany(hub.ports, hub.ports.records.reader, post, `somebody${by}@capulet.lit` as BareJid);

it("takes a thousand comments on a post within an hour, whoever they are by, and others on other posts", () => {
  for (let at = 0; at < 1_000; at++) expect(comment(at)).toBeUndefined();
  expect(comment(1_000)).toMatchObject({ code: "too-many" });
  expect(comment(1_001, `${POST}0` as Iri)).toBeUndefined();
  hub.clock.advance(HOUR_MS);
  expect(comment(1_002)).toBeUndefined();
});

it("takes a hundred and twenty comments of one person within an hour, whatever posts they are on", () => {
  for (let at = 0; at < 120; at++) expect(comment(1, `${POST}${at}` as Iri)).toBeUndefined();
  expect(comment(1, `${POST}x` as Iri)).toMatchObject({ code: "too-many" });
  expect(comment(2, `${POST}x` as Iri)).toBeUndefined();
  hub.clock.advance(HOUR_MS);
  expect(comment(1, `${POST}x` as Iri)).toBeUndefined();
});

it("takes no more on a post that has ten thousand", () => {
  const { reader } = hub.ports.records;
  const having = (count: number) => whyTooMany(hub.ports, { ...reader, count: () => count }, POST);
  expect(having(9_999)).toBeUndefined();
  expect(having(10_000)).toMatchObject({ code: "too-many" });
});
