import { join } from "node:path";
import type { Config } from "./config.ts";
import { openExternalStore } from "./external-store.ts";
import type { HubPorts, Log } from "./hub/ports/hub-ports.ts";
import type { StandingQueries } from "./hub/ports/standing.ts";
import { loadCatalogue } from "./query/catalogue.ts";
import { createEngine } from "./query/engine.ts";
import { createAnswerAtOnce } from "./query/isolated/at-once.ts";
import { createIsolatedEngine } from "./query/isolated/isolated-engine.ts";
import { createStandingQueries, type StandingLimits } from "./query/standing/standing-queries.ts";
import { startQueryProcess } from "./query-process.ts";
import { openStorage } from "./storage/storage.ts";

/** The records, and whatever answers queries about them. */
export interface Stores extends AsyncDisposable, Pick<HubPorts, "records" | "quads" | "queries"> {
  /** Called when it is sure that the records are this hub's. */
  begin(): void;
  /** Where the query store is in this process. */
  readonly standing?: StandingQueries;
}

/**
 * Opens `hub.db` in the data folder, and the query store: in this process, with ad-hoc queries in one of their own, or
 * another program (`STERNA_STORE`). `sparql` holds the prepared queries; `onRefill` is told while the store is filled.
 * @throws Fault as `openStorage` and `openExternalStore`
 */
export async function openStores(
  config: Config,
  log: Log,
  { sparql, onRefill }: { readonly sparql: URL; readonly onRefill?: (done: number, total: number) => void },
): Promise<Stores> {
  await using stack = new AsyncDisposableStack();
  const file = join(config.data, "hub.db");
  const limits = { timeout_ms: config.queryTimeout_ms, rows_max: 1_000_000 };
  const { queries_max, queriesPerRequester_max } = config;
  const catalogue = await loadCatalogue(sparql);
  if (config.store !== undefined) {
    return await openExternalStore({
      store: config.store,
      file,
      base: config.base,
      catalogue,
      limits: { ...limits, queries_max, queriesPerRequester_max },
      memory_mb: config.queryMemory_mb,
      idle_ms: config.queryIdle_ms,
      log,
    });
  }
  const foreignPosts_max = config.hotPosts_max;
  const { records, quads, feed } = stack.use(
    await openStorage({
      file,
      foreignPosts_max,
      log,
      onProgress: ({ done, total }) => onRefill?.(done, total),
    }),
  );
  const local = stack.use(createEngine({ quads, catalogue, limits, log }));
  const copy = { file, foreignPosts_max, limits, memory_mb: config.queryMemory_mb };
  const queries = stack.use(
    createIsolatedEngine({
      local,
      atOnce: createAnswerAtOnce(quads),
      start: (events) => startQueryProcess({ ...copy, quads, feed, log }, events),
      limits: {
        timeout_ms: config.queryTimeout_ms,
        queries_max,
        queriesPerRequester_max,
        idle_ms: config.queryIdle_ms,
      },
      log,
    }),
  );
  const { index } = quads;
  const standing =
    index === undefined
      ? {}
      : { standing: createStandingQueries({ index, catalogue, limits: standingLimits(config.queryTimeout_ms) }) };
  const all = stack.move();
  return {
    records,
    quads,
    queries,
    ...standing,
    begin: () => undefined,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Standing queries are evaluated in the hub's own process, for everybody and again and again: so they get less. */
function standingLimits(timeout_ms: number): StandingLimits {
  return { timeout_ms: Math.min(timeout_ms, 5_000), rows_max: 20_000 };
}
