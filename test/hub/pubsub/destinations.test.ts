import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Jid } from "../../../src/core/jid.ts";
import { hubStatus } from "../../../src/hub/house/hub-status.ts";
import type { Delivery } from "../../../src/hub/ports/records.ts";
import { type OutboxLoop, startOutbox } from "../../../src/hub/pubsub/deliver-outbox.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import {
  addAccount,
  DAY_MS,
  HOUR_MS,
  type Holder,
  must,
  OWNER,
  openTestHub,
  post,
  SECOND_MS,
  type TestHub,
} from "../test-hub.ts";

const THERE = "there.example" as Jid;
const OTHER = "other.example" as Jid;
const CAROL = "carol@far.example" as Jid;
const DAVE = "dave@far.example" as Jid;

let hub: TestHub;
let alice: Holder;
let loop: OutboxLoop;
let stop: AbortController;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice");
  start();
});
afterEach(async () => {
  await end();
  await hub[Symbol.asyncDispose]();
});

function start(): void {
  stop = new AbortController();
  loop = startOutbox(hub.ports, stop.signal);
}

/** Starts it anew, and lets it look. */
async function begin(): Promise<void> {
  await end();
  start();
  await setImmediate();
}

/** Ends the loop: all it knows is written down. */
async function end(): Promise<void> {
  stop.abort();
  await loop.ended;
}

/** What is sent by a loop that begins anew, as after a restart of the hub, looks once, and ends. */
async function lookedOnce(): Promise<readonly Delivery[]> {
  await end();
  const before = hub.xmpp.sent.length;
  start();
  await end();
  return hub.xmpp.sent.slice(before);
}

async function subscribe(...jids: readonly Jid[]): Promise<void> {
  for (const jid of jids) {
    await handlePubsub(hub.ports, { kind: "subscribe", service: alice.account.jid, node: MICROBLOG_NODE, jid }, jid);
  }
}

/** Resolves when so many have been sent in all. */
async function sent(count: number): Promise<void> {
  const there = Promise.withResolvers<void>();
  const check = (): void => {
    if (hub.xmpp.sent.length >= count) there.resolve();
  };
  hub.xmpp.whileWriting = check;
  check();
  await there.promise;
}

const stanza = ({ id }: Delivery): string => `d${id}`;
const itemsOf = (deliveries: readonly Delivery[]) =>
  deliveries.map(({ event: { event } }) => ("id" in event ? event.id : event.kind));
const queued = () => hub.ports.records.reader.outbox().queued;
const stateOf = (name: string) => hub.ports.records.reader.destination(name)?.state;
const logged = (event: string) => hub.logged.filter((each) => each.event === event);
const last = (): Delivery => {
  const delivery = hub.xmpp.sent.at(-1);
  if (delivery === undefined) throw new Error("nothing was sent");
  return delivery;
};

/** `there` has not answered `count` posts. */
async function unanswered(count: number): Promise<readonly string[]> {
  await setImmediate();
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await post(hub, alice, `post ${n}`)).id);
  await end();
  hub.clock.advance(15 * SECOND_MS);
  return ids;
}

describe("a host that gives no receipt", () => {
  beforeEach(() => subscribe(THERE, OTHER));

  it("is tried once a step, however much is queued for it, while others are not kept waiting", async () => {
    await unanswered(10);
    // Of the other one, too, nothing was heard.
    await lookedOnce();
    expect(
      hub.xmpp.sent
        .slice(20)
        .map(({ to }) => to)
        .sort(),
    ).toEqual([OTHER, THERE]);
    expect([stateOf(THERE), stateOf(OTHER)]).toEqual(["down", "down"]);
    const [toOther] = hub.xmpp.sent.slice(20).filter(({ to }) => to === OTHER);
    if (toOther === undefined) throw new Error("the other one was not tried");
    start();
    loop.receiveReceipt(OTHER, stanza(toOther));
    await sent(22 + 9);
    expect(new Set(hub.xmpp.sent.slice(22).map(({ to }) => to))).toEqual(new Set([OTHER]));
    await end();
    for (const step_s of [60, 300, 900, 3_600, 3_600]) {
      hub.clock.advance(step_s * SECOND_MS - 1);
      expect((await lookedOnce()).filter(({ to }) => to === THERE)).toEqual([]);
      hub.clock.advance(1);
      expect((await lookedOnce()).filter(({ to }) => to === THERE)).toHaveLength(1);
    }
  });

  it("gets all of it in order when it answers, and what is posted meanwhile after it", async () => {
    const ids = await unanswered(5);
    start();
    await sent(12);
    const newer = await post(hub, alice, "while it was down");
    const before = hub.xmpp.sent.length;
    const trial = hub.xmpp.sent.slice(10).find(({ to }) => to === THERE);
    if (trial === undefined) throw new Error("it was not tried");
    loop.receiveReceipt(THERE, stanza(trial));
    await sent(before + 5);
    expect(itemsOf(hub.xmpp.sent.slice(before).filter(({ to }) => to === THERE))).toEqual([...ids.slice(1), newer.id]);
  });

  it("gets what is held in parts, the oldest first", async () => {
    await end();
    const destination = { name: THERE, state: "down", since: hub.clock.now(), attempts: 1, tries: 1 } as const;
    const now = hub.clock.now();
    await hub.ports.records.transact(() => ({
      changes: [{ kind: "destination-put", destination: { ...destination, day: now, nextAttempt: now } }],
      result: undefined,
    }));
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await post(hub, alice, `post ${n}`)).id);
    const { records } = hub.ports;
    const dueThere = () => itemsOf(records.reader.deliveriesDue(hub.clock.now(), 100).filter(({ to }) => to === THERE));
    expect(dueThere()).toEqual([]);
    await records.transact(() => ({
      changes: [
        { kind: "deliveries-released", host: THERE, now: hub.clock.now(), limit: 2 },
        { kind: "deliveries-dropped", host: THERE, limit: 2 },
      ],
      result: undefined,
    }));
    expect(dueThere()).toEqual(ids.slice(0, 2));
    expect(itemsOf(records.reader.heldDeliveries(THERE, 100))).toEqual(ids.slice(4));
  });

  it("is sent what comes next at once when it has taken all", async () => {
    await unanswered(2);
    start();
    await sent(6);
    for (const delivery of hub.xmpp.sent.slice(4)) loop.receiveReceipt(delivery.to, stanza(delivery));
    await sent(8);
    for (const delivery of hub.xmpp.sent.slice(6)) loop.receiveReceipt(delivery.to, stanza(delivery));
    await lookedOnce();
    expect([queued(), stateOf(THERE)]).toEqual([0, "up"]);
    await begin();
    await post(hub, alice, "later");
    expect(
      hub.xmpp.sent
        .slice(8)
        .map(({ to }) => to)
        .sort(),
    ).toEqual([OTHER, THERE]);
  });

  it("is left to its catch-up when it was tried often enough for a day, and that is said once", async () => {
    await unanswered(3);
    for (let step = 0; step < 40 && stateOf(THERE) !== "left"; step++) {
      await lookedOnce();
      const { next = hub.clock.now() } = hub.ports.records.reader.outbox();
      hub.clock.advance(Math.max(1, Date.parse(next) - Date.parse(hub.clock.now())));
    }
    expect(stateOf(THERE)).toBe("left");
    // The first push of all was a try, too.
    expect(hub.xmpp.sent.slice(6).filter(({ to }) => to === THERE)).toHaveLength(26);
    expect(Date.parse(hub.clock.now()) - Date.parse(hub.xmpp.sent[0]?.created ?? "")).toBeLessThanOrEqual(DAY_MS);
    await lookedOnce();
    expect(queued()).toBe(0);
    const before = hub.xmpp.sent.length;
    await post(hub, alice, "nobody there");
    await lookedOnce();
    expect([queued(), hub.xmpp.sent.length - before]).toEqual([0, 0]);
    expect(logged("destination-left").filter(({ detail }) => detail["host"] === THERE)).toHaveLength(1);
    // A day later one delivery asks again.
    hub.clock.advance(DAY_MS);
    await post(hub, alice, "still there?");
    await lookedOnce();
    expect(
      hub.xmpp.sent
        .slice(before)
        .map(({ to }) => to)
        .sort(),
    ).toEqual([OTHER, THERE]);
  });

  it("is tried at once when something comes from it", async () => {
    await unanswered(1);
    await lookedOnce();
    hub.clock.advance(2 * 60 * SECOND_MS);
    await lookedOnce();
    hub.clock.advance(61 * SECOND_MS);
    const before = hub.xmpp.sent.length;
    start();
    loop.hear(`somebody@${THERE}/phone` as Jid);
    await sent(before + 1);
    expect(last().to).toBe(THERE);
  });

  it("is not waited for when it turns out to know no receipts", async () => {
    hub.xmpp.infos.set(THERE, { identities: [], features: ["http://jabber.org/protocol/disco#info"], forms: [] });
    await unanswered(2);
    await lookedOnce();
    await post(hub, alice, "next");
    await lookedOnce();
    await lookedOnce();
    expect(hub.ports.records.reader.destination(THERE)).toMatchObject({ noReceipts: true, state: "up" });
    const waiting = hub.ports.records.reader.deliveriesDue("9999" as never, 100);
    expect(waiting.filter(({ to }) => to === THERE)).toEqual([]);
  });

  it("is shown in the status, with since when and why", async () => {
    await begin();
    await post(hub, alice, "one");
    const own = hub.xmpp.sent.find(({ to }) => to === THERE);
    if (own === undefined) throw new Error("nothing was sent");
    loop.receiveBounce(THERE, stanza(own), "remote-server-not-found");
    await end();
    const shown = { name: THERE, state: "down", since: hub.clock.now(), problem: "remote-server-not-found" };
    expect(must(hubStatus(hub.ports, alice)).destinations).toMatchObject([shown]);
  });

  it("refuses one notification without the others being held", async () => {
    await setImmediate();
    await post(hub, alice, "too large for it");
    const refused = hub.xmpp.sent.find(({ to }) => to === THERE);
    if (refused === undefined) throw new Error("nothing was sent");
    loop.receiveBounce(THERE, stanza(refused), "policy-violation");
    await lookedOnce();
    expect([queued(), stateOf(THERE)]).toEqual([1, undefined]);
  });
});

describe("people who send notifications back", () => {
  beforeEach(() => subscribe(CAROL, DAVE));

  /** Posts once a day for so many days; each time `CAROL` sends it back. */
  async function bounceDaily(days: number, condition: string): Promise<void> {
    for (let day = 0; day < days; day++) {
      await begin();
      await post(hub, alice, `day ${day}`);
      const [own] = hub.xmpp.sent.filter(({ to }) => to === CAROL).slice(-1);
      if (own !== undefined) loop.receiveBounce(CAROL, stanza(own), condition);
      await end();
      hub.clock.advance(DAY_MS);
    }
  }
  const told = (jid: Jid) => hub.xmpp.sent.filter(({ to }) => to === jid).length;

  it("are sent nothing more after a week of it, and keep their Subscription", async () => {
    await bounceDaily(9, "item-not-found");
    expect(stateOf(CAROL)).toBe("suspended");
    expect([told(CAROL), told(DAVE)]).toEqual([8, 9]);
    expect(hub.ports.records.reader.subscriptionsHeldBy(CAROL as never)).toHaveLength(1);
    expect(logged("subscriber-suspended")).toHaveLength(1);
    expect(must(hubStatus(hub.ports, OWNER)).destinations).toMatchObject([{ name: CAROL, problem: "item-not-found" }]);
    expect(must(hubStatus(hub.ports, alice)).destinations).toEqual([]);
  });

  it("are told that it goes on when something comes from them", async () => {
    await bounceDaily(8, "gone");
    const before = told(CAROL);
    await begin();
    loop.hear(`${CAROL}/phone` as Jid);
    await sent(hub.xmpp.sent.length + 1);
    expect(last()).toMatchObject({ to: CAROL, event: { event: { kind: "subscription", state: "subscribed" } } });
    await post(hub, alice, "again");
    expect(told(CAROL)).toBe(before + 2);
    expect(stateOf(CAROL)).toBeUndefined();
  });

  it("are not suspended for what is no lasting condition, nor by few bounces", async () => {
    await bounceDaily(10, "resource-constraint");
    expect(stateOf(CAROL)).toBeUndefined();
    await bounceDaily(1, "gone");
    hub.clock.advance(20 * DAY_MS);
    await bounceDaily(1, "gone");
    expect(stateOf(CAROL)).toBe("bouncing");
  });

  it("begin anew when one in between has arrived", async () => {
    await bounceDaily(4, "gone");
    await begin();
    await post(hub, alice, "arrives");
    hub.clock.advance(HOUR_MS);
    await post(hub, alice, "arrives, too");
    await lookedOnce();
    expect(stateOf(CAROL)).toBeUndefined();
  });

  it("hold what is for others at their host when that is not found, until one goes through", async () => {
    await setImmediate();
    await post(hub, alice, "one");
    const own = hub.xmpp.sent.find(({ to }) => to === CAROL);
    if (own === undefined) throw new Error("nothing was sent");
    loop.receiveBounce(CAROL, stanza(own), "remote-server-not-found");
    await end();
    expect(stateOf("far.example")).toBe("down");
    await begin();
    const before = hub.xmpp.sent.length;
    await post(hub, alice, "two");
    expect([hub.xmpp.sent.length - before, queued()]).toEqual([0, 2]);
    hub.clock.advance(15 * SECOND_MS);
    loop.wake();
    await sent(before + 1);
    // Nobody sends it back.
    hub.clock.advance(120 * SECOND_MS);
    loop.wake();
    await sent(before + 2);
    await lookedOnce();
    expect([queued(), hub.xmpp.sent.length - before]).toEqual([0, 2]);
  });
});
