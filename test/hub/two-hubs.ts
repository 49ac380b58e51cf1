import { followAccount } from "../../src/hub/following/follow-account.ts";
import type { InboundEvent } from "../../src/hub/ports/xmpp-link.ts";
import { startOutbox } from "../../src/hub/pubsub/deliver-outbox.ts";
import { deliver, eventOf, type Network } from "./memory-network.ts";
import { addAccount, Clock, type Holder, must, openTestHub, type TestHub, type TestHubWish } from "./test-hub.ts";

/** Two hubs on one network with one clock; `bob` of `here` follows `alice` of `there`. */
export interface TwoHubs extends AsyncDisposable {
  readonly network: Network;
  readonly clock: Clock;
  readonly here: TestHub;
  readonly there: TestHub;
  readonly bob: Holder;
  readonly alice: Holder;
}

export async function openTwoHubs(options: TestHubWish["options"] = {}): Promise<TwoHubs> {
  await using stack = new AsyncDisposableStack();
  const network: Network = new Map();
  const clock = new Clock();
  const here = stack.use(await openTestHub({ network, clock, options }));
  const there = stack.use(await openTestHub({ base: "https://far.example/", domain: "far.example", network, clock }));
  const bob = await addAccount(here, "bob");
  const alice = await addAccount(there, "alice", { displayName: "Alice" });
  const opened = stack.move();
  return { network, clock, here, there, bob, alice, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** `bob` follows `alice` by her account IRI. */
export async function follow({ here, bob, alice }: TwoHubs): Promise<void> {
  must(await followAccount(here.ports, bob, alice.iri));
}

/** What `there` has queued for others is sent once, and given as it arrives. */
export async function pushed({ there }: TwoHubs): Promise<readonly InboundEvent[]> {
  const before = there.xmpp.sent.length;
  const stop = new AbortController();
  const loop = startOutbox(there.ports, stop.signal);
  stop.abort();
  await loop.ended;
  return there.xmpp.sent.slice(before).map(eventOf);
}

/** … and arrives. */
export async function push(hubs: TwoHubs): Promise<void> {
  const before = hubs.there.xmpp.sent.length;
  await pushed(hubs);
  await deliver(hubs.network, hubs.there.xmpp.sent.slice(before));
}
