import { afterEach, beforeEach, expect, it } from "vitest";
import { catchUp } from "../../src/hub/catch-up.ts";
import { dropExpired } from "../../src/hub/keep-house.ts";
import { DAY_MS, must, post } from "./test-hub.ts";
import { follow, openTwoHubs, type TwoHubs } from "./two-hubs.ts";

let hubs: TwoHubs;

beforeEach(async () => {
  hubs = await openTwoHubs({ retention_days: 30 });
});
afterEach(() => hubs[Symbol.asyncDispose]());

const kinds = (...iris: readonly Parameters<typeof hubs.here.ports.records.reader.document>[0][]) =>
  iris.map((iri) => hubs.here.ports.records.reader.document(iri)?.kind);

it("drops others' posts past their time, but not own ones nor what they answer", async () => {
  const plain = await post(hubs.there, hubs.alice, "plain");
  const answered = await post(hubs.there, hubs.alice, "Where?");
  await follow(hubs);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
  const own = await post(hubs.here, hubs.bob, "Here.", answered.iri);
  hubs.clock.advance(29 * DAY_MS);
  expect(await dropExpired(hubs.here.ports)).toBe(0);
  hubs.clock.advance(2 * DAY_MS);
  expect(await dropExpired(hubs.here.ports)).toBe(1);
  expect(kinds(plain.iri, answered.iri, own.iri)).toEqual([undefined, "live", "live"]);
  expect(await dropExpired(hubs.here.ports)).toBe(0);
});

// Not so yet: `pageChanges` takes in the whole page in which its mark lies.
it.fails("does not bring back, by catching up, what it let go", async () => {
  const posts = [await post(hubs.there, hubs.alice, "old"), await post(hubs.there, hubs.alice, "older")];
  await follow(hubs);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
  hubs.clock.advance(31 * DAY_MS);
  const fresh = await post(hubs.there, hubs.alice, "fresh");
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "timer"));
  expect(await dropExpired(hubs.here.ports)).toBe(2);
  hubs.clock.advance(1_000);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "timer"));
  expect(kinds(...posts.map(({ iri }) => iri), fresh.iri)).toEqual([undefined, undefined, "live"]);
});

it("drops more than one batch", async () => {
  await follow(hubs);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
  const one = await post(hubs.there, hubs.alice, "one");
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "timer"));
  const stored = hubs.here.ports.records.reader.document(one.iri);
  if (stored?.kind !== "live") throw new Error("not here");
  const { document } = stored;
  await hubs.here.ports.records.transact(() => ({
    changes: Array.from({ length: 1_100 }, (_, n) => ({
      kind: "document-put" as const,
      document: { ...document, graph: `${document.graph}-${n}` as typeof document.graph, quads: [] },
    })),
    result: undefined,
  }));
  hubs.clock.advance(31 * DAY_MS);
  expect(await dropExpired(hubs.here.ports)).toBe(1_101);
});

it("drops nothing where all is kept", async () => {
  await hubs[Symbol.asyncDispose]();
  hubs = await openTwoHubs({ retention_days: 0 });
  await post(hubs.there, hubs.alice, "old");
  await follow(hubs);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
  hubs.clock.advance(1_000 * DAY_MS);
  expect(await dropExpired(hubs.here.ports)).toBe(0);
});

// Not so yet: `compareIds` takes what was let go for missed.
it.fails("does not bring back, by comparing ids, what it let go after an older post that it keeps", async () => {
  const answered = await post(hubs.there, hubs.alice, "Where?");
  const plain = await post(hubs.there, hubs.alice, "plain");
  await follow(hubs);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
  await post(hubs.here, hubs.bob, "Here.", answered.iri);
  hubs.clock.advance(31 * DAY_MS);
  expect(await dropExpired(hubs.here.ports)).toBe(1);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "timer"));
  expect(kinds(answered.iri, plain.iri)).toEqual(["live", undefined]);
});
