import { isomorphic } from "rdf-isomorphic";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { formatOfMediaType } from "../../src/rdf/format.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { writeNQuads } from "../../src/rdf/ntriples.ts";
import { parseRdf } from "../../src/rdf/parse.ts";
import type { Quad } from "../../src/rdf/term.ts";
import { type Loopback, openLoopback, pathOf, type Reply } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await openLoopback();
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

const GRAPH_TYPES = ["text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples"] as const;
const PAGES = [
  "",
  "alice",
  "alice/posts",
  "tags",
  "tags/terns",
  "bob/following",
  "alice/followers",
  "vocabulary",
  "sparql",
];

async function quadsOf({ headers, text }: Reply, base: string): Promise<Quad[]> {
  const format = formatOfMediaType(headers["content-type"] ?? "");
  if (format === undefined) throw new Error(`no RDF: ${headers["content-type"]}`);
  const contextIri = `${loopback.sample.base}context.jsonld` as Iri;
  const quads = await parseRdf(text, { format, baseIri: base as Iri, contextIri });
  if (isRefusal(quads)) throw new Error(quads.message);
  return [...quads];
}

describe("each page", () => {
  it.each([...PAGES, "POST"])("%s is the same graph in each format", async (page) => {
    const path = page === "POST" ? pathOf(loopback, loopback.sample.posts.tricky.iri) : page;
    const graphs: Quad[][] = [];
    for (const accept of GRAPH_TYPES) {
      const reply = await loopback.ask(path, { accept });
      expect(reply.status).toBe(200);
      expect(reply.headers["content-type"]).toMatch(accept);
      expect(reply.headers["vary"]).toBe("Accept, Accept-Encoding");
      graphs.push(await quadsOf(reply, loopback.sample.base + path));
    }
    const [first = []] = graphs;
    expect(first.length).toBeGreaterThan(0);
    for (const graph of graphs) expect(isomorphic(graph, first) || writeNQuads(graph)).toBe(true);
  });

  it.each(PAGES)("%s is a page for a browser, and says where its other forms are", async (path) => {
    const reply = await loopback.ask(path, {
      accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    });
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(reply.text).toContain("<title>");
    for (const type of GRAPH_TYPES) {
      const href = new RegExp(`<([^>]+)>; rel="alternate"; type="${type.replace(/[.+]/g, "\\$&")}"`).exec(
        reply.headers["link"] ?? "",
      )?.[1];
      const other = await loopback.ask(pathOf(loopback, href ?? ""), { accept: "text/html" });
      expect(other.headers["content-type"]).toMatch(type);
    }
  });

  it("gets JSON-LD for plain JSON, under the name that was asked for", async () => {
    const reply = await loopback.ask("alice", { accept: "application/json" });
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(reply.json()["@context"]).toBe(`${loopback.sample.base}context.jsonld`);
  });

  it("is refused with 406 and the list of what there is", async () => {
    const reply = await loopback.ask("alice", { accept: "application/pdf" });
    expect(reply.status).toBe(406);
    expect(reply.headers["content-type"]).toBe("application/problem+json");
    expect(reply.json()).toMatchObject({
      code: "not-acceptable",
      status: 406,
      accepted: expect.arrayContaining(["text/turtle"]),
    });
  });

  it("forbids script and frames, and opens reading to other origins", async () => {
    const { headers } = await loopback.ask("alice");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).not.toContain("script-src");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["access-control-allow-origin"]).toBe("*");
  });
});

describe("ETags", () => {
  it("differ from format to format, and give 304 for what is known", async () => {
    const tags = new Set<string>();
    for (const accept of [...GRAPH_TYPES, "text/html"]) {
      const { headers } = await loopback.ask("alice", { accept });
      const etag = headers["etag"] ?? "";
      tags.add(etag);
      const again = await loopback.ask("alice", { accept, headers: { "if-none-match": `"other", W/${etag}` } });
      expect([again.status, again.text, again.headers["etag"]]).toEqual([304, "", etag]);
      const changed = await loopback.ask("alice", { accept, headers: { "if-none-match": '"other"' } });
      expect(changed.status).toBe(200);
    }
    expect(tags.size).toBe(GRAPH_TYPES.length + 1);
  });

  it("change when the page does", async () => {
    const before = await loopback.ask("bob/posts", { accept: "text/turtle" });
    const { bob } = loopback.sample.tokens;
    await loopback.ask("bob/posts", { method: "POST", token: bob, type: "text/plain", body: "Another one." });
    const after = await loopback.ask("bob/posts", {
      accept: "text/turtle",
      headers: { "if-none-match": before.headers["etag"] ?? "" },
    });
    expect(after.status).toBe(200);
    expect(after.headers["etag"]).not.toBe(before.headers["etag"]);
  });
});

describe("HEAD, OPTIONS and other methods", () => {
  it.each(["", "alice", "health", "alice/feed.atom", "vocabulary", "sparql?query=ASK%7B%7D"])(
    "HEAD of %j has the headers of GET and no body",
    async (path) => {
      const get = await loopback.ask(path);
      const head = await loopback.ask(path, { method: "HEAD" });
      expect([head.status, head.text]).toEqual([get.status, ""]);
      for (const name of ["content-type", "etag", "vary", "link"]) expect(head.headers[name]).toBe(get.headers[name]);
    },
  );

  it("says which methods there are", async () => {
    const options = await loopback.ask("alice/posts", { method: "OPTIONS" });
    expect([options.status, options.headers["allow"]]).toEqual([204, "GET, HEAD, POST, OPTIONS"]);
    expect(options.headers["access-control-allow-methods"]).toBe("GET, HEAD");
    expect(options.headers["access-control-allow-headers"]).toContain("Authorization");
    const sparql = await loopback.ask("sparql", { method: "OPTIONS" });
    expect(sparql.headers["access-control-allow-methods"]).toBe("GET, HEAD, POST, OPTIONS");
  });

  it.each([
    ["DELETE", "alice/posts", "GET, HEAD, POST, OPTIONS"],
    ["PUT", "alice", "GET, HEAD, OPTIONS"],
    ["GET", "api/import", "POST, OPTIONS"],
    ["POST", "health", "GET, HEAD, OPTIONS"],
  ])("refuses %s %s with 405 and Allow", async (method, path, allow) => {
    const reply = await loopback.ask(path, { method });
    expect([reply.status, reply.headers["allow"]]).toEqual([405, allow]);
    expect(reply.json()).toMatchObject({ code: "method-not-allowed", allowed: allow.split(", ") });
  });
});

describe("what is not there", () => {
  it.each([
    "nobody",
    "alice/posts/none23none23",
    "alice/nothing",
    "a/b/c/d/e",
    "api/nothing",
    "tags/unheard",
    "alice/posts?version=9",
  ])("%s is 404 with a sentence", async (path) => {
    const reply = await loopback.ask(path);
    expect(reply.status).toBe(404);
    expect(reply.json()).toMatchObject({
      code: "not-found",
      type: "about:blank",
      detail: expect.stringMatching(/^Expected /),
    });
  });

  it("is a page for browsers", async () => {
    const reply = await loopback.ask("nobody", { accept: "text/html,*/*;q=0.8" });
    expect([reply.status, reply.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    expect(reply.text).toContain("Not found");
  });

  it("is 410 with the time when it was deleted", async () => {
    const { ask, sample } = loopback;
    const token = sample.tokens.bob;
    const made = await ask("bob/posts", {
      method: "POST",
      token,
      type: "application/json",
      body: '{"text":"Soon gone"}',
    });
    const path = pathOf(loopback, String(made.json()["iri"]));
    const deleted = await ask(path, { method: "DELETE", token });
    expect([deleted.status, deleted.json()["iri"]]).toEqual([200, made.json()["iri"]]);
    const gone = await ask(path, { accept: "text/turtle" });
    expect([gone.status, gone.headers["content-type"]]).toEqual([410, "application/problem+json"]);
    expect(gone.json()).toMatchObject({ code: "gone", deleted: deleted.json()["deleted"] });
    expect((await ask(path, { method: "DELETE", token })).status).toBe(410);
    expect((await ask(path, { accept: "text/html" })).text).toContain("Deleted");
    const feed = await ask("bob/feed.atom");
    expect(feed.text).toContain(
      `<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="${String(made.json()["iri"])}"`,
    );
  });
});

describe("pages of a list", () => {
  it("lead to all posts, each once, by their links", async () => {
    const { ask } = loopback;
    const seen: string[] = [];
    let path: string | undefined = "alice/posts?limit=2";
    let pages = 0;
    while (path !== undefined && pages++ < 10) {
      const reply: Reply = await ask(path, { accept: "text/turtle" });
      const quads = await quadsOf(reply, `${loopback.sample.base}alice/posts`);
      seen.push(
        ...quads.filter((q) => q.predicate.value === "http://rdfs.org/sioc/ns#content").map((q) => q.subject.value),
      );
      const next: string | undefined = /<([^>]+)>; rel="next"/.exec(reply.headers["link"] ?? "")?.[1];
      path = next === undefined ? undefined : pathOf(loopback, next);
    }
    const { plain, edited, arabic, tricky } = loopback.sample.posts;
    expect(new Set(seen)).toEqual(new Set([plain.iri, edited.iri, arabic.iri, tricky.iri]));
    expect(seen.length).toBe(4);
    expect(pages).toBeGreaterThan(1);
  });

  it.each(["limit=0", "limit=-1", "limit=many", "before=a&after=b", "version=x"])("refuses ?%s", async (query) => {
    const reply = await loopback.ask(`alice/posts?${query}`);
    expect([reply.status, reply.json()["code"]]).toEqual([400, "invalid"]);
  });
});

describe("an older version", () => {
  it("is under ?version=n", async () => {
    const path = pathOf(loopback, loopback.sample.posts.edited.iri);
    expect((await loopback.ask(path, { accept: "text/turtle" })).text).toContain("The terns are back.");
    const old = await loopback.ask(`${path}?version=1`, { accept: "text/turtle" });
    expect(old.text).toContain("The tern is back.");
    expect((await loopback.ask(`${path}?version=7`)).status).toBe(404);
  });
});

describe("addresses", () => {
  it("are those of the base whatever host is asked, and their percent signs mean the same in either case", async () => {
    const { ask } = loopback;
    const elsewhere = await ask("tags/%C3%A9t%C3%A9", { accept: "text/turtle", headers: { host: "other.example" } });
    expect(elsewhere.status).toBe(200);
    expect(elsewhere.text).toContain("http://hub.example/tags/%C3%A9t%C3%A9");
    const lower = await ask("tags/%c3%a9t%c3%a9", { accept: "text/turtle" });
    expect(lower.text).toBe(elsewhere.text);
  });

  it.each(["tags/%ff", "tags/%zz", "alice/posts?before=%ff", "%"])("%s is malformed", async (path) => {
    const reply = await loopback.ask(path);
    expect([reply.status, reply.json()["code"]]).toEqual([400, "malformed"]);
  });
});
