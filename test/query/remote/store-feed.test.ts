import { describe, expect, it, onTestFinished, vi } from "vitest";
import { StoreClient } from "../../../src/query/remote/store-client.ts";
import { StoreFeed } from "../../../src/query/remote/store-feed.ts";
import { StoreLayout } from "../../../src/query/remote/store-layout.ts";
import { StoreTerms } from "../../../src/query/remote/store-terms.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { keptLog } from "../../storage/sample.ts";
import { journalOf, startStore } from "./plain-store.ts";

const BASE = "https://hub.example/" as Iri;

async function start(marks: string[] = []) {
  const store = await startStore();
  store.marks = marks;
  const journal = journalOf(5);
  const layout = new StoreLayout(BASE, new StoreTerms(BASE));
  const client = new StoreClient({ query: store.url, update: store.url });
  const feed = new StoreFeed({ journal, client, layout, log: keptLog() });
  onTestFinished(async () => await feed[Symbol.asyncDispose]());
  feed.begin();
  expect(await feed.caughtUp(10_000)).toBe(true);
  return { store, journal, feed };
}

describe("what keeps a store outside like the documents", () => {
  it("fills it, then follows", async () => {
    const { store, journal, feed } = await start();
    expect(feed.status).toEqual({ state: "following", pending: 0 });
    journal.commit();
    expect(await feed.caughtUp(10_000)).toBe(true);
    expect(store.updates.at(-1)).toContain("<urn:5> <urn:p> <urn:o> .");
    expect(store.marks).toEqual(['[1,"run",6,"all"]']);
  });

  it("tells while it is down how much it does not have, as far as that is known, and goes on from there", async () => {
    const { store, journal, feed } = await start(['[1,"run",5,"all"]']);
    store.isDown = true;
    journal.commit();
    await vi.waitFor(() => expect(feed.status.state).toBe("down"), { timeout: 60_000 });
    journal.commit();
    expect(feed.status).toMatchObject({ pending: 2, problem: expect.stringContaining("503") });
    expect(await feed.caughtUp(10_000)).toBe(false);
    store.isDown = false;
    await vi.waitFor(() => expect(feed.status).toEqual({ state: "following", pending: 0 }), { timeout: 60_000 });
    expect(store.updates.at(-1)).not.toContain("<urn:4>");
  });
});
