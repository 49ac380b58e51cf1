import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/http/app.ts";
import { listen } from "../../src/http/listen.ts";
import { refuse } from "../../src/outcome/refusal.ts";
import { type Asked, type Loopback, openLoopback, type Reply } from "./loopback.ts";

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

  it.each([
    ["a using-graph-uri with a query", "query=ASK%7B%7D&using-graph-uri=urn:x"],
    ["a default-graph-uri with an update", "update=CLEAR%20NAMED&default-graph-uri=urn:x"],
    ["a query and an update", "query=ASK%7B%7D&update=CLEAR%20NAMED"],
    ["two updates", "update=CLEAR%20NAMED&update=CLEAR%20ALL"],
    ["a relative graph", "query=ASK%7B%7D&default-graph-uri=x"],
    ["a graph that nobody has", "query=ASK%7B%7D&default-graph-uri=urn:x"],
  ])("refuses %s", async (_, body) => {
    const reply = await loopback.ask("sparql", { ...form(body), token: loopback.sample.tokens.alice });
    expect([reply.status, String(reply.json()["detail"]).length > 30]).toEqual([400, true]);
  });

  it("describes itself without a query, and has a form for people", async () => {
    const graph = await loopback.ask("sparql", { accept: "text/turtle" });
    expect(graph.text).toMatch(/sd:supportedLanguage sd:SPARQL11Query, sd:SPARQL11Update/);
    expect(graph.text).toMatch(/sd:propertyFeature sterna:matches/);
    expect(graph.text).toMatch(/sterna:graphStore <\S*sparql\/graph>/);
    expect(graph.text).toMatch(/void:Dataset/);
    const form = await loopback.ask("sparql", { accept: "text/html" });
    expect(form.text).toMatch(/<form[^>]+method="get"/);
  });
});

describe("an explanation", () => {
  const explained = `${get(ROWS)}&explain=true`;

  it("tells accounts and the owner how a query was answered", async () => {
    const { owner, alice } = loopback.sample.tokens;
    for (const token of [owner, alice]) {
      const reply = await loopback.ask(explained, { token });
      expect([reply.status, reply.json()]).toMatchObject([200, { answeredBy: "source", solutions: 1 }]);
      expect(reply.text).toContain("sioc:content");
    }
  });

  it("is not for everybody, and not for graphs by name", async () => {
    expect(await loopback.ask(explained)).toMatchObject({ status: 401 });
    const token = loopback.sample.tokens.alice;
    const named = `${explained}&default-graph-uri=${encodeURIComponent(loopback.sample.posts.plain.iri)}`;
    expect(await loopback.ask(named, { token })).toMatchObject({ status: 400 });
    const broken = await loopback.ask(`${get("SELECT * {")}&explain=true`, { token });
    expect([broken.status, broken.json()["line"]]).toEqual([400, 1]);
  });
});

describe("a dataset in the request (§2.1.4)", () => {
  const TEXTS = "SELECT ?text { ?post <http://rdfs.org/sioc/ns#content> ?text }";
  const rows = (reply: Reply): unknown =>
    ((reply.json()["results"] as { bindings: { text: { value: string } }[] }).bindings ?? []).map(
      ({ text }) => text.value,
    );

  it("is named in the address or in the form", async () => {
    const { plain, edited } = loopback.sample.posts;
    const parameter = `default-graph-uri=${encodeURIComponent(plain.iri)}`;
    const query = `query=${encodeURIComponent(TEXTS)}`;
    const type = "application/x-www-form-urlencoded";
    const replies = [
      await loopback.ask(`sparql?${query}&${parameter}`),
      await loopback.ask("sparql", { method: "POST", type, body: `${query}&${parameter}` }),
      await loopback.ask(`sparql?${parameter}`, { method: "POST", type, body: query }),
      await loopback.ask(`sparql?${parameter}`, { method: "POST", type: "application/sparql-query", body: TEXTS }),
      await loopback.ask(get(TEXTS.replace("{", `FROM <${plain.iri}> {`))),
      await loopback.ask(`${get(TEXTS.replace("{", `FROM <${edited.iri}> {`))}&${parameter}`),
    ];
    for (const reply of replies)
      expect(rows(reply)).toEqual([expect.stringMatching(/^The terns are back at the lake/)]);
  });

  it("has named graphs, which the default graph does not hold", async () => {
    const named = `named-graph-uri=${encodeURIComponent(loopback.sample.posts.plain.iri)}`;
    expect(rows(await loopback.ask(`${get(TEXTS)}&${named}`))).toEqual([]);
    const inside = TEXTS.replace("{ ", "{ GRAPH ?g { ").replace(/}$/, "} }");
    expect(rows(await loopback.ask(`${get(inside)}&${named}`))).toHaveLength(1);
    expect(rows(await loopback.ask(get(inside)))).toEqual([]);
  });
});

describe("an update (§2.2)", () => {
  const update = (text: string, rest: Asked = {}): Promise<Reply> =>
    loopback.ask("sparql", {
      method: "POST",
      type: "application/sparql-update",
      body: text,
      token: loopback.sample.tokens.alice,
      ...rest,
    });
  const GRAPH_A = "http://hub.example/alice/graphs/a";

  it("comes bare or in a form, and tells what it did", async () => {
    const bare = await update(`INSERT DATA { GRAPH <${GRAPH_A}> { <urn:s> <urn:p> 1 , 2 } }`);
    expect([bare.status, bare.json()]).toEqual([
      200,
      { inserted: 2, deleted: 0, graphs: [{ graph: GRAPH_A, triples: 2 }] },
    ]);
    const text = `DELETE DATA { GRAPH <alice/graphs/a> { <urn:s> <urn:p> 2 } }`;
    const type = "application/x-www-form-urlencoded";
    const form = await update("", { type, body: new URLSearchParams({ update: text }).toString() });
    expect(form.json()).toMatchObject({ deleted: 1 });
    const token = loopback.sample.tokens.alice;
    expect((await loopback.ask(get("ASK { <urn:s> <urn:p> 1 }"), { token })).json()["boolean"]).toBe(true);
    expect((await loopback.ask(get("ASK { <urn:s> <urn:p> ?o }"))).json()["boolean"]).toBe(false);
  });

  it("takes its dataset from the address, if not from its text too", async () => {
    const iri = loopback.sample.posts.plain.iri;
    const path = `sparql?using-graph-uri=${encodeURIComponent(iri)}`;
    const asked = { method: "POST", type: "application/sparql-update", token: loopback.sample.tokens.alice };
    const body = `INSERT { GRAPH <${GRAPH_A}b> { ?s ?p ?o } } WHERE { ?s ?p ?o }`;
    const done = await loopback.ask(path, { ...asked, body });
    expect([done.status, Number(done.json()["inserted"]) > 3]).toEqual([200, true]);
    const both = await loopback.ask(path, { ...asked, body: body.replace("WHERE", `USING <${iri}> WHERE`) });
    expect(both.status).toBe(400);
  });

  it.each([
    ["somebody's post", "DELETE WHERE { GRAPH <POST> { ?s ?p ?o } }", 403],
    ["the default graph", "INSERT DATA { <urn:s> <urn:p> 1 }", 403],
    ["LOAD", "LOAD <http://127.0.0.1:1/>", 403],
    ["a mistake", "INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> } }", 400],
    ["a text over the bound", `CLEAR NAMED #${"x".repeat(300_000)}`, 413],
  ])("is refused with the reason: %s", async (_, text, status) => {
    const reply = await update(text.replace("POST", loopback.sample.posts.plain.iri));
    expect([reply.status, String(reply.json()["detail"]).length > 30]).toEqual([status, true]);
  });
});

describe("an answer's tag", () => {
  it("lasts until something changes, for one requester and one form", async () => {
    const { ask, sample } = loopback;
    const path = get("SELECT ?o { <urn:tag> <urn:p> ?o }");
    const accept = "application/sparql-results+json";
    const first = await ask(path, { accept });
    const etag = first.headers["etag"] ?? "";
    expect([first.status, first.headers["cache-control"]]).toEqual([200, "no-cache"]);
    const again = (more: Asked): Promise<Reply> => ask(path, { accept, ...more, headers: { "if-none-match": etag } });
    const known = await again({});
    expect([known.status, known.text, known.headers["etag"]]).toEqual([304, "", etag]);
    expect((await again({ method: "HEAD" })).status).toBe(304);
    expect((await again({ token: sample.tokens.bob })).status).toBe(200);
    expect((await again({ accept: "text/csv" })).status).toBe(200);
    await ask("sparql/graph?graph=http://hub.example/alice/graphs/tag", {
      method: "PUT",
      type: "text/turtle",
      body: "<urn:tag> <urn:p> 1 .",
      token: sample.tokens.alice,
    });
    expect((await again({})).status).toBe(200);
  });

  it("is not given to what is never the same", async () => {
    expect((await loopback.ask(get("SELECT (RAND() AS ?x) {}"))).headers["etag"]).toBeUndefined();
  });
});

describe("an engine that cannot answer now", () => {
  it.each([
    ["unavailable", { retryAfter_s: 7 }, 503, "7"],
    ["too-many", { retryAfter_s: 2.5 }, 429, "3"],
    ["unavailable", {}, 503, "5"],
  ] as const)("is told as %s with %j, and when to come again", async (code, detail, status, after) => {
    const { ports } = loopback.sample.hub;
    const refusal = refuse(code, "Expected fewer queries at once, but there are too many; wait a little.", detail);
    const queries = { ...ports.queries, prepared: ports.queries.prepared, adHoc: async () => refusal };
    await using server = await listen(createApp({ ...ports, queries }, { version: "0" }), {
      host: "127.0.0.1",
      port: 0,
    });
    const response = await fetch(`${server.url}${get("ASK {}")}`);
    expect([response.status, response.headers.get("retry-after")]).toEqual([status, after]);
    expect(await response.json()).toMatchObject({ code, ...detail });
  });
});

it("counts those who come through a proxy each by themselves", async () => {
  const { ports } = loopback.sample.hub;
  const askers: unknown[] = [];
  const adHoc: typeof ports.queries.adHoc = async (query, options) => {
    askers.push(options.requester);
    return await ports.queries.adHoc(query, options);
  };
  const queries = { ...ports.queries, prepared: ports.queries.prepared, adHoc };
  await using server = await listen(createApp({ ...ports, queries }, { version: "0" }), { host: "127.0.0.1", port: 0 });
  for (const address of ["203.0.113.9", "198.51.100.7"]) {
    const headers = { "x-forwarded-for": `192.0.2.1, ${address}` };
    expect((await fetch(`${server.url}${get("ASK {}")}`, { headers })).status).toBe(200);
  }
  expect(askers).toEqual(["127.0.0.1 203.0.113.9", "127.0.0.1 198.51.100.7"]);
});

describe("texts that would break a parser", () => {
  const many = (text: string, count: number): string => text.repeat(count);
  it.each([
    ["brackets", `ASK { FILTER(${many("(", 20_000)}1${many(")", 20_000)}) }`, 413],
    ["groups", `ASK ${many("{", 20_000)}${many("}", 20_000)}`, 413],
    ["negations", `ASK { FILTER(${many("!", 50_000)}true) }`, 413],
    ["a sum", `ASK { FILTER(${many("1+", 20_000)}1 > 0) }`, 413],
    ["alternatives", `ASK { ?x ?y ?z FILTER(${many("?x = 1 || ", 8_000)} true) }`, 413],
    ["options", `ASK { ${many("OPTIONAL { ?s ?p ?o } ", 4_000)} }`, 413],
    ["values", `ASK { VALUES ?x { ${many("1 ", 45_000)} } }`, 200],
    ["a long path", `ASK { <urn:s> ${many("<urn:p>/", 9_000)}<urn:p> ?o }`, 413],
    ["nonsense", many("{}()[];", 10_000), 400],
    ["an open text", `ASK { ?s ?p """${many('"a', 30_000)}`, 400],
    ["half a character", "ASK { ?s ?p '\\uD800' }", 400],
  ])("are refused or answered, whatever there is too much of: %s", async (_, body, status) => {
    const reply = await loopback.ask("sparql", { method: "POST", type: "application/sparql-query", body });
    expect(reply.status).toBe(status);
    if (status !== 200) expect(String(reply.json()["detail"]).length).toBeGreaterThan(30);
    expect((await loopback.ask(get("ASK {}"))).status).toBe(200);
  });
});

describe("scope=network", () => {
  it("answers an account, and nobody else", async () => {
    const { ask, sample } = loopback;
    const accept = "application/sparql-results+json";
    const own = await ask(get(ROWS), { accept, token: sample.tokens.bob });
    const across = await ask(`${get(ROWS)}&scope=network`, { accept, token: sample.tokens.bob });
    expect([across.status, across.headers["cache-control"], across.headers["sterna-warnings"]]).toEqual([
      200,
      "no-store",
      undefined,
    ]);
    expect(across.json()).toEqual({ ...own.json(), sterna: { hubs: [], asked: [], warnings: [] } });
    expect((await ask(`${get(ROWS)}&scope=network`, { accept })).status).toBe(401);
  });

  it("is not for questions that another hub asks, so that none goes round", async () => {
    const { ask, sample } = loopback;
    const accept = "application/sparql-results+json";
    const headers = { "sterna-asked-by": "https://far.example/" };
    const asked = await ask(`${get(ROWS)}&scope=network`, { accept, token: sample.tokens.bob, headers });
    expect([asked.status, asked.headers["sterna-hubs"]]).toEqual([200, undefined]);
    expect(asked.json()).not.toHaveProperty("sterna");
  });

  it("asks one hub alone where it is named, and says why it does not", async () => {
    const { ask, sample } = loopback;
    const token = sample.tokens.bob;
    const named = (hub: string): string => `${get(ROWS)}&scope=network&hub=${encodeURIComponent(hub)}`;
    const stranger = await ask(named("https://far.example/"), { token });
    expect([stranger.status, stranger.json()["detail"]]).toEqual([403, expect.stringMatching(/follow somebody there/)]);
    expect((await ask(named("https://far.example/"))).status).toBe(401);
    expect((await ask(named(sample.base), { token })).json()["detail"]).toMatch(/is this one/);
    expect((await ask(named("far.example"), { token })).status).toBe(400);
    expect((await ask(`${named("https://far.example/")}&fresh=true`, { token })).json()["detail"]).toMatch(
      /hub without fresh/,
    );
    expect((await ask(`${get(ROWS)}&hub=https://far.example/`, { token })).json()["detail"]).toMatch(/scope=network/);
  });

  it("takes no other scope, and no graphs or explanation", async () => {
    const token = loopback.sample.tokens.bob;
    for (const more of ["scope=world", "scope=network&explain=true", "scope=network&default-graph-uri=http://x/"]) {
      const reply = await loopback.ask(`${get(ROWS)}&${more}`, { token });
      expect([more, reply.status]).toEqual([more, 400]);
    }
  });
});
