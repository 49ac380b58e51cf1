import type { WatchDesk } from "../../../src/hub/ports/standing.ts";
import type { HookSender } from "../../../src/hub/ports/watch-hooks.ts";
import { startWatches, type WatchLoop } from "../../../src/hub/watches/keep-watches.ts";
import { loadCatalogue } from "../../../src/query/catalogue.ts";
import { createStandingQueries } from "../../../src/query/standing/standing-queries.ts";
import { openTestHub, type TestHub } from "../test-hub.ts";

const catalogue = await loadCatalogue(new URL("../../../sparql/", import.meta.url));
const LIMITS = { timeout_ms: 10_000, rows_max: 10_000 };

/** A test hub with standing queries that can be stopped and started again. */
export interface WatchingHub extends AsyncDisposable {
  readonly hub: TestHub;
  readonly loop: () => WatchLoop;
  stop(): void;
  start(limits?: Partial<typeof LIMITS>): void;
}

/** A test hub with standing queries, as `wire.ts` ties them; with webhooks where there is what sends them. */
export async function openWatchingHub(hookSender?: HookSender): Promise<WatchingHub> {
  const opened = await openTestHub();
  const { index } = opened.ports.quads;
  if (index === undefined) throw new Error("Expected an embedded query store.");
  if (hookSender !== undefined) Object.assign(opened.ports, { hookSender });
  let stop = new AbortController();
  let loop: WatchLoop;
  const start = (limits: Partial<typeof LIMITS> = {}): void => {
    stop = new AbortController();
    const standing = createStandingQueries({ index, catalogue, limits: { ...LIMITS, ...limits } });
    const watches: WatchDesk = {
      standing,
      refresh: (place) => loop.refresh(place),
      listen: (place, listener) => loop.listen(place, listener),
    };
    Object.assign(opened.ports, { watches });
    loop = startWatches(opened.ports, standing, stop.signal);
  };
  start();
  return {
    hub: opened,
    loop: () => loop,
    stop: () => stop.abort(),
    start,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await loop.settled();
      await opened[Symbol.asyncDispose]();
    },
  };
}
