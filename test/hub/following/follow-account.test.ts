import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount, unfollowAccount } from "../../../src/hub/following/follow-account.ts";
import { followers, following } from "../../../src/hub/following/list-follows.ts";
import { readTimeline } from "../../../src/hub/posts/read-timeline.ts";
import { isRefusal, refuse } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, quad } from "../../../src/rdf/term.ts";
import { foaf } from "../../../src/vocab/foaf.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { sterna } from "../../../src/vocab/sterna.ts";
import { ANONYMOUS, addAccount, must, OWNER, post } from "../test-hub.ts";
import { openTwoHubs, push, type TwoHubs } from "../two-hubs.ts";

let hubs: TwoHubs;

beforeEach(async () => {
  hubs = await openTwoHubs();
});
afterEach(() => hubs[Symbol.asyncDispose]());

const reader = () => hubs.here.ports.records.reader;
const upstreams = () =>
  reader()
    .upstreams()
    .map(({ account }) => account);
const COMMENTS = "xmpp:alice@far.example?;node=https://w3id.org/sterna%23comments" as Iri;
const SUMMARIES = "xmpp:alice@far.example?;node=urn:xmpp:pubsub-attachments:summary:1/urn:xmpp:microblog:0";
const follow = (target: string, by = hubs.bob) => followAccount(hubs.here.ports, by, target);
const unfollow = (target: string, by = hubs.bob) => unfollowAccount(hubs.here.ports, by, target);
const subscribers = () => hubs.there.ports.records.reader.subscriptions(hubs.alice.account.jid, MICROBLOG_NODE);
const questions = (name: string) => hubs.here.xmpp.questions.filter((question) => question.name === name);

describe("following an account elsewhere", () => {
  it.each([
    ["its account IRI", "https://far.example/alice#account"],
    ["its person", "https://far.example/alice#me"],
    ["its page", "https://far.example/alice"],
    ["its address", "alice@far.example"],
    ["its address with an at sign", "@alice@far.example"],
    ["its address as acct:", "acct:alice@far.example"],
    ["its JID", "xmpp:alice@far.example"],
    ["its PubsubNode", "xmpp:alice@far.example?;node=urn:xmpp:microblog:0"],
    ["its PubsubNode, escaped", "xmpp:alice@far.example?pubsub;action=subscribe;node=urn%3Axmpp%3Amicroblog%3A0"],
    ["a link to follow it", "xmpp:alice@far.example?follow"],
    ["a link to its presence", "xmpp:alice@far.example/phone?subscribe"],
  ])("finds it by %s", async (_, target) => {
    expect(await follow(target)).toMatchObject({
      account: hubs.alice.iri,
      profile: "https://far.example/alice",
      displayName: "Alice",
      jid: "alice@far.example",
      state: "subscribed",
    });
    expect(subscribers()).toMatchObject([{ jid: "hub.example", state: "subscribed" }]);
    // Her posts, and the comments on them.
    expect(hubs.here.asked).toEqual([
      { account: hubs.alice.iri, why: "followed" },
      { account: COMMENTS, why: "followed" },
    ]);
    expect(must(following(hubs.here.ports, ANONYMOUS, "bob"))).toMatchObject([{ account: hubs.alice.iri }]);
  });

  it("finds it by one of its posts", async () => {
    const { iri } = await post(hubs.there, hubs.alice, "one");
    expect(await follow(iri)).toMatchObject({ account: hubs.alice.iri, state: "subscribed" });
  });

  it("finds it by WebFinger where XMPP does not answer", async () => {
    hubs.here.xmpp.before = ({ name }) => (name === "discover" ? refuse("remote-unreachable", "Down.") : undefined);
    expect(await follow("alice@far.example")).toMatchObject({ account: hubs.alice.iri, problem: "Down." });
  });

  it("brings its posts into the timeline, old ones and new ones", async () => {
    const old = await post(hubs.there, hubs.alice, "old");
    must(await follow(hubs.alice.iri));
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
    const fresh = await post(hubs.there, hubs.alice, "new");
    await push(hubs);
    const { posts } = must(readTimeline(hubs.here.ports, hubs.bob, { limit: 10 }));
    expect(posts.map(({ iri }) => iri)).toEqual([fresh.iri, old.iri]);
  });

  it("subscribes once for the whole hub, and again changes nothing", async () => {
    const carol = await addAccount(hubs.here, "carol");
    for (const by of [hubs.bob, carol, hubs.bob]) must(await follow(hubs.alice.iri, by));
    expect(subscribers()).toHaveLength(1);
    expect(upstreams()).toEqual([hubs.alice.iri, COMMENTS]);
    expect(must(followers(hubs.there.ports, "alice"))).toEqual([{ kind: "hub", jid: "hub.example" }]);
    expect(must(following(hubs.here.ports, ANONYMOUS, "bob"))).toHaveLength(1);
  });

  it("keeps the follow while the other hub is down, to go on later", async () => {
    hubs.here.xmpp.before = ({ name }) => (name === "subscribe" ? refuse("timed-out", "Too slow.") : undefined);
    expect(await follow(hubs.alice.iri)).toMatchObject({ state: "subscribing", problem: "Too slow." });
    hubs.here.xmpp.before = () => undefined;
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "timer"));
    expect(reader().upstream(hubs.alice.iri)?.state).toBe("subscribed");
  });
});

describe("the binding of an account and its JID", () => {
  const victim = "https://victim.example/v";
  /** A page on another site that claims alice's JID as its own. */
  const claimed = [
    quad(namedNode(`${victim}#account`), rdf.type, sioc.UserAccount),
    quad(namedNode(`${victim}#account`), sioc.account_of, namedNode(`${victim}#me`)),
    quad(namedNode(`${victim}#me`), foaf.name, literal("V")),
    quad(namedNode(`${victim}#account`), foaf.jabberID, literal("alice@far.example")),
    quad(
      namedNode(`${victim}#account`),
      sterna.pubsubNode,
      namedNode("xmpp:alice@far.example?;node=urn:xmpp:microblog:0"),
    ),
  ];

  it("must hold from the JID to the page: a page that names a stranger's JID gets nothing", async () => {
    hubs.here.remote.pages.set(victim, claimed);
    const outcome = await follow(`${victim}#account`);
    expect(isRefusal(outcome) ? outcome.code : outcome.state).toBe("refused");
    expect(reader().upstream(`${victim}#account` as Iri)?.problem).toMatch(/do not belong together/);
    expect([subscribers(), questions("subscribe")]).toEqual([[], []]);
  });

  it("must hold from the page to the JID: a JID that names a stranger's page gets nothing", async () => {
    hubs.here.remote.pages.set(
      victim,
      claimed.map((each) =>
        each.predicate.equals(foaf.jabberID) ? quad(each.subject, each.predicate, literal("v@victim.example")) : each,
      ),
    );
    hubs.here.xmpp.infos.set("alice@far.example", {
      identities: [],
      features: [],
      forms: [{ formType: sterna.namespace, fields: [{ name: "account", values: [`${victim}#account`] }] }],
    });
    expect(await follow("xmpp:alice@far.example")).toMatchObject({ code: "not-the-author" });
    expect([reader().upstreams(), subscribers()]).toEqual([[], []]);
  });
});

describe("following within the hub", () => {
  it("needs no subscription", async () => {
    const carol = await addAccount(hubs.here, "carol");
    for (const target of ["carol", carol.iri, "carol@hub.example", "xmpp:carol@hub.example"]) {
      expect(await follow(target)).toMatchObject({ account: carol.iri, state: "local" });
    }
    expect(must(followers(hubs.here.ports, "carol"))).toMatchObject([{ kind: "account", account: hubs.bob.iri }]);
    expect([reader().upstreams(), hubs.here.xmpp.questions]).toEqual([[], []]);
  });
});

describe("what cannot be followed", () => {
  it.each([
    ["oneself", "bob", "invalid"],
    ["nobody here", "nobody", "invalid"],
    ["nobody at the hub's domain", "nobody@hub.example", "not-found"],
    ["a page that does not answer", "https://nowhere.example/x", "remote-unreachable"],
    ["an address nobody has", "nobody@far.example", "not-found"],
    ["an empty text", " ", "invalid"],
  ])("%s", async (_, target, code) => {
    expect(await follow(target)).toMatchObject({ code });
    expect(reader().count({ kind: "all", documentKind: "follow" })).toBe(0);
  });

  it("a page without an account, or with one that names no PubsubNode", async () => {
    const page = "https://plain.example/p";
    const account = namedNode(`${page}#account`);
    hubs.here.remote.pages.set(page, [quad(namedNode(page), foaf.name, literal("P"))]);
    expect(await follow(page)).toMatchObject({ code: "remote-refused" });
    hubs.here.remote.pages.set(page, [quad(account, rdf.type, sioc.UserAccount)]);
    expect(await follow(page)).toMatchObject({ code: "not-implemented" });
  });

  it("by the owner, or nobody", async () => {
    expect(await followAccount(hubs.here.ports, OWNER, hubs.alice.iri)).toMatchObject({ code: "forbidden" });
    expect(await followAccount(hubs.here.ports, ANONYMOUS, hubs.alice.iri)).toMatchObject({ code: "unauthenticated" });
  });
});

describe("unfollowing", () => {
  it("ends the hub's subscription with the last follower, and keeps what came", async () => {
    const carol = await addAccount(hubs.here, "carol");
    const { iri } = await post(hubs.there, hubs.alice, "one");
    for (const by of [hubs.bob, carol]) must(await follow(hubs.alice.iri, by));
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
    expect(await unfollow(hubs.alice.iri)).toEqual({ account: hubs.alice.iri });
    expect([subscribers().length, upstreams()]).toEqual([1, [hubs.alice.iri, COMMENTS, SUMMARIES]]);
    expect(await unfollow(hubs.alice.iri, carol)).toEqual({ account: hubs.alice.iri });
    expect([subscribers(), reader().upstreams()]).toEqual([[], []]);
    expect(reader().document(iri)?.kind).toBe("live");
    expect(must(readTimeline(hubs.here.ports, hubs.bob, { limit: 10 })).posts).toEqual([]);
  });

  it.each(["https://far.example/alice", "alice@far.example", "@alice@far.example", "xmpp:alice@far.example", "Alice"])(
    "finds the followed account by %s even when its hub is gone",
    async (target) => {
      must(await follow(hubs.alice.iri));
      hubs.network.delete("far.example");
      expect(await unfollow(target)).toEqual({ account: hubs.alice.iri });
      expect(reader().upstreams()).toEqual([]);
    },
  );

  it("says that one was not followed", async () => {
    expect(await unfollow(hubs.alice.iri)).toMatchObject({ code: "not-found" });
    must(await follow(hubs.alice.iri));
    must(await unfollow(hubs.alice.iri));
    expect(await unfollow(hubs.alice.iri)).toMatchObject({ code: "not-found" });
  });

  it("may be followed by following again", async () => {
    must(await follow(hubs.alice.iri));
    must(await unfollow(hubs.alice.iri));
    expect(await follow(hubs.alice.iri)).toMatchObject({ state: "subscribed" });
    expect(subscribers()).toHaveLength(1);
  });
});

it("answers a follow with the name the account has now", async () => {
  must(await updateAccount(hubs.there.ports, hubs.alice, "alice", { displayName: "Alice L." }));
  expect(await follow(hubs.alice.iri)).toMatchObject({ displayName: "Alice L." });
});
