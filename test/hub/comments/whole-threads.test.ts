import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { summaryNode } from "../../../src/hub/attachments/attachments-node.ts";
import { ALL_COMMENTS } from "../../../src/hub/comments/all-comments.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { receiveEvent } from "../../../src/hub/following/receive-event.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import type { PublishedPost } from "../../../src/hub/posts/publish-post.ts";
import { readThread } from "../../../src/hub/posts/read-thread.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { ANONYMOUS, addAccount, live, must, post, SECOND_MS, type TestHub } from "../test-hub.ts";
import { openThreeHubs, settle, type ThreeHubs } from "../three-hubs.ts";
import { pushed } from "../two-hubs.ts";

const JULIET = "juliet@capulet.lit/pc" as Jid;

let hubs: ThreeHubs;
let about: PublishedPost;
let node: NodeId;

beforeEach(async () => {
  hubs = await openThreeHubs();
  must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
  about = await post(hubs.there, hubs.alice, "Who saw the terns?");
  node = `urn:xmpp:microblog:0:comments/${about.id}` as NodeId;
  await settle(hubs);
});
afterEach(() => hubs[Symbol.asyncDispose]());

const atAlice = (id: string): Iri => `xmpp:alice@far.example?;node=${node};item=${id}` as Iri;
const stored = (hub: TestHub, graph: Iri) => hub.ports.records.reader.document(graph);
const commentsThere = () =>
  hubs.there.ports.records.reader
    .items(hubs.alice.account.jid, node, { max: 50, order: "creation" })
    ?.items.map(({ id, publisher }) => `${id} ${publisher}`) ?? [];

/** Somebody comments on alice's post with a client of their own. */
async function comment(id: string, title: string, actor = JULIET, more = "") {
  const now = hubs.clock.now();
  const payload = `<entry xmlns="http://www.w3.org/2005/Atom"><title>${title}</title><published>${now}</published>${more}</entry>`;
  const item = { id: id as ItemId, payload, published: now, updated: now };
  return await handlePubsub(hubs.there.ports, { kind: "publish", service: hubs.alice.account.jid, node, item }, actor);
}

const refusals = () =>
  hubs.here.logged.filter(({ event }) => event === "item-refused").map(({ detail }) => detail["code"]);

function text(hub: TestHub, iri: Iri): string | undefined {
  return live(hub, iri).document.quads.find((each) => each.predicate.equals(sioc.content))?.object.value;
}

/** The thread at a hub, as texts. */
async function thread(hub: TestHub): Promise<readonly (string | undefined)[]> {
  const documents = await readThread(hub.ports, ANONYMOUS, about.iri);
  return documents.map(({ graph }) => text(hub, graph));
}

describe("the thread of a followed account's post", () => {
  it("has the answers of strangers, their edits, and loses what they take back", async () => {
    await comment("comment1", "I did!");
    await settle(hubs);
    expect(await thread(hubs.here)).toEqual(["Who saw the terns?", "I did!"]);
    expect(live(hubs.here, atAlice("comment1")).document.author).toBe("xmpp:juliet@capulet.lit");
    hubs.clock.advance(SECOND_MS);
    await comment("comment1", "I did, twice!");
    await settle(hubs);
    expect(await thread(hubs.here)).toEqual(["Who saw the terns?", "I did, twice!"]);
    const service = hubs.alice.account.jid;
    await handlePubsub(
      hubs.there.ports,
      { kind: "retract", service, node, id: "comment1" as ItemId, notify: true },
      JULIET,
    );
    await settle(hubs);
    expect(stored(hubs.here, atAlice("comment1"))?.kind).toBe("tombstone");
  });

  it("is whole for who follows later, and after pushes were lost", async () => {
    await comment("comment1", "I did!");
    must(await followAccount(hubs.yonder.ports, hubs.carol, hubs.alice.iri));
    await settle(hubs);
    expect(await thread(hubs.yonder)).toEqual(["Who saw the terns?", "I did!"]);
    const comments = hubs.here.ports.records.reader.upstreamOf(hubs.alice.account.jid, ALL_COMMENTS);
    await comment("comment2", "Me too");
    hubs.clock.advance(SECOND_MS);
    must(await catchUp(hubs.here.ports, comments?.account ?? ("" as Iri), "timer"));
    expect([...(await thread(hubs.here))].map(String).toSorted()).toEqual(["I did!", "Me too", "Who saw the terns?"]);
  });

  it("takes one subscription for all posts of an account", async () => {
    for (const text of ["two", "three", "four"]) await post(hubs.there, hubs.alice, text);
    await settle(hubs);
    const nodes = hubs.here.ports.records.reader.upstreams().map((each) => each.node);
    expect(nodes.toSorted()).toEqual([ALL_COMMENTS, MICROBLOG_NODE, summaryNode(MICROBLOG_NODE)].toSorted());
  });

  it("gets the answers of other hubs at the account's own, and so does everybody who follows it", async () => {
    must(await followAccount(hubs.yonder.ports, hubs.carol, hubs.alice.iri));
    await settle(hubs);
    const answer = await post(hubs.yonder, hubs.carol, "From far away", about.iri);
    await settle(hubs);
    expect(commentsThere()).toEqual([`${answer.id} carol@yonder.example`]);
    expect(await thread(hubs.here)).toEqual(["Who saw the terns?", "From far away"]);
    expect(await thread(hubs.there)).toEqual(["Who saw the terns?", "From far away"]);
    // Nobody at these hubs follows carol; her own node has it under its own IRI, and her page names her JID.
    for (const hub of [hubs.here, hubs.there]) {
      await expect.poll(() => stored(hub, answer.iri)?.kind).toBe("live");
      expect(live(hub, answer.iri).document.author).toBe(hubs.carol.iri);
      await expect.poll(() => stored(hub, atAlice(answer.id))).toBeUndefined();
    }
    hubs.clock.advance(SECOND_MS);
    must(await editPost(hubs.yonder.ports, hubs.carol, answer.iri, { text: "From further away" }));
    await settle(hubs);
    for (const hub of [hubs.here, hubs.there]) {
      await expect.poll(() => thread(hub)).toEqual(["Who saw the terns?", "From further away"]);
    }
    must(await deletePost(hubs.yonder.ports, hubs.carol, answer.iri));
    await expect.poll(commentsThere).toEqual([]);
    await settle(hubs);
    expect([stored(hubs.here, answer.iri), stored(hubs.there, answer.iri)]).toEqual([undefined, undefined]);
  });

  it("has an answer once, by its own IRI, for who follows both", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, hubs.carol.iri));
    must(await followAccount(hubs.yonder.ports, hubs.carol, hubs.alice.iri));
    await settle(hubs);
    const answer = await post(hubs.yonder, hubs.carol, "Once", about.iri);
    await settle(hubs);
    expect(await thread(hubs.here)).toEqual(["Who saw the terns?", "Once"]);
    expect(live(hubs.here, answer.iri).document).toMatchObject({
      author: hubs.carol.iri,
      origin: { from: "carol@yonder.example" },
    });
    expect(stored(hubs.here, atAlice(answer.id))).toBeUndefined();
  });

  it("has it once too for who could not ask its author at first, and follows them afterwards", async () => {
    must(await followAccount(hubs.yonder.ports, hubs.carol, hubs.alice.iri));
    await settle(hubs);
    hubs.here.xmpp.before = ({ jid }) =>
      jid.startsWith("carol@") ? { kind: "refusal", code: "timed-out", message: "No answer." } : undefined;
    const answer = await post(hubs.yonder, hubs.carol, "Once", about.iri);
    await settle(hubs);
    await expect.poll(() => hubs.here.logged.some(({ event }) => event === "answer-not-fetched")).toBe(true);
    expect(live(hubs.here, atAlice(answer.id)).document.author).toBe("xmpp:carol@yonder.example");
    hubs.here.xmpp.before = () => undefined;
    must(await followAccount(hubs.here.ports, hubs.bob, hubs.carol.iri));
    await settle(hubs);
    const comments = hubs.here.ports.records.reader.upstreamOf(hubs.alice.account.jid, ALL_COMMENTS);
    must(await catchUp(hubs.here.ports, comments?.account ?? ("" as Iri), "timer"));
    expect(await thread(hubs.here)).toEqual(["Who saw the terns?", "Once"]);
    expect(live(hubs.here, answer.iri).document.author).toBe(hubs.carol.iri);
  });

  it("lets no answer take the place of a stranger's comment that has its id", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, hubs.carol.iri));
    await settle(hubs);
    const answer = await post(hubs.yonder, hubs.carol, "From further away", about.iri);
    await comment(answer.id, "I did!");
    await settle(hubs);
    expect(await thread(hubs.here)).toEqual(expect.arrayContaining(["I did!", "From further away"]));
  });

  it("believes an account's IRI only from that account: who keeps the comments cannot speak for it", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, hubs.carol.iri));
    const real = await post(hubs.yonder, hubs.carol, "What carol says");
    await settle(hubs);
    const forged = `<id>${real.iri}</id>`;
    await comment(real.id, "What she never said", "carol@yonder.example" as Jid, forged);
    await settle(hubs);
    expect(await thread(hubs.here)).toEqual([]);
    expect(text(hubs.here, real.iri)).toBe("What carol says");
  });

  it("takes an entry that claims another's IRI for a comment by its publisher", async () => {
    const claim = "https://yonder.example/carol/posts/comment1";
    const rdf = `<turtle xmlns="https://w3id.org/sterna#">&lt;${claim}&gt; a &lt;x:y&gt; .</turtle>`;
    await comment("comment1", "I am Carol", JULIET, `<id>${claim}</id>${rdf}`);
    await settle(hubs);
    const asked = () => hubs.here.logged.filter(({ event }) => event === "answer-not-fetched");
    await expect.poll(asked).toHaveLength(1);
    expect(live(hubs.here, atAlice("comment1")).document.author).toBe("xmpp:juliet@capulet.lit");
    expect(stored(hubs.here, claim as Iri)).toBeUndefined();
  });

  it("keeps a comment that claims to be a post which its publisher's own item is not", async () => {
    const other = await post(hubs.yonder, hubs.carol, "Something else");
    const claim = "https://yonder.example/carol/posts/never00000000";
    const rdf = `<turtle xmlns="https://w3id.org/sterna#">&lt;${claim}&gt; a &lt;x:y&gt; .</turtle>`;
    await comment(other.id, "An answer", "carol@yonder.example" as Jid, `<id>${claim}</id>${rdf}`);
    await settle(hubs);
    const asked = () => hubs.here.logged.filter(({ event }) => event === "answer-not-fetched");
    await expect.poll(asked).toHaveLength(1);
    expect(live(hubs.here, atAlice(other.id)).document.author).toBe("xmpp:carol@yonder.example");
  });

  it("goes on below an answer: each names what it answers, and all stand with the post", async () => {
    await comment("comment1", "I did!");
    await settle(hubs);
    const answer = await post(hubs.here, hubs.bob, "Where?", atAlice("comment1"));
    await settle(hubs);
    expect(commentsThere().toSorted()).toEqual(
      [`${answer.id} bob@hub.example`, "comment1 juliet@capulet.lit"].toSorted(),
    );
    expect(await thread(hubs.there)).toEqual(["Who saw the terns?", "I did!", "Where?"]);
    await expect.poll(() => stored(hubs.there, answer.iri)?.kind).toBe("live");
    const { quads } = live(hubs.there, answer.iri).document;
    expect(quads.find((each) => each.predicate.equals(sioc.reply_of))?.object.value).toBe(atAlice("comment1"));
  });

  it("takes what names another post for an answer to the one it stands with, and what names an answer for that", async () => {
    const reply = (to: string) => `<in-reply-to xmlns="http://purl.org/syndication/thread/1.0" ref="${to}"/>`;
    await comment("comment1", "I did!");
    await comment("comment2", "Astray", JULIET, reply("https://elsewhere.example/post"));
    await comment("comment3", "Deeper", JULIET, reply(atAlice("comment1").replaceAll("&", "&amp;")));
    await settle(hubs);
    const answered = (id: string) =>
      live(hubs.here, atAlice(id)).document.quads.find((each) => each.predicate.equals(sioc.reply_of))?.object.value;
    expect([answered("comment1"), answered("comment2")]).toEqual([about.iri, about.iri]);
    expect(answered("comment3")).toBe(atAlice("comment1"));
  });
});

describe("answers below a post of the same hub", () => {
  it("stand among its comments, for those who read these with another program", async () => {
    const dora = await addAccount(hubs.there, "dora");
    const answer = await post(hubs.there, dora, "Here they are", about.iri);
    const own = await post(hubs.there, hubs.alice, "Where?", answer.iri);
    await settle(hubs);
    expect(commentsThere()).toEqual([`${own.id} alice@far.example`, `${answer.id} dora@far.example`]);
    await expect.poll(() => thread(hubs.here)).toEqual(["Who saw the terns?", "Here they are", "Where?"]);
    expect(await thread(hubs.there)).toEqual(["Who saw the terns?", "Here they are", "Where?"]);
    hubs.clock.advance(SECOND_MS);
    must(await editPost(hubs.there.ports, dora, answer.iri, { text: "There they are" }));
    await settle(hubs);
    await expect.poll(() => thread(hubs.here)).toEqual(["Who saw the terns?", "There they are", "Where?"]);
    must(await deletePost(hubs.there.ports, dora, answer.iri));
    await settle(hubs);
    expect(commentsThere()).toEqual([`${own.id} alice@far.example`]);
    expect(stored(hubs.here, answer.iri)).toBeUndefined();
  });

  it("are told once to who follows both authors", async () => {
    const dora = await addAccount(hubs.there, "dora");
    must(await followAccount(hubs.here.ports, hubs.bob, dora.iri));
    await settle(hubs);
    const answer = await post(hubs.there, dora, "Here they are", about.iri);
    const stranger = await addAccount(hubs.there, "emil");
    await post(hubs.there, stranger, "Lovely", answer.iri);
    await settle(hubs);
    expect([...(await thread(hubs.here))].map(String).toSorted()).toEqual([
      "Here they are",
      "Lovely",
      "Who saw the terns?",
    ]);
  });

  it("go with the post", async () => {
    await comment("comment1", "I did!");
    must(await deletePost(hubs.there.ports, hubs.alice, about.iri));
    const all = hubs.there.ports.records.reader.items(hubs.alice.account.jid, ALL_COMMENTS, {
      max: 9,
      order: "creation",
    });
    expect(all?.items).toEqual([]);
  });
});

describe("the node of all comments", () => {
  it("is written by the hub alone", async () => {
    const service = hubs.alice.account.jid;
    const now = hubs.clock.now();
    const item = { id: "forged/comment" as ItemId, payload: "<x/>", published: now, updated: now };
    for (const actor of [JULIET, service as Jid]) {
      const reply = await handlePubsub(hubs.there.ports, { kind: "publish", service, node: ALL_COMMENTS, item }, actor);
      expect(reply.kind).toBe("error");
    }
    const deleted = await handlePubsub(hubs.there.ports, { kind: "delete", service, node: ALL_COMMENTS }, service);
    expect(deleted).toMatchObject({ condition: "not-allowed" });
  });

  it("is not there elsewhere: then the comments of each new post are followed by themselves", async () => {
    const dora = await addAccount(hubs.there, "dora");
    must(await followAccount(hubs.here.ports, hubs.bob, dora.iri));
    await settle(hubs);
    const { records } = hubs.here.ports;
    await records.transact((reader) => {
      const all = reader.upstreamOf(dora.account.jid, ALL_COMMENTS);
      if (all === undefined) throw new Error("Expected the comments on all posts to be followed.");
      return { changes: [{ kind: "upstream-put", upstream: { ...all, state: "refused" } }], result: undefined };
    });
    const theirs = await post(hubs.there, dora, "Alone");
    await settle(hubs);
    const named = `urn:xmpp:microblog:0:comments/${theirs.id}`;
    expect(hubs.here.ports.records.reader.upstreamOf(dora.account.jid, named as NodeId)).toMatchObject({
      state: "subscribed",
      commentsOn: { post: theirs.iri, author: dora.iri },
    });
  });
});

describe("bad comments", () => {
  it("are those of an outcast: refused at the account, with all that node refuses them", async () => {
    const service = hubs.alice.account.jid;
    const outcast = { jid: "juliet@capulet.lit" as BareJid, affiliation: "outcast" } as const;
    must(
      await hubs.there.ports.records.transact(() => ({
        changes: [{ kind: "affiliation-put", service, node: MICROBLOG_NODE, ...outcast }],
        result: true,
      })),
    );
    expect(await comment("comment1", "I did!")).toMatchObject({ condition: "forbidden" });
    expect(await comment("comment2", "I did!", "romeo@montague.lit/x" as Jid)).toMatchObject({ kind: "published" });
  });

  it("are a flood by one JID, and do not keep others out", async () => {
    for (let at = 0; at < 120; at++) expect((await comment(`comment${at}`, "spam")).kind).toBe("published");
    expect(await comment("one-more", "spam")).toMatchObject({ condition: "resource-constraint" });
    expect(await comment("comment1", "an edit")).toMatchObject({ kind: "published" });
    expect(await comment("comment-of-romeo", "Hi", "romeo@montague.lit/x" as Jid)).toMatchObject({ kind: "published" });
    hubs.clock.advance(3_601 * SECOND_MS);
    expect(await comment("one-more", "patience")).toMatchObject({ kind: "published" });
  });

  it("are those on a post that was deleted, when they come late", async () => {
    await comment("comment1", "I did!");
    const [late] = await pushed(hubs);
    must(await deletePost(hubs.there.ports, hubs.alice, about.iri));
    await settle(hubs);
    if (late === undefined) throw new Error("Expected the comment to be pushed.");
    await receiveEvent(hubs.here.ports, late);
    expect(stored(hubs.here, atAlice("comment1"))).toBeUndefined();
    expect(refusals()).toEqual(["gone"]);
  });

  it("are those in the place of somebody else's, and those by nobody", async () => {
    await comment("comment1", "I did!");
    const [event] = await pushed(hubs);
    const [item] = event?.items ?? [];
    if (event === undefined || item?.payload === undefined) throw new Error("Expected the comment to be pushed.");
    await receiveEvent(hubs.here.ports, event);
    await receiveEvent(hubs.here.ports, { ...event, items: [{ ...item, publisher: "romeo@montague.lit" }] });
    await receiveEvent(hubs.here.ports, { ...event, items: [{ id: item.id, payload: item.payload }] });
    expect(live(hubs.here, atAlice("comment1")).document.author).toBe("xmpp:juliet@capulet.lit");
    expect(refusals()).toEqual(["not-the-author", "not-the-author"]);
  });
});
