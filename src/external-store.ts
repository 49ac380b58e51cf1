import type { StoreConfig } from "./config.ts";
import type { Log } from "./hub/ports/hub-ports.ts";
import type { QuadSource, QueryEngine } from "./hub/ports/queries.ts";
import type { Catalogue } from "./query/catalogue.ts";
import { createEngine } from "./query/engine.ts";
import { createIsolatedEngine } from "./query/isolated/isolated-engine.ts";
import { NAMED_GRAPHS_ONLY } from "./query/remote/named-graphs-only.ts";
import { StoreClient } from "./query/remote/store-client.ts";
import { createStoreEngine, type StoreEngineOptions } from "./query/remote/store-engine.ts";
import { StoreFeed } from "./query/remote/store-feed.ts";
import { StoreLayout } from "./query/remote/store-layout.ts";
import { StoreQuads } from "./query/remote/store-quads.ts";
import { StoreTerms } from "./query/remote/store-terms.ts";
import { startQueryProcess } from "./query-process.ts";
import type { Iri } from "./rdf/iri.ts";
import { type JournaledStorage, openJournaledStorage } from "./storage/storage.ts";

/** What a hub with a query store outside is made of. */
export interface ExternalStoreOptions {
  readonly store: StoreConfig;
  readonly file: string;
  readonly base: Iri;
  readonly catalogue: Catalogue;
  readonly limits: StoreEngineOptions["limits"];
  /** Memory of the process that answers queries which bring their graphs, and after how long without one it goes. */
  readonly memory_mb: number;
  readonly idle_ms: number;
  readonly log: Log;
}

/** The records of a hub, and its query store outside of its process. */
export interface ExternalStore extends AsyncDisposable {
  readonly records: JournaledStorage["records"];
  readonly quads: QuadSource;
  readonly queries: QueryEngine;
  /** Begins to keep the store outside like `hub.db`. */
  begin(): void;
}

/**
 * Opens `hub.db` for a hub with a query store outside. It does not wait for the store: the hub takes posts and shows
 * pages without it, and queries are refused until it has everything.
 */
export async function openExternalStore(options: ExternalStoreOptions): Promise<ExternalStore> {
  await using stack = new AsyncDisposableStack();
  const { store, file, base, catalogue, limits, memory_mb, idle_ms, log } = options;
  const { records, journal } = stack.use(await openJournaledStorage({ file, log }));
  const client = new StoreClient(store);
  const terms = new StoreTerms(base);
  const layout = new StoreLayout(base, terms);
  const graphs = stack.use(
    createIsolatedEngine({
      local: createEngine({ quads: NAMED_GRAPHS_ONLY, catalogue, limits, log }),
      start: (events) =>
        startQueryProcess({ quads: NAMED_GRAPHS_ONLY, foreignPosts_max: 0, limits, memory_mb, log }, events),
      limits: { ...limits, idle_ms },
      log,
    }),
  );
  const feed = stack.use(new StoreFeed({ journal, client, layout, log }));
  const queries = stack.use(
    createStoreEngine({
      search: (words, dataset) => journal.search(words, dataset),
      client,
      feed,
      layout,
      terms,
      catalogue,
      graphs,
      limits,
      log,
    }),
  );
  const quads = new StoreQuads({ journal, client, feed, layout, terms, log });
  const all = stack.move();
  return { records, quads, queries, begin: () => feed.begin(), [Symbol.asyncDispose]: () => all.disposeAsync() };
}
