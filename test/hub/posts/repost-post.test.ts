import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entryFromXml, parseXml } from "../../../src/atom/xml.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount, unfollowAccount } from "../../../src/hub/following/follow-account.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { postViewToJson, viewPost } from "../../../src/hub/posts/post-view.ts";
import { type PublishedPost, publishPost } from "../../../src/hub/posts/publish-post.ts";
import { readTimeline } from "../../../src/hub/posts/read-timeline.ts";
import { endMissedReposts, endRepostsOfDeleted, repostPost, unrepostPost } from "../../../src/hub/posts/repost-post.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { writeNTriples } from "../../../src/rdf/ntriples.ts";
import { literal, namedNode, quad } from "../../../src/rdf/term.ts";
import { foaf } from "../../../src/vocab/foaf.ts";
import { prov } from "../../../src/vocab/prov.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { sterna } from "../../../src/vocab/sterna.ts";
import { ANONYMOUS, addAccount, type Holder, live, must, OWNER, post, type TestHub } from "../test-hub.ts";
import { follow, openTwoHubs, push, type TwoHubs } from "../two-hubs.ts";

let hubs: TwoHubs;
let about: PublishedPost;

beforeEach(async () => {
  hubs = await openTwoHubs();
  about = await post(hubs.there, hubs.alice, "The #terns are back, @alice!\nhttps://lake.example/");
});
afterEach(() => hubs[Symbol.asyncDispose]());

const viewAt = (hub: TestHub, iri: Iri) => viewPost(hub.ports, live(hub, iri).document);
const jsonAt = (hub: TestHub, iri: Iri) => {
  const view = viewAt(hub, iri);
  return view && postViewToJson(view);
};

/** The entry by which a post of an account is published. */
function entryOf(hub: TestHub, { account }: Holder, iri: Iri) {
  const id = iri.slice(iri.lastIndexOf("/") + 1) as ItemId;
  const item = hub.ports.records.reader.item(account.jid, MICROBLOG_NODE, id);
  return must(entryFromXml(must(parseXml(item?.payload ?? ""))));
}

/** Resolves once a document that `wanted` holds of is committed; that may be already. */
async function until(hub: TestHub, wanted: () => boolean): Promise<void> {
  if (wanted()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = hub.ports.records.onCommit(() => {
    if (wanted()) resolve();
  });
  await promise;
  stop();
}

describe("a repost of a post of the same hub", () => {
  it("is a post that says the same words, whose they are, and nothing else of what they say", async () => {
    const carol = await addAccount(hubs.there, "carol");
    const { repost } = must(await repostPost(hubs.there.ports, carol, about.iri));
    const view = viewAt(hubs.there, repost);
    expect(view?.post).toMatchObject({
      creator: carol.iri,
      repostOf: about.iri,
      text: "The #terns are back, @alice!\nhttps://lake.example/",
      topics: [],
      addressedTo: [],
      links: [],
    });
    expect(view?.original).toMatchObject({ kind: "here", view: { creator: { name: "Alice" } } });
    expect(jsonAt(hubs.there, repost)).toMatchObject({ repostOf: about.iri, original: { creatorName: "Alice" } });
    expect(viewAt(hubs.there, about.iri)?.reposts).toBe(1);
  });

  it("leaves as XEP-0277 §3.4 has it: via the original, by its author, with its comments", async () => {
    const carol = await addAccount(hubs.there, "carol");
    const { repost } = must(await repostPost(hubs.there.ports, carol, about.iri));
    const entry = entryOf(hubs.there, carol, repost);
    expect(entry).toMatchObject({ id: repost, authorName: "Alice", authorUri: "xmpp:alice@far.example" });
    expect(entry.links.filter(({ rel }) => rel === "via" || rel === "replies")).toEqual([
      {
        rel: "replies",
        href: `xmpp:alice@far.example?;node=urn:xmpp:microblog:0:comments/${about.id}`,
        title: "comments",
      },
      { rel: "via", href: `xmpp:alice@far.example?;node=urn:xmpp:microblog:0;item=${about.id}` },
      { rel: "via", href: about.iri, type: "text/html" },
    ]);
  });

  it("is one for each account, and a repost is passed on by what it passes on", async () => {
    const carol = await addAccount(hubs.there, "carol");
    const first = must(await repostPost(hubs.there.ports, carol, about.iri));
    const [again, other] = await Promise.all([
      repostPost(hubs.there.ports, carol, about.iri),
      repostPost(hubs.there.ports, hubs.alice, first.repost),
    ]);
    expect(again).toEqual({ post: about.iri, repost: first.repost, reposts: 2 });
    expect(other).toMatchObject({ post: about.iri, reposts: 2 });
  });

  it("is taken back by its own name or the original's, and can be made again", async () => {
    const carol = await addAccount(hubs.there, "carol");
    const { repost } = must(await repostPost(hubs.there.ports, carol, about.iri));
    expect(await unrepostPost(hubs.there.ports, hubs.alice, about.iri)).toMatchObject({ code: "not-found" });
    expect(must(await unrepostPost(hubs.there.ports, carol, repost))).toEqual({ post: about.iri, repost, reposts: 0 });
    expect(hubs.there.ports.records.reader.document(repost)?.kind).toBe("tombstone");
    must(await repostPost(hubs.there.ports, carol, about.iri));
    expect(must(await unrepostPost(hubs.there.ports, carol, about.iri)).reposts).toBe(0);
    expect(await unrepostPost(hubs.there.ports, carol, about.iri)).toMatchObject({ code: "not-found" });
  });

  it("is for accounts, of posts that are there and for everybody, and has no words to edit", async () => {
    const { ports } = hubs.there;
    expect(await repostPost(ports, ANONYMOUS, about.iri)).toMatchObject({ code: "unauthenticated" });
    expect(await repostPost(ports, OWNER, about.iri)).toMatchObject({ code: "forbidden" });
    expect(await repostPost(ports, hubs.alice, `${about.iri}x`)).toMatchObject({ code: "not-found" });
    const { repost } = must(await repostPost(ports, hubs.alice, about.iri));
    expect(await editPost(ports, hubs.alice, repost, { text: "mine" })).toMatchObject({ code: "invalid" });
    const { document } = live(hubs.there, about.iri);
    const graph = `${about.iri}-x` as Iri;
    const quads = document.quads.map(({ predicate, object }) => quad(namedNode(graph), predicate, object));
    const hidden = { ...document, graph, quads, audience: { only: hubs.alice.iri } };
    await ports.records.transact(() => ({ changes: [{ kind: "document-put", document: hidden }], result: undefined }));
    expect(await repostPost(ports, hubs.alice, hidden.graph)).toMatchObject({ code: "forbidden" });
  });

  it("goes with what it passes on, and its tombstone stays", async () => {
    const stop = new AbortController();
    endRepostsOfDeleted(hubs.there.ports, stop.signal);
    const carol = await addAccount(hubs.there, "carol");
    const { repost } = must(await repostPost(hubs.there.ports, carol, about.iri));
    must(await deletePost(hubs.there.ports, hubs.alice, about.iri));
    await until(hubs.there, () => hubs.there.ports.records.reader.document(repost)?.kind === "tombstone");
    stop.abort();
    expect(await repostPost(hubs.there.ports, carol, about.iri)).toMatchObject({ code: "gone" });
  });
});

describe("reposts whose end was missed, for the process ended in between", () => {
  it("end with the next look, and others stay", async () => {
    const { ports } = hubs.there;
    const other = await post(hubs.there, hubs.alice, "This one stays");
    const carol = await addAccount(hubs.there, "carol");
    const { repost } = must(await repostPost(ports, carol, about.iri));
    const kept = must(await repostPost(ports, carol, other.iri));
    expect(await endMissedReposts(ports)).toBe(0);
    must(await deletePost(ports, hubs.alice, about.iri));
    expect(ports.records.reader.document(repost)?.kind).toBe("live");
    expect(await endMissedReposts(ports)).toBe(1);
    expect(ports.records.reader.document(repost)?.kind).toBe("tombstone");
    expect(ports.records.reader.document(kept.repost)?.kind).toBe("live");
    expect(await endMissedReposts(ports)).toBe(0);
  });

  it("are found among many posts, a part at a time", async () => {
    const { ports } = hubs.there;
    const carol = await addAccount(hubs.there, "carol");
    const { repost } = must(await repostPost(ports, carol, about.iri));
    for (let at = 0; at < 1_000; at++) await post(hubs.there, carol, `post ${at}`);
    must(await deletePost(ports, hubs.alice, about.iri));
    expect([await endMissedReposts(ports), await endMissedReposts(ports)]).toEqual([0, 1]);
    expect(ports.records.reader.document(repost)?.kind).toBe("tombstone");
    expect(ports.records.reader.meta("reposts-swept")).toBe("");
  });
});

describe("a repost that comes from another hub", () => {
  it("is shown as what it is, its original being fetched from its own place when nobody here follows its author", async () => {
    const carol = await addAccount(hubs.there, "carol", { displayName: "Carol" });
    must(await followAccount(hubs.here.ports, hubs.bob, carol.iri));
    hubs.clock.advance(1_000);
    const { repost } = must(await repostPost(hubs.there.ports, carol, about.iri));
    await push(hubs);
    await until(hubs.here, () => hubs.here.ports.records.reader.document(about.iri) !== undefined);
    const [shown] = must(readTimeline(hubs.here.ports, hubs.bob, { limit: 10 })).posts.map(postViewToJson);
    expect(shown).toMatchObject({
      iri: repost,
      creatorName: "Carol",
      repostOf: about.iri,
      original: { state: "here", creatorName: "Alice", text: expect.stringContaining("terns") },
    });
    expect(live(hubs.here, about.iri).document).toMatchObject({
      author: hubs.alice.iri,
      origin: { kind: "received", from: "alice@far.example" },
    });
    expect(hubs.here.ports.records.reader.upstream(hubs.alice.iri)).toBeUndefined();
  });

  it("keeps its words where the original cannot be had, and shows none once that is deleted", async () => {
    const carol = await addAccount(hubs.there, "carol");
    must(await followAccount(hubs.here.ports, hubs.bob, carol.iri));
    // What was published last comes with the subscription.
    await post(hubs.there, hubs.alice, "newer");
    await follow(hubs);
    const { repost } = must(await repostPost(hubs.there.ports, carol, about.iri));
    hubs.here.xmpp.before = ({ jid }) => (jid.startsWith("alice") ? refuse("timed-out", "No.") : undefined);
    await push(hubs);
    expect(jsonAt(hubs.here, repost)).toMatchObject({
      original: { state: "elsewhere" },
      text: expect.stringMatching(/terns/),
    });
    hubs.here.xmpp.before = () => undefined;
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "timer"));
    must(await deletePost(hubs.there.ports, hubs.alice, about.iri));
    await push(hubs);
    expect(jsonAt(hubs.here, repost)).toMatchObject({ original: { state: "deleted" }, text: "" });
  });

  it("is the same RDF when only its Atom is read, as of Movim", async () => {
    const carol = await addAccount(hubs.there, "carol");
    const { repost } = must(await repostPost(hubs.there.ports, carol, about.iri));
    must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    hubs.here.xmpp.before = ({ name, jid }) =>
      name === "discover" && jid.startsWith("carol") ? refuse("not-implemented", "Plain.") : undefined;
    hubs.here.remote.webfinger = async () => refuse("not-found", "None.");
    must(await followAccount(hubs.here.ports, hubs.bob, "carol@far.example"));
    must(await catchUp(hubs.here.ports, "xmpp:carol@far.example" as Iri, "followed"));
    const plain = `xmpp:carol@far.example?;node=urn:xmpp:microblog:0;item=${repost.slice(repost.lastIndexOf("/") + 1)}`;
    const seen = viewAt(hubs.here, plain as Iri)?.post;
    const there = viewAt(hubs.there, repost)?.post;
    const own = { iri: plain, creator: "xmpp:carol@far.example", container: expect.stringContaining("xmpp:carol@") };
    expect({ ...seen }).toEqual({ ...there, ...own, maker: undefined, previousByDate: undefined });
  });

  it("names the original by its page once it was fetched, where the entry named only its item", async () => {
    const carol = await addAccount(hubs.there, "carol");
    const { repost } = must(await repostPost(hubs.there.ports, carol, about.iri));
    hubs.here.xmpp.before = ({ name, jid }) =>
      name === "discover" && jid.startsWith("carol") ? refuse("not-implemented", "Plain.") : undefined;
    hubs.here.remote.webfinger = async () => refuse("not-found", "None.");
    must(await followAccount(hubs.here.ports, hubs.bob, "carol@far.example"));
    must(await catchUp(hubs.here.ports, "xmpp:carol@far.example" as Iri, "followed"));
    const plain = `xmpp:carol@far.example?;node=urn:xmpp:microblog:0;item=${repost.slice(repost.lastIndexOf("/") + 1)}`;
    await until(hubs.here, () => viewAt(hubs.here, plain as Iri)?.post.repostOf === about.iri);
    expect(viewAt(hubs.here, plain as Iri)?.original).toMatchObject({ kind: "here" });
  });

  it("may be what a client published, and is then named by its page too", async () => {
    const address = `xmpp:alice@far.example?;node=urn:xmpp:microblog:0;item=${about.id}`;
    const entry = `<entry xmlns="http://www.w3.org/2005/Atom"><id>x1y2z3</id><title>terns</title><updated>2026-06-01T12:00:05Z</updated><author><uri>xmpp:alice@far.example</uri></author><link rel="via" href="${address}"/></entry>`;
    const now = hubs.clock.now();
    const item = { id: "x1y2z3" as ItemId, payload: entry, published: now, updated: now };
    const request = { kind: "publish", service: hubs.bob.account.jid, node: MICROBLOG_NODE, item } as const;
    expect(await handlePubsub(hubs.here.ports, request, hubs.bob.account.jid)).toMatchObject({ kind: "published" });
    expect(viewAt(hubs.here, "https://hub.example/bob/posts/x1y2z3" as Iri)?.post.repostOf).toBe(about.iri);
    const again = { ...request, item: { ...item, id: "x1y2z4" as ItemId } };
    expect(await handlePubsub(hubs.here.ports, again, hubs.bob.account.jid)).toMatchObject({ condition: "conflict" });
  });

  it("may be of a post of this hub, and is counted", async () => {
    const mine = await post(hubs.here, hubs.bob, "mine");
    await follow(hubs);
    must(await followAccount(hubs.there.ports, hubs.alice, hubs.bob.iri));
    must(await catchUp(hubs.there.ports, hubs.bob.iri, "followed"));
    must(await repostPost(hubs.there.ports, hubs.alice, mine.iri));
    await push(hubs);
    expect(viewAt(hubs.here, mine.iri)?.reposts).toBe(1);
  });

  it("may be asked for by the address of a post that is not here", async () => {
    const address = `xmpp:alice@far.example?;node=urn:xmpp:microblog:0;item=${about.id}`;
    const { post: original, repost } = must(await repostPost(hubs.here.ports, hubs.bob, address));
    expect(original).toBe(about.iri);
    expect(entryOf(hubs.here, hubs.bob, repost).links).toContainEqual({ rel: "via", href: address });
    expect(await repostPost(hubs.here.ports, hubs.bob, `${address}x`)).toMatchObject({ code: "not-found" });
  });

  it("is not believed where the place of the original speaks for somebody else", async () => {
    const self = namedNode(hubs.alice.iri);
    hubs.here.remote.pages.set("https://far.example/alice", [
      quad(self, rdf.type, sioc.UserAccount),
      quad(self, foaf.jabberID, literal("mallory@far.example")),
    ]);
    const address = `xmpp:alice@far.example?;node=urn:xmpp:microblog:0;item=${about.id}`;
    expect(await repostPost(hubs.here.ports, hubs.bob, address)).toMatchObject({ code: "not-the-author" });
    expect(hubs.here.ports.records.reader.document(about.iri)).toBeUndefined();
  });

  it("is not fetched from another node than the one that speaks for its author, nor when it was deleted here", async () => {
    const { ports } = hubs.here;
    const other = `xmpp:alice@far.example?;node=other;item=${about.id}`;
    expect(await repostPost(ports, hubs.bob, other)).toMatchObject({ code: "not-the-author" });
    const tombstone = { graph: about.iri, deleted: hubs.clock.now(), kind: "post" } as const;
    await ports.records.transact(() => ({ changes: [{ kind: "document-deleted", tombstone }], result: undefined }));
    const address = `xmpp:alice@far.example?;node=urn:xmpp:microblog:0;item=${about.id}`;
    expect(await repostPost(ports, hubs.bob, address)).toMatchObject({ code: "not-found" });
    expect(ports.records.reader.document(about.iri)?.kind).toBe("tombstone");
  });

  it("keeps what it passes on from being let go", async () => {
    await follow(hubs);
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
    must(await repostPost(hubs.here.ports, hubs.bob, about.iri));
    must(await unfollowAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    expect(hubs.here.ports.records.reader.expired("2030-01-01T00:00:00.000Z" as never, 10)).toEqual([]);
  });
});

describe("a quote", () => {
  it("is said in RDF and in the entry, and shows what it quotes", async () => {
    const quoted = must(
      await publishPost(hubs.there.ports, hubs.alice, "alice", { text: "So I said.", quoteOf: about.iri }),
    );
    const { document } = live(hubs.there, quoted.iri);
    const said = document.quads
      .filter(({ object }) => object.value === about.iri)
      .map(({ predicate }) => predicate.value);
    expect(new Set(said)).toEqual(
      new Set([prov.wasQuotedFrom.value, sterna.quoteOf.value, sioc.previous_by_date.value]),
    );
    const links = entryOf(hubs.there, hubs.alice, quoted.iri).links.filter(({ rel }) => rel === "related");
    const title = "The #terns are back, @alice!";
    expect(links).toEqual([
      { rel: "related", href: `xmpp:alice@far.example?;node=urn:xmpp:microblog:0;item=${about.id}`, title },
      { rel: "related", href: about.iri, type: "text/html", title },
    ]);
    expect(jsonAt(hubs.there, quoted.iri)).toMatchObject({
      text: "So I said.",
      quoteOf: about.iri,
      original: { state: "here" },
    });
  });

  it("keeps what it quotes through an edit", async () => {
    const quoted = must(await publishPost(hubs.there.ports, hubs.alice, "alice", { text: "So.", quoteOf: about.iri }));
    must(await editPost(hubs.there.ports, hubs.alice, quoted.iri, { text: "So there." }));
    expect(viewAt(hubs.there, quoted.iri)?.post).toMatchObject({ text: "So there.", quoteOf: about.iri });
  });

  it("comes to another hub with its original, and from Atom alone as well", async () => {
    const carol = await addAccount(hubs.there, "carol");
    must(await followAccount(hubs.here.ports, hubs.bob, carol.iri));
    const quoted = must(await publishPost(hubs.there.ports, carol, "carol", { text: "See!", quoteOf: about.iri }));
    await push(hubs);
    await until(hubs.here, () => hubs.here.ports.records.reader.document(about.iri) !== undefined);
    expect(writeNTriples(live(hubs.here, quoted.iri).document.quads)).toContain(`quoteOf> <${about.iri}>`);
    expect(jsonAt(hubs.here, quoted.iri)?.original).toMatchObject({ state: "here", creatorName: "Alice" });
  });

  it("shows nothing of a post that is for somebody else", async () => {
    const draft = { text: "So I said.", quoteOf: about.iri };
    const { iri } = must(await publishPost(hubs.there.ports, hubs.alice, "alice", draft));
    const document = { ...live(hubs.there, about.iri).document, audience: { only: hubs.alice.iri } };
    await hubs.there.ports.records.transact(() => ({
      changes: [{ kind: "document-put", document }],
      result: undefined,
    }));
    expect(jsonAt(hubs.there, iri)?.original).toEqual({ state: "elsewhere" });
  });

  it("of a post that was deleted is refused", async () => {
    must(await deletePost(hubs.there.ports, hubs.alice, about.iri));
    const draft = { text: "So I said.", quoteOf: about.iri };
    expect(await publishPost(hubs.there.ports, hubs.alice, "alice", draft)).toMatchObject({ code: "gone" });
  });
});
