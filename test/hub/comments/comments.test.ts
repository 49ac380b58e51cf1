import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { Jid } from "../../../src/core/jid.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { viewPost } from "../../../src/hub/posts/post-view.ts";
import type { PublishedPost } from "../../../src/hub/posts/publish-post.ts";
import { readThread } from "../../../src/hub/posts/read-thread.ts";
import { describeService } from "../../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import type { PubsubRequest } from "../../../src/pubsub/request.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { as } from "../../../src/vocab/as.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { ANONYMOUS, addAccount, type Holder, live, must, openTestHub, post, type TestHub } from "../test-hub.ts";

const JULIET = "juliet@capulet.lit/pc" as Jid;
const ROMEO = "romeo@montague.lit/pda" as Jid;

let hub: TestHub;
let alice: Holder;
let about: PublishedPost;
let node: NodeId;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice");
  about = await post(hub, alice, "Who saw the terns?");
  node = `urn:xmpp:microblog:0:comments/${about.id}` as NodeId;
});
afterEach(() => hub[Symbol.asyncDispose]());

const ask = (request: PubsubRequest, actor: Jid) => handlePubsub(hub.ports, request, actor);
const itemIri = (id: string) => `xmpp:alice@hub.example?;node=${node};item=${id}` as Iri;
const stored = (iri: Iri) => hub.ports.records.reader.document(iri);

/** A comment as Movim publishes it: the text is the title, the id is the item's. */
function comment(id: string, title: string, actor: Jid = JULIET, more = "") {
  const now = hub.clock.now();
  const payload = `<entry xmlns="http://www.w3.org/2005/Atom"><title>${title}</title><id>${id}</id><author><name>Juliet</name><uri>xmpp:juliet@capulet.lit</uri></author><published>${now}</published><updated>${now}</updated>${more}</entry>`;
  const item = { id: id as ItemId, payload, published: now, updated: now };
  return ask({ kind: "publish", service: alice.account.jid, node, item }, actor);
}

const retract = (id: string, actor: Jid) =>
  ask({ kind: "retract", service: alice.account.jid, node, id: id as ItemId, notify: true }, actor);

function likes(): number {
  const view = viewPost(hub.ports, live(hub, about.iri).document);
  return view?.likes ?? -1;
}

describe("the comments node of a post", () => {
  it("is there for everybody before anybody commented", () => {
    const info = describeService(hub.ports, alice.account.jid, node);
    const form = "kind" in info ? undefined : info.forms[0];
    expect(form?.fields).toContainEqual({ name: "pubsub#publish_model", type: "list-single", values: ["open"] });
    expect(hub.ports.records.reader.node(alice.account.jid, node)).toBeUndefined();
  });

  it("takes a comment from any JID as an answer by that JID, in the post's thread", async () => {
    expect(await comment("comment1", "I did!")).toEqual({ kind: "published", node, id: "comment1" });
    const { document } = live(hub, itemIri("comment1"));
    expect(document).toMatchObject({ kind: "post", author: "xmpp:juliet@capulet.lit" });
    const said = document.quads.map(({ predicate, object }) => [predicate.value, object.value]);
    expect(said).toContainEqual([sioc.reply_of.value, about.iri]);
    expect(said).toContainEqual([sioc.content.value, "I did!"]);
    expect(said).toContainEqual([sioc.addressed_to.value, alice.iri]);
    const thread = await readThread(hub.ports, ANONYMOUS, about.iri);
    expect(thread.map(({ graph }) => graph)).toEqual([about.iri, itemIri("comment1")]);
    expect(viewPost(hub.ports, document)?.creator).toMatchObject({ name: "Juliet", jid: "juliet@capulet.lit" });
  });

  it("credits whoever published, whatever author the entry names", async () => {
    await comment("comment1", "I am Juliet.", ROMEO);
    expect(live(hub, itemIri("comment1")).document.author).toBe("xmpp:romeo@montague.lit");
  });

  it("tells those who subscribed", async () => {
    const subscribe = { kind: "subscribe", service: alice.account.jid, node, jid: ROMEO } as const;
    expect((await ask(subscribe, ROMEO)).kind).toBe("subscribed");
    await comment("comment1", "I did!");
    expect(hub.queued.flat().map(({ to }) => to)).toContain(ROMEO);
  });

  it("gives its comments page by page as any node does", async () => {
    await comment("comment1", "One");
    await comment("comment2", "Two");
    const page = { max: 10, order: "creation" } as const;
    const reply = await ask({ kind: "items", service: alice.account.jid, node, ids: [], page }, ROMEO);
    expect(reply.kind === "items" && reply.page.items.map(({ id }) => id).sort()).toEqual(["comment1", "comment2"]);
  });

  it("lets a comment go when its author or the post's retracts it, and nobody else", async () => {
    await comment("comment1", "One");
    await comment("comment2", "Two");
    expect(await retract("comment1", ROMEO)).toMatchObject({ condition: "forbidden" });
    expect(stored(itemIri("comment1"))?.kind).toBe("live");
    expect((await retract("comment1", JULIET)).kind).toBe("done");
    expect((await retract("comment2", alice.account.jid)).kind).toBe("done");
    expect([stored(itemIri("comment1"))?.kind, stored(itemIri("comment2"))?.kind]).toEqual(["tombstone", "tombstone"]);
  });

  it("lets nobody replace a comment of somebody else", async () => {
    await comment("comment1", "One");
    expect(await comment("comment1", "Forged", ROMEO)).toMatchObject({ condition: "forbidden" });
    expect(live(hub, itemIri("comment1")).document.author).toBe("xmpp:juliet@capulet.lit");
  });

  it("refuses what is no entry, and keeps nothing of it", async () => {
    const now = hub.clock.now();
    const item = { id: "comment1" as ItemId, payload: "<x/>", published: now, updated: now };
    const reply = await ask({ kind: "publish", service: alice.account.jid, node, item }, JULIET);
    expect(reply).toMatchObject({ kind: "error", pubsub: "invalid-payload" });
    expect(hub.ports.records.reader.item(alice.account.jid, node, item.id)).toBeUndefined();
  });

  it("is gone with its post", async () => {
    await comment("comment1", "One");
    must(await deletePost(hub.ports, alice, about.iri));
    expect(await comment("comment2", "Two")).toMatchObject({ condition: "item-not-found" });
    expect(describeService(hub.ports, alice.account.jid, node)).toMatchObject({ condition: "item-not-found" });
  });

  it("is not there for a post that never was", async () => {
    node = "urn:xmpp:microblog:0:comments/neverwas" as NodeId;
    expect(await comment("comment1", "One")).toMatchObject({ condition: "item-not-found" });
  });
});

describe("a heart in the comments of a post", () => {
  it("is a like of the post and no answer", async () => {
    await comment("a-like", "♥");
    expect(stored(itemIri("a-like"))).toBeUndefined();
    expect(likes()).toBe(1);
    const [like] = hub.ports.quads.match(null, as.object, null, {});
    expect(like?.object.value).toBe(about.iri);
    const actors = [...hub.ports.quads.match(like?.subject, as.actor, null, {})].map(({ object }) => object.value);
    expect(actors).toEqual(["xmpp:juliet@capulet.lit"]);
  });

  it("counts once for each JID", async () => {
    await comment("like-1", "♥");
    await comment("like-2", "♥");
    await comment("like-3", "♥", ROMEO);
    expect(likes()).toBe(2);
  });

  it("is taken back by retracting it", async () => {
    await comment("a-like", "♥");
    expect((await retract("a-like", JULIET)).kind).toBe("done");
    expect(likes()).toBe(0);
  });

  it("becomes an answer when it is edited into words", async () => {
    await comment("a-like", "♥");
    await comment("a-like", "Lovely!");
    expect(likes()).toBe(0);
    expect(stored(itemIri("a-like"))?.kind).toBe("live");
  });
});
