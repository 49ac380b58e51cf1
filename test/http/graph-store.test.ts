import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asked, type Loopback, openLoopback, type Reply } from "./loopback.ts";

let loopback: Loopback;
let alice: string;
let bob: string;
beforeAll(async () => {
  loopback = await openLoopback();
  ({ alice, bob } = loopback.sample.tokens);
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

const GRAPHS = "http://hub.example/alice/graphs/";
const at = (name: string): string => `sparql/graph?graph=${encodeURIComponent(GRAPHS + name)}`;
const turtle = (body: string, method = "PUT"): Asked => ({ method, type: "text/turtle", body, token: alice });

async function texts(path: string, token?: string): Promise<string> {
  const reply = await loopback.ask(path, {
    accept: "application/n-triples",
    ...(token === undefined ? {} : { token }),
  });
  return reply.status === 200 ? reply.text.trimEnd().split("\n").sort().join("\n") : `${reply.status}`;
}

describe("the Graph Store Protocol, indirectly", () => {
  it("puts, reads, adds to and deletes a graph (§5.2 to §5.5)", async () => {
    const { ask } = loopback;
    expect(await texts(at("a"), alice)).toBe("404");
    const made = await ask(at("a"), turtle('<> <urn:p> "1" .'));
    expect([made.status, made.headers["location"]]).toEqual([201, `${GRAPHS}a`]);
    expect(made.json()).toEqual({ graph: `${GRAPHS}a`, triples: 1 });
    expect(await texts(at("a"), alice)).toBe(`<${GRAPHS}a> <urn:p> "1" .`);
    expect((await ask(at("a"), turtle("<urn:s> <urn:p> <urn:o> ."))).status).toBe(204);
    expect(await texts(at("a"), alice)).toBe("<urn:s> <urn:p> <urn:o> .");
    expect((await ask(at("a"), turtle("<urn:s> <urn:p> <urn:o2> .", "POST"))).status).toBe(204);
    expect(await texts(at("a"), alice)).toBe("<urn:s> <urn:p> <urn:o2> .\n<urn:s> <urn:p> <urn:o> .");
    expect((await ask(at("a"), { method: "DELETE", token: alice })).status).toBe(204);
    expect(await texts(at("a"), alice)).toBe("404");
    expect((await ask(at("a"), { method: "DELETE", token: alice })).status).toBe(404);
  });

  it.each([
    ["text/turtle", "<urn:s> <urn:p> <urn:o> ."],
    ["application/n-triples", "<urn:s> <urn:p> <urn:o> ."],
    ["application/trig", "<urn:s> <urn:p> <urn:o> ."],
    ["application/ld+json", '{"@id": "urn:s", "urn:p": {"@id": "urn:o"}}'],
    [
      "application/rdf+xml",
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:"><rdf:Description rdf:about="urn:s"><u:p rdf:resource="urn:o"/></rdf:Description></rdf:RDF>',
    ],
  ])("takes %s", async (type, body) => {
    const path = at("format");
    expect((await loopback.ask(path, { method: "PUT", type, body, token: alice })).status).toBeLessThan(205);
    expect(await texts(path, alice)).toBe("<urn:s> <urn:p> <urn:o> .");
    await loopback.ask(path, { method: "DELETE", token: alice });
  });

  it("takes several files as a form (§5.5)", async () => {
    const part = (text: string) =>
      `--x\r\nContent-Disposition: form-data; name="f"; filename="f.ttl"\r\nContent-Type: text/turtle\r\n\r\n${text}\r\n`;
    const body = `${part("<urn:s> <urn:p> 1 .")}${part("<urn:s> <urn:p> 2 .\r\n")}--x--\r\n`;
    const form = { method: "POST", type: "multipart/form-data; boundary=x", body, token: alice };
    expect((await loopback.ask(at("form"), form)).status).toBe(201);
    expect((await texts(at("form"), alice)).split("\n")).toHaveLength(2);
    const cut = { ...form, body: body.slice(0, -6) };
    expect((await loopback.ask(at("form"), cut)).json()).toMatchObject({ status: 400, code: "malformed" });
    const other = { ...form, body: body.replaceAll("text/turtle", "text/plain") };
    expect((await loopback.ask(at("form"), other)).status).toBe(415);
  });

  it("names a new graph itself when it is posted without a name (§5.5)", async () => {
    const reply = await loopback.ask("sparql/graph", turtle("<> <urn:p> 1 .", "POST"));
    const location = reply.headers["location"] ?? "";
    expect([reply.status, location.startsWith(GRAPHS)]).toEqual([201, true]);
    expect(await texts(`sparql/graph?graph=${location}`, alice)).toContain(`<${location}> <urn:p>`);
    expect((await loopback.ask("alice/graphs", { ...turtle("", "POST"), token: bob })).status).toBe(403);
  });

  it("reads documents of the hub, and the default graph, for those who may see them", async () => {
    const { iri } = loopback.sample.posts.plain;
    const path = `sparql/graph?graph=${encodeURIComponent(iri)}`;
    expect(await texts(path)).toContain("The terns are back at the lake");
    const head = await loopback.ask(path, { method: "HEAD" });
    expect([head.status, head.text, head.headers["content-type"]]).toEqual([200, "", "text/turtle; charset=utf-8"]);
    await loopback.ask(at("hidden"), turtle('<urn:s> <urn:p> "hidden" .'));
    const whole = await texts("sparql/graph?default");
    expect(whole).toContain("The terns are back at the lake");
    expect(whole).not.toContain("hidden");
    expect(await texts("sparql/graph?default", alice)).toContain("hidden");
    for (const accept of ["application/ld+json", "application/rdf+xml"]) {
      expect((await loopback.ask("sparql/graph?default", { accept })).text).toContain("terns");
    }
  });

  it("says that nothing changed, and looks at conditions", async () => {
    const { ask } = loopback;
    await ask(at("tag"), turtle("<urn:s> <urn:p> 1 ."));
    const first = await ask(at("tag"), { token: alice });
    const etag = first.headers["etag"] ?? "";
    expect(first.headers["vary"]).toBe("Accept, Authorization, Accept-Encoding");
    expect((await ask(at("tag"), { token: alice, headers: { "if-none-match": etag } })).status).toBe(304);
    const put = (headers: Record<string, string>) => ask(at("tag"), { ...turtle("<urn:s> <urn:p> 2 ."), headers });
    expect((await put({ "if-none-match": "*" })).status).toBe(412);
    expect((await put({ "if-match": '"99.x"' })).status).toBe(412);
    expect((await put({ "if-match": etag })).status).toBe(204);
    expect((await put({ "if-match": etag })).status).toBe(412);
    expect((await ask(at("none"), { ...turtle(""), headers: { "if-match": "*" } })).status).toBe(412);
    const known = (await ask("sparql/graph?default")).headers["etag"] ?? "";
    expect((await ask("sparql/graph?default", { headers: { "if-none-match": known } })).status).toBe(304);
    await ask(at("tag"), turtle(""));
    expect((await ask("sparql/graph?default", { headers: { "if-none-match": known } })).status).toBe(200);
  });

  const form = (body: string): Asked => ({ ...turtle(body), token: "" });
  it.each<[string, string, Asked, number]>([
    ["a graph store without a graph", "sparql/graph", {}, 400],
    ["two graphs", `${at("a")}&default`, {}, 400],
    ["a relative graph", "sparql/graph?graph=a", {}, 400],
    ["a graph that nobody has", "sparql/graph?graph=urn:x", {}, 404],
    ["writing without a token", at("a"), { method: "PUT", type: "text/turtle", body: "" }, 401],
    ["deleting without a token", at("a"), { method: "DELETE" }, 401],
    ["the default graph", "sparql/graph?default", form(""), 403],
    ["somebody else's graph", "sparql/graph?graph=http://hub.example/bob/graphs/x", form(""), 403],
    ["another media type", at("a"), { ...form(""), type: "text/csv" }, 415],
    ["broken Turtle", at("a"), form("<urn:s> <urn:p> ."), 400],
    ["a named graph inside", at("a"), { ...form("<urn:g> { <urn:s> <urn:p> 1 }"), type: "application/trig" }, 400],
    ["an unknown format", `${at("a")}&format=nope`, {}, 406],
    ["PATCH", at("a"), { ...form(""), method: "PATCH" }, 405],
    ["bytes that are not UTF-8", at("a"), { ...form(""), body: new Uint8Array([0xff]) }, 400],
  ])("refuses %s with a sentence", async (_, path, asked, status) => {
    // The rows are made before there are tokens.
    const token = "token" in asked ? { token: alice } : {};
    const reply = await loopback.ask(path, { ...asked, ...token });
    expect([reply.status, reply.headers["content-type"]]).toEqual([status, "application/problem+json"]);
    expect(String(reply.json()["detail"]).length).toBeGreaterThan(30);
  });

  it("names the place of a mistake", async () => {
    const reply = await loopback.ask(at("a"), turtle("<urn:s>\n  <urn:p> ."));
    expect(reply.json()).toMatchObject({ code: "malformed", line: 2 });
  });
});

describe("a graph's own address", () => {
  it("is read, written and deleted by those who may, and is not there for others", async () => {
    const { ask } = loopback;
    const path = "alice/graphs/own";
    expect((await ask(path, turtle('<> <urn:p> "mine" .'))).status).toBe(201);
    const replies: Reply[] = [];
    for (const accept of ["text/html", "text/turtle", "application/ld+json"]) {
      replies.push(await ask(path, { accept, token: alice }));
      for (const token of [bob, loopback.sample.tokens.owner, undefined]) {
        const other = await ask(path, { accept, ...(token === undefined ? {} : { token }) });
        expect([other.status, other.text.includes("mine")]).toEqual([404, false]);
      }
    }
    expect(replies.map(({ status, text }) => [status, text.includes("mine")])).toEqual(replies.map(() => [200, true]));
    expect((await ask(path, turtle('<> <urn:p> "more" .', "POST"))).status).toBe(204);
    expect(await texts(path, alice)).toContain("more");
    expect((await ask(path, { ...turtle(""), token: bob })).status).toBe(403);
    expect((await ask(path, { method: "DELETE", token: alice })).status).toBe(204);
    expect((await ask(path, { token: alice })).status).toBe(404);
  });

  it("stands in the list of the account's graphs for those who may see it", async () => {
    const { ask } = loopback;
    await ask("alice/graphs/listed", turtle('<> <urn:p> "private" .'));
    await ask(
      "alice/graphs/open",
      turtle("<> <https://w3id.org/sterna#audience> <https://w3id.org/sterna#Public> ; <urn:p> 1 ."),
    );
    expect(await texts("alice/graphs", alice)).toContain("/alice/graphs/listed");
    const seen = await texts("alice/graphs");
    expect([seen.includes("/graphs/open"), seen.includes("/graphs/listed")]).toEqual([true, false]);
    expect((await ask("alice/graphs", { accept: "text/html", token: alice })).text).toContain("private");
    expect(await texts("alice/graphs/open")).toContain("urn:p");
  });

  it("can hold any name, written as the hub writes it", async () => {
    const path = `alice/graphs/${encodeURIComponent("caf\u00e9 & 1/2")}`;
    expect((await loopback.ask(path, turtle("<> <urn:p> 1 ."))).headers["location"]).toBe(`http://hub.example/${path}`);
    expect(await texts(path, alice)).toContain(`<http://hub.example/${path}>`);
  });
});

describe("scripts on other sites", () => {
  it.each(["sparql", "sparql/graph", "alice/graphs/x"])("may use %s", async (path) => {
    const reply = await loopback.ask(path, { method: "OPTIONS" });
    expect(reply.status).toBe(204);
    expect(reply.headers["access-control-allow-origin"]).toBe("*");
    expect(reply.headers["access-control-allow-headers"]).toMatch(/Authorization, Content-Type, If-Match/);
    const methods = reply.headers["access-control-allow-methods"]?.split(", ");
    expect(methods).toEqual(reply.headers["allow"]?.split(", "));
    if (path !== "sparql") expect(methods).toEqual(expect.arrayContaining(["PUT", "DELETE", "POST", "GET"]));
  });
});

describe("compression", () => {
  const ask = (path: string, headers: Record<string, string>) => fetch(loopback.sample.hub.url + path, { headers });

  it.each(["gzip", "br"])("by %s is for those who ask for it", async (coding) => {
    for (const path of ["sparql/graph?default", "alice", "sparql?query=SELECT * { ?s ?p ?o }"]) {
      const response = await ask(path, { "accept-encoding": coding });
      expect([response.status, response.headers.get("content-encoding")]).toEqual([200, coding]);
      expect(response.headers.get("vary")).toContain("Accept-Encoding");
      expect(await response.text()).toContain("terns");
    }
  });

  it("is left away for those who do not, and for what is small", async () => {
    for (const accepted of ["identity", "", "gzip;q=0, br;q=0"]) {
      expect((await ask("alice", { "accept-encoding": accepted })).headers.get("content-encoding")).toBeNull();
    }
    const small = await ask("sparql/graph?graph=http://hub.example/none", { "accept-encoding": "gzip" });
    expect(small.headers.get("content-encoding")).toBeNull();
  });

  it("gives a page another tag, which is known again", async () => {
    const [plain, zipped] = [
      await ask("alice", { "accept-encoding": "identity" }),
      await ask("alice", { "accept-encoding": "gzip" }),
    ];
    const tags = [plain, zipped].map((response) => response.headers.get("etag") ?? "");
    expect(new Set(tags).size).toBe(2);
    for (const tag of tags) {
      expect((await ask("alice", { "accept-encoding": "gzip", "if-none-match": tag })).status).toBe(304);
    }
  });
});
