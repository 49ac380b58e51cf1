import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Jid } from "../../../src/core/jid.ts";
import type { Delivery } from "../../../src/hub/ports/records.ts";
import { type OutboxLoop, startOutbox } from "../../../src/hub/pubsub/deliver-outbox.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import { addAccount, type Holder, openTestHub, post, SECOND_MS, type TestHub } from "../test-hub.ts";

const THERE = "there.example" as Jid;
const CAROL = "carol@far.example/phone" as Jid;

let hub: TestHub;
let alice: Holder;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice");
});
afterEach(() => hub[Symbol.asyncDispose]());

async function subscribe(...jids: readonly Jid[]): Promise<void> {
  for (const jid of jids) {
    await handlePubsub(hub.ports, { kind: "subscribe", service: alice.account.jid, node: MICROBLOG_NODE, jid }, jid);
  }
}

/** Lets the loop look once, answer as told, and write down what became of the deliveries. */
async function handOver(meanwhile: (loop: OutboxLoop) => void = () => undefined): Promise<readonly Delivery[]> {
  const before = hub.xmpp.sent.length;
  const stop = new AbortController();
  const loop = startOutbox(hub.ports, stop.signal);
  meanwhile(loop);
  stop.abort();
  await loop.ended;
  return hub.xmpp.sent.slice(before);
}

const queued = () => hub.ports.records.reader.outbox().queued;
const stanza = ({ id }: Delivery): string => `d${id}`;

it("is done once the socket has taken what nobody answers", async () => {
  await subscribe(CAROL);
  await post(hub, alice, "one");
  expect(await handOver()).toMatchObject([{ to: CAROL, attempts: 0 }]);
  expect(queued()).toBe(0);
});

it("keeps what a hub has not answered, and puts it off", async () => {
  await subscribe(THERE);
  await post(hub, alice, "one");
  await handOver();
  expect(queued()).toBe(1);
  expect(await handOver()).toEqual([]);
  const [again] = hub.ports.records.reader.deliveriesDue("9999" as never, 1);
  expect(again?.attempts).toBe(1);
});

it("is done when the receipt comes, from whatever resource of the one it went to", async () => {
  await subscribe(THERE);
  await post(hub, alice, "one");
  const [first] = await handOver();
  if (first === undefined) throw new Error("nothing was sent");
  await handOver((loop) => loop.receiveReceipt(`${THERE}/x` as Jid, stanza(first)));
  expect(queued()).toBe(0);
});

it("takes a receipt that is back before the socket says it took the stanza", async () => {
  await subscribe(THERE);
  await post(hub, alice, "one");
  hub.xmpp.become("connecting");
  const stop = new AbortController();
  const loop = startOutbox(hub.ports, stop.signal);
  hub.xmpp.whileWriting = (deliveries) => {
    for (const each of deliveries) loop.receiveReceipt(each.to, stanza(each));
    stop.abort();
  };
  hub.xmpp.become("online");
  await loop.ended;
  expect([hub.xmpp.sent.length, queued()]).toEqual([1, 0]);
});

it.each([
  ["another hub", "other.example" as Jid, (id: string) => id],
  ["an account of that domain", "x@there.example" as Jid, (id: string) => id],
  ["the right hub about another stanza", THERE, () => "d99999"],
  ["the right hub about what is no delivery", THERE, () => "d1e0"],
])("is not done by a receipt from %s", async (_, from, idOf) => {
  await subscribe(THERE);
  await post(hub, alice, "one");
  const [first] = await handOver();
  if (first === undefined) throw new Error("nothing was sent");
  await handOver((loop) => loop.receiveReceipt(from, idOf(stanza(first))));
  expect(queued()).toBe(1);
});

it("tries again later and later, and is not hurried by bounces", async () => {
  await subscribe(THERE);
  await post(hub, alice, "one");
  const waited: number[] = [];
  for (let attempt = 0, since = 0; attempt < 7; attempt++) {
    const [sent] = await handOver();
    if (sent === undefined) throw new Error("nothing was sent");
    await handOver((loop) => loop.receiveBounce(THERE, stanza(sent), "remote-server-not-found"));
    const next = hub.ports.records.reader.outbox().next ?? "";
    since = Date.parse(next) - Date.parse(hub.clock.now());
    waited.push(since / SECOND_MS);
    hub.clock.advance(since - 1);
    expect(await handOver()).toEqual([]);
    hub.clock.advance(1);
  }
  expect(waited).toEqual([15, 60, 300, 900, 3_600, 3_600, 3_600]);
  expect(hub.logged.filter(({ event }) => event === "notification-bounced")).toHaveLength(7);
});

it("sends nothing while the link is down, and all of it in order when it is back", async () => {
  await subscribe(CAROL);
  hub.xmpp.become("connecting");
  const posts = [await post(hub, alice, "one"), await post(hub, alice, "two")];
  expect(await handOver((loop) => loop.wake())).toEqual([]);
  expect(queued()).toBe(2);
  const stop = new AbortController();
  const loop = startOutbox(hub.ports, stop.signal);
  hub.xmpp.whileWriting = () => stop.abort();
  hub.xmpp.become("online");
  await loop.ended;
  expect(hub.xmpp.sent.map(({ event: { event } }) => "id" in event && event.id)).toEqual(posts.map(({ id }) => id));
  expect(queued()).toBe(0);
});

it("counts nothing as sent that the socket did not take", async () => {
  await subscribe(CAROL);
  await post(hub, alice, "one");
  const write = hub.xmpp.notify.bind(hub.xmpp);
  // The link goes between the look and the writing.
  hub.xmpp.notify = async (deliveries) => {
    hub.xmpp.become("connecting");
    return await write(deliveries);
  };
  expect(await handOver()).toEqual([]);
  const [kept] = hub.ports.records.reader.deliveriesDue(hub.clock.now(), 10);
  expect(kept).toMatchObject({ to: CAROL, attempts: 0 });
});

it("hands over more than one batch while it runs, each delivery once", async () => {
  await subscribe(...Array.from({ length: 600 }, (_, n) => `reader${n}@far.example` as Jid));
  await post(hub, alice, "one");
  const stop = new AbortController();
  const loop = startOutbox(hub.ports, stop.signal);
  hub.xmpp.whileWriting = () => {
    if (hub.xmpp.sent.length >= 600) stop.abort();
  };
  await loop.ended;
  expect(new Set(hub.xmpp.sent.map(({ to }) => to)).size).toBe(600);
  expect([hub.xmpp.sent.length, queued()]).toEqual([600, 0]);
});

describe("what a commit queues while the loop runs", () => {
  let stop: AbortController;
  let loop: OutboxLoop;

  beforeEach(async () => {
    await subscribe(THERE, CAROL);
    stop = new AbortController();
    loop = startOutbox(hub.ports, stop.signal);
    // It has looked, and has nothing to do.
    await setImmediate();
  });
  afterEach(async () => {
    stop.abort();
    await loop.ended;
  });

  const sentTo = () => hub.xmpp.sent.map(({ to }) => to).sort();

  it("is written before anybody else is told of the commit, and once", async () => {
    const sentWhenTold: number[] = [];
    hub.ports.records.onCommit(() => sentWhenTold.push(hub.xmpp.sent.length));
    await post(hub, alice, "one");
    expect(sentWhenTold).toEqual([2]);
    loop.wake();
    await setImmediate();
    stop.abort();
    await loop.ended;
    expect(sentTo()).toEqual([CAROL, THERE]);
    expect(queued()).toBe(1);
  });

  it("waits for older deliveries that are being read", async () => {
    hub.xmpp.become("connecting");
    const older = await post(hub, alice, "older");
    const write = hub.xmpp.notify.bind(hub.xmpp);
    let newer: typeof older | undefined;
    hub.xmpp.notify = async (deliveries) => {
      newer ??= await post(hub, alice, "newer");
      return await write(deliveries);
    };
    const done = Promise.withResolvers<void>();
    hub.xmpp.whileWriting = () => {
      if (hub.xmpp.sent.length === 4) done.resolve();
    };
    hub.xmpp.become("online");
    await done.promise;
    const { id } = newer ?? older;
    const order = [older.id, older.id, id, id];
    expect(hub.xmpp.sent).toMatchObject(order.map((each) => ({ event: { event: { id: each } } })));
  });

  it("stays queued when the socket does not take it, and goes when the link is back", async () => {
    const write = hub.xmpp.notify.bind(hub.xmpp);
    hub.xmpp.notify = async (deliveries) => {
      hub.xmpp.become("connecting");
      return await write(deliveries);
    };
    await post(hub, alice, "one");
    await setImmediate();
    expect([hub.xmpp.sent.length, queued()]).toEqual([0, 2]);
    hub.xmpp.notify = write;
    hub.xmpp.become("online");
    await setImmediate();
    expect(sentTo()).toEqual([CAROL, THERE]);
  });

  it("is not written down as done before the socket has taken it, whatever else is", async () => {
    await post(hub, alice, "one");
    const [there] = hub.xmpp.sent.filter(({ to }) => to === THERE);
    if (there === undefined) throw new Error("nothing was sent");
    const taken = Promise.withResolvers<ReturnType<typeof refuse>>();
    hub.xmpp.notify = async () => await taken.promise;
    await post(hub, alice, "two");
    const settled = Promise.withResolvers<void>();
    const [transact, { records }] = [hub.ports.records.transact.bind(hub.ports.records), hub.ports];
    Object.assign(records, {
      transact: async (decide: Parameters<typeof transact>[0]) => {
        const outcome = await transact(decide);
        settled.resolve();
        return outcome;
      },
    });
    loop.receiveReceipt(THERE, stanza(there));
    await settled.promise;
    // Of the first post all is done; of the second nothing is.
    expect(queued()).toBe(2);
    stop.abort();
    taken.resolve(refuse("unavailable", "The line is cut."));
    await loop.ended;
    expect(queued()).toBe(2);
  });

  it("is tried again in its time", async () => {
    await post(hub, alice, "one");
    const again = Promise.withResolvers<readonly Delivery[]>();
    hub.xmpp.whileWriting = again.resolve;
    hub.clock.advance(15 * SECOND_MS);
    expect(await again.promise).toMatchObject([{ to: THERE, attempts: 1 }]);
  });
});
