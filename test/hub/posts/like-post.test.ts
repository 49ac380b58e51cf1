import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import type { HubPorts } from "../../../src/hub/ports/hub-ports.ts";
import { likePost, unlikePost } from "../../../src/hub/posts/like-post.ts";
import { viewPost } from "../../../src/hub/posts/post-view.ts";
import type { PublishedPost } from "../../../src/hub/posts/publish-post.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { as } from "../../../src/vocab/as.ts";
import { ANONYMOUS, addAccount, live, must, OWNER, post, type TestHub } from "../test-hub.ts";
import { openTwoHubs, type TwoHubs } from "../two-hubs.ts";

const ALICE = "xmpp:alice@far.example" as Iri;

let hubs: TwoHubs;
let about: PublishedPost;

beforeEach(async () => {
  hubs = await openTwoHubs();
  about = await post(hubs.there, hubs.alice, "Who saw the terns?");
});
afterEach(() => hubs[Symbol.asyncDispose]());

const likesAt = (hub: TestHub, iri: Iri) => viewPost(hub.ports, live(hub, iri).document)?.likes;
const commentsAt = ({ records }: HubPorts, iri: PublishedPost) => {
  const node = `urn:xmpp:microblog:0:comments/${iri.id}` as NodeId;
  return records.reader.items(hubs.alice.account.jid, node, { max: 10, order: "creation" })?.items ?? [];
};

describe("a like of a post of the same hub", () => {
  it("stands in the post's comments as a heart, once", async () => {
    const carol = await addAccount(hubs.there, "carol");
    must(await likePost(hubs.there.ports, carol, about.iri));
    expect(must(await likePost(hubs.there.ports, carol, about.iri))).toEqual({ post: about.iri, likes: 1 });
    expect(commentsAt(hubs.there.ports, about).map(({ payload }) => payload.includes(">♥</title>"))).toEqual([true]);
    const [like] = hubs.there.ports.quads.match(null, as.object, null, {});
    const [actor] = hubs.there.ports.quads.match(like?.subject, as.actor, null, {});
    expect([like?.object.value, actor?.object.value]).toEqual([about.iri, carol.iri]);
  });

  it("is taken back, and only where there is one", async () => {
    const carol = await addAccount(hubs.there, "carol");
    must(await likePost(hubs.there.ports, carol, about.iri));
    expect(must(await unlikePost(hubs.there.ports, carol, about.iri))).toEqual({ post: about.iri, likes: 0 });
    expect(commentsAt(hubs.there.ports, about)).toEqual([]);
    expect(await unlikePost(hubs.there.ports, carol, about.iri)).toMatchObject({ code: "not-found" });
  });

  it("is for accounts, of posts that are there", async () => {
    expect(await likePost(hubs.there.ports, ANONYMOUS, about.iri)).toMatchObject({ code: "unauthenticated" });
    expect(await likePost(hubs.there.ports, OWNER, about.iri)).toMatchObject({ code: "forbidden" });
    expect(await likePost(hubs.there.ports, hubs.alice, `${about.iri}x`)).toMatchObject({ code: "not-found" });
  });
});

describe("a like of a post elsewhere", () => {
  let theirs: Iri;

  beforeEach(async () => {
    hubs.here.xmpp.before = ({ name }) =>
      name.startsWith("discover") ? refuse("remote-unreachable", "Only contacts are answered.") : undefined;
    hubs.here.remote.webfinger = async () => refuse("remote-unreachable", "There is no website.");
    must(await followAccount(hubs.here.ports, hubs.bob, "alice@far.example"));
    must(await catchUp(hubs.here.ports, ALICE, "followed"));
    theirs = `${ALICE}?;node=urn:xmpp:microblog:0;item=${about.id}` as Iri;
  });

  it("is published there and kept here, and its echo is not counted again", async () => {
    expect(must(await likePost(hubs.here.ports, hubs.bob, theirs))).toEqual({ post: theirs, likes: 1 });
    expect(likesAt(hubs.there, about.iri)).toBe(1);
    must(await catchUp(hubs.here.ports, `${ALICE}?;node=urn:xmpp:microblog:0:comments/${about.id}` as Iri, "timer"));
    expect(likesAt(hubs.here, theirs)).toBe(1);
  });

  it("is taken back there and here", async () => {
    must(await likePost(hubs.here.ports, hubs.bob, theirs));
    expect(must(await unlikePost(hubs.here.ports, hubs.bob, theirs))).toEqual({ post: theirs, likes: 0 });
    expect(likesAt(hubs.there, about.iri)).toBe(0);
  });

  it("is not kept when it was refused there", async () => {
    hubs.here.xmpp.before = () => refuse("remote-refused", "No.");
    expect(await likePost(hubs.here.ports, hubs.bob, theirs)).toMatchObject({ code: "remote-refused" });
    expect(likesAt(hubs.here, theirs)).toBe(0);
  });
});
