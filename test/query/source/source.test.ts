import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { createEngine } from "../../../src/query/engine.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";
import { QuadStore } from "../../../src/storage/triples/quad-store.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const BASE = "http://hub.example/" as Iri;
const nodes = ["a", "b", "c", "d"].map((name) => namedNode(`urn:${name}`));
const objects = [
  ...nodes,
  literal("x"),
  literal("x", "en"),
  literal("1", namedNode("http://www.w3.org/2001/XMLSchema#integer")),
];
const quads = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...nodes), fc.constantFrom(...nodes.slice(0, 2)), fc.constantFrom(...objects)),
  { maxLength: 20, selector: ([s, p, o]) => `${s.value} ${p.value} ${JSON.stringify(o)}` },
);
const term = fc.constantFrom("?x", "?y", "?z", "<urn:a>", "<urn:b>");
const pattern = fc.tuple(
  term,
  fc.constantFrom("?p", "<urn:a>", "<urn:b>"),
  fc.oneof(term, fc.constantFrom('"x"', '"x"@en', "1")),
);
const queries = fc
  .tuple(
    fc.constantFrom("SELECT *", "SELECT DISTINCT ?x ?y", "SELECT ?x", "ASK"),
    fc.array(pattern, { minLength: 1, maxLength: 3 }),
  )
  .filter(([head, patterns]) => head !== "SELECT *" || JSON.stringify(patterns).includes("?"))
  .map(([head, patterns]) => `${head} { ${patterns.map((parts) => `${parts.join(" ")} .`).join(" ")} }`);

function storeOf(data: readonly Quad[]): QuadStore {
  const store = new QuadStore();
  store.add({ graph: BASE, audience: "public", quads: data });
  return store;
}

describe("a basic graph pattern answered by the source", () => {
  const running: AsyncDisposable[] = [];
  afterAll(async () => {
    for (const each of running) await each[Symbol.asyncDispose]();
  });

  /** All solutions, in no order. */
  async function solutions(store: QuadStore, text: string, source: "on" | "off" = "on"): Promise<unknown> {
    const engine = createEngine({
      quads: store,
      source,
      catalogue: new Map(),
      limits: { timeout_ms: 10_000, rows_max: 100_000 },
      log,
    });
    running.push(engine);
    const answer = await engine.adHoc(text, { dataset: {}, baseIri: BASE });
    if (isRefusal(answer)) throw new Error(answer.message);
    if (answer.kind !== "bindings") return answer;
    const rows = await Array.fromAsync(answer.rows);
    return rows
      .map((row) => JSON.stringify([...row].sort(([a], [b]) => (a < b ? -1 : 1))))
      .sort((a, b) => (a < b ? -1 : 1));
  }

  beforeAll(async () => {
    await solutions(storeOf([]), "SELECT * { ?x ?y ?z }", "off");
  });

  it("has the solutions that Comunica finds", { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(quads, queries, async (triples, text) => {
        const store = storeOf(triples.map(([s, p, o]) => quad(s, p, o)));
        expect(await solutions(store, text)).toEqual(await solutions(store, text, "off"));
      }),
      { numRuns: 60 },
    );
  });

  it("keeps OFFSET and LIMIT", async () => {
    const store = storeOf(nodes.flatMap((s) => nodes.map((o) => quad(s, namedNode("urn:p"), o))));
    expect(await solutions(store, "SELECT * { ?x <urn:p> ?y } LIMIT 5")).toHaveLength(5);
    expect(await solutions(store, "SELECT * { ?x <urn:p> ?y } OFFSET 14")).toHaveLength(2);
    expect(await solutions(store, "SELECT * { ?x <urn:p> ?y } OFFSET 14 LIMIT 1")).toHaveLength(1);
    expect(await solutions(store, "SELECT * { ?x <urn:p> ?y } LIMIT 0")).toHaveLength(0);
    expect(await solutions(store, "SELECT DISTINCT ?x { ?x <urn:p> ?y } OFFSET 1 LIMIT 2")).toHaveLength(2);
  });
});
