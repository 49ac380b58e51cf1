import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { epochMs, instantOf } from "../../../src/core/instant.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import { type BareJid, bareOf, type Jid } from "../../../src/core/jid.ts";
import { followAccount, unfollowAccount } from "../../../src/hub/following/follow-account.ts";
import { endLeases, remindOfLeases } from "../../../src/hub/house/keep-house.ts";
import { describeService, listServiceItems } from "../../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { PubsubRequest } from "../../../src/pubsub/request.ts";
import type { SubmittedForm } from "../../../src/pubsub/settings/form.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import { addAccount, type Holder, must, openTestHub, post, type TestHub } from "../test-hub.ts";

const LINKED = "alice@jabber.example/phone" as Jid;
const STRANGER = "mallory@far.example/x" as Jid;
const BOB = "bob@hub.example" as BareJid;
const HUB = "hub.example" as BareJid;
const NODE = "urn:example:news" as NodeId;

let hub: TestHub;
let alice: Holder;
let bob: Holder;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { linkedJids: ["alice@jabber.example"] });
  bob = await addAccount(hub, "bob", { linkedJids: ["bob@jabber.example"] });
});
afterEach(() => hub[Symbol.asyncDispose]());

const ask = (request: PubsubRequest, actor: Jid = LINKED) => handlePubsub(hub.ports, request, actor);
const form = (fields: Readonly<Record<string, string>>): SubmittedForm => ({
  cancelled: false,
  fields: Object.entries(fields).map(([name, value]) => ({ name: `pubsub#${name}`, values: [value] })),
});
const item = (id: string) => {
  const now = hub.clock.now();
  return { id: id as ItemId, payload: `<note xmlns="urn:n">${id}</note>`, published: now, updated: now };
};
const create = (service: BareJid, config: Readonly<Record<string, string>> = {}): PubsubRequest => ({
  kind: "create",
  service,
  node: NODE,
  config: form(config),
});
const read = (service: BareJid, node = NODE): PubsubRequest => ({
  kind: "items",
  service,
  node,
  ids: [],
  page: { max: 10, order: "creation" },
});
const queued = () =>
  hub.ports.records.reader
    .deliveriesDue(hub.clock.now(), 100)
    .map(({ to, event, wantsReceipt }) => ({ to, kind: event.event.kind, wantsReceipt }));

describe("who may make nodes", () => {
  it("is at the hub's own domain who has an account here, and is then its owner", async () => {
    expect(await ask(create(HUB), STRANGER)).toMatchObject({ condition: "forbidden" });
    expect(await ask(create(HUB))).toMatchObject({ kind: "created", node: NODE });
    expect(await ask({ kind: "node-affiliations", service: HUB, node: NODE })).toMatchObject({
      affiliations: [{ jid: "alice@jabber.example", affiliation: "owner" }],
    });
    expect(await ask({ kind: "purge", service: HUB, node: NODE }, STRANGER)).toMatchObject({ condition: "forbidden" });
    const info = describeService(hub.ports, HUB, NODE);
    expect("forms" in info && info.forms[0]?.fields).toContainEqual({
      name: "pubsub#creator",
      type: "jid-single",
      values: ["alice@jabber.example"],
    });
  });

  it("is at an account who is linked to it, and nobody at one that is not there", async () => {
    expect(await ask(create(alice.account.jid), "bob@jabber.example" as Jid)).toMatchObject({ condition: "forbidden" });
    expect(await ask(create(alice.account.jid))).toMatchObject({ kind: "created" });
    expect(hub.ports.records.reader.affiliation(alice.account.jid, NODE, alice.account.jid)).toBe("owner");
    expect(await ask(create("nobody@hub.example" as BareJid))).toMatchObject({ condition: "item-not-found" });
  });

  it("makes nodes by publishing, too, at its own account and nowhere else (XEP-0163 §3)", async () => {
    const publish = (service: BareJid): PubsubRequest => ({
      kind: "publish",
      service,
      node: NODE,
      item: item("current"),
      options: form({ access_model: "whitelist" }),
    });
    expect(await ask(publish(HUB))).toMatchObject({ condition: "item-not-found" });
    expect(await ask(publish(alice.account.jid), STRANGER)).toMatchObject({ condition: "item-not-found" });
    expect(await ask(publish(alice.account.jid))).toMatchObject({ kind: "published" });
    expect(await ask(read(alice.account.jid), STRANGER)).toMatchObject({ pubsub: "closed-node" });
    expect(await ask(read(alice.account.jid))).toMatchObject({ page: { count: 1 } });
    const page = { max: 10, order: "creation" } as const;
    expect(listServiceItems(hub.ports, alice.account.jid, NODE, page, STRANGER)).toMatchObject({
      pubsub: "closed-node",
    });
    expect(listServiceItems(hub.ports, alice.account.jid, NODE, page, LINKED)).toMatchObject({ count: 1 });
  });
});

describe("an account's microblog", () => {
  const at = { node: MICROBLOG_NODE } as const;

  it("stays, with its posts, and what makes it one", async () => {
    const service = alice.account.jid;
    await post(hub, alice, "one");
    expect(await ask({ kind: "delete", service, ...at })).toMatchObject({ condition: "not-allowed" });
    expect(await ask({ kind: "purge", service, ...at })).toMatchObject({ condition: "not-allowed" });
    for (const wish of ["persist_items 0", "publish_model open", "max_items 1", "type urn:x"]) {
      const [name = "", value = ""] = wish.split(" ");
      const refused = await ask({ kind: "configure", service, ...at, form: form({ [name]: value }) });
      expect(refused).toMatchObject({ condition: "not-acceptable" });
    }
    expect(await ask(read(service, MICROBLOG_NODE))).toMatchObject({ page: { count: 1 } });
    const titled = await ask({ kind: "configure", service, ...at, form: form({ title: "Alice at sea" }) });
    expect(titled).toEqual({ kind: "done" });
    expect(hub.ports.records.reader.node(service, MICROBLOG_NODE)?.config.title).toBe("Alice at sea");
  });

  it("is posted to by who is linked, however an owner affiliates", async () => {
    const service = alice.account.jid;
    const affiliate = (jid: string, affiliation: string): PubsubRequest => ({
      kind: "node-affiliations",
      service,
      ...at,
      changes: [{ jid: jid as BareJid, affiliation }],
    });
    expect(await ask(affiliate("mallory@far.example", "publisher"))).toMatchObject({ condition: "not-acceptable" });
    expect(await ask(affiliate("alice@jabber.example", "none"))).toMatchObject({ condition: "not-acceptable" });
    expect(await ask(affiliate("mallory@far.example", "outcast"))).toEqual({ kind: "done" });
    expect(await ask(read(service, MICROBLOG_NODE), STRANGER)).toMatchObject({ condition: "forbidden" });
    expect(await ask(affiliate("mallory@far.example", "none"), STRANGER)).toMatchObject({ condition: "forbidden" });
  });

  it("is published to where its options hold (§7.1.5)", async () => {
    const publish = (options: SubmittedForm): PubsubRequest => ({
      kind: "publish",
      service: alice.account.jid,
      ...at,
      item: { ...item("post-by-phone"), payload: "<broken" },
      options,
    });
    expect(await ask(publish(form({ access_model: "whitelist" })))).toMatchObject({ pubsub: "precondition-not-met" });
    // The payload is looked at next.
    expect(await ask(publish(form({ access_model: "open" })))).toMatchObject({ pubsub: "invalid-payload" });
  });

  it("asks the people behind the account whom to admit, and does what they say (§8.6)", async () => {
    const service = alice.account.jid;
    await ask({ kind: "configure", service, ...at, form: form({ access_model: "authorize" }) });
    const subscribe = { kind: "subscribe", service, ...at, jid: "far.example" as BareJid } as const;
    expect(await ask(subscribe, "far.example" as Jid)).toMatchObject({ subscription: { state: "pending" } });
    expect(queued()).toEqual([{ to: "alice@jabber.example", kind: "authorization", wantsReceipt: false }]);
    expect(await ask(read(service, MICROBLOG_NODE), "far.example" as Jid)).toMatchObject({ pubsub: "not-subscribed" });
    const allow = { kind: "authorize", service, ...at, jid: "far.example" as BareJid, allow: true } as const;
    expect(await ask(allow, STRANGER)).toMatchObject({ condition: "forbidden" });
    expect(await ask(allow)).toEqual({ kind: "done" });
    // A hub answers what it takes in, and this is no post.
    expect(queued().slice(-2)).toEqual([
      { to: "far.example", kind: "subscription", wantsReceipt: false },
      { to: "alice@jabber.example", kind: "subscription", wantsReceipt: false },
    ]);
    await post(hub, alice, "for those who were let in");
    expect(queued().at(-1)).toEqual({ to: "far.example", kind: "items", wantsReceipt: true });
    expect(await ask(read(service, MICROBLOG_NODE), "far.example" as Jid)).toMatchObject({ page: { count: 1 } });
  });
});

it("has no contacts to admit at the hub's own domain, and says so", async () => {
  for (const model of ["presence", "roster"]) {
    expect(await ask(create(HUB, { access_model: model }))).toMatchObject({ pubsub: "unsupported-access-model" });
    expect(hub.ports.records.reader.node(HUB, NODE)).toBeUndefined();
    const feature = `http://jabber.org/protocol/pubsub#access-${model}`;
    const featuresAt = (jid: BareJid) => {
      const info = describeService(hub.ports, jid);
      return "features" in info ? info.features : [];
    };
    expect(featuresAt(HUB)).not.toContain(feature);
    expect(featuresAt(alice.account.jid)).toContain(feature);
  }
});

describe("whom an account follows", () => {
  it.each([
    ["presence", {}],
    ["roster", { roster_groups_allowed: "follows" }],
  ])("may read what is for them: %s", async (model, more) => {
    const service = alice.account.jid;
    await ask(create(service, { access_model: model, ...more }));
    await ask({ kind: "publish", service, node: NODE, item: item("item-1") });
    expect(await ask(read(service), BOB)).toMatchObject({ condition: "not-authorized" });
    must(await followAccount(hub.ports, alice, bob.iri));
    expect(await ask(read(service), BOB)).toMatchObject({ page: { count: 1 } });
    expect(await ask(read(service), STRANGER)).toMatchObject({ condition: "not-authorized" });
    must(await unfollowAccount(hub.ports, alice, bob.iri));
    expect(await ask(read(service), BOB)).toMatchObject({ condition: "not-authorized" });
  });
});

it("keeps what was configured, and where a node went", async () => {
  await ask(create(HUB, { title: "News", item_expire: "60", language: "sv" }));
  await ask({ kind: "publish", service: HUB, node: NODE, item: item("item-1") });
  await ask({ kind: "subscribe", service: HUB, node: NODE, jid: STRANGER, options: form({ deliver: "0" }) }, STRANGER);
  expect(hub.ports.records.reader.node(HUB, NODE)?.config).toMatchObject({ title: "News", itemExpire_s: 60 });
  expect(hub.ports.records.reader.subscriptions(HUB, NODE)).toMatchObject([{ options: { deliver: false } }]);
  hub.clock.advance(61_000);
  expect(await ask(read(HUB))).toMatchObject({ page: { count: 0 } });
  await ask({ kind: "delete", service: HUB, node: NODE, redirect: "xmpp:far.example?;node=news" });
  expect(await ask(read(HUB))).toMatchObject({ condition: "gone", uri: "xmpp:far.example?;node=news" });
  expect(await ask(create(HUB))).toMatchObject({ kind: "created" });
  expect(await ask(read(HUB))).toMatchObject({ page: { count: 0 } });
});

it("ends leases and takes out what has expired, once each, and says so", async () => {
  await ask(create(HUB, { item_expire: "60" }));
  for (const id of ["item-1", "item-2"]) await ask({ kind: "publish", service: HUB, node: NODE, item: item(id) });
  const expire = instantOf(epochMs(hub.clock.now()) + 90_000);
  const subscribe = { kind: "subscribe", service: HUB, node: NODE } as const;
  await ask({ ...subscribe, jid: STRANGER, options: form({ expire }) }, STRANGER);
  await ask({ ...subscribe, jid: LINKED });
  expect(await endLeases(hub.ports)).toBe(0);
  hub.clock.advance(61_000);
  expect(await endLeases(hub.ports)).toBe(2);
  expect(hub.ports.records.reader.item(HUB, NODE, "item-1" as ItemId)).toBeUndefined();
  hub.clock.advance(30_000);
  // It is over before anybody keeps house.
  expect(await ask({ kind: "subscriptions", service: HUB }, STRANGER)).toMatchObject({ subscriptions: [] });
  expect(await endLeases(hub.ports)).toBe(1);
  expect(queued().slice(-2)).toMatchObject([
    { to: STRANGER, kind: "subscription" },
    { to: bareOf(LINKED), kind: "subscription" },
  ]);
  expect(hub.ports.records.reader.subscriptions(HUB, NODE)).toMatchObject([{ jid: LINKED }]);
  expect(await endLeases(hub.ports)).toBe(0);
});

it("reminds a subscriber once that its lease is almost over, and again of the next one", async () => {
  const HOUR_MS = 3_600_000;
  const at = (hours: number) => instantOf(epochMs(hub.clock.now()) + hours * HOUR_MS);
  await ask(create(HUB));
  const subscribe = { kind: "subscribe", service: HUB, node: NODE } as const;
  await ask({ ...subscribe, jid: STRANGER, options: form({ expire: at(30) }) }, STRANGER);
  await ask({ ...subscribe, jid: LINKED });
  expect(await remindOfLeases(hub.ports)).toBe(0);
  hub.clock.advance(7 * HOUR_MS);
  const expire = at(23);
  expect(await remindOfLeases(hub.ports)).toBe(1);
  const reminder = hub.ports.records.reader.deliveriesDue(hub.clock.now(), 100).at(-1);
  const event = { kind: "subscription", jid: STRANGER, state: "subscribed", expiry: expire };
  expect(reminder).toMatchObject({ to: STRANGER, event: { event } });
  hub.clock.advance(HOUR_MS);
  expect(await remindOfLeases(hub.ports)).toBe(0);
  const options = { kind: "options", service: HUB, node: NODE, jid: STRANGER } as const;
  await ask({ ...options, form: form({ expire: at(40) }) }, STRANGER);
  expect(await remindOfLeases(hub.ports)).toBe(0);
  hub.clock.advance(20 * HOUR_MS);
  expect(await remindOfLeases(hub.ports)).toBe(1);
  // Over within a day from the start: said when it was asked for.
  await ask({ ...options, form: form({ expire: at(2) }) }, STRANGER);
  expect(await remindOfLeases(hub.ports)).toBe(0);
});
