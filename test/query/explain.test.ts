import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { QueryEngine, QueryExplanation, QueryPlanStep } from "../../src/hub/ports/queries.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { createEngine } from "../../src/query/engine.ts";
import type { Document } from "../../src/rdf/document.ts";
import { namedNode, quad } from "../../src/rdf/term.ts";
import { openStorage, type Storage } from "../../src/storage/storage.ts";
import { as } from "../../src/vocab/as.ts";
import { sioc } from "../../src/vocab/sioc.ts";
import { alice, at, iri, keptLog, post, put, temporaryFolder } from "../storage/sample.ts";

const PREFIXES = `PREFIX sioc: <http://rdfs.org/sioc/ns#>
PREFIX sioct: <http://rdfs.org/sioc/types#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX sterna: <https://w3id.org/sterna#>
`;
const ACCOUNTS = Array.from({ length: 20 }, (_, n) => iri(`account${n}#account`));

function follow(account: string): Document {
  const graph = iri(`alice/follows/${account.split("/").at(-1)?.split("#")[0]}`);
  return {
    graph,
    kind: "follow",
    audience: "public",
    origin: { kind: "own" },
    author: alice,
    created: at(0),
    received: at(0),
    quads: [quad(namedNode(alice), sioc.follows, namedNode(account))],
  };
}

describe("how a query is answered", () => {
  const folder = temporaryFolder();
  let storage: Storage;
  let engine: QueryEngine & AsyncDisposable;

  beforeAll(async () => {
    storage = await openStorage({ file: folder.file, log: keptLog() });
    const posts = Array.from({ length: 400 }, (_, n) =>
      post({
        id: `p${n}`,
        seconds: n,
        author: ACCOUNTS[n % 20] ?? alice,
        text: n % 50 === 0 ? `A tern number ${n}` : `Number ${n}`,
        tag: n % 2 === 0 ? "even" : "odd",
      }),
    );
    const secret = post({ id: "secret", seconds: 999, text: "A secret tern", audience: { only: alice } });
    const follows = ACCOUNTS.slice(0, 5).map((account) => follow(account));
    await storage.records.transact(() => ({ changes: [...posts, ...follows, secret].map(put), result: undefined }));
    engine = createEngine({
      quads: storage.quads,
      catalogue: new Map(),
      limits: { timeout_ms: 20_000, rows_max: 10_000 },
      log: keptLog(),
    });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
    folder.remove();
  });

  async function explain(query: string, account?: typeof alice): Promise<QueryExplanation> {
    const dataset = account === undefined ? {} : { private: account };
    const found = await engine.explain?.(PREFIXES + query, { dataset });
    if (found === undefined || isRefusal(found)) throw new Error(found?.message ?? "nothing is explained");
    return found;
  }

  async function rows(query: string, account?: typeof alice): Promise<readonly string[]> {
    const dataset = account === undefined ? {} : { private: account };
    const found = await engine.adHoc(PREFIXES + query, { dataset });
    if (isRefusal(found) || found.kind !== "bindings") throw new Error("no rows");
    const all = await Array.fromAsync(found.rows);
    return all.map((row) => [...row.values()].map(({ value }) => value).join(" "));
  }

  function steps(plan: QueryPlanStep | undefined): readonly QueryPlanStep[] {
    return plan === undefined ? [] : [plan, ...plan.inputs.flatMap(steps)];
  }

  it("walks the lists of those one follows, newest first, and looks at no more posts than it shows", async () => {
    const query = `SELECT ?post ?created WHERE {
      <${alice}> sioc:follows ?who . ?post sioc:has_creator ?who ; dcterms:created ?created ; sioc:content ?text
    } ORDER BY DESC(?created) LIMIT 10`;
    const { answeredBy, plans, solutions } = await explain(query);
    expect([answeredBy, solutions]).toEqual(["source", 10]);
    const walk = steps(plans[0]).find(({ step }) => step.startsWith("newest first along"));
    expect(walk).toMatchObject({ step: "newest first along ?post sioc:has_creator ?who", solutions: 10 });
    const times = (await rows(query)).map((row) => row.split(" ")[1]);
    expect(times).toEqual(times.toSorted((a = "", b = "") => (a < b ? 1 : -1)));
    expect(times[0]).toContain(at(384));
  });

  it("walks the other way for the oldest, and along everything where nothing narrows it", async () => {
    const { plans } = await explain(
      "SELECT ?post { ?post dcterms:created ?at ; sioc:content ?t } ORDER BY ?at LIMIT 3",
    );
    const all = steps(plans[0]).map(({ step }) => step);
    expect(all).toContain("oldest first along ?post dcterms:created ?at");
    expect(all.some((step) => step.includes("in order"))).toBe(false);
  });

  it("sorts where few are left to sort", async () => {
    const { plans } = await explain(
      `SELECT ?at { VALUES ?post { <${iri("account1/posts/p1")}> } ?post dcterms:created ?at } ORDER BY DESC(?at) LIMIT 3`,
    );
    expect(steps(plans[0]).map(({ step }) => step)).toContain("the first 3 in order");
  });

  it("counts posts of accounts without walking them", async () => {
    const { plans, solutions } = await explain(
      "SELECT ?who (COUNT(?post) AS ?n) { ?post sioc:has_creator ?who } GROUP BY ?who",
    );
    expect(solutions).toBe(20);
    expect(steps(plans[0]).find(({ step }) => step.startsWith("count "))?.solutions).toBe(20);
    expect(await rows("SELECT (COUNT(?post) AS ?n) { ?post sioc:has_creator ?who }")).toEqual(["400"]);
  });

  it("finds words by the text index, as whoever may see them", async () => {
    const query = 'SELECT ?post { ?post sterna:matches "tern" ; dcterms:created ?at } ORDER BY DESC(?at)';
    expect(await rows(query)).toHaveLength(8);
    expect(await rows(query, alice)).toHaveLength(9);
    expect(await rows(query, iri("bob#account"))).toHaveLength(8);
    expect(await rows('SELECT ?post { ?post sterna:matches "secret" }')).toEqual([]);
    const { plans } = await explain(query);
    expect(JSON.stringify(plans)).toContain('in the text index for \\"tern\\"');
  });

  it("leaves no post out of a text search that came or changed since", async () => {
    const late = post({ id: "late", seconds: 2_000, text: "A late guillemot" });
    await storage.records.transact(() => ({ changes: [put(late)], result: undefined }));
    const query = 'SELECT ?post { ?post sterna:matches "guillemot" }';
    expect(await rows(query)).toEqual([late.graph]);
    await storage.records.transact(() => ({ changes: [put({ ...late, quads: [] })], result: undefined }));
    expect(await rows(query)).toEqual([]);
  });

  it("evaluates the joins of a query whose functions it does not know", async () => {
    const query = `SELECT (BNODE(?text) AS ?id) { ?post sioc:topic <${iri("tags/even")}> ; sioc:content ?text }`;
    const found = await explain(query);
    expect(found).toMatchObject({ answeredBy: "both", why: "the function bnode", solutions: 200 });
    expect(JSON.stringify(found.plans)).toContain("sioc:topic");
  });

  it("keeps others' private triples out of every plan", async () => {
    const like = quad(namedNode(iri("alice/likes/1")), as.object, namedNode(iri("account1/posts/p1")));
    const liked = { ...follow("x/liked"), audience: { only: alice }, quads: [like] } as Document;
    await storage.records.transact(() => ({ changes: [put(liked)], result: undefined }));
    const query = "SELECT ?post { ?like <https://www.w3.org/ns/activitystreams#object> ?post . ?post sioc:content ?t }";
    expect(await rows(query, alice)).toHaveLength(1);
    expect(await rows(query)).toEqual([]);
    expect(await rows("SELECT (COUNT(*) AS ?n) { ?like <https://www.w3.org/ns/activitystreams#object> ?p }")).toEqual([
      "0",
    ]);
    expect(
      await rows("SELECT (COUNT(*) AS ?n) { ?like <https://www.w3.org/ns/activitystreams#object> ?p }", alice),
    ).toEqual(["1"]);
  });

  it("refuses a variable that gets a value twice, with its name", async () => {
    const refusal = await engine.adHoc("SELECT * { ?s ?p ?o BIND(1 AS ?s) }", { dataset: {} });
    expect(refusal).toMatchObject({ code: "malformed", message: expect.stringContaining("?s") as string });
  });

  it("asks the same text with other IRIs in it without mixing them up", async () => {
    for (const n of [1, 2, 3]) {
      expect(
        await rows(`SELECT ?t { <${iri(`account${n}/posts/p${n}`)}> sioc:content ?t FILTER(?t != "<urn:x>"@en) }`),
      ).toEqual([`Number ${n}`]);
    }
    expect(await rows("SELECT (<urn:a> AS ?x) (<urn:b> AS ?y) {}")).toEqual(["urn:a urn:b"]);
    expect(await rows("SELECT (<urn:c> AS ?x) (<urn:a> AS ?y) {}")).toEqual(["urn:c urn:a"]);
  });
});
