import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { summaryFromXml } from "../../../src/atom/attachments.ts";
import { parseXml } from "../../../src/atom/xml.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import { bareOf, type Jid } from "../../../src/core/jid.ts";
import { attachmentsNode, summaryNode } from "../../../src/hub/attachments/attachments-node.ts";
import { postViewToJson, viewPost } from "../../../src/hub/posts/post-view.ts";
import type { PublishedPost } from "../../../src/hub/posts/publish-post.ts";
import { describeService, listServiceItems } from "../../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { PubsubRequest } from "../../../src/pubsub/request.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import type { NamedNode } from "../../../src/rdf/term.ts";
import { as } from "../../../src/vocab/as.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { sterna } from "../../../src/vocab/sterna.ts";
import { addAccount, type Holder, live, must, openTestHub, post, type TestHub } from "../test-hub.ts";

const JULIET = "juliet@capulet.lit/pc" as Jid;
const ROMEO = "romeo@montague.lit/pda" as Jid;
const LINKED = "alice@people.example/phone" as Jid;

let hub: TestHub;
let alice: Holder;
let about: PublishedPost;
let node: NodeId;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { linkedJids: [bareOf(LINKED)] });
  about = await post(hub, alice, "Who saw the terns?");
  node = attachmentsNode({ jid: alice.account.jid, node: MICROBLOG_NODE, id: about.id });
});
afterEach(() => hub[Symbol.asyncDispose]());

const ask = (request: Record<string, unknown>, actor: Jid) =>
  handlePubsub(hub.ports, { service: alice.account.jid, ...request } as PubsubRequest, actor);

const attachments = (inner: string) => `<attachments xmlns="urn:xmpp:pubsub-attachments:1">${inner}</attachments>`;
const reactions = (...signs: string[]) =>
  `<reactions>${signs.map((sign) => `<reaction>${sign}</reaction>`).join("")}</reactions>`;

function attach(inner: string, actor: Jid = JULIET, more: { id?: string; at?: NodeId; payload?: string } = {}) {
  const now = hub.clock.now();
  const id = (more.id ?? bareOf(actor)) as ItemId;
  const item = { id, payload: more.payload ?? attachments(inner), published: now, updated: now };
  return ask({ kind: "publish", node: more.at ?? node, item }, actor);
}

const retract = (id: string, actor: Jid, at = node) => ask({ kind: "retract", node: at, id, notify: true }, actor);

/** A comment of Juliet's as Movim publishes it. */
function commentItem(id: string, title: string) {
  const now = hub.clock.now();
  const payload = `<entry xmlns="http://www.w3.org/2005/Atom"><title>${title}</title><id>${id}</id><author><name>J</name><uri>xmpp:juliet@capulet.lit</uri></author><published>${now}</published><updated>${now}</updated></entry>`;
  return { id, payload, published: now, updated: now };
}

/** `[likes, {emoji: count}]` as the post is shown. */
function shown(iri: Iri = about.iri) {
  const view = viewPost(hub.ports, live(hub, iri).document);
  const json = view === undefined ? undefined : postViewToJson(view);
  return [json?.likes ?? 0, Object.fromEntries((json?.reactions ?? []).map(({ emoji, count }) => [emoji, count]))];
}

function summary(of: NodeId = MICROBLOG_NODE, id: string = about.id) {
  const item = hub.ports.records.reader.item(alice.account.jid, summaryNode(of), id as ItemId);
  if (item === undefined) return undefined;
  const { noticed, reactions: counts } = summaryFromXml(must(parseXml(item.payload)));
  return [noticed, Object.fromEntries(counts)];
}

describe("what people attach to a post", () => {
  it("is taken from anybody, before there is a node, as likes and reactions by their JID", async () => {
    expect(hub.ports.records.reader.node(alice.account.jid, node)).toBeUndefined();
    const inner = `<noticed timestamp="2026-05-01T10:00:00Z"/>${reactions("👷", "🔨")}`;
    expect(await attach(inner)).toEqual({ kind: "published", node, id: "juliet@capulet.lit" });
    expect(shown()).toEqual([1, { "👷": 1, "🔨": 1 }]);
    const said = (type: NamedNode) =>
      [...hub.ports.quads.match(null, rdf.type, type, {})].map(({ subject }) =>
        [as.actor, as.object, as.content, as.published].map(
          (predicate) => [...hub.ports.quads.match(subject, predicate, null, {})][0]?.object.value,
        ),
      );
    const juliet = "xmpp:juliet@capulet.lit";
    expect(said(as.Like)).toEqual([[juliet, about.iri, undefined, "2026-05-01T10:00:00.000Z"]]);
    const [first, second] = said(sterna.Reaction);
    expect([first?.slice(0, 3), second?.slice(0, 3)]).toEqual([
      [juliet, about.iri, "👷"],
      [juliet, about.iri, "🔨"],
    ]);
  });

  it("is replaced by what the same person says next: what stays, comes and goes", async () => {
    await attach(`<noticed/>${reactions("👷", "🔨")}`);
    const kept = [...hub.ports.quads.match(null, as.content, null, {})].find(({ object }) => object.value === "🔨");
    const before = live(hub, kept?.subject.value as Iri).version;
    hub.clock.advance(1_000);
    await attach(reactions("🔨", "🎉"));
    expect(shown()).toEqual([0, { "🔨": 1, "🎉": 1 }]);
    expect(live(hub, kept?.subject.value as Iri).version).toBe(before);
    expect(summary()).toEqual([0, { "🔨": 1, "🎉": 1 }]);
  });

  it("goes when it is retracted, by themselves or the post's author, and by nobody else", async () => {
    await attach(`<noticed/>${reactions("👷")}`);
    await attach(`<noticed/>${reactions("👷")}`, ROMEO);
    expect(await retract("juliet@capulet.lit", ROMEO)).toMatchObject({ condition: "forbidden" });
    expect(shown()).toEqual([2, { "👷": 2 }]);
    expect((await retract("juliet@capulet.lit", JULIET)).kind).toBe("done");
    expect([shown(), summary()]).toEqual([
      [1, { "👷": 1 }],
      [1, { "👷": 1 }],
    ]);
    expect((await retract("romeo@montague.lit", LINKED)).kind).toBe("done");
    expect([shown(), summary()]).toEqual([[0, {}], undefined]);
  });

  it("goes all together when the author purges the node", async () => {
    await attach("<noticed/>");
    await attach(reactions("👷"), ROMEO);
    expect(await ask({ kind: "purge", node }, JULIET)).toMatchObject({ condition: "forbidden" });
    expect((await ask({ kind: "purge", node }, alice.account.jid)).kind).toBe("done");
    expect([shown(), summary()]).toEqual([[0, {}], undefined]);
  });

  it("is of the account's own JIDs too, each for itself", async () => {
    expect((await attach("<noticed/>", LINKED)).kind).toBe("published");
    expect((await attach("<noticed/>", alice.account.jid)).kind).toBe("published");
    expect(shown()).toEqual([2, {}]);
    const page = { max: 5, order: "creation" } as const;
    const items = hub.ports.records.reader.items(alice.account.jid, node, page)?.items ?? [];
    expect(items.map(({ id, publisher }) => id === (publisher as string))).toEqual([true, true]);
  });

  it("is the same node however its address is written", async () => {
    const raw = `urn:xmpp:pubsub-attachments:1/xmpp:alice@hub.example?;node=urn:xmpp:microblog:0;item=${about.id}`;
    expect(raw).not.toBe(node);
    expect((await attach("<noticed/>", JULIET, { at: raw as NodeId })).kind).toBe("published");
    expect((await attach(reactions("🎉"), JULIET)).kind).toBe("published");
    expect(shown()).toEqual([0, { "🎉": 1 }]);
    expect(describeService(hub.ports, alice.account.jid, raw)).toMatchObject({ identities: [{ type: "leaf" }] });
  });

  it("is taken whatever options come with it (§4.3)", async () => {
    const fields = [{ name: "pubsub#access_model", values: ["whitelist"] }];
    const now = hub.clock.now();
    const item = { id: "juliet@capulet.lit", payload: attachments("<noticed/>"), published: now, updated: now };
    const options = { cancelled: false, fields };
    expect((await ask({ kind: "publish", node, item, options }, JULIET)).kind).toBe("published");
  });

  it("says nothing of the future", async () => {
    await attach('<noticed timestamp="2099-01-01T00:00:00Z"/>');
    const [said] = hub.ports.quads.match(null, rdf.type, as.Like, {});
    const [at] = hub.ports.quads.match(said?.subject, as.published, null, {});
    expect(at?.object.value).toBe(hub.clock.now());
  });

  it("is a profile of who is not known, with the JID", async () => {
    await attach("<noticed/>");
    expect(live(hub, "xmpp:juliet@capulet.lit" as Iri).document.kind).toBe("profile");
  });
});

describe("attachments that are refused", () => {
  it.each([
    ["under somebody else's id", () => attach("<noticed/>", JULIET, { id: "romeo@montague.lit" }), "bad-request"],
    ["under a full JID", () => attach("<noticed/>", JULIET, { id: JULIET }), "bad-request"],
    ["with another payload", () => attach("", JULIET, { payload: "<noticed/>" }), "bad-request"],
    ["with words for an emoji", () => attach(reactions("lol")), "bad-request"],
    ["with a wrong time", () => attach('<noticed timestamp="now"/>'), "bad-request"],
    ["with no payload", () => attach("", JULIET, { payload: "" }), "bad-request"],
    ["with too much", () => attach(`<x xmlns="urn:x">${"x".repeat(17_000)}</x>`), "not-acceptable"],
    [
      "with too many emojis",
      () => attach(reactions(...Array.from({ length: 21 }, (_, at) => String.fromCodePoint(0x1f600 + at)))),
      "not-acceptable",
    ],
    [
      "to what is not there",
      () => attach("<noticed/>", JULIET, { at: node.replace(about.id, "neverwas") as NodeId }),
      "item-not-found",
    ],
    [
      "at another service than the item's",
      () => attach("<noticed/>", JULIET, { at: node.replace("alice@", "bob@") as NodeId }),
      "item-not-found",
    ],
    [
      "to attachments",
      () =>
        attach("<noticed/>", JULIET, {
          at: attachmentsNode({ jid: alice.account.jid, node, id: "juliet@capulet.lit" as ItemId }),
        }),
      "item-not-found",
    ],
    ["in a summary", () => attach("<noticed/>", alice.account.jid, { at: summaryNode(MICROBLOG_NODE) }), "forbidden"],
  ] as const)("%s", async (_, request, condition) => {
    await attach("<noticed/>", ROMEO);
    expect(await request()).toMatchObject({ kind: "error", condition });
    expect([shown(), summary()]).toEqual([
      [1, {}],
      [1, {}],
    ]);
  });

  it("are those of who may not read the blog, and what there is they cannot read", async () => {
    await attach("<noticed/>", ROMEO);
    const fields = [{ name: "pubsub#access_model", values: ["whitelist"] }];
    const form = { cancelled: false, fields };
    expect((await ask({ kind: "configure", node: MICROBLOG_NODE, form }, alice.account.jid)).kind).toBe("done");
    expect(await attach("<noticed/>")).toMatchObject({ condition: "not-allowed", pubsub: "closed-node" });
    const page = { max: 10, order: "creation" };
    for (const at of [node, summaryNode(MICROBLOG_NODE)]) {
      expect(await ask({ kind: "items", node: at, ids: [], page }, JULIET)).toMatchObject({ condition: "not-allowed" });
    }
    const affiliate = { changes: [{ jid: bareOf(JULIET), affiliation: "member" }] };
    await ask({ kind: "node-affiliations", node: MICROBLOG_NODE, ...affiliate }, alice.account.jid);
    expect((await attach("<noticed/>")).kind).toBe("published");
  });

  it("leave the nodes to the service: nobody makes, configures or deletes them", async () => {
    await attach("<noticed/>", ROMEO);
    const form = { cancelled: false, fields: [{ name: "pubsub#access_model", values: ["open"] }] };
    for (const at of [node, summaryNode(MICROBLOG_NODE)]) {
      for (const request of [
        { kind: "create" },
        { kind: "delete" },
        { kind: "configure", form },
        { kind: "node-affiliations", changes: [{ jid: bareOf(JULIET), affiliation: "owner" }] },
      ]) {
        expect(await ask({ node: at, ...request }, alice.account.jid)).toMatchObject({ condition: "not-allowed" });
      }
    }
    const missing = `${summaryNode(MICROBLOG_NODE)}/x`;
    expect(await ask({ kind: "create", node: missing }, alice.account.jid)).toMatchObject({ condition: "not-allowed" });
    expect(shown()).toEqual([1, {}]);
  });

  it("are those that make more different emojis than a summary lists", async () => {
    for (let who = 0; who < 10; who++) {
      const signs = Array.from({ length: 20 }, (_, at) => String.fromCodePoint(0x1f600 + (who % 4) * 20 + at));
      const others = Array.from({ length: 20 }, (_, at) => String.fromCodePoint(0x1f400 + who * 20 + at));
      const inner = reactions(...(who < 4 ? signs : others));
      expect((await attach(inner, `p${who}@people.example` as Jid)).kind).toBe("published");
    }
    expect(await attach(reactions("🎉"))).toMatchObject({ condition: "resource-constraint" });
    expect((await attach(reactions("😀"))).kind).toBe("published");
  });
});

describe("the summary of what is attached", () => {
  const node0 = summaryNode(MICROBLOG_NODE);

  it("has one item for each post that has something, and its subscribers are told of each change", async () => {
    const other = await post(hub, alice, "And the gulls?");
    expect((await ask({ kind: "subscribe", node: node0, jid: ROMEO }, ROMEO)).kind).toBe("subscribed");
    await attach(`<noticed/>${reactions("👷", "🔨")}`);
    await attach(reactions("🔨"), ROMEO);
    await attach("<noticed/>", JULIET, {
      at: attachmentsNode({ jid: alice.account.jid, node: MICROBLOG_NODE, id: other.id }),
    });
    const reply = await ask({ kind: "items", node: node0, ids: [], page: { max: 10, order: "creation" } }, JULIET);
    const found = reply.kind === "items" ? reply.page.items.map(({ id }) => id) : [];
    expect([...found].sort()).toEqual([about.id, other.id].sort());
    expect(summary()).toEqual([1, { "🔨": 2, "👷": 1 }]);
    await retract("juliet@capulet.lit", JULIET);
    await retract("romeo@montague.lit", ROMEO);
    const told = hub.queued.flat().filter(({ event }) => event.node === node0);
    expect(told.map(({ event }) => [event.event.kind, "id" in event.event ? event.event.id : ""])).toEqual([
      ["items", about.id],
      ["items", about.id],
      ["items", other.id],
      ["items", about.id],
      ["retract", about.id],
    ]);
  });

  it("is silent where nothing changed", async () => {
    await attach("<noticed/>");
    const before = hub.ports.records.reader.item(alice.account.jid, node0, about.id)?.updated;
    hub.clock.advance(5_000);
    await attach('<noticed/><stars xmlns="urn:example:stars">5</stars>');
    expect(hub.ports.records.reader.item(alice.account.jid, node0, about.id)?.updated).toBe(before);
  });

  it("counts a heart in the comments as noticed, once for each person, and lets it go with the heart", async () => {
    const comments = `urn:xmpp:microblog:0:comments/${about.id}`;
    const item = commentItem("a-heart", "♥");
    await attach(reactions("🎉"));
    expect((await ask({ kind: "publish", node: comments, item }, JULIET)).kind).toBe("published");
    expect([shown(), summary()]).toEqual([
      [1, { "🎉": 1 }],
      [1, { "🎉": 1 }],
    ]);
    const attached = hub.ports.records.reader.item(alice.account.jid, node, "juliet@capulet.lit" as ItemId);
    expect(attached?.payload).toContain("<noticed");
    await attach(`<noticed/>${reactions("🎉")}`);
    expect(shown()).toEqual([1, { "🎉": 1 }]);
    expect((await ask({ kind: "retract", node: comments, id: "a-heart", notify: true }, JULIET)).kind).toBe("done");
    expect([shown(), summary()]).toEqual([
      [0, { "🎉": 1 }],
      [0, { "🎉": 1 }],
    ]);
  });

  it("leaves a like as it was when a heart comes beside it", async () => {
    await attach('<noticed timestamp="2026-05-01T10:00:00Z"/>');
    const comments = `urn:xmpp:microblog:0:comments/${about.id}`;
    await ask({ kind: "publish", node: comments, item: commentItem("a-heart", "♥") }, JULIET);
    expect(shown()).toEqual([1, {}]);
    const [like] = [...hub.ports.quads.match(null, rdf.type, as.Like, {})];
    const published = [...hub.ports.quads.match(like?.subject ?? null, as.published, null, {})];
    expect(published.map(({ object }) => object.value)).toEqual(["2026-05-01T10:00:00.000Z"]);
  });

  it("is told to people at once, and to hubs after five seconds when it was told just before", async () => {
    const there = "there.example" as Jid;
    for (const jid of [there, ROMEO]) {
      expect((await ask({ kind: "subscribe", node: node0, jid }, jid)).kind).toBe("subscribed");
    }
    const waits = async (by: Jid) => {
      const before = hub.queued.length;
      await attach("<noticed/>", by);
      const told = hub.queued.slice(before).flat();
      const changes = told.map(({ id }) => ({ kind: "delivery-done", id }) as const);
      must(await hub.ports.records.transact(() => ({ changes, result: "done" })));
      const ofNode = told.filter(({ event }) => event.node === node0);
      return Object.fromEntries(
        ofNode.map((each) => [each.to, Date.parse(each.nextAttempt) - Date.parse(each.created)]),
      );
    };
    expect(await waits(JULIET)).toEqual({ [there]: 0, [ROMEO]: 0 });
    hub.clock.advance(1_000);
    expect(await waits(ROMEO)).toEqual({ [there]: 5_000, [ROMEO]: 0 });
    hub.clock.advance(10_000);
    expect(await waits(LINKED)).toEqual({ [there]: 0, [ROMEO]: 0 });
  });

  it("knows the hearts from before there were attachments", async () => {
    const [service, comments] = [alice.account.jid, `urn:xmpp:microblog:0:comments/${about.id}`];
    await ask({ kind: "publish", node: comments, item: commentItem("a-heart", "♥") }, JULIET);
    const removed = [node, node0].map((each) => ({ kind: "node-removed", service, node: each }) as const);
    must(await hub.ports.records.transact(() => ({ changes: removed, result: "done" })));
    expect([shown(), summary()]).toEqual([[1, {}], undefined]);
    await attach("<noticed/>", ROMEO);
    expect([shown(), summary()]).toEqual([
      [2, {}],
      [2, {}],
    ]); // prettier-ignore
    await ask({ kind: "retract", node: comments, id: "a-heart", notify: true }, JULIET);
    expect([shown(), summary()]).toEqual([
      [1, {}],
      [1, {}],
    ]); // prettier-ignore
  });

  it("is of any node's items: a comment can be liked, and what is attached to it goes with it", async () => {
    const comments = `urn:xmpp:microblog:0:comments/${about.id}` as NodeId;
    await ask({ kind: "publish", node: comments, item: commentItem("comment1", "I did!") }, JULIET);
    const iri = `xmpp:alice@hub.example?;node=${comments};item=comment1` as Iri;
    const at = attachmentsNode({ jid: alice.account.jid, node: comments, id: "comment1" as ItemId });
    expect((await attach(`<noticed/>${reactions("🎉")}`, ROMEO, { at })).kind).toBe("published");
    expect([shown(iri), summary(comments, "comment1")]).toEqual([
      [1, { "🎉": 1 }],
      [1, { "🎉": 1 }],
    ]);
    expect((await retract("comment1", JULIET, comments)).kind).toBe("done");
    expect(summary(comments, "comment1")).toBeUndefined();
    expect([...hub.ports.quads.match(null, rdf.type, sterna.Reaction, {})]).toEqual([]);
    expect(await attach("<noticed/>", ROMEO, { at })).toMatchObject({ condition: "item-not-found" });
  });
});

describe("discovery of attachments", () => {
  it("says that accounts and the hub have them, and lists no node for each liked post", async () => {
    await attach("<noticed/>");
    for (const jid of [alice.account.jid, "hub.example" as never]) {
      const info = describeService(hub.ports, jid);
      expect("features" in info ? info.features : []).toContain("urn:xmpp:pubsub-attachments:1");
    }
    const list = listServiceItems(hub.ports, alice.account.jid, undefined, { max: 50, order: "creation" }, JULIET);
    const nodes = "items" in list ? list.items.map((item) => item.node) : [];
    expect(nodes).toContain(MICROBLOG_NODE);
    expect(nodes.filter((each) => each?.includes("attachments"))).toEqual([]);
  });
});
