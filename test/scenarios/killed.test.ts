import { describe, expect, it } from "vitest";
import { HubProcess } from "./hub-process.ts";

const POSTS = 1_000;
const WRITERS = 8;
const KILL_AFTER = 400;

describe("a hub that is killed", () => {
  it("has every acknowledged post after kill -9 in the middle of a thousand, and none twice", async () => {
    await using hub = await HubProcess.start();
    const alice = await hub.account("alice");
    const acknowledged = new Map<string, string>();
    let next = 0;
    let killed: Promise<void> | undefined;
    const write = async (): Promise<void> => {
      while (next < POSTS) {
        const text = `Post number ${next++}`;
        try {
          acknowledged.set(await alice.post(text), text);
        } catch {
          return;
        }
        if (acknowledged.size >= KILL_AFTER) killed ??= hub.end("SIGKILL");
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, write));
    await killed;
    expect(acknowledged.size).toBeGreaterThanOrEqual(KILL_AFTER);
    expect(acknowledged.size).toBeLessThan(POSTS);

    await hub.up();
    const posts = await hub.posts(alice.iri);
    for (const [iri, text] of acknowledged) expect(posts.get(iri)).toBe(text);
    // Each text was sent once: one that is there twice was stored twice.
    expect(new Set(posts.values()).size).toBe(posts.size);
    expect(posts.size).toBeLessThanOrEqual(acknowledged.size + WRITERS);
    const [row] = await hub.select(
      "PREFIX sioc: <http://rdfs.org/sioc/ns#> SELECT (COUNT(*) AS ?n) { ?post sioc:content ?text }",
    );
    expect(Number(row?.["n"])).toBe(posts.size);
  });
});
