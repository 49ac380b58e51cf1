import { afterEach, beforeEach, expect, it } from "vitest";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { unfollowAccount } from "../../../src/hub/following/follow-account.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { readTimeline, type TimelineChange, watchTimeline } from "../../../src/hub/posts/read-timeline.ts";
import { ANONYMOUS, addAccount, must, OWNER, post, SECOND_MS } from "../test-hub.ts";
import { follow, openTwoHubs, push, type TwoHubs } from "../two-hubs.ts";

let hubs: TwoHubs;

beforeEach(async () => {
  hubs = await openTwoHubs();
  await follow(hubs);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
});
afterEach(() => hubs[Symbol.asyncDispose]());

it("holds own posts and those of followed accounts, newest first, page by page", async () => {
  const carol = await addAccount(hubs.here, "carol");
  const expected = [await post(hubs.there, hubs.alice, "hers"), await post(hubs.here, hubs.bob, "mine")];
  await post(hubs.here, carol, "of nobody I follow");
  expected.push(await post(hubs.there, hubs.alice, "hers again"));
  await push(hubs);
  const first = must(readTimeline(hubs.here.ports, hubs.bob, { limit: 2 }));
  const second = must(readTimeline(hubs.here.ports, hubs.bob, { limit: 2, olderThan: first.older as string }));
  expect([...first.posts, ...second.posts].map(({ iri }) => iri)).toEqual(expected.map(({ iri }) => iri).reverse());
  expect([first.newer, second.older]).toEqual([undefined, undefined]);
});

it("tells whoever watches what comes, changes and goes, until followed no more", async () => {
  const seen: [TimelineChange["kind"], string][] = [];
  const stop = must(watchTimeline(hubs.here.ports, hubs.bob, ({ kind, iri }) => seen.push([kind, iri])));
  const { iri } = await post(hubs.there, hubs.alice, "one");
  await push(hubs);
  hubs.clock.advance(SECOND_MS);
  must(await editPost(hubs.there.ports, hubs.alice, iri, { text: "two" }));
  await push(hubs);
  must(await deletePost(hubs.there.ports, hubs.alice, iri));
  await push(hubs);
  must(await unfollowAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
  await post(hubs.there, hubs.alice, "unseen");
  await push(hubs);
  stop();
  await post(hubs.here, hubs.bob, "after the end");
  expect(seen).toEqual([
    ["posted", iri],
    ["edited", iri],
    ["deleted", iri],
  ]);
});

it("is had by accounts alone", () => {
  for (const [by, code] of [
    [OWNER, "forbidden"],
    [ANONYMOUS, "unauthenticated"],
  ] as const) {
    expect(readTimeline(hubs.here.ports, by, { limit: 1 })).toMatchObject({ code });
    expect(watchTimeline(hubs.here.ports, by, () => undefined)).toMatchObject({ code });
  }
});
