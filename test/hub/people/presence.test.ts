import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { announce } from "../../../src/hub/people/own-presence.ts";
import { receivePresence } from "../../../src/hub/people/receive-presence.ts";
import type { InboundPresence } from "../../../src/hub/ports/xmpp-link.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import { addAccount, type Holder, must, openTestHub, post, type TestHub } from "../test-hub.ts";

const BOB = "bob@jabber.example" as BareJid;
const PHONE = `${BOB}/phone` as Jid;
const DESK = `${BOB}/desk` as Jid;
const NICK = "http://jabber.org/protocol/nick";
const CAPS = { hash: "sha-1", node: "https://client.example/", ver: "QgayPKawpkPSDYmwT/WM94uAlu0=" };

let hub: TestHub;
let alice: Holder;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { displayName: "Alice" });
});
afterEach(() => hub[Symbol.asyncDispose]());

const come = (presence: Partial<InboundPresence> = {}) =>
  receivePresence(hub.ports, { from: BOB, to: alice.account.jid, type: "available", show: "online", ...presence });
const can = (jid: Jid, ...nodes: readonly string[]) =>
  hub.xmpp.infos.set(jid, {
    identities: [{ category: "client", type: "pc" }],
    features: nodes.map((node) => `${node}+notify`),
    forms: [],
  });
const contact = () => hub.ports.records.reader.contact(alice.account.jid, BOB);
/** What was queued from now on: the node, and whom it is for. */
function toldAfter(): () => readonly string[] {
  const before = hub.queued.length;
  return () =>
    hub.queued
      .slice(before)
      .flat()
      .map(({ event, to }) => `${event.node} ${to}`);
}

describe("somebody who subscribes to an account's presence (RFC 6121 §3.1)", () => {
  it("may, sees at once that it is there, and is asked for their own presence", async () => {
    await come({ type: "subscribe" });
    expect(hub.xmpp.presences).toEqual([
      { from: alice.account.jid, to: BOB, type: "subscribed" },
      { from: alice.account.jid, to: BOB, type: "available", photo: "" },
      { from: alice.account.jid, to: BOB, type: "subscribe", nick: "Alice" },
    ]);
    expect(contact()).toEqual({ groups: [], asked: true });
  });

  it("is answered again, and asked only once", async () => {
    await come({ type: "subscribe" });
    hub.xmpp.presences.length = 0;
    await come({ type: "subscribe" });
    expect(hub.xmpp.presences.map(({ type }) => type)).toEqual(["subscribed", "available"]);
  });

  it("is declined where nobody is", async () => {
    await come({ type: "subscribe", to: "nobody@hub.example" as BareJid });
    expect(hub.xmpp.presences).toEqual([{ from: "nobody@hub.example", to: BOB, type: "unsubscribed" }]);
  });

  it("is told again after the hub was away, and asked where they are", async () => {
    await come({ type: "subscribe" });
    hub.xmpp.presences.length = 0;
    expect(await announce(hub.ports)).toBe(1);
    expect(hub.xmpp.presences).toMatchObject([
      { to: BOB, type: "available" },
      { to: BOB, type: "probe" },
    ]);
  });

  it("is forgotten when they leave, and told so", async () => {
    await come({ type: "subscribe" });
    hub.xmpp.presences.length = 0;
    await come({ type: "unsubscribe" });
    expect(hub.xmpp.presences.map(({ type }) => type)).toEqual(["unavailable", "unsubscribed", "unsubscribe"]);
    expect(contact()).toBeUndefined();
  });

  it("may be the hub's too, at its own domain", async () => {
    await come({ type: "subscribe", to: "hub.example" as BareJid });
    expect(hub.xmpp.presences[0]).toMatchObject({ from: "hub.example", type: "subscribed" });
  });
});

describe("a probe (RFC 6121 §4.3.2)", () => {
  it("is answered to a contact, and declined to anybody else", async () => {
    await come({ type: "probe", from: PHONE });
    await come({ type: "subscribe" });
    await come({ type: "probe", from: PHONE });
    const { presences } = hub.xmpp;
    expect([presences[0], presences.at(-1)]).toMatchObject([
      { type: "unsubscribed", to: BOB },
      { type: "available", to: PHONE },
    ]);
  });
});

describe("a contact whose program wants to be told of a node (XEP-0163 §4.3)", () => {
  beforeEach(async () => {
    await come({ type: "subscribe" });
    can(PHONE, MICROBLOG_NODE, NICK);
  });

  it("is told without subscribing, the program that wants to be and no other", async () => {
    await come({ from: PHONE, caps: CAPS });
    await come({ from: DESK });
    const told = toldAfter();
    await post(hub, alice, "one");
    expect(told()).toEqual([`${MICROBLOG_NODE} ${PHONE}`]);
  });

  it("gets the last item of each such node as it comes, and not again while it is there", async () => {
    await post(hub, alice, "one");
    const told = toldAfter();
    await come({ from: PHONE, caps: CAPS });
    expect(told().toSorted()).toEqual([`${NICK} ${PHONE}`, `${MICROBLOG_NODE} ${PHONE}`].toSorted());
    await come({ from: PHONE, caps: CAPS, show: "away" });
    expect(told()).toHaveLength(2);
    await come({ from: PHONE, type: "unavailable" });
    await come({ from: PHONE, caps: CAPS });
    expect(told()).toHaveLength(4);
  });

  it("is told no more once it has gone", async () => {
    await come({ from: PHONE, caps: CAPS });
    await come({ from: PHONE, type: "unavailable" });
    const told = toldAfter();
    await post(hub, alice, "one");
    expect(told()).toEqual([]);
  });

  it("is told once where it has subscribed as well", async () => {
    const subscribe = { kind: "subscribe", service: alice.account.jid, node: MICROBLOG_NODE, jid: BOB } as const;
    await handlePubsub(hub.ports, subscribe, PHONE);
    await come({ from: PHONE, caps: CAPS });
    const told = toldAfter();
    await post(hub, alice, "one");
    expect(told()).toEqual([`${MICROBLOG_NODE} ${BOB}`]);
  });

  it("is told of another name", async () => {
    await come({ from: PHONE, caps: CAPS });
    const told = toldAfter();
    must(await updateAccount(hub.ports, alice, "alice", { displayName: "Alice L." }));
    expect(told()).toEqual([`${NICK} ${PHONE}`]);
    must(await updateAccount(hub.ports, alice, "alice", { displayName: "Alice L." }));
    expect(told()).toHaveLength(1);
  });

  it("is asked once for what all with the same program can do", async () => {
    await come({ from: PHONE, caps: CAPS });
    await come({ from: DESK, caps: CAPS });
    expect(hub.xmpp.questions.filter(({ name }) => name === "capabilities")).toHaveLength(1);
    const told = toldAfter();
    await post(hub, alice, "one");
    expect(told()).toEqual([`${MICROBLOG_NODE} ${PHONE}`, `${MICROBLOG_NODE} ${DESK}`]);
  });

  it("that lies about what it can do is told nothing, and the next one is asked", async () => {
    hub.xmpp.before = ({ jid }) => (jid === PHONE ? refuse("remote-refused", "Another hash.") : undefined);
    can(DESK, MICROBLOG_NODE);
    await come({ from: PHONE, caps: CAPS });
    await come({ from: DESK, caps: CAPS });
    const told = toldAfter();
    await post(hub, alice, "one");
    expect(told()).toEqual([`${MICROBLOG_NODE} ${DESK}`]);
  });
});

describe("presence of those who are no contacts", () => {
  it("is passed over", async () => {
    can(PHONE, MICROBLOG_NODE);
    await come({ from: PHONE, caps: CAPS });
    const told = toldAfter();
    await post(hub, alice, "one");
    expect([told(), hub.xmpp.questions]).toEqual([[], []]);
  });

  it("counts for those who have subscribed to a node: show-values (XEP-0060 §12.1)", async () => {
    const values = ["chat"];
    const form = { cancelled: false, fields: [{ name: "pubsub#show-values", values }] };
    const place = { service: alice.account.jid, node: MICROBLOG_NODE, jid: BOB } as const;
    await handlePubsub(hub.ports, { kind: "subscribe", ...place, options: form }, PHONE);
    const told = toldAfter();
    await post(hub, alice, "while nothing is known");
    await come({ from: PHONE, show: "away" });
    await post(hub, alice, "while away");
    await come({ from: PHONE, show: "chat" });
    await post(hub, alice, "while chatting");
    expect(told()).toEqual([`${MICROBLOG_NODE} ${BOB}`, `${MICROBLOG_NODE} ${BOB}`]);
  });
});

describe("a flood of presence", () => {
  it("is cut short, for a JID that sends too much and with too many resources", async () => {
    await come({ type: "subscribe" });
    hub.xmpp.presences.length = 0;
    for (let at = 0; at < 300; at++) await come({ type: "probe", from: `${BOB}/r${at}` as Jid });
    expect(hub.xmpp.presences.length).toBeLessThan(130);
    hub.clock.advance(120_000);
    can(`${BOB}/r0` as Jid, MICROBLOG_NODE);
    for (let at = 0; at < 60; at++) await come({ from: `${BOB}/r${at}` as Jid, caps: CAPS });
    const told = toldAfter();
    await post(hub, alice, "one");
    expect(told()).toHaveLength(20);
  });

  it("of hashes leaves questions bounded", async () => {
    const carol = "carol@jabber.example" as BareJid;
    await come({ type: "subscribe" });
    await come({ type: "subscribe", from: carol });
    let asking = 0;
    hub.xmpp.before = async () => {
      asking++;
      return await new Promise(() => undefined);
    };
    for (const who of [BOB, carol]) {
      for (let at = 0; at < 15; at++)
        void come({ from: `${who}/r${at}` as Jid, caps: { ...CAPS, ver: `${who}${at}` } });
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(asking).toBe(20);
  });
});

describe("a node for contacts only (access model presence)", () => {
  const node = "urn:example:friends" as NodeId;
  beforeEach(async () => {
    const config = { cancelled: false, fields: [{ name: "pubsub#access_model", values: ["presence"] }] };
    await handlePubsub(hub.ports, { kind: "create", service: alice.account.jid, node, config }, alice.account.jid);
  });
  const subscribe = () =>
    handlePubsub(hub.ports, { kind: "subscribe", service: alice.account.jid, node, jid: BOB }, PHONE);

  it("admits who has subscribed to the account's presence, and nobody else", async () => {
    expect(await subscribe()).toMatchObject({
      condition: "not-authorized",
      pubsub: "presence-subscription-required",
    });
    await come({ type: "subscribe" });
    expect(await subscribe()).toMatchObject({ kind: "subscribed" });
  });

  it("lets go of who is no contact any more (XEP-0163 §8)", async () => {
    await come({ type: "subscribe" });
    await subscribe();
    await come({ type: "unsubscribe" });
    expect(hub.ports.records.reader.subscriptions(alice.account.jid, node)).toEqual([]);
  });
});
