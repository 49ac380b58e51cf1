import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { directQueryOf } from "../../src/query/direct.ts";
import { createEngine } from "../../src/query/engine.ts";
import { parseQuery } from "../../src/query/parse-query.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../src/rdf/term.ts";
import { QuadStore } from "../../src/storage/quad-store.ts";

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

describe("a basic graph pattern answered directly", () => {
  const running: AsyncDisposable[] = [];
  afterAll(async () => {
    for (const each of running) await each[Symbol.asyncDispose]();
  });

  /** All solutions, in no order. A FILTER that changes nothing is what sends the same question to Comunica. */
  async function solutions(store: QuadStore, text: string): Promise<unknown> {
    const engine = createEngine({
      quads: store,
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
    await solutions(storeOf([]), "SELECT * { ?x ?y ?z FILTER(true) }");
  });

  it("has the solutions that Comunica finds", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(quads, queries, async (triples, text) => {
        const store = storeOf(triples.map(([s, p, o]) => quad(s, p, o)));
        const through = text.replace(/ \}$/, " FILTER(true) }");
        const direct = await solutions(store, text);
        expect(direct).toEqual(await solutions(store, through));
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

  it.each([
    "SELECT * { ?s ?p ?o FILTER(?o > 1) }",
    "SELECT * { ?s ?p ?o OPTIONAL { ?s ?q ?r } }",
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT * { ?s ?p ?o } ORDER BY ?s",
    "SELECT * { ?s <urn:p>+ ?o }",
    "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
    "DESCRIBE <urn:a>",
  ])("is not what %s is", (text) => {
    const operation = parseQuery(text, BASE);
    expect(isRefusal(operation) ? "refused" : directQueryOf(operation)).toBeUndefined();
  });
});
