import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Loopback, openLoopback } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await openLoopback();
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

const ROWS = `SELECT ?text ?none { ?post <http://rdfs.org/sioc/ns#content> ?text FILTER(LANGMATCHES(LANG(?text), "de")) }`;
const GRAPH = `CONSTRUCT { ?s a ?type } WHERE { ?s a ?type }`;
const get = (query: string): string => `sparql?query=${encodeURIComponent(query)}`;

describe("SPARQL 1.1 Protocol §2.1", () => {
  it("takes a query by GET, as a form, and bare", async () => {
    const { ask } = loopback;
    const accept = "application/sparql-results+json";
    const replies = [
      await ask(get(ROWS), { accept }),
      await ask("sparql", {
        method: "POST",
        accept,
        type: "application/x-www-form-urlencoded; charset=UTF-8",
        body: new URLSearchParams({ query: ROWS }).toString(),
      }),
      await ask("sparql", { method: "POST", accept, type: "application/sparql-query", body: ROWS }),
    ];
    for (const reply of replies) {
      expect([reply.status, reply.headers["content-type"]]).toEqual([200, accept]);
      expect(reply.json()).toMatchObject({
        head: { vars: ["text", "none"] },
        results: { bindings: [{ text: { type: "literal", "xml:lang": expect.stringMatching(/^de-ch$/i) } }] },
      });
    }
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
  });

  it.each([
    ["application/sparql-results+xml", /<binding name="text"><literal xml:lang="de-ch">Lines/i],
    ["text/csv", /^text,none\r\n"Lines\n[\s\S]*",\r\n$/],
    ["text/tab-separated-values", /^\?text\t\?none\n"Lines\\n\\n[^\n]*"@de-ch\t\n$/i],
    ["application/json", /"bindings":\[/],
  ])("answers rows as %s", async (accept, expected) => {
    const reply = await loopback.ask(get(ROWS), { accept });
    expect(reply.headers["content-type"]).toMatch(accept);
    expect(reply.headers["vary"]).toBe("Accept, Authorization, Accept-Encoding");
    expect(reply.text).toMatch(expected);
  });

  it.each(["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"])(
    "answers graphs as %s",
    async (accept) => {
      const reply = await loopback.ask(get(GRAPH), { accept });
      expect([reply.status, reply.headers["content-type"]?.split(";")[0]]).toEqual([200, accept]);
      expect(reply.text).toMatch(/MicroblogPost/);
    },
  );

  it("answers ASK as JSON and XML, and nothing else", async () => {
    expect((await loopback.ask(get("ASK {}"))).json()).toEqual({ head: {}, boolean: true });
    const xml = await loopback.ask(get("ASK { <urn:x> ?p ?o }"), { accept: "application/sparql-results+xml" });
    expect(xml.text).toContain("<boolean>false</boolean>");
    expect((await loopback.ask(get("ASK {}"), { accept: "text/csv" })).status).toBe(406);
  });

  it("does not answer rows as a graph, nor a graph as rows", async () => {
    expect((await loopback.ask(get(ROWS), { accept: "text/turtle" })).status).toBe(406);
    expect((await loopback.ask(get(GRAPH), { accept: "text/csv" })).status).toBe(406);
  });

  it("names what is wrong with a query, with line and column", async () => {
    const reply = await loopback.ask(get("SELECT * {\n ?s ?p \n}"));
    expect(reply.status).toBe(400);
    expect(reply.json()).toMatchObject({ code: "malformed", line: 3 });
  });

  const form = (body: string) => ({ method: "POST", type: "application/x-www-form-urlencoded", body });
  it.each([
    ["two queries", "sparql?query=ASK%7B%7D&query=ASK%7B%7D", {}, 400],
    ["two queries in a form", "sparql", form("query=ASK%7B%7D&query=ASK%7B%7D"), 400],
    ["a form without a query", "sparql", form("a=b"), 400],
    ["a form that is not UTF-8", "sparql", form("query=%ff"), 400],
    [
      "a query in body and address",
      "sparql?query=ASK%7B%7D",
      { method: "POST", type: "application/sparql-query", body: "ASK{}" },
      400,
    ],
    [
      "bytes that are not UTF-8",
      "sparql",
      { method: "POST", type: "application/sparql-query", body: new Uint8Array([0x41, 0xff]) },
      400,
    ],
    ["another dataset", "sparql?query=ASK%7B%7D&default-graph-uri=urn:x", {}, 400],
    ["named graphs", "sparql?query=ASK%7B%7D&named-graph-uri=urn:x", {}, 400],
    ["an update by GET", "sparql?update=CLEAR%20ALL", {}, 405],
    ["an update in a form", "sparql", form("update=CLEAR%20ALL"), 401],
    ["an update", "sparql", { method: "POST", type: "application/sparql-update", body: "CLEAR ALL" }, 401],
    ["SERVICE", get("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"), {}, 403],
    ["another media type", "sparql", { method: "POST", type: "text/plain", body: "ASK {}" }, 415],
    ["no media type", "sparql", { method: "POST", body: "ASK {}" }, 415],
    [
      "a body over the bound",
      "sparql",
      { method: "POST", type: "application/sparql-query", body: `ASK {} #${"x".repeat(1_100_000)}` },
      413,
    ],
    [
      "a compressed body",
      "sparql",
      { method: "POST", type: "application/sparql-query", body: "x", headers: { "content-encoding": "gzip" } },
      415,
    ],
    [
      "another charset",
      "sparql",
      { method: "POST", type: "application/sparql-query; charset=latin1", body: "ASK {}" },
      415,
    ],
    ["an unknown token", get("ASK {}"), { token: "wrong" }, 401],
  ])("refuses %s with a sentence", async (_, path, asked, status) => {
    const reply = await loopback.ask(path, asked);
    expect([reply.status, reply.headers["content-type"]]).toEqual([status, "application/problem+json"]);
    expect(String(reply.json()["detail"]).length).toBeGreaterThan(30);
  });

  it("describes itself without a query, and has a form for people", async () => {
    const graph = await loopback.ask("sparql", { accept: "text/turtle" });
    expect(graph.text).toMatch(/sd:supportedLanguage sd:SPARQL11Query/);
    expect(graph.text).toMatch(/void:Dataset/);
    const form = await loopback.ask("sparql", { accept: "text/html" });
    expect(form.text).toMatch(/<form[^>]+method="get"/);
  });
});
