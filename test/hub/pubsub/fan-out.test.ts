import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Jid } from "../../../src/core/jid.ts";
import type { Delivery } from "../../../src/hub/ports/records.ts";
import { type OutboxLoop, startOutbox } from "../../../src/hub/pubsub/deliver-outbox.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { SqliteRecords } from "../../../src/storage/records.ts";
import { addAccount, type Holder, openTestHub, post, type TestHub } from "../test-hub.ts";

/** As in deliver-outbox.ts: read at a time, and held at a time. */
const BATCH = 500;
const HELD_MAX = 6_000;

let hub: TestHub;
let alice: Holder;
let bob: Holder;
let stop: AbortController;
let loop: OutboxLoop;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice");
  bob = await addAccount(hub, "bob");
  stop = new AbortController();
  loop = startOutbox(hub.ports, stop.signal);
  await setImmediate();
});
afterEach(async () => {
  stop.abort();
  await loop.ended;
  await hub[Symbol.asyncDispose]();
});

/** Writes subscriptions of so many into the records: people, unless it is said otherwise. */
async function readers(
  { account }: Holder,
  count: number,
  nameOf = (n: number): string => `reader${n}@far.example`,
): Promise<void> {
  const created = hub.clock.now();
  const common = { service: account.jid, node: MICROBLOG_NODE, state: "subscribed", created } as const;
  const done = await hub.ports.records.transact(() => ({
    changes: Array.from({ length: count }, (_, n) => {
      const jid = nameOf(n) as Jid;
      return { kind: "subscription-put", subscription: { ...common, jid, subid: `s${n}` } } as const;
    }),
    result: undefined,
  }));
  if (isRefusal(done)) throw new Error(done.message);
}

const isOf = ({ account }: Holder, { event }: Delivery): boolean => event.service === account.jid;
const queued = () => hub.ports.records.reader.outbox().queued;

/** Resolves when so many have been written in all; each write takes a turn of the event loop. */
async function written(count: number, meanwhile: () => void = () => undefined): Promise<void> {
  const there = Promise.withResolvers<void>();
  const notify = hub.xmpp.notify.bind(hub.xmpp);
  hub.xmpp.notify = async (deliveries) => {
    const no = await notify(deliveries);
    meanwhile();
    await setImmediate();
    if (hub.xmpp.sent.length >= count) there.resolve();
    return no;
  };
  if (hub.xmpp.sent.length >= count) there.resolve();
  await there.promise;
}

it.each(["before", "after"])(
  "does not let pushes to three wait for more than one batch of ten thousand, posted %s",
  async (when) => {
    const large = HELD_MAX + 4_000;
    await readers(alice, large);
    // Several, since which of two nodes has the first turn is chance.
    const small = [bob];
    for (const name of ["carol", "dave", "erin", "frank"]) small.push(await addAccount(hub, name));
    for (const holder of small) await readers(holder, 3);
    hub.xmpp.become("connecting");
    if (when === "before") for (const holder of small) await post(hub, holder, "to three");
    await post(hub, alice, "to ten thousand");
    if (when === "after") for (const holder of small) await post(hub, holder, "to three");
    hub.xmpp.become("online");
    await written(large + 15);
    const last = hub.xmpp.sent.findLastIndex((each) => !isOf(alice, each));
    expect(last).toBeLessThan(BATCH);
  },
);

it("sends what is posted while ten thousand are on their way before the rest of them", async () => {
  const large = HELD_MAX + 4_000;
  await readers(alice, large);
  await readers(bob, 3);
  let posted: number | undefined;
  const all = written(large + 3, () => {
    if (posted !== undefined || hub.xmpp.sent.length < 1_000) return;
    posted = hub.xmpp.sent.length;
    void post(hub, bob, "to three");
  });
  await post(hub, alice, "to ten thousand");
  await all;
  const last = hub.xmpp.sent.findLastIndex((each) => isOf(bob, each));
  expect(last - (posted ?? 0)).toBeLessThanOrEqual(BATCH + 3);
  expect(new Set(hub.xmpp.sent.map(({ id }) => id)).size).toBe(large + 3);
});

it("keeps each node's own order, however many wait", async () => {
  await readers(alice, 700);
  await readers(bob, 300);
  hub.xmpp.become("connecting");
  const posts = [await post(hub, alice, "one"), await post(hub, bob, "two"), await post(hub, alice, "three")];
  hub.xmpp.become("online");
  await written(1_700);
  for (const holder of [alice, bob]) {
    const ids = hub.xmpp.sent
      .filter((each) => isOf(holder, each))
      .map(({ event: { event } }) => "id" in event && event.id);
    // One after the other, without going back.
    expect(ids.filter((id, n) => id !== ids[n - 1])).toEqual(
      posts.filter(({ iri }) => iri.includes(`/${holder.account.name}/`)).map(({ id }) => id),
    );
  }
});

it("takes turns among more nodes than one look takes in", async () => {
  const holders = [alice, bob];
  for (let n = 0; n < 110; n++) holders.push(await addAccount(hub, `person${n}`));
  for (const holder of holders) await readers(holder, 30);
  hub.xmpp.become("connecting");
  for (const holder of holders) await post(hub, holder, "hello");
  hub.xmpp.become("online");
  await written(30 * holders.length);
  const first = hub.xmpp.sent.slice(0, 2 * BATCH);
  expect(new Set(first.map(({ event }) => event.service)).size).toBe(holders.length);
});

it("holds no more than its bound while the socket takes nothing, and sends each once", async () => {
  const large = HELD_MAX + 2_000;
  await readers(alice, large);
  const notify = hub.xmpp.notify.bind(hub.xmpp);
  const taken = Promise.withResolvers<void>();
  let asked = 0;
  hub.xmpp.notify = async (deliveries) => {
    asked += deliveries.length;
    await taken.promise;
    return await notify(deliveries);
  };
  // The first fills the bound, the second does not fit: it stays in the records.
  await readers(bob, HELD_MAX - 100);
  await post(hub, bob, "fits");
  await post(hub, alice, "does not");
  await setImmediate();
  expect(asked).toBeLessThanOrEqual(HELD_MAX + BATCH);
  expect(queued()).toBe(large + HELD_MAX - 100);
  taken.resolve();
  await written(large + HELD_MAX - 100);
  expect(new Set(hub.xmpp.sent.map(({ id }) => id)).size).toBe(large + HELD_MAX - 100);
});

it("holds no more than its bound while the disk is full, and goes on when there is room", async () => {
  const hubs = HELD_MAX + 700;
  await readers(alice, hubs, (n) => `hub${n}.example`);
  hub.xmpp.become("connecting");
  await post(hub, alice, "to hubs");
  const { database } = hub.ports.records as SqliteRecords;
  database.exec("VACUUM");
  const pages = Number(database.get("PRAGMA page_count")?.["page_count"]);
  // What waits for a receipt moves within an index, and there is no page left to move it to.
  database.get(`PRAGMA max_page_count = ${pages}`);
  hub.xmpp.become("online");
  await written(HELD_MAX);
  const failures = (): number => hub.logged.filter(({ event }) => event === "outbox-failed").length;
  for (let look = 0; look < 20; look++) {
    loop.wake();
    await setImmediate();
  }
  expect(hub.xmpp.sent).toHaveLength(HELD_MAX);
  expect(failures()).toBeGreaterThan(0);
  expect(hub.logged.find(({ event }) => event === "outbox-failed")?.detail["fault"]).toContain("full");
  database.get("PRAGMA max_page_count = 1000000");
  loop.wake();
  await written(hubs);
  stop.abort();
  await loop.ended;
  expect(new Set(hub.xmpp.sent.map(({ to }) => to)).size).toBe(hubs);
  expect(hub.xmpp.sent).toHaveLength(hubs);
  expect(hub.ports.records.reader.deliveriesDue(hub.clock.now(), 1)).toEqual([]);
  expect(queued()).toBe(hubs);
});
