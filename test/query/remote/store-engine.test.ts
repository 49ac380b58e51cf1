import { describe, expect, it, onTestFinished } from "vitest";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { createEngine } from "../../../src/query/engine.ts";
import { NAMED_GRAPHS_ONLY } from "../../../src/query/remote/named-graphs-only.ts";
import { StoreClient } from "../../../src/query/remote/store-client.ts";
import { createStoreEngine } from "../../../src/query/remote/store-engine.ts";
import { StoreFeed } from "../../../src/query/remote/store-feed.ts";
import { StoreLayout } from "../../../src/query/remote/store-layout.ts";
import { StoreTerms } from "../../../src/query/remote/store-terms.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { keptLog } from "../../storage/sample.ts";
import { journalOf, startStore } from "./plain-store.ts";

const BASE = "https://hub.example/" as Iri;
const TEXT = "SELECT ?value { ?s ?p ?value }";

/** An engine over a store that has two rows for everything, for two queries at once, one for each requester. */
async function start() {
  const store = await startStore();
  store.rows = 2;
  const terms = new StoreTerms(BASE);
  const layout = new StoreLayout(BASE, terms);
  const client = new StoreClient({ query: store.url, update: store.url });
  const log = keptLog();
  const feed = new StoreFeed({ journal: journalOf(1), client, layout, log });
  onTestFinished(async () => await feed[Symbol.asyncDispose]());
  feed.begin();
  expect(await feed.caughtUp(10_000)).toBe(true);
  const limits = { timeout_ms: 10_000, rows_max: 10, queries_max: 2, queriesPerRequester_max: 1 };
  const catalogue = new Map();
  const graphs = createEngine({ quads: NAMED_GRAPHS_ONLY, catalogue, limits, log });
  return createStoreEngine({ client, feed, layout, terms, search: () => [], catalogue, graphs, limits, log });
}

describe("the engine over a store outside", () => {
  it("refuses more queries at once than there may be, of one requester and in all, until one is read", async () => {
    const engine = await start();
    const ask = (requester: string) => engine.adHoc(TEXT, { dataset: {}, requester });
    const first = await ask("a");
    expect(await ask("a")).toMatchObject({ code: "too-many" });
    await ask("b");
    expect(await ask("c")).toMatchObject({ code: "unavailable" });
    if (isRefusal(first) || first.kind !== "bindings") throw new Error("Expected rows.");
    expect(await Array.fromAsync(first.rows)).toHaveLength(2);
    expect(await ask("a")).toMatchObject({ kind: "bindings" });
  });

  it("counts a query no more whose asker left before reading any of it", async () => {
    const engine = await start();
    const leaving = new AbortController();
    const options = { dataset: {}, requester: "a" };
    expect(await engine.adHoc(TEXT, { ...options, signal: leaving.signal })).toMatchObject({ kind: "bindings" });
    leaving.abort();
    expect(await engine.adHoc(TEXT, options)).toMatchObject({ kind: "bindings" });
  });
});
