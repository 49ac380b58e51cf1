import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { endOldComments } from "../../../src/hub/comments/follow-comments.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount, unfollowAccount } from "../../../src/hub/following/follow-account.ts";
import { receiveEvent } from "../../../src/hub/following/receive-event.ts";
import type { InboundEvent } from "../../../src/hub/ports/xmpp-link.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { viewPost } from "../../../src/hub/posts/post-view.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { DAY_MS, live, must, post, SECOND_MS } from "../test-hub.ts";
import { openTwoHubs, pushed, type TwoHubs } from "../two-hubs.ts";

// As in plain-account.test.ts the other hub stands for the server of a microblog without a page.

const ALICE = "xmpp:alice@far.example" as Iri;
const JULIET = "juliet@capulet.lit/pc" as Jid;

let hubs: TwoHubs;
let id: ItemId;
let node: NodeId;
let comments: Iri;

beforeEach(async () => {
  hubs = await openTwoHubs();
  hubs.here.xmpp.before = ({ name }) =>
    name.startsWith("discover") ? refuse("remote-unreachable", "Only contacts are answered.") : undefined;
  hubs.here.remote.webfinger = async () => refuse("remote-unreachable", "There is no website.");
  id = (await post(hubs.there, hubs.alice, "Who saw the terns?")).id;
  node = `urn:xmpp:microblog:0:comments/${id}` as NodeId;
  comments = `${ALICE}?;node=${node}` as Iri;
  must(await followAccount(hubs.here.ports, hubs.bob, "alice@far.example"));
  must(await catchUp(hubs.here.ports, ALICE, "followed"));
});
afterEach(() => hubs[Symbol.asyncDispose]());

const postIri = (): Iri => `${ALICE}?;node=urn:xmpp:microblog:0;item=${id}` as Iri;
const stored = (item: string) => hubs.here.ports.records.reader.document(`${comments};item=${item}` as Iri);
const reader = () => hubs.here.ports.records.reader;
const upstream = () => reader().upstream(comments);
const likes = () => viewPost(hubs.here.ports, live(hubs.here, postIri()).document)?.likes;

/** Juliet comments on her client, as Movim does. */
async function comment(item: string, title: string): Promise<void> {
  const now = hubs.clock.now();
  const payload = `<entry xmlns="http://www.w3.org/2005/Atom"><title>${title}</title><author><name>Juliet</name><uri>xmpp:juliet@capulet.lit</uri></author><published>${now}</published></entry>`;
  const published = { id: item as ItemId, payload, published: now, updated: now };
  const service = hubs.alice.account.jid;
  const reply = await handlePubsub(hubs.there.ports, { kind: "publish", service, node, item: published }, JULIET);
  if (reply.kind !== "published") throw new Error(JSON.stringify(reply));
}

async function push(change: (event: InboundEvent) => InboundEvent = (event) => event): Promise<void> {
  for (const event of await pushed(hubs)) await receiveEvent(hubs.here.ports, change(event));
}

describe("the comments on a post of a followed microblog", () => {
  it("are subscribed to when the post comes in, and read", async () => {
    await comment("comment1", "I did!");
    expect(hubs.here.asked).toContainEqual({ account: comments, why: "followed" });
    must(await catchUp(hubs.here.ports, comments, "followed"));
    const document = stored("comment1");
    expect(document?.kind === "live" && document.document).toMatchObject({ author: "xmpp:juliet@capulet.lit" });
    const said = document?.kind === "live" ? document.document.quads : [];
    expect(said.find(({ predicate }) => predicate.equals(sioc.reply_of))?.object.value).toBe(postIri());
    expect(viewPost(hubs.here.ports, live(hubs.here, postIri()).document)).toMatchObject({ replies: 1 });
  });

  it("are pushed, likes too, and go when they are retracted", async () => {
    must(await catchUp(hubs.here.ports, comments, "followed"));
    await comment("comment1", "I did!");
    await comment("a-like", "♥");
    await push();
    expect([stored("comment1")?.kind, likes()]).toEqual(["live", 1]);
    for (const item of ["comment1", "a-like"] as ItemId[]) {
      const service = hubs.alice.account.jid;
      await handlePubsub(hubs.there.ports, { kind: "retract", service, node, id: item, notify: true }, JULIET);
    }
    await push();
    expect([stored("comment1")?.kind, likes()]).toEqual(["tombstone", 0]);
  });

  it("are dropped when the service does not say who published them, or says another than the author", async () => {
    must(await catchUp(hubs.here.ports, comments, "followed"));
    await comment("comment1", "I did!");
    await push((event) => ({
      ...event,
      items: event.items.map((item) => ({
        id: item.id,
        ...(item.payload === undefined ? {} : { payload: item.payload }),
      })),
    }));
    await comment("comment2", "I did!");
    await push((event) => ({ ...event, items: event.items.map((item) => ({ ...item, publisher: "m@evil.example" })) }));
    expect([stored("comment1"), stored("comment2")]).toEqual([undefined, undefined]);
    expect(hubs.here.logged.filter(({ event }) => event === "item-refused")).toHaveLength(2);
  });

  it("are not asked for again where there is no such node", async () => {
    hubs.here.xmpp.before = ({ name }) => (name === "subscribe" ? refuse("not-found", "No such node.") : undefined);
    await catchUp(hubs.here.ports, comments, "followed");
    expect(upstream()).toMatchObject({ state: "refused" });
  });

  it("get the answers of this hub, once, with their edits, and lose them when they are deleted", async () => {
    must(await catchUp(hubs.here.ports, comments, "followed"));
    hubs.here.asked.length = 0;
    const escaped = `${ALICE}?;node=urn%3Axmpp%3Amicroblog%3A0;item=${id}` as Iri;
    const answer = await post(hubs.here, hubs.bob, "I did, twice!", escaped);
    expect(hubs.here.asked).toEqual([{ account: comments, why: "gap" }]);
    must(await catchUp(hubs.here.ports, comments, "gap"));
    const item = () => hubs.there.ports.records.reader.item(hubs.alice.account.jid, node, answer.id);
    expect(item()).toMatchObject({ publisher: "bob@hub.example" });
    expect(item()?.payload).toContain(">I did, twice!</title>");
    const published = () => hubs.here.xmpp.questions.filter(({ name }) => name === "publish").length;
    must(await catchUp(hubs.here.ports, comments, "timer"));
    expect(published()).toBe(1);
    hubs.clock.advance(SECOND_MS);
    must(await editPost(hubs.here.ports, hubs.bob, answer.iri, { text: "Three times." }));
    must(await catchUp(hubs.here.ports, comments, "gap"));
    expect([published(), item()?.payload]).toEqual([2, expect.stringContaining(">Three times.</title>")]);
    expect(viewPost(hubs.here.ports, live(hubs.here, postIri()).document)).toMatchObject({ replies: 1 });
    must(await deletePost(hubs.here.ports, hubs.bob, answer.iri));
    await expect.poll(item).toBeUndefined();
  });

  it("are followed for the twenty newest posts of each microblog", async () => {
    const ids = [id];
    for (let at = 0; at < 21; at++) ids.push((await post(hubs.there, hubs.alice, `Post ${at}`)).id);
    must(await catchUp(hubs.here.ports, ALICE, "timer"));
    const nodes = hubs.here.ports.records.reader
      .upstreams()
      .filter(({ commentsOn }) => commentsOn !== undefined)
      .map((each) => each.node);
    expect(nodes.toSorted()).toEqual(ids.slice(-20).map((each) => `urn:xmpp:microblog:0:comments/${each}`));
  });

  it.each([
    [499, true],
    [500, false],
  ])("are followed beside those of %i posts by others: %s", async (others, isFollowed) => {
    const [one] = reader()
      .upstreams()
      .filter(({ commentsOn }) => commentsOn !== undefined);
    if (one === undefined) throw new Error("Expected the comments of the first post to be followed.");
    const more = Array.from({ length: others - 1 }, (_, at) => {
      const account = `xmpp:c${at}@far.example?;node=n` as Iri;
      const commentsOn = {
        post: `xmpp:c${at}@far.example?;node=m;item=1` as Iri,
        author: `xmpp:c${at}@far.example` as Iri,
      };
      const service = `c${at}@far.example` as BareJid;
      return { kind: "upstream-put", upstream: { ...one, account, service, commentsOn } } as const;
    });
    must(await hubs.here.ports.records.transact(() => ({ changes: more, result: true })));
    const { id: late } = await post(hubs.there, hubs.alice, "One more");
    must(await catchUp(hubs.here.ports, ALICE, "timer"));
    const found = reader().upstreamOf(hubs.alice.account.jid, `urn:xmpp:microblog:0:comments/${late}` as NodeId);
    expect(found !== undefined).toBe(isFollowed);
  });

  it("are left when nobody follows the account any more, or after a month", async () => {
    must(await catchUp(hubs.here.ports, comments, "followed"));
    expect(await endOldComments(hubs.here.ports)).toBe(0);
    hubs.clock.advance(31 * DAY_MS);
    expect(await endOldComments(hubs.here.ports)).toBe(1);
    expect(upstream()).toBeUndefined();
    await post(hubs.there, hubs.alice, "Another.");
    must(await catchUp(hubs.here.ports, ALICE, "timer"));
    must(await unfollowAccount(hubs.here.ports, hubs.bob, "alice@far.example"));
    expect(await endOldComments(hubs.here.ports)).toBe(1);
  });
});
