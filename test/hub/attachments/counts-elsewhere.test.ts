import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseXml } from "../../../src/atom/xml.ts";
import type { Instant } from "../../../src/core/instant.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import { bareOf, type Jid } from "../../../src/core/jid.ts";
import { attachmentsNode, summaryNode } from "../../../src/hub/attachments/attachments-node.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount, unfollowAccount } from "../../../src/hub/following/follow-account.ts";
import { receiveEvent } from "../../../src/hub/following/receive-event.ts";
import type { Delivery } from "../../../src/hub/ports/records.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { likePost } from "../../../src/hub/posts/like-post.ts";
import { postViewToJson, viewPost } from "../../../src/hub/posts/post-view.ts";
import type { PublishedPost } from "../../../src/hub/posts/publish-post.ts";
import { startOutbox } from "../../../src/hub/pubsub/deliver-outbox.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { type NamedNode, namedNode } from "../../../src/rdf/term.ts";
import { as } from "../../../src/vocab/as.ts";
import { sterna } from "../../../src/vocab/sterna.ts";
import { live, must, post, SECOND_MS } from "../test-hub.ts";
import { openThreeHubs, settle, type ThreeHubs } from "../three-hubs.ts";
import { pushed } from "../two-hubs.ts";

const JULIET = "juliet@capulet.lit/pc" as Jid;
const ROMEO = "romeo@montague.lit/pda" as Jid;
const SUMMARIES = summaryNode(MICROBLOG_NODE);

let hubs: ThreeHubs;
let about: PublishedPost;

beforeEach(async () => {
  hubs = await openThreeHubs();
  must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
  about = await post(hubs.there, hubs.alice, "Who saw the terns?");
  await settle(hubs);
});
afterEach(() => hubs[Symbol.asyncDispose]());

/** Somebody attaches something to a post of alice's, with a program of their own; nothing takes it back. */
async function attach(actor: Jid, inner: string, id = about.id): Promise<void> {
  hubs.clock.advance(SECOND_MS);
  const now = hubs.clock.now();
  const service = hubs.alice.account.jid;
  const node = attachmentsNode({ jid: service, node: MICROBLOG_NODE, id });
  const payload = `<attachments xmlns="urn:xmpp:pubsub-attachments:1">${inner}</attachments>`;
  const item = { id: bareOf(actor) as string as ItemId, payload, published: now, updated: now };
  const request =
    inner === ""
      ? ({ kind: "retract", service, node, id: item.id, notify: true } as const)
      : ({ kind: "publish", service, node, item } as const);
  expect((await handlePubsub(hubs.there.ports, request, actor)).kind).not.toBe("error");
}

/** `[likes, {emoji: count}]` as the post is shown at bob's hub. */
function shown(iri: Iri = about.iri) {
  const view = viewPost(hubs.here.ports, live(hubs.here, iri).document);
  const json = view === undefined ? undefined : postViewToJson(view);
  return [json?.likes ?? 0, Object.fromEntries((json?.reactions ?? []).map(({ emoji, count }) => [emoji, count]))];
}

const upstream = () => hubs.here.ports.records.reader.upstreamOf(hubs.alice.account.jid, SUMMARIES);
const counted = (): number => {
  const container = upstream()?.account ?? ("" as Iri);
  return hubs.here.ports.records.reader.count({ kind: "container", container });
};

/** What alice's hub has queued never arrives. */
const loseThePushes = async (): Promise<void> => void (await pushed(hubs));

/** Hubs are told of the counts of one post every few seconds. */
async function settleLater(): Promise<void> {
  hubs.clock.advance(5 * SECOND_MS);
  await settle(hubs);
}

async function compare(): Promise<void> {
  hubs.clock.advance(SECOND_MS);
  must(await catchUp(hubs.here.ports, upstream()?.account ?? ("" as Iri), "timer"));
}

describe("what strangers feel about a followed account's posts", () => {
  it("is counted by its service, shown here, and goes as it is taken back", async () => {
    await attach(JULIET, "<noticed/><reactions><reaction>🐦</reaction></reactions>");
    await attach(ROMEO, "<noticed/><reactions><reaction>🐦</reaction><reaction>🎉</reaction></reactions>");
    await settle(hubs);
    expect(shown()).toEqual([2, { "🐦": 2, "🎉": 1 }]);
    await attach(ROMEO, "<noticed/>");
    await settleLater();
    expect(shown()).toEqual([2, { "🐦": 1 }]);
    await attach(JULIET, "");
    await attach(ROMEO, "");
    await settleLater();
    expect([shown(), counted()]).toEqual([[0, {}], 0]);
  });

  it("is a collection with a number for whoever asks", async () => {
    await attach(JULIET, "<noticed/><reactions><reaction>🐦</reaction></reactions>");
    await attach(ROMEO, "<noticed/>");
    await settle(hubs);
    const { quads } = hubs.here.ports;
    const object = (subject: string, predicate: NamedNode) =>
      [...quads.match(namedNode(subject), predicate, null, {})][0]?.object.value;
    const likes = object(about.iri, as.likes) ?? "";
    const felt = object(about.iri, sterna.reactions) ?? "";
    expect([object(likes, as.totalItems), object(felt, as.totalItems), object(felt, as.content)]).toEqual([
      "2",
      "1",
      "🐦",
    ]);
  });

  it("has the likes of this hub in it once", async () => {
    must(await likePost(hubs.here.ports, hubs.bob, about.iri));
    expect(shown()).toEqual([1, {}]);
    await attach(JULIET, "<noticed/>");
    await settle(hubs);
    expect(shown()).toEqual([2, {}]);
  });

  it("takes one subscription for all posts, which ends with the follow", async () => {
    for (const text of ["two", "three"]) await post(hubs.there, hubs.alice, text);
    await settle(hubs);
    expect(upstream()?.state).toBe("subscribed");
    const held = () =>
      hubs.there.ports.records.reader
        .subscriptionsHeldBy(hubs.here.ports.identity.domain as never)
        .map(({ node }) => node);
    expect(held().filter((node) => node === SUMMARIES)).toHaveLength(1);
    must(await unfollowAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    expect([upstream(), held()]).toEqual([undefined, []]);
  });
});

describe("a post that very many like at once", () => {
  const likers = (count: number): readonly Jid[] =>
    Array.from({ length: count }, (_, at) => `bird-${at}@capulet.lit/x` as Jid);
  const waiting = (): readonly Delivery[] =>
    hubs.there.ports.records.reader
      .deliveriesDue("9999" as Instant, 1_000)
      .filter(({ event, wantsReceipt }) => wantsReceipt && event.node === SUMMARIES)
      .toSorted((one, other) => one.id - other.id);

  it("is told of to a hub every few seconds, with the last count", async () => {
    const before = hubs.there.xmpp.sent.length;
    for (const liker of likers(4)) await attach(liker, "<noticed/>");
    expect(waiting()).toHaveLength(1);
    await settle(hubs);
    for (const liker of likers(8).slice(4)) await attach(liker, "<noticed/>");
    await settle(hubs);
    expect(shown()).toEqual([4, {}]);
    await settleLater();
    expect(shown()).toEqual([8, {}]);
    const told = hubs.there.xmpp.sent.slice(before).filter(({ event }) => event.node === SUMMARIES);
    expect(told).toHaveLength(2);
  });

  it("is told of once to a hub that was not reached meanwhile, by what came last", async () => {
    hubs.there.xmpp.become("connecting");
    for (const liker of likers(3)) await attach(liker, "<noticed/>");
    for (const liker of likers(3)) await attach(liker, "");
    expect(waiting()).toMatchObject([{ event: { event: { kind: "retract", id: about.id } } }]);
    await attach(JULIET, "<noticed/>");
    expect(waiting()).toHaveLength(1);
    hubs.there.xmpp.become("online");
    await settleLater();
    expect(shown()).toEqual([1, {}]);
  });

  it("is not told of by an older count that is sent again, nor taken for told by an older receipt", async () => {
    await attach(JULIET, "<noticed/>");
    const [first] = await sentTo();
    expect(first).toMatchObject({ attempts: 0 });
    hubs.clock.advance(10 * SECOND_MS);
    await attach(ROMEO, "<noticed/>");
    const [again, second] = waiting();
    // The first was not answered: sent again, it says what is so now.
    expect([again?.id, again?.attempts]).toEqual([first?.id, 1]);
    expect(again?.event.event).toEqual(second?.event.event);
    const stop = new AbortController();
    const loop = startOutbox(hubs.there.ports, stop.signal);
    loop.receiveReceipt(first?.to as Jid, `d${first?.id}`);
    stop.abort();
    await loop.ended;
    expect(waiting().map(({ id }) => id)).toEqual([second?.id]);
  });

  it("is told of apart from other posts, and a person is told at once", async () => {
    const { id } = await post(hubs.there, hubs.alice, "another");
    const subscribe = { kind: "subscribe", service: hubs.alice.account.jid, node: SUMMARIES, jid: JULIET } as const;
    expect((await handlePubsub(hubs.there.ports, subscribe, JULIET)).kind).toBe("subscribed");
    const before = hubs.there.xmpp.sent.length;
    for (const liker of likers(3)) {
      await attach(liker, "<noticed/>");
      await attach(liker, "<noticed/>", id);
      await settle(hubs);
    }
    const told = hubs.there.xmpp.sent.slice(before).filter(({ event }) => event.node === SUMMARIES);
    expect(told.filter(({ to }) => to === JULIET)).toHaveLength(6);
    expect(told.filter(({ to }) => to !== JULIET)).toHaveLength(2);
    await settleLater();
    expect(shown()).toEqual([3, {}]);
  });

  /** What the loop of alice's hub hands over of the counts, without an answer. */
  async function sentTo(): Promise<readonly Delivery[]> {
    const before = hubs.there.xmpp.sent.length;
    await loseThePushes();
    return hubs.there.xmpp.sent.slice(before).filter(({ event }) => event.node === SUMMARIES);
  }
});

describe("counts that were not heard of", () => {
  it("come by comparing, whatever was pushed in between", async () => {
    await attach(JULIET, "<noticed/>");
    await loseThePushes();
    expect(shown()).toEqual([0, {}]);
    await compare();
    expect(shown()).toEqual([1, {}]);
    await attach(JULIET, "");
    await loseThePushes();
    await compare();
    expect([shown(), counted()]).toEqual([[0, {}], 0]);
  });

  it("are there for who follows later", async () => {
    await attach(JULIET, "<noticed/>");
    must(await followAccount(hubs.yonder.ports, hubs.carol, hubs.alice.iri));
    await settle(hubs);
    expect(viewPost(hubs.yonder.ports, live(hubs.yonder, about.iri).document)?.likes).toBe(1);
  });

  it("are asked for by the page, and by one page where nothing has changed", async () => {
    for (let at = 0; at < 60; at++) {
      const { id } = await post(hubs.there, hubs.alice, `post ${at}`);
      await attach(JULIET, "<noticed/>", id);
    }
    await settle(hubs);
    expect(counted()).toBe(60);
    const asked = async () => {
      const before = hubs.here.xmpp.questions.length;
      const { version } = live(hubs.here, about.iri);
      await compare();
      expect(live(hubs.here, about.iri).version).toBe(version);
      return hubs.here.xmpp.questions.slice(before).filter(({ name }) => name === "items").length;
    };
    await asked();
    expect(await asked()).toBe(1);
  });

  it("go with the post", async () => {
    await attach(JULIET, "<noticed/>");
    await settle(hubs);
    must(await deletePost(hubs.there.ports, hubs.alice, about.iri));
    await loseThePushes();
    for (const { account } of hubs.here.ports.records.reader.upstreams()) {
      hubs.clock.advance(SECOND_MS);
      must(await catchUp(hubs.here.ports, account, "timer"));
    }
    expect(counted()).toBe(0);
  });
});

describe("what is not to be believed or asked for", () => {
  it("is a count of a post that is not here, and what is no summary", async () => {
    await attach(JULIET, "<noticed/>");
    const [event] = (await pushed(hubs)).filter(({ node }) => node === SUMMARIES);
    const [item] = event?.items ?? [];
    if (event === undefined || item?.payload === undefined) throw new Error("Expected a summary to be pushed.");
    await receiveEvent(hubs.here.ports, { ...event, items: [{ ...item, id: "no-such-post" as ItemId }] });
    const payload = must(parseXml('<summary xmlns="urn:example:another"><noticed/></summary>'));
    await receiveEvent(hubs.here.ports, { ...event, items: [{ ...item, payload }] });
    expect([counted(), shown()]).toEqual([0, [0, {}]]);
    await receiveEvent(hubs.here.ports, event);
    expect([counted(), shown()]).toEqual([1, [1, {}]]);
    expect(hubs.here.xmpp.receipts.length).toBeGreaterThanOrEqual(3);
  });

  it("is a service without summaries: it is asked once, and the posts come all the same", async () => {
    let asked = 0;
    const subscribe = hubs.here.xmpp.subscribe.bind(hubs.here.xmpp);
    hubs.here.xmpp.subscribe = async (service, node) => {
      if (node !== SUMMARIES) return await subscribe(service, node);
      asked++;
      return refuse("not-found", "There is no such node.");
    };
    must(await unfollowAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    for (const { account, why } of hubs.here.asked.splice(0)) must(await catchUp(hubs.here.ports, account, why));
    const summaries = hubs.here.asked.splice(0).filter(({ account }) => account === upstream()?.account);
    for (const { account, why } of summaries)
      expect(await catchUp(hubs.here.ports, account, why)).toMatchObject({ code: "not-found" });
    expect(upstream()?.state).toBe("refused");
    const late = await post(hubs.there, hubs.alice, "Nobody has");
    await settle(hubs);
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "timer"));
    await settle(hubs);
    expect([live(hubs.here, late.iri).document.author, asked]).toEqual([hubs.alice.iri, 1]);
  });
});
