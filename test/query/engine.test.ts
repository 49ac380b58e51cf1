import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { QuadSource } from "../../src/hub/ports/queries.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { loadCatalogue } from "../../src/query/catalogue.ts";
import { createEngine } from "../../src/query/engine.ts";
import { literal, namedNode, type Quad, quad, type Term } from "../../src/rdf/term.ts";

const SIOC = "http://rdfs.org/sioc/ns#";
const post = (n: number) => namedNode(`http://hub.example/alice/posts/${n}`);
const data: Quad[] = [];
for (let n = 0; n < 200; n++) {
  data.push(quad(post(n), namedNode(`${SIOC}content`), literal(`Post ${n}`, "en")));
  if (n > 0 && n < 6) data.push(quad(post(n), namedNode(`${SIOC}reply_of`), post(n - 1)));
}

/** The smallest QuadSource there is: what it must do is what the engine relies on. */
const memory: QuadSource = {
  *match(subject, predicate, object) {
    const fits = (term: Term, wanted: Term | null | undefined): boolean =>
      wanted === null || wanted === undefined || wanted.termType === "Variable" || term.equals(wanted);
    for (const each of data) {
      if (fits(each.subject, subject) && fits(each.predicate, predicate) && fits(each.object, object)) yield each;
    }
  },
  count(...pattern) {
    return [...this.match(...pattern)].length;
  },
  size: data.length,
  version: 1,
};
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const options = { dataset: {} };

async function rowsOf(
  engine: ReturnType<typeof createEngine>,
  text: string,
): Promise<readonly ReadonlyMap<string, Term>[]> {
  const answer = await engine.adHoc(text, options);
  if (isRefusal(answer)) throw new Error(answer.message);
  return answer.kind === "bindings" ? await Array.fromAsync(answer.rows) : [];
}

describe("the SPARQL engine", () => {
  let engine: ReturnType<typeof createEngine>;
  let bounded: ReturnType<typeof createEngine>;
  beforeAll(async () => {
    const catalogue = await loadCatalogue(new URL("../../sparql/", import.meta.url));
    engine = createEngine({ quads: memory, catalogue, limits: { timeout_ms: 10_000, rows_max: 10_000 }, log });
    bounded = createEngine({ quads: memory, catalogue, limits: { timeout_ms: 300, rows_max: 10 }, log });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await bounded[Symbol.asyncDispose]();
  });

  it("answers SELECT with its variables in order and terms as they are", async () => {
    const answer = await engine.adHoc(
      `SELECT ?text ?post { ?post <${SIOC}content> ?text } ORDER BY ?post LIMIT 1`,
      options,
    );
    expect(answer).toMatchObject({ kind: "bindings", variables: ["text", "post"] });
    const [row] = isRefusal(answer) || answer.kind !== "bindings" ? [] : await Array.fromAsync(answer.rows);
    expect(row?.get("text")?.equals(literal("Post 0", "en"))).toBe(true);
  });

  it("answers ASK and CONSTRUCT", async () => {
    expect(await engine.adHoc(`ASK { ?post <${SIOC}reply_of> <${post(0).value}> }`, options)).toEqual({
      kind: "boolean",
      value: true,
    });
    const answer = await engine.adHoc("CONSTRUCT { ?s a <urn:x> } WHERE { ?s ?p ?o }", options);
    if (isRefusal(answer) || answer.kind !== "quads") throw new Error("no quads");
    const subjects = new Set((await Array.fromAsync(answer.quads)).map(({ subject }) => subject.value));
    expect(subjects.size).toBe(200);
  });

  it("binds the parameters of a prepared query", async () => {
    const answer = await engine.prepared("select-thread", { start: post(3) }, options);
    if (answer.kind !== "bindings") throw new Error("no bindings");
    const found = (await Array.fromAsync(answer.rows)).map((row) => row.get("post")?.value ?? "");
    expect(found.sort()).toEqual([0, 1, 2, 3, 4, 5].map((n) => post(n).value));
  });

  it("throws a Fault when a parameter of a prepared query is not given", async () => {
    await expect(engine.prepared("select-thread", {}, options)).rejects.toThrow("?start");
  });

  it.each([
    ["a missing bracket", "SELECT ?s {\n  ?s ?p ?o ", "malformed", { line: 2 }],
    ["a word that is none", "SELECT ?s {\n  ?s ?p ?o }\nORDER NY ?s", "malformed", { line: 3, column: 7 }],
    ["a prefix that is not declared", "SELECT ?s {\n  ?s sioc:topic ?o }", "malformed", { line: 2, column: 6 }],
    ["a character out of place", "SELECT ?s { ?s <http://p ?o }", "malformed", { line: 1 }],
    ["nothing at all", "", "malformed", { line: 1 }],
  ])("says where %s stands", async (_, text, code, detail) => {
    expect(await engine.adHoc(text, options)).toMatchObject({ kind: "refusal", code, detail });
  });

  it.each([
    ["updates", "INSERT DATA { <urn:a> <urn:b> <urn:c> }"],
    ["LOAD", "LOAD <http://127.0.0.1:1/x>"],
    ["SERVICE", "SELECT * { SERVICE <http://127.0.0.1:1/x> { ?s ?p ?o } }"],
    ["SERVICE inside a filter", "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <http://127.0.0.1:1/x> { ?s ?p ?o } } }"],
    ["FROM", "SELECT * FROM <http://127.0.0.1:1/x> { ?s ?p ?o }"],
  ])("refuses %s", async (_, text) => {
    expect(await engine.adHoc(text, options)).toMatchObject({ kind: "refusal", code: "forbidden" });
  });

  it("has no named graphs to show", async () => {
    expect(await rowsOf(engine, "SELECT * { GRAPH ?g { ?s ?p ?o } }")).toEqual([]);
  });

  it("ends a query at its bound of rows, with a sentence", async () => {
    await expect(rowsOf(bounded, "SELECT * { ?s ?p ?o }")).rejects.toThrow("at most 10 rows");
  });

  it("ends a query at its bound of time, and goes on answering others", async () => {
    const endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?d && ?d != ?g) }";
    expect(
      await bounded.adHoc(endless, options).then(async (answer) => {
        if (isRefusal(answer) || answer.kind !== "bindings") return answer;
        return await Array.fromAsync(answer.rows).catch((error: unknown) => (error as { refusal: unknown }).refusal);
      }),
    ).toMatchObject({ code: "timed-out" });
    expect(await bounded.adHoc("ASK { ?s ?p ?o }", options)).toMatchObject({ value: true });
  });

  it("gives up when who asked has left", async () => {
    const left = AbortSignal.abort();
    expect(await engine.adHoc("ASK { ?s ?p ?o }", { dataset: {}, signal: left })).toMatchObject({ code: "timed-out" });
  });
});
