import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ItemId } from "../../../src/core/item-id.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { type CaughtUp, catchUp } from "../../../src/hub/following/catch-up.ts";
import { startCatchUp } from "../../../src/hub/following/catch-up-loop.ts";
import { receiveEvent } from "../../../src/hub/following/receive-event.ts";
import type { CatchUpReason, HubPorts } from "../../../src/hub/ports/hub-ports.ts";
import type { Upstream } from "../../../src/hub/ports/records.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { type PublishedPost, publishPost } from "../../../src/hub/posts/publish-post.ts";
import { isRefusal, type Refusal, refuse } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { DAY_MS, HOUR_MS, irisOf, live, must, post, SECOND_MS } from "../test-hub.ts";
import { follow, openTwoHubs, push, pushed, type TwoHubs } from "../two-hubs.ts";

let hubs: TwoHubs;

beforeEach(async () => {
  hubs = await openTwoHubs();
});
afterEach(() => hubs[Symbol.asyncDispose]());

/** Compares, a second after whatever was before: what came within the same millisecond may be a push. */
function compare(why: CatchUpReason = "timer"): Promise<CaughtUp | Refusal> {
  hubs.clock.advance(SECOND_MS);
  return catchUp(hubs.here.ports, hubs.alice.iri, why);
}
const reader = () => hubs.here.ports.records.reader;
const postsOf = (hub: HubPorts): readonly Iri[] => hub.records.reader.postIds(irisOf(hubs.there, hubs.alice).container);
const write = (text: string): Promise<PublishedPost> => post(hubs.there, hubs.alice, text);

async function writeMany(count: number): Promise<PublishedPost[]> {
  const posts: PublishedPost[] = [];
  for (let n = 0; n < count; n++) posts.push(await write(`post ${n}`));
  return posts;
}

function upstream(): Upstream {
  const found = reader().upstream(hubs.alice.iri);
  if (found === undefined) throw new Error("not followed");
  return found;
}

function textOf(graph: Iri): string | undefined {
  const { document } = live(hubs.here, graph);
  return document.quads.find((q) => q.predicate.value === sioc.content.value)?.object.value;
}

/** Both hubs hold the same posts. */
function expectEqual(): void {
  expect(postsOf(hubs.here.ports)).toEqual(postsOf(hubs.there.ports));
}

describe("the backfill", () => {
  it("brings what was there before, in pages, and is then done", async () => {
    await writeMany(120);
    await follow(hubs);
    expect(await compare("followed")).toMatchObject({ fetched: 120, stored: 120, deleted: 0 });
    expectEqual();
    const newest = live(hubs.here, postsOf(hubs.here.ports)[0] as Iri).document.created;
    expect(upstream()).toMatchObject({
      state: "subscribed",
      backfill: { done: true, fetched: 120 },
      caughtUpTo: newest,
      attempts: 0,
    });
    expect(hubs.here.xmpp.questions.filter(({ name }) => name === "items")).toHaveLength(3);
  });

  it("stops at its bound with the newest, and does not take the rest for missed posts", async () => {
    await hubs[Symbol.asyncDispose]();
    hubs = await openTwoHubs({ backfillPosts_max: 100 });
    await writeMany(160);
    await follow(hubs);
    must(await compare("followed"));
    must(await compare());
    expect(postsOf(hubs.here.ports)).toEqual(postsOf(hubs.there.ports).slice(0, 100));
    expect(upstream().backfill).toEqual({ done: true, fetched: 100 });
  });

  it("keeps to its bound when what was dropped here is missed", async () => {
    await hubs[Symbol.asyncDispose]();
    hubs = await openTwoHubs({ backfillPosts_max: 60 });
    await writeMany(60);
    await follow(hubs);
    must(await compare("followed"));
    const dropped = postsOf(hubs.here.ports).slice(1, 58);
    const changes = dropped.map((graph) => ({ kind: "document-dropped", graph }) as const);
    await hubs.here.ports.records.transact(() => ({ changes, result: undefined }));
    expect(await compare()).toMatchObject({ stored: 57 });
    await hubs.here.ports.records.transact(() => ({ changes, result: undefined }));
    // One page comes in any case.
    Object.assign(hubs.here.ports.options, { backfillPosts_max: 10 });
    expect(await compare()).toMatchObject({ stored: 50 });
  });

  it("goes on where it was stopped", async () => {
    await writeMany(120);
    await follow(hubs);
    hubs.here.xmpp.before = ({ name }) =>
      name === "items" && postsOf(hubs.here.ports).length > 0
        ? refuse("remote-unreachable", "The line is cut.")
        : undefined;
    expect(await compare()).toMatchObject({ code: "remote-unreachable" });
    expect(upstream()).toMatchObject({ backfill: { done: false, fetched: 50 }, problem: "The line is cut." });
    hubs.here.xmpp.before = () => undefined;
    expect(await compare()).toMatchObject({ fetched: 70, stored: 70 });
    expectEqual();
    expect(upstream().problem).toBeUndefined();
  });

  it("begins again when the post it stopped at was deleted in the meantime", async () => {
    const posts = await writeMany(70);
    await follow(hubs);
    hubs.here.xmpp.before = ({ name }) =>
      name === "items" && postsOf(hubs.here.ports).length > 0 ? refuse("timed-out", "Too slow.") : undefined;
    await compare();
    hubs.here.xmpp.before = () => undefined;
    must(await deletePost(hubs.there.ports, hubs.alice, posts[20]?.iri as Iri));
    must(await compare());
    must(await compare());
    expectEqual();
    expect(upstream().backfill.done).toBe(true);
  });

  it("is whole after following an account without posts", async () => {
    await follow(hubs);
    expect(await compare()).toEqual({ fetched: 0, stored: 0, deleted: 0 });
    expect(upstream().backfill).toEqual({ done: true, fetched: 0 });
  });
});

describe("catching up", () => {
  beforeEach(async () => {
    await writeMany(3);
    await follow(hubs);
    must(await compare("followed"));
    await pushed(hubs);
  });

  it("asks for little when nothing was missed", async () => {
    const before = hubs.here.xmpp.questions.length;
    expect(await compare()).toMatchObject({ stored: 0, deleted: 0 });
    expect(hubs.here.xmpp.questions.slice(before).map(({ name }) => name)).toEqual(["subscribe", "items"]);
  });

  it("finds posts and edits whose pushes were lost, however many", async () => {
    const oldest = postsOf(hubs.there.ports).at(-1) as Iri;
    await writeMany(70);
    hubs.clock.advance(SECOND_MS);
    must(await editPost(hubs.there.ports, hubs.alice, oldest, { text: "changed" }));
    expect(await compare("gap")).toMatchObject({ stored: 71, deleted: 0 });
    expectEqual();
    expect(textOf(oldest)).toBe("changed");
  });

  it("finds deletes whose pushes were lost", async () => {
    const [, middle] = postsOf(hubs.there.ports);
    must(await deletePost(hubs.there.ports, hubs.alice, middle as Iri));
    expect(await compare()).toMatchObject({ deleted: 1 });
    expectEqual();
    expect(reader().document(middle as Iri)?.kind).toBe("tombstone");
  });

  it("finds that all were deleted", async () => {
    for (const iri of postsOf(hubs.there.ports)) must(await deletePost(hubs.there.ports, hubs.alice, iri));
    expect(must(await compare()).deleted).toBe(3);
    expectEqual();
  });

  it("finds a delete beside as many new posts", async () => {
    const [newest] = postsOf(hubs.there.ports);
    must(await deletePost(hubs.there.ports, hubs.alice, newest as Iri));
    await write("instead");
    expect(must(await compare()).deleted).toBe(1);
    expectEqual();
  });

  it("brings back an old post that was dropped here or never came", async () => {
    const [, middle] = postsOf(hubs.there.ports);
    await hubs.here.ports.records.transact(() => ({
      changes: [{ kind: "document-dropped", graph: middle as Iri }],
      result: undefined,
    }));
    expect(await compare()).toMatchObject({ stored: 1, deleted: 0 });
    expectEqual();
  });

  it("does not move its mark before the last page is in", async () => {
    const mark = upstream().caughtUpTo;
    await writeMany(70);
    let pages = 0;
    hubs.here.xmpp.before = ({ name }) =>
      name === "items" && ++pages === 2 ? refuse("remote-unreachable", "cut") : undefined;
    expect(await compare()).toMatchObject({ code: "remote-unreachable" });
    expect(upstream().caughtUpTo).toBe(mark);
    hubs.here.xmpp.before = () => undefined;
    must(await compare());
    expectEqual();
  });

  it("does not take a post for deleted that is published anew while it compares", async () => {
    const [newest, other] = postsOf(hubs.there.ports);
    must(await deletePost(hubs.there.ports, hubs.alice, other as Iri));
    await pushed(hubs);
    const discover = hubs.here.xmpp.discoverItems.bind(hubs.here.xmpp);
    hubs.here.xmpp.discoverItems = async (...asked) => {
      const page = await discover(...asked);
      hubs.clock.advance(1_000);
      must(await editPost(hubs.there.ports, hubs.alice, newest as Iri, { text: "back again" }));
      await push(hubs);
      // As it was while the post was gone.
      return isRefusal(page)
        ? page
        : { ...page, items: page.items.filter(({ name = "-" }) => !newest?.endsWith(name)) };
    };
    must(await compare());
    expect(reader().document(newest as Iri)?.kind).toBe("live");
    expect(reader().document(other as Iri)?.kind).toBe("tombstone");
  });

  it("does not take a post for deleted that is pushed while it compares", async () => {
    const [newest] = postsOf(hubs.there.ports);
    must(await deletePost(hubs.there.ports, hubs.alice, newest as Iri));
    await pushed(hubs);
    let late: PublishedPost | undefined;
    const discover = hubs.here.xmpp.discoverItems.bind(hubs.here.xmpp);
    hubs.here.xmpp.discoverItems = async (...asked) => {
      const answer = await discover(...asked);
      // Written after the ids were listed, here before they are compared.
      late ??= await write("late");
      await push(hubs);
      return answer;
    };
    must(await compare());
    expect(late).toBeDefined();
    expect(reader().document(late?.iri as Iri)?.kind).toBe("live");
    expectEqual();
  });

  it("does not bring a post back that is retracted while its page is on the way", async () => {
    const { iri } = await write("short-lived");
    await pushed(hubs);
    const items = hubs.here.xmpp.items.bind(hubs.here.xmpp);
    hubs.here.xmpp.items = async (...asked) => {
      const answer = await items(...asked);
      if (reader().document(iri) === undefined) {
        must(await deletePost(hubs.there.ports, hubs.alice, iri));
        await push(hubs);
      }
      return answer;
    };
    must(await compare());
    expect(reader().document(iri)?.kind).toBe("tombstone");
    expectEqual();
  });

  it("backs off when the other hub cannot be reached, and forgets it once it can", async () => {
    const waited: number[] = [];
    hubs.here.xmpp.before = () => refuse("remote-unreachable", "far.example does not answer.");
    for (let n = 0; n < 6; n++) {
      expect(await compare()).toMatchObject({ code: "remote-unreachable" });
      const { nextAttempt, attempts, state, problem } = upstream();
      expect([attempts, state, problem]).toEqual([n + 1, "subscribed", "far.example does not answer."]);
      waited.push((Date.parse(nextAttempt) - Date.parse(hubs.clock.now())) / SECOND_MS);
    }
    expect(waited).toEqual([10, 30, 120, 600, 3_600, 3_600]);
    hubs.here.xmpp.before = () => undefined;
    must(await compare());
    expect(upstream()).toMatchObject({ attempts: 0 });
    expect(upstream().problem).toBeUndefined();
  });

  it("comes again after the time between two, give or take a quarter", async () => {
    must(await compare());
    const wait_ms = Date.parse(upstream().nextAttempt) - Date.parse(hubs.clock.now());
    expect(wait_ms).toBeGreaterThanOrEqual(0.75 * HOUR_MS);
    expect(wait_ms).toBeLessThanOrEqual(1.25 * HOUR_MS);
  });

  it("subscribes anew when the other hub has forgotten it", async () => {
    const { service, node } = upstream();
    const [own] = hubs.there.ports.records.reader.subscriptions(service, node);
    if (own === undefined) throw new Error("not subscribed");
    await hubs.there.ports.records.transact(() => ({
      changes: [{ kind: "subscription-removed", service, node, jid: own.jid, subid: own.subid }],
      result: undefined,
    }));
    must(await compare());
    expect(hubs.there.ports.records.reader.subscriptions(service, node)).toMatchObject([{ jid: "hub.example" }]);
    expect(upstream().subid).toBe(hubs.there.ports.records.reader.subscriptions(service, node)[0]?.subid);
  });

  it("reads the followed profile again once it is a day old", async () => {
    must(await updateAccount(hubs.there.ports, hubs.alice, "alice", { displayName: "Alice of the Lake" }));
    const { profile } = upstream();
    const nameHere = () => live(hubs.here, profile).document.quads.some((q) => q.object.value === "Alice of the Lake");
    must(await compare());
    expect(nameHere()).toBe(false);
    hubs.clock.advance(DAY_MS);
    must(await compare());
    expect(nameHere()).toBe(true);
  });

  it("does nothing about an account that nobody follows", async () => {
    expect(await catchUp(hubs.here.ports, "https://far.example/carol#account" as Iri, "timer")).toMatchObject({
      code: "not-found",
    });
  });
});

describe("the loop", () => {
  /** The next time that the upstream was caught up with. */
  async function caughtUp(act: (loop: ReturnType<typeof startCatchUp>) => void): Promise<readonly unknown[]> {
    const stop = new AbortController();
    const before = hubs.here.logged.length;
    const done = new Promise<void>((resolve) => {
      const { log } = hubs.here.ports;
      const told = log.info.bind(log);
      Object.assign(log, {
        info: (detail: Readonly<Record<string, unknown>>, event: string) => {
          told(detail, event);
          if (event === "caught-up" && detail["account"] === hubs.alice.iri) resolve();
        },
      });
    });
    const loop = startCatchUp(hubs.here.ports, stop.signal);
    act(loop);
    await done;
    stop.abort();
    await loop.ended;
    return hubs.here.logged
      .slice(before)
      .filter(({ event, detail }) => event === "caught-up" && detail["account"] === hubs.alice.iri)
      .map(({ detail }) => detail["why"]);
  }

  beforeEach(async () => {
    await follow(hubs);
    must(await compare());
    await write("one");
  });

  it("catches up when asked to", async () => {
    expect(await caughtUp((loop) => loop.soon(hubs.alice.iri, "gap"))).toEqual(["gap"]);
    expectEqual();
  });

  it("catches up with everything whenever the link comes back", async () => {
    hubs.here.xmpp.become("connecting");
    expect(await caughtUp(() => hubs.here.xmpp.become("online"))).toEqual(["connected"]);
    expectEqual();
  });

  it("catches up when it is time", async () => {
    hubs.clock.advance(2 * HOUR_MS);
    expect(await caughtUp(() => undefined)).toEqual(["timer"]);
    expectEqual();
  });

  it("asks nothing while the link is down", async () => {
    hubs.here.xmpp.become("connecting");
    hubs.clock.advance(2 * HOUR_MS);
    const before = hubs.here.xmpp.questions.length;
    const stop = new AbortController();
    const loop = startCatchUp(hubs.here.ports, stop.signal);
    loop.soon(hubs.alice.iri, "gap");
    stop.abort();
    await loop.ended;
    expect(hubs.here.xmpp.questions).toHaveLength(before);
  });
});

it("ends up equal whatever was pushed, lost, or came twice and in whatever order", async () => {
  await follow(hubs);
  must(await compare());
  // A small generator of its own, so that a failure can be run again.
  let seed = 7;
  const chance = (sides: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * sides);
  };
  const late: Parameters<typeof receiveEvent>[1][] = [];
  for (let turn = 0; turn < 60; turn++) {
    const alive = postsOf(hubs.there.ports);
    const one = alive[chance(alive.length)];
    hubs.clock.advance(SECOND_MS);
    const act = chance(5);
    if (act === 0 && one !== undefined) must(await deletePost(hubs.there.ports, hubs.alice, one));
    else if (act === 1 && one !== undefined)
      must(await editPost(hubs.there.ports, hubs.alice, one, { text: `edit ${turn}` }));
    else must(await publishPost(hubs.there.ports, hubs.alice, "alice", { text: `post ${turn}` }));
    for (const event of await pushed(hubs)) {
      const fate = chance(4);
      if (fate > 0) await receiveEvent(hubs.here.ports, event);
      if (fate > 1) late.push(event);
      if (fate === 3 && late.length > 0) await receiveEvent(hubs.here.ports, late[chance(late.length)] ?? event);
    }
    if (chance(10) === 0) must(await compare());
  }
  must(await compare());
  must(await compare());
  expectEqual();
  for (const iri of postsOf(hubs.there.ports)) {
    expect(live(hubs.here, iri).document.modified).toBe(live(hubs.there, iri).document.modified);
  }
});

it("gives up a page of ids that the other hub no longer knows, and tells why", async () => {
  await writeMany(3);
  await follow(hubs);
  must(await compare());
  must(await deletePost(hubs.there.ports, hubs.alice, postsOf(hubs.there.ports)[0] as Iri));
  hubs.here.xmpp.before = ({ name }) => (name === "discoverItems" ? refuse("timed-out", "Too slow.") : undefined);
  const outcome = await compare();
  expect(isRefusal(outcome) && outcome.code).toBe("timed-out");
  expect(upstream()).toMatchObject({ problem: "Too slow.", attempts: 1 });
  expect(postsOf(hubs.here.ports)).toHaveLength(3);
  expect(reader().document(`${upstream().authority}${"nothing" as ItemId}` as Iri)).toBeUndefined();
});

it("does not page for ever where each item that a page ended with is said to be gone", async () => {
  await follow(hubs);
  await writeMany(3);
  must(await compare("followed"));
  await write("one more");
  const { xmpp } = hubs.here;
  const items = xmpp.items.bind(xmpp);
  let asked = 0;
  xmpp.items = async (service, node, wanted) => {
    asked++;
    if ("page" in wanted && wanted.page.after !== undefined) return refuse("not-found", "There is no such item.");
    const page = await items(service, node, wanted);
    return isRefusal(page) ? page : { ...page, items: page.items.slice(0, 1), complete: false };
  };
  hubs.clock.advance(DAY_MS);
  expect(await compare()).toMatchObject({ code: "not-found" });
  expect(asked).toBe(8);
  expect(upstream().attempts).toBe(1);
});
