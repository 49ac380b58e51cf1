import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createRemoteQueries } from "../../src/feeds/remote-queries.ts";
import type { RemoteQuestion } from "../../src/hub/ports/remote-queries.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { openServer, type SmallServer } from "./bad-server.ts";

const servers: SmallServer[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<SmallServer> {
  const server = await openServer(answer);
  servers.push(server);
  return server;
}

const remote = (allowPrivate = true) =>
  createRemoteQueries({ allowPrivate, userAgent: "test", base: "https://hub.example/" as Iri });

function question(server: SmallServer, wish: Partial<RemoteQuestion> = {}): RemoteQuestion {
  return {
    to: { hub: server.url as Iri },
    query: "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    kind: "quads",
    signal: AbortSignal.timeout(60_000),
    bytes_max: 100_000,
    rows_max: 1_000,
    ...wish,
  };
}

const TRIPLE = "<http://x/s> <http://x/p> <http://x/o> .\n";
const plain =
  (body: string, type = "application/n-triples") =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { "content-type": type });
    response.end(body);
  };

describe("asking another hub over HTTP", () => {
  it("gives up early a host that takes no connection, so that there is time for another way", async () => {
    const silent = createServer((socket) => void socket.on("error", () => undefined).resume());
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const hub = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/` as Iri;
    const signal = AbortSignal.timeout(60_000);
    const answer = await remote().ask({
      to: { hub },
      query: "ASK {}",
      kind: "quads",
      signal,
      bytes_max: 1,
      rows_max: 1,
    });
    expect(answer).toMatchObject({ code: "remote-unreachable" });
    expect(signal.aborted).toBe(false);
    silent.close();
    await once(silent, "close");
  });

  it("asks by GET with who asks, and by POST what is long", async () => {
    const server = await serve(plain(TRIPLE));
    const queries = remote();
    expect(await queries.ask(question(server))).toMatchObject({
      kind: "quads",
      quads: [{ subject: { value: "http://x/s" } }],
    });
    const long = `CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(?o != "${"x".repeat(3_000)}") }`;
    expect(await queries.ask(question(server, { query: long }))).toMatchObject({ kind: "quads" });
    expect(server.seen).toMatchObject([
      { method: "GET", headers: { "sterna-asked-by": "https://hub.example/", "user-agent": "test" } },
      { method: "POST", url: "/sparql", headers: { "content-type": "application/x-www-form-urlencoded" } },
    ]);
  });

  it.each([
    ['{"head":{},"boolean":false}', { kind: "boolean", value: false }],
    ['{"head":{},"boolean":"yes"}', { code: "remote-refused" }],
    ['{"head":{"vars":[]},"results":{"bindings":[]}}', { code: "remote-refused" }],
    ["<html>", { code: "remote-refused" }],
  ])("reads yes or no: %s", async (body, expected) => {
    const server = await serve(plain(body, "application/sparql-results+json"));
    expect(await remote().ask(question(server, { kind: "boolean", query: "ASK {}" }))).toMatchObject(expected);
  });

  it("reads rows, with their kinds of terms", async () => {
    const binding = { x: { type: "uri", value: "http://x/" }, y: { type: "literal", value: "é", "xml:lang": "fr" } };
    const server = await serve(
      plain(
        JSON.stringify({ head: { vars: ["x", "y"] }, results: { bindings: [binding] } }),
        "application/sparql-results+json",
      ),
    );
    const answer = await remote().ask(question(server, { kind: "bindings" }));
    if (isRefusal(answer) || answer.kind !== "bindings") throw new Error("Expected rows.");
    expect([...(answer.rows[0] ?? [])]).toMatchObject([
      ["x", { termType: "NamedNode" }],
      ["y", { language: "fr" }],
    ]);
  });
});

describe("a hub that answers badly is named, and nothing is stuck", () => {
  const text = (code: string) => ({ kind: "refusal", code });

  it("when its rows have no end", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/n-triples" });
      const more = (): void => {
        while (response.write(TRIPLE.repeat(500)));
        response.once("drain", more);
      };
      more();
    });
    const answer = await remote().ask(question(server));
    expect(answer).toMatchObject({ ...text("too-large"), message: expect.stringContaining(server.url) });
    await server.brokenOff;
  });

  it("when it sends more triples than are taken", async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => `<http://x/${at}> <http://x/p> <http://x/o> .\n`).join("");
    const server = await serve(plain(many));
    expect(await remote().ask(question(server))).toMatchObject(text("too-large"));
  });

  it("when it sends a byte now and then", async () => {
    const stop = new AbortController();
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/n-triples" });
      // Whoever reads it has the first byte, and then never enough.
      response.write("<");
      stop.abort();
    });
    expect(await remote().ask(question(server, { signal: stop.signal }))).toMatchObject(text("timed-out"));
    await server.brokenOff;
  });

  it("when it opens a small parcel that holds a large one", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, "#"));
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/n-triples", "content-encoding": "gzip" });
      response.end(bomb);
    });
    expect(await remote().ask(question(server))).toMatchObject(text("too-large"));
  });

  it.each([
    ["of another media type", "<p>Hello</p>", "text/html", "Expected RDF"],
    ["without a media type", TRIPLE, "", "Expected RDF"],
    ["that cannot be read", "this is no RDF", "text/turtle", "cannot be read"],
    ["that breaks off", '<http://x/s> <http://x/p> "half', "application/n-triples", "cannot be read"],
    ["in other bytes than UTF-8", "\xff\xfe", "application/n-triples", "UTF-8"],
  ])("when it sends something %s", async (_, body, type, message) => {
    const server = await serve((__, response) => {
      response.writeHead(200, type === "" ? {} : { "content-type": type });
      response.end(Buffer.from(body, "latin1"));
    });
    expect(await remote().ask(question(server))).toMatchObject({
      ...text("remote-refused"),
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["{", "cannot be read"],
    ['{"boolean": true}', "cannot be read"],
    ['{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"no iri"}}]}}', "cannot be read"],
  ])("when its rows are %s", async (body, message) => {
    const server = await serve(plain(body, "application/sparql-results+json"));
    expect(await remote().ask(question(server, { kind: "bindings" }))).toMatchObject({
      ...text("remote-refused"),
      message: expect.stringContaining(message),
    });
  });

  it("when it fails, with its status", async () => {
    const server = await serve((_, response) => response.writeHead(500).end("<h1>Oops</h1>"));
    expect(await remote().ask(question(server))).toMatchObject({ ...text("remote-refused"), detail: { status: 500 } });
  });

  it("when it is not there", async () => {
    const server = await openServer(() => undefined);
    await server[Symbol.asyncDispose]();
    expect(await remote().ask(question(server))).toMatchObject(text("remote-unreachable"));
  });

  it("when it sends the question on to a private address", async () => {
    const asked = vi.fn<() => void>();
    const inside = await serve(asked);
    const outside = await serve((_, response) => response.writeHead(302, { location: `${inside.url}sparql` }).end());
    // Loopback stands for the public internet until the answer is there, and afterwards for what it is.
    const guard = {
      userAgent: "test",
      base: "https://hub.example/" as Iri,
      get allowPrivate() {
        return outside.seen.length === 0;
      },
    };
    expect(await createRemoteQueries(guard).ask(question(outside))).toMatchObject(text("forbidden"));
    expect(outside.seen).toHaveLength(1);
    expect(asked).not.toHaveBeenCalled();
  });

  it("when it sends the question round in a circle", async () => {
    const server = await serve((request, response) => response.writeHead(307, { location: request.url ?? "/" }).end());
    expect(await remote().ask(question(server))).toMatchObject({
      ...text("remote-refused"),
      message: expect.stringContaining("redirects more than"),
    });
    expect(server.seen.length).toBeLessThan(6);
  });
});

describe("a hub that asks for patience gets it", () => {
  it.each([
    [429, "120", 120],
    [503, "7", 7],
    [429, undefined, 5],
  ])("status %d with Retry-After %s", async (status, after, wait_s) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let isBusy = true;
    const server = await serve((request, response) => {
      if (!isBusy) return plain(TRIPLE)(request, response);
      response.writeHead(status, after === undefined ? {} : { "retry-after": after }).end();
    });
    const queries = remote();
    expect(await queries.ask(question(server))).toMatchObject({
      code: "unavailable",
      detail: { retryAfter_s: wait_s },
    });
    isBusy = false;
    vi.setSystemTime(Date.now() + (wait_s - 1) * 1_000);
    expect(await queries.ask(question(server))).toMatchObject({ code: "unavailable" });
    expect(server.seen).toHaveLength(1);
    vi.setSystemTime(Date.now() + 2_000);
    expect(await queries.ask(question(server))).toMatchObject({ kind: "quads" });
  });
});

describe("reading what a hub says of itself", () => {
  const DESCRIPTION = "<http://x/sparql> a <http://www.w3.org/ns/sparql-service-description#Service> .";

  it("keeps what the cache header says, and hears when nothing changed", async () => {
    const server = await serve(({ url, headers }, response) => {
      if (url === "/robots.txt") return response.writeHead(404).end();
      if (headers["if-none-match"] === '"1"') return response.writeHead(304, { "cache-control": "max-age=7" }).end();
      response.writeHead(200, { "content-type": "text/turtle", "cache-control": "public, max-age=60", etag: '"1"' });
      return response.end(DESCRIPTION);
    });
    const queries = remote();
    const signal = AbortSignal.timeout(60_000);
    const first = await queries.describe(server.url as Iri, signal);
    expect(first).toMatchObject({ fresh_ms: 60_000, etag: '"1"', quads: [{}] });
    expect(await queries.describe(server.url as Iri, signal, '"1"')).toEqual({ unchanged: true, fresh_ms: 7_000 });
    expect(server.seen.filter(({ url }) => url === "/robots.txt")).toHaveLength(1);
  });

  it("goes by the robots.txt, for questions too once that is known", async () => {
    const server = await serve((request, response) => {
      if (request.url !== "/robots.txt") return plain(TRIPLE)(request, response);
      response.writeHead(200, { "content-type": "text/plain" });
      response.end("User-agent: *\nAllow: /\n\nUser-agent: Sterna\nDisallow: /sparql\n");
    });
    const queries = remote();
    expect(await queries.describe(server.url as Iri, AbortSignal.timeout(60_000))).toMatchObject({ code: "forbidden" });
    expect(await queries.ask(question(server))).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("robots.txt"),
    });
    expect(server.seen.map(({ url }) => url)).toEqual(["/robots.txt"]);
  });
});
