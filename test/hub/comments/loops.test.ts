import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseBareJid } from "../../../src/core/jid.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { likePost, unlikePost } from "../../../src/hub/posts/like-post.ts";
import { viewPost } from "../../../src/hub/posts/post-view.ts";
import { readThread } from "../../../src/hub/posts/read-thread.ts";
import { repostPost } from "../../../src/hub/posts/repost-post.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { ANONYMOUS, live, must, post, SECOND_MS, type TestHub } from "../test-hub.ts";
import { openThreeHubs, settle, type ThreeHubs } from "../three-hubs.ts";

const ROUNDS = 6;

let hubs: ThreeHubs;

beforeEach(async () => {
  hubs = await openThreeHubs();
  must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
  must(await followAccount(hubs.there.ports, hubs.alice, hubs.bob.iri));
  await settle(hubs);
});
afterEach(() => hubs[Symbol.asyncDispose]());

/** Stanzas that change something at another hub: pushes, publications, retractions. */
function said({ xmpp }: TestHub): number {
  return xmpp.sent.length + xmpp.questions.filter(({ name }) => name === "publish" || name === "retract").length;
}
const saidByBoth = (): number => said(hubs.here) + said(hubs.there);

/** Every upstream of both hubs compares all, as the slow timer has it. */
async function compareAll(): Promise<void> {
  for (const hub of [hubs.here, hubs.there]) {
    for (const { account, state } of hub.ports.records.reader.upstreams()) {
      if (state === "subscribed") must(await catchUp(hub.ports, account, "timer"));
    }
  }
  await settle(hubs);
}

/** All documents of posts and likes at a hub, by IRI and version. */
function held({ ports: { records } }: TestHub): readonly string[] {
  const { documents } = records.reader.list({ scope: { kind: "all" }, limit: 1_000 });
  return documents.map(({ graph }) => `${graph} ${records.reader.versionOf(graph)}`).toSorted();
}

/** That both hubs have come to rest: to compare everything again says nothing and changes nothing. */
async function expectRest(): Promise<void> {
  await compareAll();
  const [before, here, there] = [saidByBoth(), held(hubs.here), held(hubs.there)];
  for (let round = 0; round < 3; round++) {
    hubs.clock.advance(SECOND_MS);
    await compareAll();
  }
  expect(saidByBoth() - before).toBe(0);
  expect([held(hubs.here), held(hubs.there)]).toEqual([here, there]);
}

/** Answers that go to and fro between the hubs, each below the one before, and the post they began with. */
async function pingPong(): Promise<readonly Iri[]> {
  const thread = [(await post(hubs.there, hubs.alice, "Who saw the terns?")).iri];
  await settle(hubs);
  for (let round = 0; round < ROUNDS; round++) {
    const [hub, by] = round % 2 === 0 ? [hubs.here, hubs.bob] : [hubs.there, hubs.alice];
    thread.push((await post(hub, by, `Answer ${round}`, thread.at(-1))).iri);
    await settle(hubs);
  }
  return thread;
}

async function threadAt(hub: TestHub, about: Iri): Promise<readonly Iri[]> {
  return (await readThread(hub.ports, ANONYMOUS, about)).map(({ graph }) => graph);
}

const likesAt = (hub: TestHub, iri: Iri) => viewPost(hub.ports, live(hub, iri).document)?.likes;

describe("two hubs that answer each other", () => {
  it("say what was answered once at each post of the thread, and come to rest with the same thread", async () => {
    const before = saidByBoth();
    const thread = await pingPong();
    // A post is pushed to its author's follower, put among the comments of the posts above it, and pushed from there.
    const above = (ROUNDS * (ROUNDS + 1)) / 2;
    expect(saidByBoth() - before).toBeLessThanOrEqual(thread.length + 3 * above);
    expect(saidByBoth() - before).toBeGreaterThan(thread.length);
    await expectRest();
    const [first = "" as Iri] = thread;
    expect(await threadAt(hubs.here, first)).toEqual(thread);
    expect(await threadAt(hubs.there, first)).toEqual(thread);
  });

  it("come to rest after edits and deletions in the middle of the thread", async () => {
    const thread = await pingPong();
    const [first = "" as Iri, second = "" as Iri, third = "" as Iri] = thread;
    const before = saidByBoth();
    hubs.clock.advance(SECOND_MS);
    must(await editPost(hubs.here.ports, hubs.bob, second, { text: "Answer 0, again" }));
    must(await deletePost(hubs.there.ports, hubs.alice, third));
    await settle(hubs);
    expect(saidByBoth() - before).toBeLessThanOrEqual(12);
    await expectRest();
    expect(await threadAt(hubs.here, first)).toEqual(await threadAt(hubs.there, first));
    expect(await threadAt(hubs.here, first)).not.toContain(third);
  });

  it("come to rest when every push was lost, by comparing alone", async () => {
    const first = await post(hubs.there, hubs.alice, "Who saw the terns?");
    await settle(hubs);
    for (const hub of [hubs.here, hubs.there]) hub.xmpp.become("connecting");
    const own = await post(hubs.there, hubs.alice, "I did", first.iri);
    const theirs = await post(hubs.here, hubs.bob, "So did I", first.iri);
    await settle(hubs);
    for (const hub of [hubs.here, hubs.there]) hub.xmpp.become("online");
    await expectRest();
    const thread = [first.iri, own.iri, theirs.iri].toSorted();
    expect((await threadAt(hubs.here, first.iri)).toSorted()).toEqual(thread);
    expect((await threadAt(hubs.there, first.iri)).toSorted()).toEqual(thread);
  });

  it("come to rest after reposts of reposts", async () => {
    const first = await post(hubs.there, hubs.alice, "Who saw the terns?");
    await settle(hubs);
    const { repost } = must(await repostPost(hubs.here.ports, hubs.bob, first.iri));
    await settle(hubs);
    const before = saidByBoth();
    await repostPost(hubs.there.ports, hubs.alice, repost);
    await settle(hubs);
    expect(saidByBoth() - before).toBeLessThanOrEqual(3);
    await expectRest();
  });
});

describe("likes that stand as attachments and as hearts", () => {
  const JULIET = must(parseBareJid("juliet@capulet.lit"));

  /** Somebody hearts a post of alice's with a client of their own, as Movim does. */
  async function heart(id: string): Promise<void> {
    const now = hubs.clock.now();
    const payload = `<entry xmlns="http://www.w3.org/2005/Atom"><title>♥</title><published>${now}</published></entry>`;
    const item = { id: "heart-of-juliet" as never, payload, published: now, updated: now };
    const node = `urn:xmpp:microblog:0:comments/${id}` as NodeId;
    const service = hubs.alice.account.jid;
    const reply = await handlePubsub(hubs.there.ports, { kind: "publish", service, node, item }, JULIET);
    expect(reply.kind).toBe("published");
  }

  it("are one like each at both hubs, and are not told to and fro", async () => {
    const about = await post(hubs.there, hubs.alice, "Who saw the terns?");
    await settle(hubs);
    const before = saidByBoth();
    await heart(about.id);
    must(await likePost(hubs.here.ports, hubs.bob, about.iri));
    await settle(hubs);
    must(await likePost(hubs.there.ports, hubs.alice, about.iri));
    await settle(hubs);
    expect(saidByBoth() - before).toBeLessThanOrEqual(12);
    await expectRest();
    expect([likesAt(hubs.here, about.iri), likesAt(hubs.there, about.iri)]).toEqual([3, 3]);
  });

  it("are gone at both when they are taken back", async () => {
    const about = await post(hubs.there, hubs.alice, "Who saw the terns?");
    await settle(hubs);
    for (let round = 0; round < 3; round++) {
      hubs.clock.advance(SECOND_MS);
      must(await likePost(hubs.here.ports, hubs.bob, about.iri));
      await settle(hubs);
      hubs.clock.advance(SECOND_MS);
      must(await unlikePost(hubs.here.ports, hubs.bob, about.iri));
      await settle(hubs);
    }
    // Counts are told of together, every few seconds.
    hubs.clock.advance(5 * SECOND_MS);
    await settle(hubs);
    await expectRest();
    expect([likesAt(hubs.here, about.iri), likesAt(hubs.there, about.iri)]).toEqual([0, 0]);
  });
});
