import { expect, it } from "vitest";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { createEngine } from "../../src/query/engine.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { namedNode, quad } from "../../src/rdf/term.ts";
import { QuadStore } from "../../src/storage/triples/quad-store.ts";
import { keptLog } from "../storage/sample.ts";

const triple = (subject: string, object: string, predicate = "p") =>
  quad(namedNode(`urn:${subject}`), namedNode(`urn:${predicate}`), namedNode(`urn:${object}`));

/** A round of four steps: the first two and the last of other hubs, the third of this one. */
const HERE = [triple("c", "d")];
const ORIGINS = [
  { hub: "one", count: 1 },
  { hub: "two", count: 2 },
  { hub: "three", count: 1 },
];
const QUADS = [triple("a", "b"), triple("b", "c"), triple("b", "x", "q"), triple("d", "a")];

const store = new QuadStore();
store.add({ graph: "http://hub.example/g" as Iri, audience: "public", quads: HERE });
const engine = createEngine({
  quads: store,
  catalogue: new Map(),
  limits: { timeout_ms: 10_000, rows_max: 100 },
  log: keptLog(),
});

/** The rows of a query, what each is followed by where it is from. */
async function rowsOf(select: string): Promise<readonly string[]> {
  const answer = await engine.adHoc(select.replace(/:(?=\w)/g, "urn:").replace(/(urn:\w+)/g, "<$1>"), {
    dataset: {},
    graphs: { quads: QUADS, withDataset: true, origins: ORIGINS },
    provenance: { variable: "from", here: "here" },
  });
  if (isRefusal(answer)) throw new Error(answer.message);
  if (answer.kind !== "bindings") throw new Error("Expected rows.");
  const text = (row: ReadonlyMap<string, { readonly value: string }>): string =>
    [...row.values()].map(({ value }) => value.replace("urn:", "")).join(" ");
  return (await Array.fromAsync(answer.rows, text)).sort();
}

it.each([
  ["forward", "SELECT ?x { :a :p+ ?x }", ["a here one three two", "b one", "c one two", "d here one two"]],
  ["backward", "SELECT ?x { ?x :p+ :d }", ["a here one two", "b here two", "c here", "d here one three two"]],
  ["back to where it began", "SELECT (1 AS ?x) { :a :p+ :a }", ["1 here one three two"]],
  ["along a sequence", "SELECT ?x { :a (:p/:p)+ ?x }", ["a here one three two", "c one two"]],
  ["along a sequence backward", "SELECT ?x { ?x (:p/:q)+ :x }", ["a one two"]],
  [
    "along one of two",
    "SELECT ?x { :b (:q|:p)+ ?x } ORDER BY ?x LIMIT 2",
    ["a here three two", "b here one three two"],
  ],
  ["against the arrow", "SELECT ?x { :b (^:p)+ ?x } LIMIT 1", ["a one"]],
  ["by all but one", "SELECT ?x { :b (!:p)+ ?x }", ["x two"]],
  ["within another", "SELECT ?x { :b ((:p)+/:p)? ?x FILTER(?x = :d) }", ["d here two"]],
  ["of no length", "SELECT ?x { :z :p* ?x }", ["z "]],
  ["of no length, between whatever there is", "SELECT ?x { ?x :q* ?x FILTER(?x = :d) }", ["d here"]],
])("tells the hubs of one way that a path takes: %s", async (_, select, expected) => {
  expect(await rowsOf(select)).toEqual(expected);
});

it.each([
  ["of all", "SELECT (COUNT(*) AS ?n) { ?s :p ?o }", ["4 here one three two"]],
  [
    "of each group",
    "SELECT ?s (COUNT(?o) AS ?n) { ?s :p ?o } GROUP BY ?s",
    ["a 1 one", "b 1 two", "c 1 here", "d 1 three"],
  ],
  ["of what is not in every member", "SELECT (COUNT(*) AS ?n) { :b :p ?o OPTIONAL { ?o :q ?x } }", ["1 two"]],
  ["of nothing", "SELECT (COUNT(*) AS ?n) { ?s :none ?o }", ["0 "]],
  [
    "of groups of groups",
    "SELECT (MAX(?n) AS ?most) { { SELECT ?s (COUNT(*) AS ?n) { ?s :q ?o } GROUP BY ?s } }",
    ["1 two"],
  ],
])("tells the hubs of all members: %s", async (_, select, expected) => {
  expect(await rowsOf(select)).toEqual(expected);
});
