import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listedToXml } from "../../../src/atom/public-lists.ts";
import { parseXml } from "../../../src/atom/xml.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid } from "../../../src/core/jid.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount, unfollowAccount } from "../../../src/hub/following/follow-account.ts";
import { keepFollowLists } from "../../../src/hub/following/follow-lists.ts";
import { following } from "../../../src/hub/following/list-follows.ts";
import { readFollowList } from "../../../src/hub/following/read-follow-list.ts";
import { describeService } from "../../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { runQuery } from "../../../src/hub/queries/run-query.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { ANONYMOUS, addAccount, DAY_MS, type Holder, must, type TestHub } from "../test-hub.ts";
import { follow, openTwoHubs, type TwoHubs } from "../two-hubs.ts";

const LIST = "urn:xmpp:pubsub:subscription" as NodeId;
const SUBSCRIPTIONS = "urn:xmpp:pps:subscriptions:0" as NodeId;
const SUBSCRIBERS = "urn:xmpp:pps:subscribers:0/urn:xmpp:microblog:0" as NodeId;
const MICROBLOG = "urn:xmpp:microblog:0" as NodeId;
const STRANGER = "mercutio@escalus.lit" as BareJid;
const CAROL = "xmpp:carol@far.example" as Iri;

let hubs: TwoHubs;
beforeEach(async () => {
  hubs = await openTwoHubs();
});
afterEach(() => hubs[Symbol.asyncDispose]());

/** What a stranger reads at a node; undefined where there is none. */
async function read(hub: TestHub, { account }: Holder, node: NodeId): Promise<readonly string[] | undefined> {
  const page = { max: 50, order: "creation" } as const;
  const reply = await handlePubsub(hub.ports, { kind: "items", service: account.jid, node, ids: [], page }, STRANGER);
  return reply.kind === "items" ? reply.page.items.map(({ payload }) => payload) : undefined;
}

const followsOf = (hub: TestHub, subject: string) =>
  [...hub.ports.quads.match({ termType: "NamedNode", value: subject } as never, sioc.follows, null, {})]
    .map(({ object }) => object.value)
    .sort();

describe("the public list of an account", () => {
  it("says whom it follows, as XEP-0330 and XEP-0465 have it, and no longer whom it left", async () => {
    expect(await read(hubs.here, hubs.bob, LIST)).toBeUndefined();
    await follow(hubs);
    expect(await read(hubs.here, hubs.bob, LIST)).toEqual([
      '<subscription xmlns="urn:xmpp:pubsub:subscription:0" server="alice@far.example" node="urn:xmpp:microblog:0"><title>Alice</title></subscription>',
    ]);
    expect(await read(hubs.here, hubs.bob, SUBSCRIPTIONS)).toEqual([
      '<subscription xmlns="urn:xmpp:pps:0" node="urn:xmpp:microblog:0" jid="alice@far.example"/>',
    ]);
    must(await unfollowAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    expect([await read(hubs.here, hubs.bob, LIST), await read(hubs.here, hubs.bob, SUBSCRIPTIONS)]).toEqual([[], []]);
  });

  it("tells its subscribers of each follow and each end of one", async () => {
    const dave = await addAccount(hubs.here, "dave");
    must(await followAccount(hubs.here.ports, hubs.bob, "dave"));
    const service = hubs.bob.account.jid;
    const request = { kind: "subscribe", service, node: LIST, jid: STRANGER } as const;
    expect(await handlePubsub(hubs.here.ports, request, STRANGER)).toMatchObject({ kind: "subscribed" });
    const before = hubs.here.queued.length;
    await follow(hubs);
    must(await unfollowAccount(hubs.here.ports, hubs.bob, dave.iri));
    const told = hubs.here.queued
      .slice(before)
      .flat()
      .filter(({ to }) => to === STRANGER);
    expect(told.map(({ event }) => [event.node, event.event.kind])).toEqual([
      [LIST, "items"],
      [LIST, "retract"],
    ]);
  });

  it("is changed by nobody's hand", async () => {
    await follow(hubs);
    const service = hubs.bob.account.jid;
    const now = hubs.clock.now();
    const item = { id: "abcdef" as never, payload: "<x xmlns='y'/>", published: now, updated: now };
    for (const node of [LIST, SUBSCRIPTIONS, SUBSCRIBERS]) {
      for (const request of [
        { kind: "publish", service, node, item },
        { kind: "purge", service, node },
        { kind: "delete", service, node },
        { kind: "create", service, node },
        { kind: "retract", service, node, id: "abcdef" as never, notify: true },
      ] as const) {
        expect(await handlePubsub(hubs.here.ports, request, service)).toMatchObject({ condition: "forbidden" });
      }
    }
  });

  it("goes, with the follows themselves, when the account keeps them to itself, and comes back", async () => {
    await follow(hubs);
    const list = () => followsOf(hubs.here, hubs.bob.iri);
    expect(list()).toEqual([hubs.alice.iri]);
    must(await updateAccount(hubs.here.ports, hubs.bob, "bob", { privateFollows: true }));
    expect([await read(hubs.here, hubs.bob, LIST), await read(hubs.here, hubs.bob, SUBSCRIPTIONS)]).toEqual([
      undefined,
      undefined,
    ]);
    expect([list(), must(following(hubs.here.ports, ANONYMOUS, "bob"))]).toEqual([[], []]);
    expect(must(following(hubs.here.ports, hubs.bob, "bob"))).toHaveLength(1);
    must(await updateAccount(hubs.here.ports, hubs.bob, "bob", { privateFollows: false }));
    expect(await read(hubs.here, hubs.bob, LIST)).toHaveLength(1);
    expect(list()).toEqual([hubs.alice.iri]);
  });

  it("stays private for what is followed later, and keeps the subscription others need", async () => {
    const dave = await addAccount(hubs.here, "dave");
    must(await updateAccount(hubs.here.ports, hubs.bob, "bob", { privateFollows: true }));
    const bob = {
      ...hubs.bob,
      account: hubs.here.ports.records.reader.account(hubs.bob.account.name) ?? hubs.bob.account,
    };
    must(await followAccount(hubs.here.ports, bob, hubs.alice.iri));
    must(await followAccount(hubs.here.ports, dave, hubs.alice.iri));
    must(await followAccount(hubs.here.ports, bob, "dave"));
    expect(await read(hubs.here, dave, SUBSCRIBERS)).toBeUndefined();
    expect([await read(hubs.here, bob, LIST), followsOf(hubs.here, bob.iri)]).toEqual([undefined, []]);
    must(await unfollowAccount(hubs.here.ports, dave, hubs.alice.iri));
    expect(hubs.here.ports.records.reader.upstream(hubs.alice.iri)).toBeDefined();
    must(await unfollowAccount(hubs.here.ports, bob, hubs.alice.iri));
    expect(hubs.here.ports.records.reader.upstream(hubs.alice.iri)).toBeUndefined();
  });

  it("is made for follows that were here before it, once", async () => {
    await follow(hubs);
    const { jid } = hubs.bob.account;
    for (const node of [LIST, SUBSCRIPTIONS]) {
      await hubs.here.ports.records.transact(() => ({
        changes: [{ kind: "node-removed", service: jid, node }],
        result: undefined,
      }));
    }
    await keepFollowLists(hubs.here.ports);
    expect(await read(hubs.here, hubs.bob, LIST)).toHaveLength(1);
    const present = hubs.here.ports.records.reader.items(jid, LIST, { max: 1, order: "creation" })?.items[0]?.updated;
    hubs.clock.advance(DAY_MS);
    await keepFollowLists(hubs.here.ports);
    expect(hubs.here.ports.records.reader.items(jid, LIST, { max: 1, order: "creation" })?.items[0]?.updated).toBe(
      present,
    );
  });

  it("is found by disco", () => {
    for (const jid of [hubs.bob.account.jid, "hub.example" as BareJid]) {
      expect(describeService(hubs.here.ports, jid)).toMatchObject({
        features: expect.arrayContaining(["urn:xmpp:pps:0"]),
      });
    }
  });
});

describe("the public subscribers of a node (XEP-0465 §4.4)", () => {
  const subscribe = async (more: { readonly public?: true } = {}) => {
    const request = {
      kind: "subscribe",
      service: hubs.alice.account.jid,
      node: MICROBLOG,
      jid: STRANGER,
      ...more,
    } as const;
    expect(await handlePubsub(hubs.there.ports, request, STRANGER)).toMatchObject({ kind: "subscribed" });
  };
  const entry = `<subscriber xmlns="urn:xmpp:pps:0" jid="${STRANGER}"/>`;

  it("are who asked for it, until they subscribe without asking or leave", async () => {
    await subscribe();
    expect(await read(hubs.there, hubs.alice, SUBSCRIBERS)).toBeUndefined();
    await subscribe({ public: true });
    expect(await read(hubs.there, hubs.alice, SUBSCRIBERS)).toEqual([entry]);
    await subscribe();
    expect(await read(hubs.there, hubs.alice, SUBSCRIBERS)).toEqual([]);
    await subscribe({ public: true });
    const leave = { kind: "unsubscribe", service: hubs.alice.account.jid, node: MICROBLOG, jid: STRANGER } as const;
    expect(await handlePubsub(hubs.there.ports, leave, STRANGER)).toMatchObject({ kind: "unsubscribed" });
    expect(await read(hubs.there, hubs.alice, SUBSCRIBERS)).toEqual([]);
  });

  it("are not told of a node that is not for everybody", async () => {
    const service = hubs.alice.account.jid;
    const node = "closed" as NodeId;
    const config = { cancelled: false, fields: [{ name: "pubsub#access_model", values: ["whitelist"] }] };
    await handlePubsub(hubs.there.ports, { kind: "create", service, node, config }, service);
    const changes = [{ jid: STRANGER, affiliation: "member" }];
    await handlePubsub(hubs.there.ports, { kind: "node-affiliations", service, node, changes }, service);
    const request = { kind: "subscribe", service, node, jid: STRANGER, public: true } as const;
    expect(await handlePubsub(hubs.there.ports, request, STRANGER)).toMatchObject({ kind: "subscribed" });
    expect(await read(hubs.there, hubs.alice, `urn:xmpp:pps:subscribers:0/${node}` as NodeId)).toBeUndefined();
  });

  it("are the accounts of the same hub that follow it and show it", async () => {
    const carol = await addAccount(hubs.there, "carol");
    must(await followAccount(hubs.there.ports, carol, "alice"));
    expect(await read(hubs.there, hubs.alice, SUBSCRIBERS)).toEqual([
      '<subscriber xmlns="urn:xmpp:pps:0" jid="carol@far.example"/>',
    ]);
    must(await updateAccount(hubs.there.ports, carol, "carol", { privateFollows: true }));
    expect(await read(hubs.there, hubs.alice, SUBSCRIBERS)).toEqual([]);
  });
});

describe("the public list of a followed plain account", () => {
  beforeEach(async () => {
    const carol = await addAccount(hubs.there, "carol");
    hubs.here.xmpp.before = ({ name, jid }) =>
      name.startsWith("discover") && jid.startsWith("carol") ? refuse("not-implemented", "Plain.") : undefined;
    hubs.here.remote.webfinger = async () => refuse("not-found", "There is no website.");
    must(await followAccount(hubs.there.ports, carol, "alice"));
    must(await followAccount(hubs.there.ports, carol, hubs.bob.iri));
    must(await followAccount(hubs.here.ports, hubs.bob, "carol@far.example"));
  });

  it("says whom it follows, each by the name it has here, so that friends of friends can be asked for", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    must(await catchUp(hubs.here.ports, CAROL, "followed"));
    expect(followsOf(hubs.here, CAROL)).toEqual([hubs.alice.iri, hubs.bob.iri].sort());
    const query = `PREFIX sioc: <${sioc.namespace}> ASK { <${hubs.bob.iri}> sioc:follows/sioc:follows <${hubs.alice.iri}> }`;
    expect(must(await runQuery(hubs.here.ports, hubs.bob, query))).toMatchObject({ kind: "boolean", value: true });
  });

  it("is read again when it is old, and forgotten when it is gone or its account is left", async () => {
    must(await catchUp(hubs.here.ports, CAROL, "followed"));
    expect(followsOf(hubs.here, CAROL)).toHaveLength(2);
    const { reader } = hubs.there.ports.records;
    const carol = must(reader.account("carol" as never) ?? refuse("not-found", "gone"));
    const by = { kind: "account", account: carol, iri: "https://far.example/carol#account" as Iri } as const;
    must(await unfollowAccount(hubs.there.ports, by, "alice"));
    must(await catchUp(hubs.here.ports, CAROL, "timer"));
    expect(followsOf(hubs.here, CAROL)).toHaveLength(2);
    hubs.clock.advance(DAY_MS);
    must(await catchUp(hubs.here.ports, CAROL, "timer"));
    expect(followsOf(hubs.here, CAROL)).toEqual([hubs.bob.iri]);
    must(await updateAccount(hubs.there.ports, by, "carol", { privateFollows: true }));
    hubs.clock.advance(DAY_MS);
    must(await catchUp(hubs.here.ports, CAROL, "timer"));
    expect(followsOf(hubs.here, CAROL)).toEqual([]);
  });

  it("does not keep a hub subscribed to those it names", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    must(await catchUp(hubs.here.ports, CAROL, "followed"));
    const scope = { kind: "reference", reference: "follows", target: hubs.alice.iri } as const;
    expect(hubs.here.ports.records.reader.count(scope)).toBe(1);
    must(await unfollowAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    expect(hubs.here.ports.records.reader.upstream(hubs.alice.iri)).toBeUndefined();
    must(await unfollowAccount(hubs.here.ports, hubs.bob, CAROL));
    expect(followsOf(hubs.here, CAROL)).toEqual([]);
  });

  it("is read up to its bound, however long it says to be", async () => {
    const upstream = hubs.here.ports.records.reader.upstream(CAROL);
    if (upstream === undefined) throw new Error("Carol is not followed.");
    let n = 0;
    hubs.here.xmpp.items = async () => {
      const items = Array.from({ length: 250 }, () => {
        const payload = must(parseXml(listedToXml({ jid: `p${++n}@far.example`, node: MICROBLOG })));
        return { id: `item${n}` as ItemId, publisher: "carol@far.example" as BareJid, payload };
      });
      // It ends some time, for a reader without a bound to be found out.
      return { items, complete: n >= 10_000, count: 1_000_000 };
    };
    await readFollowList(hubs.here.ports, upstream);
    expect(followsOf(hubs.here, CAROL)).toHaveLength(5_000);
  });
});
