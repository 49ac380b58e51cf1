import { catchUp } from "../../src/hub/following/catch-up.ts";
import { startOutbox } from "../../src/hub/pubsub/deliver-outbox.ts";
import { deliver } from "./memory-network.ts";
import { addAccount, type Holder, must, openTestHub, type TestHub } from "./test-hub.ts";
import { openTwoHubs, type TwoHubs } from "./two-hubs.ts";

/** LIMIT: rounds until nothing is left to push or to compare. */
const ROUNDS_MAX = 30;

/** Three hubs on one network: `bob` of `here`, `alice` of `there`, `carol` of `yonder`; nobody follows anybody yet. */
export interface ThreeHubs extends TwoHubs {
  readonly yonder: TestHub;
  readonly carol: Holder;
}

export async function openThreeHubs(): Promise<ThreeHubs> {
  const two = await openTwoHubs();
  const { network, clock } = two;
  const yonder = await openTestHub({ base: "https://yonder.example/", domain: "yonder.example", network, clock });
  const carol = await addAccount(yonder, "carol", { displayName: "Carol" });
  const close = async (): Promise<void> => {
    await yonder[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
  };
  return { ...two, yonder, carol, [Symbol.asyncDispose]: close };
}

/** Pushes what is queued and compares what is asked for, at all hubs, until there is nothing left to do. */
export async function settle(hubs: ThreeHubs): Promise<void> {
  const all = [hubs.here, hubs.there, hubs.yonder];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    let busy = false;
    for (const hub of all) {
      const asked = new Map(hub.asked.splice(0).map(({ account, why }) => [account, why]));
      for (const [account, why] of asked) {
        busy = true;
        if (hub.ports.records.reader.upstream(account) !== undefined) must(await catchUp(hub.ports, account, why));
      }
      busy = (await pushFrom(hubs, hub)) || busy;
    }
    if (!busy) return;
  }
  throw new Error(`Expected the hubs to come to rest within ${ROUNDS_MAX} rounds.`);
}

async function pushFrom({ network }: ThreeHubs, hub: TestHub): Promise<boolean> {
  const before = hub.xmpp.sent.length;
  const stop = new AbortController();
  const loop = startOutbox(hub.ports, stop.signal);
  stop.abort();
  await loop.ended;
  const sent = hub.xmpp.sent.slice(before);
  await deliver(network, sent);
  return sent.length > 0;
}
