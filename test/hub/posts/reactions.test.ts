import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ATTACHMENTS_NS, attachmentsFromXml, attachmentsToXml, summaryFromXml } from "../../../src/atom/attachments.ts";
import { parseXml } from "../../../src/atom/xml.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { Jid } from "../../../src/core/jid.ts";
import { attachmentsNode, summaryNode } from "../../../src/hub/attachments/attachments-node.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { likePost, unlikePost } from "../../../src/hub/posts/like-post.ts";
import { postViewToJson, viewPost } from "../../../src/hub/posts/post-view.ts";
import type { PublishedPost } from "../../../src/hub/posts/publish-post.ts";
import { reactionsTo } from "../../../src/hub/posts/reactions.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import type { NamedNode } from "../../../src/rdf/term.ts";
import { as } from "../../../src/vocab/as.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { sterna } from "../../../src/vocab/sterna.ts";
import { addAccount, live, must, post, type TestHub } from "../test-hub.ts";
import { follow, openTwoHubs, push, type TwoHubs } from "../two-hubs.ts";

let hubs: TwoHubs;
let about: PublishedPost;

beforeEach(async () => {
  hubs = await openTwoHubs();
  about = await post(hubs.there, hubs.alice, "Who saw the terns?");
});
afterEach(() => hubs[Symbol.asyncDispose]());

const target = () => ({ jid: hubs.alice.account.jid, node: MICROBLOG_NODE, id: about.id });
const element = (xml: string) => must(parseXml(xml));

/** What `jid` has attached to the post over there. */
function attachedBy(jid: string) {
  const item = hubs.there.ports.records.reader.item(target().jid, attachmentsNode(target()), jid as ItemId);
  return item === undefined ? undefined : must(attachmentsFromXml(element(item.payload)));
}

function summary() {
  const item = hubs.there.ports.records.reader.item(target().jid, summaryNode(MICROBLOG_NODE), about.id);
  return item === undefined ? undefined : summaryFromXml(element(item.payload));
}

/** The items in the post's comments over there. */
function hearts() {
  const comments = `urn:xmpp:microblog:0:comments/${about.id}` as NodeId;
  return hubs.there.ports.records.reader.items(target().jid, comments, { max: 5, order: "creation" })?.items ?? [];
}

const viewAt = (hub: TestHub, iri: Iri) => {
  const view = viewPost(hub.ports, live(hub, iri).document);
  return view === undefined ? undefined : postViewToJson(view);
};

describe("a reaction to a post of the same hub", () => {
  it("stands beside the post, counted by emoji and apart from its likes", async () => {
    const carol = await addAccount(hubs.there, "carol");
    must(await likePost(hubs.there.ports, carol, about.iri, { with: "🎉" }));
    must(await likePost(hubs.there.ports, carol, about.iri, { with: "❤" }));
    expect(must(await likePost(hubs.there.ports, hubs.alice, about.iri, { with: "🎉" }))).toEqual({
      post: about.iri,
      likes: 0,
      reactions: [
        { emoji: "🎉", count: 2 },
        { emoji: "❤️", count: 1 },
      ],
    });
    expect(attachedBy(carol.account.jid)?.reactions).toEqual(["🎉", "❤️"]);
    expect(summary()).toEqual({
      noticed: 0,
      reactions: new Map([
        ["🎉", 2],
        ["❤️", 1],
      ]),
    }); // prettier-ignore
    expect(viewAt(hubs.there, about.iri)?.reactions?.[0]).toEqual({ emoji: "🎉", count: 2 });
  });

  it("is a sterna:Reaction of the account in RDF, and no as:Like", async () => {
    const carol = await addAccount(hubs.there, "carol");
    must(await likePost(hubs.there.ports, carol, about.iri, { with: "🎉" }));
    const [said] = hubs.there.ports.quads.match(null, rdf.type, sterna.Reaction, {});
    const of = (predicate: NamedNode) =>
      [...hubs.there.ports.quads.match(said?.subject, predicate, null, {})].map(({ object }) => object.value);
    expect([of(as.actor), of(as.object), of(as.content)]).toEqual([[carol.iri], [about.iri], ["🎉"]]);
    expect([...hubs.there.ports.quads.match(null, rdf.type, as.Like, {})]).toEqual([]);
  });

  it("is taken back alone, and only where there is one", async () => {
    const carol = await addAccount(hubs.there, "carol");
    must(await likePost(hubs.there.ports, carol, about.iri));
    must(await likePost(hubs.there.ports, carol, about.iri, { with: "🎉" }));
    expect(must(await unlikePost(hubs.there.ports, carol, about.iri, { with: "🎉" }))).toEqual({
      post: about.iri,
      likes: 1,
    });
    expect(await unlikePost(hubs.there.ports, carol, about.iri, { with: "🎉" })).toMatchObject({ code: "not-found" });
    expect(attachedBy(carol.account.jid)).toMatchObject({ noticed: {}, reactions: [] });
  });

  it("is one emoji, and one person has at most twenty", async () => {
    const carol = await addAccount(hubs.there, "carol");
    const like = (emoji: string) => likePost(hubs.there.ports, carol, about.iri, { with: emoji });
    expect(await like("nice")).toMatchObject({ code: "invalid" });
    expect(await like("🎉🎉")).toMatchObject({ code: "invalid" });
    for (let at = 0; at < 20; at++) must(await like(String.fromCodePoint(0x1f600 + at)));
    expect(await like("🎉")).toMatchObject({ code: "too-many" });
    expect(reactionsTo(hubs.there.ports, about.iri)).toHaveLength(20);
  });

  it("goes with its post", async () => {
    const carol = await addAccount(hubs.there, "carol");
    must(await likePost(hubs.there.ports, carol, about.iri, { with: "🎉" }));
    must(await deletePost(hubs.there.ports, hubs.alice, about.iri));
    expect([attachedBy(carol.account.jid), summary()]).toEqual([undefined, undefined]);
    expect([...hubs.there.ports.quads.match(null, rdf.type, sterna.Reaction, {})]).toEqual([]);
  });
});

describe("a like of a post whose comments are closed", () => {
  it("is said as noticed beside it", async () => {
    const carol = await addAccount(hubs.there, "carol");
    const node = `urn:xmpp:microblog:0:comments/${about.id}`;
    const fields = [{ name: "pubsub#publish_model", values: ["publishers"] }];
    const request = { kind: "configure", service: target().jid, node, form: { cancelled: false, fields } } as never;
    expect((await handlePubsub(hubs.there.ports, request, target().jid)).kind).toBe("done");
    expect(must(await likePost(hubs.there.ports, carol, about.iri)).likes).toBe(1);
    expect(attachedBy(carol.account.jid)?.noticed).toBeDefined();
    expect(must(await unlikePost(hubs.there.ports, carol, about.iri)).likes).toBe(0);
    expect(attachedBy(carol.account.jid)).toBeUndefined();
  });
});

describe("a reaction to a post of a followed hub", () => {
  beforeEach(async () => {
    await follow(hubs);
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
  });

  it("is attached there by the account's JID, and kept here", async () => {
    expect(must(await likePost(hubs.here.ports, hubs.bob, about.iri, { with: "🎉" })).reactions).toEqual([
      { emoji: "🎉", count: 1 },
    ]);
    expect(attachedBy(hubs.bob.account.jid)?.reactions).toEqual(["🎉"]);
    expect(viewAt(hubs.there, about.iri)?.reactions).toEqual([{ emoji: "🎉", count: 1 }]);
    const kept = live(
      hubs.here,
      [...hubs.here.ports.quads.match(null, rdf.type, sterna.Reaction, {})][0]?.subject.value as Iri,
    );
    expect(kept.document).toMatchObject({ origin: { kind: "own" }, author: hubs.bob.iri });
  });

  it("and a like stand together as one attachment, and the like as a heart for those who read comments alone", async () => {
    must(await likePost(hubs.here.ports, hubs.bob, about.iri));
    must(await likePost(hubs.here.ports, hubs.bob, about.iri, { with: "🎉" }));
    expect(hearts().map(({ publisher }) => publisher)).toEqual([hubs.bob.account.jid]);
    expect(attachedBy(hubs.bob.account.jid)).toMatchObject({ noticed: {}, reactions: ["🎉"] });
    expect(summary()).toEqual({ noticed: 1, reactions: new Map([["🎉", 1]]) });
    must(await unlikePost(hubs.here.ports, hubs.bob, about.iri));
    expect([hearts(), summary()]).toEqual([[], { noticed: 0, reactions: new Map([["🎉", 1]]) }]);
  });

  it("and a like are said as one attachment at a service that has them and is no hub, and taken back apart", async () => {
    const { jid } = hubs.alice.account;
    hubs.here.xmpp.infos.set(jid, { identities: [], features: [ATTACHMENTS_NS], forms: [] });
    must(await likePost(hubs.here.ports, hubs.bob, about.iri));
    must(await likePost(hubs.here.ports, hubs.bob, about.iri, { with: "🎉" }));
    expect(hearts()).toHaveLength(0);
    expect(attachedBy(hubs.bob.account.jid)).toMatchObject({ noticed: {}, reactions: ["🎉"] });
    expect(summary()).toEqual({ noticed: 1, reactions: new Map([["🎉", 1]]) });
    must(await unlikePost(hubs.here.ports, hubs.bob, about.iri));
    expect(summary()).toEqual({ noticed: 0, reactions: new Map([["🎉", 1]]) });
    must(await unlikePost(hubs.here.ports, hubs.bob, about.iri, { with: "🎉" }));
    expect([attachedBy(hubs.bob.account.jid), summary()]).toEqual([undefined, undefined]);
    expect(viewAt(hubs.here, about.iri)?.reactions).toBeUndefined();
  });

  it("keeps what another program of the account attached", async () => {
    const other = '<stars xmlns="urn:example:stars">5</stars>';
    const payload = attachmentsToXml({ reactions: [], others: [other] });
    const [jid, now] = [hubs.bob.account.jid, hubs.clock.now()];
    const item = { id: jid as string as ItemId, payload, published: now, updated: now };
    const request = { kind: "publish", service: target().jid, node: attachmentsNode(target()), item } as const;
    expect((await handlePubsub(hubs.there.ports, request, jid)).kind).toBe("published");
    must(await likePost(hubs.here.ports, hubs.bob, about.iri, { with: "🎉" }));
    expect(attachedBy(jid)).toMatchObject({ reactions: ["🎉"], others: [other] });
    must(await unlikePost(hubs.here.ports, hubs.bob, about.iri, { with: "🎉" }));
    expect(attachedBy(jid)).toMatchObject({ reactions: [], others: [other] });
  });

  it("is not kept where it is not heard or refused, and asks no more than it must", async () => {
    hubs.here.xmpp.before = () => refuse("remote-unreachable", "Nobody answers.");
    const before = hubs.here.xmpp.questions.length;
    expect(await likePost(hubs.here.ports, hubs.bob, about.iri, { with: "🎉" })).toMatchObject({
      code: "remote-unreachable",
    });
    expect(hubs.here.xmpp.questions.slice(before).map(({ name }) => name)).toEqual(["items"]);
    expect(viewAt(hubs.here, about.iri)?.reactions).toBeUndefined();
  });

  it("tells who subscribed to the summary over there", async () => {
    const summaryRequest = {
      kind: "subscribe",
      service: target().jid,
      node: summaryNode(MICROBLOG_NODE),
      jid: "romeo@montague.lit" as Jid,
    } as const;
    expect((await handlePubsub(hubs.there.ports, summaryRequest, summaryRequest.jid)).kind).toBe("subscribed");
    must(await likePost(hubs.here.ports, hubs.bob, about.iri, { with: "🎉" }));
    await push(hubs);
    const told = hubs.there.xmpp.sent.filter(({ to }) => to === summaryRequest.jid).map(({ event }) => event.event);
    expect(told).toMatchObject([{ kind: "items", id: about.id }]);
  });
});

describe("a like of a post of a plain account", () => {
  it("goes out as a heart where the service has no attachments", async () => {
    hubs.here.xmpp.before = ({ name }) =>
      name.startsWith("discover") ? refuse("remote-unreachable", "Only contacts are answered.") : undefined;
    hubs.here.remote.webfinger = async () => refuse("remote-unreachable", "There is no website.");
    must(await followAccount(hubs.here.ports, hubs.bob, "alice@far.example"));
    must(await catchUp(hubs.here.ports, "xmpp:alice@far.example" as Iri, "followed"));
    must(
      await likePost(hubs.here.ports, hubs.bob, `xmpp:alice@far.example?;node=urn:xmpp:microblog:0;item=${about.id}`),
    );
    const published = hubs.here.xmpp.questions.filter(({ name }) => name === "publish");
    expect(published).toHaveLength(1);
    expect(hearts()).toHaveLength(1);
    // A heart is noticed too, for those who read attachments.
    expect([attachedBy(hubs.bob.account.jid)?.noticed !== undefined, summary()?.noticed]).toEqual([true, 1]);
  });
});
