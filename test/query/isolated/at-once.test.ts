import fc from "fast-check";
import { expect, it } from "vitest";
import type { QueryAnswer } from "../../../src/hub/ports/queries.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { createEngine } from "../../../src/query/engine.ts";
import { createAnswerAtOnce } from "../../../src/query/isolated/at-once.ts";
import { networkBindings, networkRequest } from "../../../src/query/network/network-text.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, type Quad, quad, type Term } from "../../../src/rdf/term.ts";
import { QuadStore } from "../../../src/storage/triples/quad-store.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const BASE = "http://hub.example/" as Iri;
const PLAIN = { dataset: {}, baseIri: BASE } as const;
const [a, b, p, q] = ["a", "b", "p", "q"].map((name) => namedNode(`urn:${name}`)) as [Node, Node, Node, Node];
type Node = ReturnType<typeof namedNode>;

function storeOf(quads: readonly Quad[], audience: Parameters<QuadStore["add"]>[0]["audience"] = "public"): QuadStore {
  const store = new QuadStore();
  store.add({ graph: BASE, audience, quads });
  return store;
}

async function found(answer: QueryAnswer): Promise<unknown> {
  if (answer.kind === "quads") {
    const text = (of: Quad): string => JSON.stringify([of.subject, of.predicate, of.object]);
    return (await Array.fromAsync(answer.quads)).map(text).sort();
  }
  if (answer.kind !== "bindings") return answer;
  const rows = await Array.fromAsync(answer.rows);
  const text = (row: ReadonlyMap<string, Term>): string =>
    answer.variables.map((name) => JSON.stringify(row.get(name) ?? null)).join(" ");
  return { variables: answer.variables, rows: rows.map(text).sort() };
}

it("answers what the engine answers, for any basic graph pattern, union of two, and values", async () => {
  const term = fc.constantFrom("?x", "?y", "?z", "<urn:a>", "<urn:b>");
  const pattern = fc.tuple(
    term,
    fc.constantFrom("?r", "<urn:p>", "<urn:q>"),
    fc.oneof(term, fc.constantFrom('"x"@en')),
  );
  const text = fc
    .tuple(
      fc.constantFrom(
        "SELECT ?x ?y",
        "SELECT DISTINCT ?x",
        "ASK",
        "CONSTRUCT { ?x <urn:p> ?y . ?y ?r ?x . <urn:a> <urn:q> ?z }",
      ),
      fc.array(pattern, { minLength: 1, maxLength: 3 }),
      fc.array(pattern, { maxLength: 2 }),
      fc.constantFrom("", "VALUES ?x { <urn:a> <urn:c> }", "VALUES (?x ?z) { (<urn:a> UNDEF) (UNDEF <urn:b>) }"),
    )
    .map(([head, patterns, others, values]) => {
      const [some, more] = [patterns, others].map((each) => each.map((parts) => `${parts.join(" ")} .`).join(" "));
      return others.length === 0
        ? `${head} { ${values} ${some} }`
        : `${head} { { ${values} ${some} } UNION { ${more} } }`;
    });
  const nodes = fc.constantFrom(a, b);
  const triples = fc.array(
    fc.tuple(nodes, fc.constantFrom(p, q), fc.oneof(nodes, fc.constant(literal("x", "en")))).map((of) => quad(...of)),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(triples, text, async (quads, query) => {
      const store = storeOf(quads);
      const limits = { timeout_ms: 10_000, rows_max: 10_000 };
      await using engine = createEngine({ quads: store, catalogue: new Map(), limits, log });
      const whole = await engine.adHoc(query, PLAIN);
      const atOnce = createAnswerAtOnce(store)(query, PLAIN);
      if (atOnce === undefined || isRefusal(whole)) throw new Error("not answered");
      expect(await found(atOnce)).toEqual(await found(whole));
    }),
    { numRuns: 200 },
  );
});

it("sees what the requester sees, and no more", () => {
  const mine = "http://hub.example/alice#account" as Iri;
  const atOnce = createAnswerAtOnce(storeOf([quad(a, p, b)], { only: mine }));
  const ask = (dataset: { readonly private?: Iri }) => atOnce("ASK { <urn:a> <urn:p> ?o }", { dataset, baseIri: BASE });
  expect(ask({ private: mine })).toEqual({ kind: "boolean", value: true });
  expect(ask({})).toEqual({ kind: "boolean", value: false });
});

it("follows the store", () => {
  const store = storeOf([]);
  const atOnce = createAnswerAtOnce(store);
  const ask = (iri: string) => atOnce(`ASK { <${iri}> <urn:p> ?o }`, PLAIN);
  expect(ask("urn:a")).toEqual({ kind: "boolean", value: false });
  store.add({ graph: BASE, audience: "public", quads: [quad(a, p, b)] });
  expect([ask("urn:a"), ask("urn:b")]).toMatchObject([{ value: true }, { value: false }]);
});

const MANY = Array.from({ length: 1_500 }, (_, n) => namedNode(`urn:n${n}`)).flatMap((each, n) => [
  quad(each, p, n < 250 ? a : b),
  quad(each, q, each),
]);

it.each([
  ["a filter", "SELECT * { ?s <urn:p> ?o FILTER regex(str(?o), '(a+)+$') }"],
  ["a path", "ASK { <urn:a> <urn:p>+ ?o }"],
  ["an order", "SELECT * { <urn:a> <urn:p> ?o } ORDER BY ?o"],
  ["a count", "SELECT (count(*) AS ?n) { <urn:a> <urn:p> ?o }"],
  ["a named graph", "ASK { GRAPH ?g { <urn:a> <urn:p> ?o } }"],
  ["OPTIONAL", "SELECT * { <urn:a> <urn:p> ?o OPTIONAL { ?o <urn:p> ?x } }"],
  [
    "a graph of more triples than a look-up's",
    `CONSTRUCT { ${"<urn:a> <urn:p> ?o . ".repeat(17)} } { <urn:a> <urn:p> ?o }`,
  ],
  ["a union with more rows than a look-up gives", "SELECT ?s { { <urn:n0> <urn:p> ?s } UNION { ?s <urn:p> <urn:a> } }"],
  ["more triples than a turn is for, of a graph", "CONSTRUCT { ?s <urn:q> ?o } { ?s <urn:p> ?o . ?s <urn:q> ?o }"],
  ["a description", "DESCRIBE <urn:a>"],
  ["FROM", "SELECT * FROM <urn:a> { <urn:a> <urn:p> ?o }"],
  ["SERVICE", "ASK { SERVICE <urn:a> { <urn:a> <urn:p> ?o } }"],
  ["an update", "INSERT DATA { <urn:a> <urn:p> <urn:b> }"],
  ["a mistake", "ASK { <urn:a> <urn:p> }"],
  ["more patterns than a look-up has", `ASK { ${"<urn:a> <urn:p> ?o . ".repeat(17)} }`],
  ["a text longer than a look-up's", `ASK { <urn:a> <urn:p> ?o } # ${"x".repeat(2_000)}`],
  ["more triples than a turn is for", "ASK { ?s <urn:p> ?o . ?s <urn:q> ?o }"],
  ["more rows than a look-up gives", "SELECT ?s { ?s <urn:p> <urn:a> }"],
])("leaves a query with %s to others", (_, text) => {
  expect(createAnswerAtOnce(storeOf(MANY))(text, PLAIN)).toBeUndefined();
});

it("leaves what names its graphs, and a store without an index, to others", () => {
  const text = "ASK { <urn:a> <urn:p> ?o }";
  const store = storeOf(MANY);
  expect(createAnswerAtOnce(store)(text, { ...PLAIN, graphs: { quads: [], withDataset: true } })).toBeUndefined();
  expect(createAnswerAtOnce({})(text, PLAIN)).toBeUndefined();
});

it("answers what hubs ask each other", async () => {
  const store = storeOf([quad(a, p, b), quad(a, q, literal("x")), quad(b, p, a)]);
  const thing = { variable: "a thing" };
  const patterns = [
    { subject: thing, predicate: { term: p }, object: { variable: "other" } },
    { subject: thing, predicate: { term: q }, object: { variable: "text" } },
  ];
  const values = [{ variable: "other", terms: [a, b] }];
  const follows = {
    patterns: [{ subject: { term: b }, predicate: { term: p }, object: { variable: "o" } }],
    values: [],
    except: [],
  };
  const request = createAnswerAtOnce(store)(networkRequest([{ patterns, values, except: [] }, follows]), PLAIN);
  if (request === undefined) throw new Error("not answered");
  expect(await found(request)).toHaveLength(3);
  const bindings = createAnswerAtOnce(store)(networkBindings(patterns, values, "a thing", 501), PLAIN);
  if (bindings === undefined) throw new Error("not answered");
  expect(await found(bindings)).toMatchObject({ variables: ["value"], rows: [expect.stringContaining("urn:a")] });
});
