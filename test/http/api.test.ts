import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BODY_BYTES_MAX } from "../../src/http/body.ts";
import { type Asked, type Loopback, openLoopback, pathOf, type Reply } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await openLoopback();
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

const send = (method: string, path: string, token: string | undefined, body: unknown): Promise<Reply> =>
  loopback.ask(path, {
    method,
    type: "application/json",
    body: JSON.stringify(body),
    ...(token === undefined ? {} : { token }),
  });

describe("GET /health", () => {
  it("tells the state without a token", async () => {
    expect((await loopback.ask("health")).json()).toEqual({
      status: "ok",
      xmpp: "off",
      version: expect.stringMatching(/^\d+\./),
    });
  });
});

describe("tokens", () => {
  it("say who they are", async () => {
    const { alice, owner } = loopback.sample.tokens;
    expect((await loopback.ask("api/me", { token: alice })).json()).toEqual({
      kind: "account",
      name: "alice",
      iri: "http://hub.example/alice#account",
      base: "http://hub.example/",
      jid: expect.stringMatching(/^alice@/),
    });
    expect((await loopback.ask("api/me", { token: owner })).json()).toMatchObject({ kind: "owner" });
  });

  it.each<[string, Asked]>([
    ["none", {}],
    ["an unknown one", { token: "x".repeat(32) }],
    ["one of endless length", { token: "x".repeat(5_000) }],
    ["another scheme", { headers: { authorization: "Basic YTpi" } }],
    ["an empty one", { headers: { authorization: "Bearer " } }],
  ])("are refused with 401 and WWW-Authenticate: %s", async (_, asked) => {
    const reply = await loopback.ask("api/me", asked);
    expect([reply.status, reply.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="Sterna hub"']);
    expect(reply.json()).toMatchObject({ code: "unauthenticated", status: 401 });
  });

  it("are made for oneself, and by the owner for all; a new one works", async () => {
    const { alice, bob, owner } = loopback.sample.tokens;
    const made = await send("POST", "api/tokens", alice, { label: "laptop" });
    expect(made.status).toBe(201);
    expect((await loopback.ask("api/me", { token: String(made.json()["token"]) })).json()["name"]).toBe("alice");
    expect((await send("POST", "api/tokens", bob, { account: "alice", label: "theft" })).status).toBe(403);
    expect((await send("POST", "api/tokens", owner, { account: "bob", label: "lost" })).status).toBe(201);
    expect((await send("POST", "api/tokens", owner, { account: "nobody", label: "x" })).status).toBe(404);
  });
});

describe("accounts", () => {
  it("are made by the owner, also with names of other scripts, and are found under their own addresses", async () => {
    const { owner } = loopback.sample.tokens;
    const made = await send("POST", "api/accounts", owner, {
      name: "zoë",
      displayName: "Zoë",
      linkedJids: ["zoe@jabber.example"],
    });
    expect(made.status).toBe(201);
    expect(made.headers["location"]).toBe("http://hub.example/zo%C3%AB");
    expect(made.json()).toMatchObject({ name: "zoë", iri: "http://hub.example/zo%C3%AB#account" });
    const page = await loopback.ask("zo%C3%AB", { accept: "text/turtle" });
    expect(page.text).toContain('foaf:name "Zoë"');
    const token = String(made.json()["token"]);
    const post = await send("POST", "zo%C3%AB/posts", token, { text: "Hallo" });
    expect((await loopback.ask(pathOf(loopback, String(post.json()["iri"])))).status).toBe(200);
    const changed = await send("PATCH", "api/accounts/zo%C3%AB", token, { bio: "Sings." });
    expect(changed.json()).toMatchObject({ name: "zoë", bio: "Sings." });
  });

  it.each<[string, unknown, number]>([
    ["without a name", {}, 400],
    ["with a name that is in use", { name: "alice" }, 409],
    ["with a reserved name", { name: "sparql" }, 409],
    ["with a name that is none", { name: "a b" }, 400],
    ["with a field that nobody knows", { name: "carol", admin: "yes" }, 400],
    ["with a field of another kind", { name: "carol", linkedJids: "a@b" }, 400],
    ["with a list of other things", { name: "carol", linkedJids: [1] }, 400],
  ])("are refused %s", async (_, body, status) => {
    expect((await send("POST", "api/accounts", loopback.sample.tokens.owner, body)).status).toBe(status);
  });

  it("are not made by others", async () => {
    expect((await send("POST", "api/accounts", loopback.sample.tokens.alice, { name: "carol" })).status).toBe(403);
    expect((await send("POST", "api/accounts", undefined, { name: "carol" })).status).toBe(401);
    expect((await send("PATCH", "api/accounts/alice", loopback.sample.tokens.bob, { bio: "x" })).status).toBe(403);
  });
});

describe("posts", () => {
  it("come in as JSON or as plain text, are changed, and are guarded by If-Match", async () => {
    const { alice } = loopback.sample.tokens;
    const made = await send("POST", "alice/posts", alice, {
      text: "One",
      language: "en",
      replyTo: loopback.sample.reply.iri,
    });
    expect(made.status).toBe(201);
    const iri = String(made.json()["iri"]);
    expect(made.headers["location"]).toBe(iri);
    expect(made.json()).toMatchObject({ version: 1, id: iri.slice(iri.lastIndexOf("/") + 1) });
    const path = pathOf(loopback, iri);
    const read = await loopback.ask(path, { accept: "text/turtle" });
    const etag = read.headers["etag"] ?? "";
    expect(etag).toMatch(/^"1\./);
    const patch = (ifMatch: string, text: string): Promise<Reply> =>
      loopback.ask(path, {
        method: "PATCH",
        token: alice,
        type: "text/plain",
        body: text,
        headers: { "if-match": ifMatch },
      });
    expect((await patch(etag, "Two")).json()).toMatchObject({ iri, version: 2 });
    expect((await patch(etag, "Three")).status).toBe(412);
    expect((await patch('"garbage"', "Three")).status).toBe(412);
    expect((await patch('"7", "2"', "Three")).json()).toMatchObject({ version: 3 });
    const stale = await loopback.ask(path, { method: "DELETE", token: alice, headers: { "if-match": '"1"' } });
    expect(stale.status).toBe(412);
    expect((await loopback.ask(path, { method: "DELETE", token: alice, headers: { "if-match": "*" } })).status).toBe(
      200,
    );
  });

  const json = (body: string | Uint8Array): Asked => ({ type: "application/json", body });
  it.each<[string, Asked, number, object]>([
    ["JSON that breaks off", json('{"text":\n "a'), 400, { code: "malformed", line: 2 }],
    ["JSON that is no object", json('["text"]'), 400, { code: "malformed" }],
    ["bytes that are not UTF-8", json(new Uint8Array([0x7b, 0x22, 0xff])), 400, { code: "malformed", byteOffset: 2 }],
    ["no text", json("{}"), 400, { code: "invalid" }],
    ["a text that is none", json('{"text":5}'), 400, { code: "invalid" }],
    ["an empty text", json('{"text":" "}'), 400, {}],
    ["an unknown field", json('{"text":"a","txt":"b"}'), 400, { code: "invalid" }],
    ["a field of the prototype", json('{"text":"a","toString":"b","__proto__":"c"}'), 400, { code: "invalid" }],
    ["an answer to no IRI", json('{"text":"a","replyTo":"b"}'), 400, { code: "invalid" }],
    ["a text that is too long", json(JSON.stringify({ text: "x".repeat(50_000) })), 413, { code: "too-large" }],
    [
      "a body over the bound",
      json(JSON.stringify({ text: "x".repeat(BODY_BYTES_MAX) })),
      413,
      { bytes_max: BODY_BYTES_MAX },
    ],
    [
      "another media type",
      { type: "application/xml", body: "<a/>" },
      415,
      { accepted: ["application/json", "text/plain"] },
    ],
  ])("are refused: %s", async (_, asked, status, detail) => {
    const reply = await loopback.ask("alice/posts", { method: "POST", token: loopback.sample.tokens.alice, ...asked });
    expect(reply.status).toBe(status);
    expect(reply.json()).toMatchObject({ ...detail, status });
  });

  it("are refused when they come in pieces over the bound, and the next request is answered", async () => {
    const piece = `${(65_536).toString(16)}\r\n${"x".repeat(65_536)}\r\n`;
    const head = `POST /alice/posts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${loopback.sample.tokens.alice}\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const next = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const all = await loopback.raw(`${head}${piece.repeat(20)}0\r\n\r\n${next}`);
    expect(all).toMatch(/^HTTP\/1\.1 413 [\s\S]*HTTP\/1\.1 200 /);
  });

  it("are only for their own account", async () => {
    const { bob, owner } = loopback.sample.tokens;
    expect((await send("POST", "alice/posts", bob, { text: "a" })).status).toBe(403);
    expect((await send("POST", "alice/posts", owner, { text: "a" })).status).toBe(403);
    expect((await send("POST", "alice/posts", undefined, { text: "a" })).status).toBe(401);
    const path = pathOf(loopback, loopback.sample.posts.plain.iri);
    expect((await send("PATCH", path, bob, { text: "a" })).status).toBe(403);
    expect((await loopback.ask(path, { method: "DELETE", token: bob })).status).toBe(403);
  });
});

describe("reposts and quotes", () => {
  it("pass a post on, which its page and the timeline show, and are taken back", async () => {
    const { bob } = loopback.sample.tokens;
    const { iri } = loopback.sample.posts.plain;
    const made = await send("POST", "bob/reposts", bob, { post: iri });
    const { repost } = made.json() as { repost: string };
    expect([made.status, made.json()]).toEqual([201, { post: iri, repost, reposts: 1 }]);
    expect((await loopback.ask(pathOf(loopback, iri), { accept: "text/html" })).text).toContain("<li>1 repost</li>");
    const page = (await loopback.ask(pathOf(loopback, repost), { accept: "text/html" })).text;
    expect(page).toMatch(/Reposted [\s\S]*<blockquote/);
    const turtle = await loopback.ask(pathOf(loopback, repost), { accept: "application/n-triples" });
    expect(turtle.text).toContain(`<https://w3id.org/sterna#repostOf> <${iri}>`);
    expect(turtle.text).toContain(`<${iri}> <http://rdfs.org/sioc/ns#content>`);
    const feed = await loopback.ask("bob/feed.atom");
    expect(feed.text).toContain(`rel="via" href="${iri}"`);
    const gone = await loopback.ask(`bob/reposts?post=${encodeURIComponent(iri)}`, { method: "DELETE", token: bob });
    expect(gone.json()).toEqual({ post: iri, repost, reposts: 0 });
    expect((await loopback.ask(pathOf(loopback, repost))).status).toBe(410);
  });

  it("are made by naming what is quoted, and refused for no IRI", async () => {
    const { bob } = loopback.sample.tokens;
    const { iri } = loopback.sample.posts.plain;
    const made = (await send("POST", "bob/posts", bob, { text: "See!", quote: iri })).json() as { iri: string };
    const page = (await loopback.ask(pathOf(loopback, made.iri), { accept: "text/html" })).text;
    expect(page).toMatch(/See![\s\S]*Quotes [\s\S]*<blockquote/);
    expect((await send("POST", "bob/posts", bob, { text: "See!", quote: "x" })).status).toBe(400);
  });

  it("are refused without a post, and for others", async () => {
    const { alice, bob } = loopback.sample.tokens;
    expect((await send("POST", "bob/reposts", bob, {})).status).toBe(400);
    expect((await loopback.ask("bob/reposts", { method: "DELETE", token: bob })).status).toBe(400);
    expect((await send("POST", "bob/reposts", alice, { post: loopback.sample.posts.plain.iri })).status).toBe(403);
    expect((await loopback.ask("bob/reposts?post=x", { method: "DELETE", token: alice })).status).toBe(403);
  });
});

describe("likes", () => {
  it("are made, shown on the post's page, and taken back", async () => {
    const { bob } = loopback.sample.tokens;
    const { iri } = loopback.sample.posts.plain;
    const made = await send("POST", "bob/likes", bob, { post: iri });
    expect([made.status, made.json()]).toEqual([201, { post: iri, likes: 1 }]);
    expect((await loopback.ask(pathOf(loopback, iri), { accept: "text/html" })).text).toContain("<li>1 like</li>");
    const path = `bob/likes?post=${encodeURIComponent(iri)}`;
    expect((await loopback.ask(path, { method: "DELETE", token: bob })).json()).toEqual({ post: iri, likes: 0 });
    expect((await loopback.ask(path, { method: "DELETE", token: bob })).status).toBe(404);
    expect((await loopback.ask(pathOf(loopback, iri), { accept: "text/html" })).text).not.toContain("like</li>");
  });

  it("are reactions where they come with an emoji, shown so that they can be heard, in RDF and in the timeline", async () => {
    const { alice, bob } = loopback.sample.tokens;
    const { iri } = loopback.sample.posts.plain;
    const path = pathOf(loopback, iri);
    const made = await send("POST", "bob/likes", bob, { post: iri, with: "❤" });
    expect([made.status, made.json()]).toEqual([201, { post: iri, likes: 0, reactions: [{ emoji: "❤️", count: 1 }] }]);
    await send("POST", "alice/likes", alice, { post: iri, with: "❤️" });
    const page = (await loopback.ask(path, { accept: "text/html" })).text;
    expect(page).toContain('<span role="img" aria-label="2 reactions with ❤️">❤️ 2</span>');
    const turtle = await loopback.ask(path, { accept: "text/turtle" });
    expect(turtle.text.match(/a sterna:Reaction/g)).toHaveLength(2);
    const timeline = (await loopback.ask("alice/timeline", { token: alice })).json() as { posts: readonly object[] };
    const shown = timeline.posts.find((post) => "iri" in post && post.iri === iri);
    expect(shown).toMatchObject({ reactions: [{ emoji: "❤️", count: 2 }] });
    const gone = `likes?post=${encodeURIComponent(iri)}&with=${encodeURIComponent("❤️")}`;
    expect((await loopback.ask(`bob/${gone}`, { method: "DELETE", token: bob })).status).toBe(200);
    expect((await loopback.ask(`alice/${gone}`, { method: "DELETE", token: alice })).json()).toEqual({
      post: iri,
      likes: 0,
    });
    expect((await send("POST", "bob/likes", bob, { post: iri, with: "lovely" })).status).toBe(400);
  });

  it("are refused without a post, and for others", async () => {
    const { alice, bob } = loopback.sample.tokens;
    expect((await send("POST", "bob/likes", bob, {})).status).toBe(400);
    expect((await loopback.ask("bob/likes", { method: "DELETE", token: bob })).status).toBe(400);
    expect((await send("POST", "bob/likes", alice, { post: loopback.sample.posts.plain.iri })).status).toBe(403);
    expect((await loopback.ask("bob/likes?post=x", { method: "DELETE", token: alice })).status).toBe(403);
  });
});

describe("follows", () => {
  it("are made, listed as JSON, and ended", async () => {
    const { alice } = loopback.sample.tokens;
    const made = await send("POST", "alice/following", alice, { target: "http://hub.example/bob" });
    expect([made.status, made.json()]).toMatchObject([
      201,
      { account: "http://hub.example/bob#account", state: "local" },
    ]);
    const list = await loopback.ask("alice/following", { accept: "application/json" });
    expect(list.headers["content-type"]).toBe("application/json");
    expect(list.json()).toMatchObject([{ account: "http://hub.example/bob#account" }]);
    const others = await loopback.ask("bob/followers", { accept: "application/json" });
    expect(others.json()).toMatchObject([{ account: "http://hub.example/alice#account" }]);
    const target = encodeURIComponent("http://hub.example/bob#account");
    const left = await loopback.ask(`alice/following?target=${target}`, { method: "DELETE", token: alice });
    expect(left.json()).toEqual({ account: "http://hub.example/bob#account" });
    expect((await loopback.ask("alice/following", { accept: "application/json" })).text).toBe("[]\n");
  });

  it("are refused without a target, and for others", async () => {
    const { alice, bob } = loopback.sample.tokens;
    expect((await send("POST", "alice/following", alice, {})).status).toBe(400);
    expect((await loopback.ask("alice/following", { method: "DELETE", token: alice })).status).toBe(400);
    expect((await send("POST", "alice/following", bob, { target: "http://hub.example/bob" })).status).toBe(403);
    expect((await loopback.ask("nobody/following", { accept: "application/json" })).status).toBe(404);
  });
});

describe("the timeline", () => {
  it("is JSON in pages", async () => {
    const { bob } = loopback.sample.tokens;
    const page = await loopback.ask("bob/timeline?limit=2", { token: bob });
    const { posts, older } = page.json() as { posts: { iri: string }[]; older: string };
    expect(posts).toHaveLength(2);
    const rest = await loopback.ask(`bob/timeline?before=${encodeURIComponent(older)}`, { token: bob });
    const more = rest.json()["posts"] as { iri: string }[];
    expect(more.length).toBeGreaterThan(0);
    expect(more.map(({ iri }) => iri)).not.toContain(posts[0]?.iri);
    expect((await loopback.ask("bob/timeline", { token: bob, accept: "text/html" })).text).toContain("Timeline");
  });

  it("is for its own account", async () => {
    const { alice, owner } = loopback.sample.tokens;
    expect((await loopback.ask("bob/timeline")).status).toBe(401);
    expect((await loopback.ask("bob/timeline", { token: alice })).status).toBe(403);
    expect((await loopback.ask("bob/timeline", { token: owner, accept: "text/event-stream" })).status).toBe(403);
  });

  it("sends events as posts come, change and go", async () => {
    const { bob, alice } = loopback.sample.tokens;
    const stop = new AbortController();
    const response = await fetch(`${loopback.sample.hub.url}bob/timeline`, {
      headers: { accept: "text/event-stream", authorization: `Bearer ${bob}` },
      signal: stop.signal,
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = eventsOf(response);
    const made = await send("POST", "alice/posts", alice, { text: "Line\nand line" });
    const iri = String(made.json()["iri"]);
    expect(await events.next()).toMatchObject({ value: { event: "posted", data: { iri, text: "Line\nand line" } } });
    await send("PATCH", pathOf(loopback, iri), alice, { text: "Changed" });
    expect(await events.next()).toMatchObject({ value: { event: "edited", data: { iri, text: "Changed" } } });
    await loopback.ask(pathOf(loopback, iri), { method: "DELETE", token: alice });
    expect(await events.next()).toMatchObject({ value: { event: "deleted", data: { iri } } });
    stop.abort();
  });
});

async function* eventsOf(
  response: Response,
): AsyncGenerator<{ event: string; id: string; data: Record<string, unknown> }> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const whole = rest.split("\n\n");
    rest = whole.pop() ?? "";
    for (const block of whole) {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
      if (field("event") === "") continue;
      yield { event: field("event"), id: field("id"), data: JSON.parse(field("data")) as Record<string, unknown> };
    }
  }
}

describe("export and import", () => {
  const lines = ({ text }: Reply): Record<string, unknown>[] =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("bring a hub's data into another one, and again change nothing", async () => {
    const { owner } = loopback.sample.tokens;
    const exported = await loopback.ask("api/export", { token: owner });
    expect([exported.status, exported.headers["content-type"]]).toEqual([200, "application/trig"]);
    const post = {
      method: "POST",
      type: "application/trig",
      token: owner,
      body: gzipSync(exported.text),
      headers: { "content-encoding": "gzip" },
    };
    const again = lines(await loopback.ask("api/import?source=backup.trig", post)).at(-1);
    expect(again).toMatchObject({ done: true, stored: 0, refused: 0 });
    expect(Number(again?.["unchanged"])).toBeGreaterThan(5);
    await using other = await openLoopback();
    const imported = lines(await other.ask("api/import", { ...post, token: other.sample.tokens.owner })).at(-1);
    expect(imported).toMatchObject({ done: true, refused: 0 });
    expect((await other.ask(pathOf(loopback, loopback.sample.posts.tricky.iri))).status).toBe(200);
  });

  it("give an account only its own", async () => {
    const exported = await loopback.ask("api/export", { token: loopback.sample.tokens.bob });
    expect(exported.text).toContain("/bob/posts/");
    expect(exported.text).not.toContain("Watches birds");
    expect((await loopback.ask("api/export")).status).toBe(401);
  });

  it.each<[string, Asked, number]>([
    ["without a token", { type: "text/turtle", body: "" }, 401],
    ["of another media type", { type: "text/csv", body: "a,b", token: "owner" }, 415],
    [
      "compressed otherwise",
      { type: "text/turtle", body: "", token: "owner", headers: { "content-encoding": "br" } },
      415,
    ],
  ])("refuse an import %s", async (_, asked, status) => {
    const token = asked.token === undefined ? {} : { token: loopback.sample.tokens.owner };
    expect((await loopback.ask("api/import", { method: "POST", ...asked, ...token })).status).toBe(status);
  });

  it.each<[string, Asked, RegExp]>([
    ["text that is no Turtle", { body: "<urn:a> <urn:b> .\n" }, /line 1/],
    ["gzip that is none", { body: "nonsense", headers: { "content-encoding": "gzip" } }, /gzip/],
    [
      "gzip that breaks off",
      {
        body: gzipSync("<urn:a> <urn:b> <urn:c> .\n".repeat(100)).subarray(0, 30),
        headers: { "content-encoding": "gzip" },
      },
      /gzip/,
    ],
    ["bytes that are not UTF-8", { body: new Uint8Array([0xff]) }, /UTF-8/],
  ])("say in the report what ended the reading: %s", async (_, asked, problem) => {
    const reply = await loopback.ask("api/import", {
      method: "POST",
      type: "text/turtle",
      token: loopback.sample.tokens.owner,
      ...asked,
    });
    expect(reply.status).toBe(200);
    expect(lines(reply).at(-1)).toMatchObject({ done: true, problem: expect.stringMatching(problem) });
  });
});

describe("the status", () => {
  it("is for those with a token", async () => {
    expect((await loopback.ask("api/status")).status).toBe(401);
    expect((await loopback.ask("api/status", { token: loopback.sample.tokens.alice })).json()).toMatchObject({
      base: "http://hub.example/",
      xmpp: { kind: "off" },
      outbox: { queued: 0 },
    });
  });
});
