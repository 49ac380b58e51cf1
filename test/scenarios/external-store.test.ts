import { afterAll, beforeAll, expect, it } from "vitest";
import { StoreLayout } from "../../src/query/remote/store-layout.ts";
import { StoreTerms } from "../../src/query/remote/store-terms.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { describeNeeding } from "../support/needing.ts";
import { startTestVirtuoso, type TestVirtuoso } from "../support/virtuoso.ts";
import { eventually, HubProcess, type TestAccount } from "./hub-process.ts";

const SIOC = "http://rdfs.org/sioc/ns#";

/** COMPAT: Virtuoso leaves the fraction of a whole second out, which one post in a thousand is made at. */
function plainTimes(line: string): string {
  return line.replace(/\.000Z$/, "Z");
}

await describeNeeding(["virtuoso"], "a hub whose query store is Virtuoso", () => {
  const open = new AsyncDisposableStack();
  let store: TestVirtuoso;
  let hub: HubProcess;
  let alice: TestAccount;
  let layout: StoreLayout;

  beforeAll(async () => {
    store = open.use(await startTestVirtuoso());
    hub = open.use(await HubProcess.start({ env: store.env }));
    alice = await hub.account("alice");
    layout = new StoreLayout(hub.base as Iri, new StoreTerms(hub.base as Iri));
  });
  afterAll(() => open.disposeAsync());

  /** The store's own answer, past the hub, as N-Triples-like lines. */
  async function inStore(graph: Iri): Promise<ReadonlySet<string>> {
    const form = new URLSearchParams({
      query: "SELECT ?s ?p ?o WHERE { ?s ?p ?o }",
      "default-graph-uri": graph,
      "named-graph-uri": "urn:none",
    });
    const response = await fetch(store.query, {
      method: "POST",
      body: form,
      headers: { accept: "application/sparql-results+json" },
    });
    const { results } = (await response.json()) as {
      results: { bindings: readonly Readonly<Record<string, { value: string }>>[] };
    };
    return new Set(results.bindings.map(({ s, p, o }) => plainTimes(`${s?.value} ${p?.value} ${o?.value}`)));
  }

  /** Everything that is public, as the documents of `hub.db` have it. */
  async function inRecords(token?: string): Promise<ReadonlySet<string>> {
    const response = await fetch(`${hub.base}sparql/graph?default`, {
      headers: {
        accept: "application/n-triples",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    expect(response.status).toBe(200);
    const lines = (await response.text()).split("\n").filter((line) => line !== "");
    return new Set(
      lines.map((line) => {
        const [, s = "", p = "", o = ""] = /^<([^>]*)> <([^>]*)> (.*) \.$/.exec(line) ?? [];
        const text = /^"(.*)"(?:@[^"]*|\^\^<[^"]*>)?$/.exec(o)?.[1];
        return plainTimes(`${s} ${p} ${text === undefined ? o.slice(1, -1) : JSON.parse(`"${text}"`)}`);
      }),
    );
  }

  it("answers with a post as soon as it is made, edited or deleted", async () => {
    const iri = await alice.post('A first one, with "quotes", \\ and 😀 #terns');
    expect((await hub.posts(alice.iri)).get(iri)).toBe('A first one, with "quotes", \\ and 😀 #terns');
    await alice.edit(iri, "Another text #terns");
    expect((await hub.posts(alice.iri)).get(iri)).toBe("Another text #terns");
    await alice.remove(iri);
    expect((await hub.posts(alice.iri)).has(iri)).toBe(false);
  });

  it("shows a reply in the thread at once", async () => {
    const start = await alice.post("Who has seen an arctic tern?");
    const reply = await alice.post("I have", { replyTo: start });
    const page = await (await fetch(start, { headers: { accept: "text/turtle" } })).text();
    expect(page).toContain(reply.slice(reply.lastIndexOf("/") + 1));
  });

  it("finds posts by their words", async () => {
    const iri = await alice.post("Der Sturmvogel fliegt über das Meer");
    await alice.post("The sea is calm");
    const found = `PREFIX sterna: <https://w3id.org/sterna#> SELECT ?p ?t { ?p sterna:matches "meer sturmvogel" ; <${SIOC}content> ?t }`;
    expect(await hub.select(found)).toEqual([{ p: iri, t: "Der Sturmvogel fliegt über das Meer" }]);
    expect(await hub.select(found.replace("meer", "calm"))).toEqual([]);
    expect(await hub.select(found.replace("?p sterna", `<${iri}> sterna`))).toHaveLength(1);
  });

  it("keeps what two posts say of a tag until the last of them goes", async () => {
    const label = `SELECT ?l WHERE { <${hub.base}tags/petrels> <http://www.w3.org/2000/01/rdf-schema#label> ?l }`;
    const first = await alice.post("One of the #petrels");
    const second = await alice.post("Two of the #petrels");
    await alice.remove(first);
    expect(await hub.select(label)).toEqual([{ l: "petrels" }]);
    await alice.remove(second);
    expect(await hub.select(label)).toEqual([]);
  });

  it("holds the same triples as the documents", async () => {
    await alice.post("Line one\nline two\ttab and a very long one: ".concat("tern ".repeat(500)));
    await hub.posts(alice.iri);
    expect(await inStore(layout.graphOf("public"))).toEqual(await inRecords());
  });

  it("refuses what only the store knows, and other graphs than those of the requester", async () => {
    const ask = async (query: string) =>
      await fetch(`${hub.base}sparql?query=${encodeURIComponent(query)}`, {
        headers: { accept: "application/sparql-results+json" },
      });
    expect((await ask("SELECT (<bif:sys_stat>('st_dbms_name') AS ?x) {}")).status).toBe(403);
    expect((await ask("DEFINE input:default-graph-uri <urn:x> SELECT * { ?s ?p ?o }")).status).toBe(400);
    expect(await hub.select("SELECT * WHERE { GRAPH ?g { ?s ?p ?o } }")).toEqual([]);
    expect(await hub.select(`SELECT * WHERE { GRAPH <${layout.graphOf("public")}> { ?s ?p ?o } }`)).toEqual([]);
  });

  it("shows an account's own graphs to it alone, and what is public too only once", async () => {
    const graph = `${hub.base}alice/graphs/bookmarks`;
    const put = await fetch(`${hub.base}sparql/graph?graph=${encodeURIComponent(graph)}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${alice.token}`, "content-type": "text/turtle" },
      body: `<http://example.org/book> <http://purl.org/dc/terms/title> "A secret book" . <${hub.base}tags/gulls> <http://www.w3.org/2000/01/rdf-schema#label> "gulls" .`,
    });
    expect([200, 201, 204]).toContain(put.status);
    const titles = "SELECT ?t WHERE { <http://example.org/book> <http://purl.org/dc/terms/title> ?t }";
    const labels = `SELECT ?l WHERE { <${hub.base}tags/gulls> <http://www.w3.org/2000/01/rdf-schema#label> ?l }`;
    const asAlice = async (query: string): Promise<number> => {
      const response = await fetch(`${hub.base}sparql?query=${encodeURIComponent(query)}`, {
        headers: { accept: "application/sparql-results+json", authorization: `Bearer ${alice.token}` },
      });
      return ((await response.json()) as { results: { bindings: unknown[] } }).results.bindings.length;
    };
    expect(await hub.select(titles)).toEqual([]);
    expect(await asAlice(titles)).toBe(1);
    expect(await asAlice(labels)).toBe(1);
    const post = await alice.post("Public #gulls");
    expect(await asAlice(labels)).toBe(1);
    expect(await hub.select(labels)).toHaveLength(1);
    await alice.remove(post);
    expect(await asAlice(labels)).toBe(1);
    expect(await hub.select(labels)).toEqual([]);
  });

  it("asks graphs that a query names, and updates an account's own by what they hold", async () => {
    const graph = `${hub.base}alice/graphs/list`;
    const update = async (text: string): Promise<number> => {
      const response = await fetch(`${hub.base}sparql`, {
        method: "POST",
        headers: { authorization: `Bearer ${alice.token}`, "content-type": "application/sparql-update" },
        body: text,
      });
      await response.text();
      return response.status;
    };
    expect(await update(`INSERT DATA { GRAPH <${graph}> { <urn:a> <urn:n> 1 . <urn:b> <urn:n> 2 } }`)).toBeLessThan(
      300,
    );
    expect(
      await update(
        `DELETE { GRAPH <${graph}> { ?x <urn:n> ?n } } INSERT { GRAPH <${graph}> { ?x <urn:n> 3 } } WHERE { GRAPH <${graph}> { ?x <urn:n> ?n FILTER(?n > 1) } }`,
      ),
    ).toBeLessThan(300);
    const response = await fetch(
      `${hub.base}sparql?query=${encodeURIComponent(`SELECT ?x ?n FROM <${graph}> { ?x <urn:n> ?n } ORDER BY ?n`)}`,
      { headers: { authorization: `Bearer ${alice.token}`, accept: "text/csv" } },
    );
    expect((await response.text()).trim().split(/\r?\n/)).toEqual(["x,n", "urn:a,1", "urn:b,3"]);
    // By what everybody may see, too; but not by both at once.
    const by = (where: string): string =>
      `INSERT { GRAPH <${graph}> { <urn:c> <urn:n> ?who } } WHERE { ?post <${SIOC}has_creator> ?who ${where} }`;
    expect(await update(by(""))).toBeLessThan(300);
    expect(await update(by(`GRAPH <${graph}> { <urn:a> <urn:n> ?n }`))).toBe(501);
  });

  it("takes posts and shows pages while the store is down, and the store catches up", async () => {
    await store.down("SIGKILL");
    const made: string[] = [];
    for (let count = 0; count < 20; count++) made.push(await alice.post(`While it was down, ${count}`));
    const gone = made.shift() ?? "";
    await alice.remove(gone);
    expect((await fetch(made[0] ?? "", { headers: { accept: "text/html" } })).status).toBe(200);
    const reply = await alice.post("Answered while it was down", { replyTo: made[0] });
    const thread = await (await fetch(made[0] ?? "", { headers: { accept: "text/turtle" } })).text();
    expect(thread).toContain(reply.slice(reply.lastIndexOf("/") + 1));
    const refused = await fetch(`${hub.base}sparql?query=ASK%7B%7D`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    await store.up();
    await eventually("the store caught up", async () => {
      const posts = await hub.posts(alice.iri);
      return made.every((iri) => posts.has(iri)) && !posts.has(gone);
    });
    expect(await inStore(layout.graphOf("public"))).toEqual(await inRecords());
  });

  it("loses nothing when store and hub are killed while posts come in", async () => {
    const made: string[] = [];
    const posting = (async () => {
      try {
        for (let count = 0; count < 400; count++)
          made.push(await alice.post(`In the storm, ${count} #storm${count % 7}`));
      } catch {
        // The hub is killed in the middle.
      }
    })();
    await eventually("some posts", async () => Promise.resolve(made.length > 30));
    await store.down("SIGKILL");
    await eventually("more posts", async () => Promise.resolve(made.length > 60));
    await hub.end("SIGKILL");
    await posting;
    await Promise.all([store.up(), hub.up()]);
    await eventually("the store has what was acknowledged", async () => {
      const posts = await hub.posts(alice.iri);
      return made.every((iri) => posts.has(iri));
    });
    expect(await inStore(layout.graphOf("public"))).toEqual(await inRecords());
  });

  it("fills a store anew that lost its mark", async () => {
    const response = await fetch(store.query, { method: "GET" });
    await response.body?.cancel();
    await hub.end("SIGTERM");
    const { StoreClient } = await import("../../src/query/remote/store-client.ts");
    const client = new StoreClient({ query: store.query, update: store.update, user: "dba", password: "dba" });
    const graph = layout.graphOf("public");
    const updated = await client.update(
      `CLEAR GRAPH <${layout.markGraph}>; DELETE WHERE { GRAPH <${graph}> { ?s <${SIOC}content> ?o } }; INSERT DATA { GRAPH <${graph}> { <urn:left> <urn:over> 1 } }`,
      AbortSignal.timeout(30_000),
    );
    expect(updated).toBeUndefined();
    await hub.up();
    await eventually("the store is filled", async () => (await hub.posts(alice.iri)).size > 0);
    expect(await inStore(graph)).toEqual(await inRecords());
  });
});
