import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { unfollowAccount } from "../../../src/hub/following/follow-account.ts";
import { receiveEvent } from "../../../src/hub/following/receive-event.ts";
import { dropExpired } from "../../../src/hub/house/keep-house.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { DAY_MS, must, post } from "../test-hub.ts";
import { follow, openTwoHubs, pushed, type TwoHubs } from "../two-hubs.ts";

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

it("does not bring back, by catching up, what it let go", async () => {
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

it("does not bring back, by comparing ids, what it let go after an older post that it keeps", async () => {
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

describe("what was let go", () => {
  const advance = async (days: number): Promise<void> => {
    hubs.clock.advance(days * DAY_MS);
    await dropExpired(hubs.here.ports);
  };
  const compare = async () => must(await catchUp(hubs.here.ports, hubs.alice.iri, "timer"));
  const write = (text: string) => post(hubs.there, hubs.alice, text);

  /** An answered post at the bottom, three that were let go above it, and a new one. */
  async function layers() {
    const kept = await write("Where?");
    const gone = [await write("a"), await write("b"), await write("c")] as const;
    await follow(hubs);
    await compare();
    await post(hubs.here, hubs.bob, "Here.", kept.iri);
    await advance(31);
    const fresh = await write("fresh");
    await compare();
    return { kept: kept.iri, gone: gone.map(({ iri }) => iri), fresh: fresh.iri };
  }

  it("is remembered as one mark for each account, whatever its number", async () => {
    const { gone } = await layers();
    const upstream = hubs.here.ports.records.reader.upstream(hubs.alice.iri);
    expect(upstream?.letGo?.graph).toBe(gone[2]);
    expect(await compare()).toMatchObject({ stored: 0, deleted: 0 });
  });

  it("stays gone when the newest of it is deleted over there, and is asked for once only", async () => {
    const { kept, gone, fresh } = await layers();
    must(await deletePost(hubs.there.ports, hubs.alice, gone[2] as Iri));
    hubs.clock.advance(1_000);
    expect(await compare()).toMatchObject({ stored: 0 });
    const before = hubs.here.xmpp.questions.length;
    expect(await compare()).toMatchObject({ stored: 0, deleted: 0 });
    expect(hubs.here.xmpp.questions.slice(before).map(({ name }) => name)).toEqual([
      "subscribe",
      "items",
      "discoverItems",
    ]);
    expect(kinds(kept, ...gone, fresh)).toEqual(["live", undefined, undefined, undefined, "live"]);
  });

  it("hides no post that was missed above it, nor a delete below it", async () => {
    const { kept, gone, fresh } = await layers();
    await hubs.here.ports.records.transact(() => ({
      changes: [{ kind: "document-dropped", graph: fresh }],
      result: undefined,
    }));
    must(await deletePost(hubs.there.ports, hubs.alice, kept));
    hubs.clock.advance(1_000);
    await write("newest");
    expect(await compare()).toMatchObject({ stored: 2, deleted: 1 });
    expect(kinds(kept, ...gone, fresh)).toEqual(["tombstone", undefined, undefined, undefined, "live"]);
  });

  it("comes back when it is edited, and goes again in its time", async () => {
    const { gone } = await layers();
    hubs.clock.advance(1_000);
    must(await editPost(hubs.there.ports, hubs.alice, gone[1] as Iri, { text: "b, edited" }));
    await compare();
    expect(kinds(...gone)).toEqual([undefined, "live", undefined]);
    await advance(31);
    await compare();
    expect(kinds(...gone)).toEqual([undefined, undefined, undefined]);
  });

  it("stays gone when all of it was let go and nothing new came", async () => {
    await write("one");
    const { iri } = await write("two");
    await follow(hubs);
    await compare();
    await advance(31);
    expect(await compare()).toMatchObject({ stored: 0 });
    expect(kinds(iri)).toEqual([undefined]);
  });

  it("is no gap for the post after it", async () => {
    const one = await write("one");
    await follow(hubs);
    await compare();
    await advance(31);
    const two = await write("two");
    const before = hubs.here.asked.length;
    // Without the first, which is sent for the subscription itself and would bring it back.
    const event = (await pushed(hubs)).find(({ items }) => items.some(({ id }) => id === two.id));
    if (event === undefined) throw new Error("Expected a push.");
    await receiveEvent(hubs.here.ports, event);
    expect(kinds(one.iri, two.iri)).toEqual([undefined, "live"]);
    expect(hubs.here.asked.slice(before)).toEqual([]);
  });

  it("is fetched again when the account is followed anew", async () => {
    const { iri } = await write("one");
    await follow(hubs);
    await compare();
    await advance(31);
    must(await unfollowAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    await follow(hubs);
    expect(await compare()).toMatchObject({ stored: 1 });
    expect(kinds(iri)).toEqual(["live"]);
  });
});
