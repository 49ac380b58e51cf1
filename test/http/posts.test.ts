import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BODY_BYTES_MAX } from "../../src/http/body.ts";
import { type Asked, jsonTo, type Loopback, openLoopback, pathOf, type Reply } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await openLoopback();
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

const send = jsonTo(() => loopback);

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

  it("say whom they answer, where that is here", async () => {
    const { sample, ask } = loopback;
    const page = (await ask(pathOf(loopback, sample.reply.iri), { accept: "text/html" })).text;
    expect(page).toMatch(/In answer to <span[^>]*><a href="\/alice\/posts\/[^"]*"><bdi>Alice L\. &lt;3<\/bdi><\/a>/);
    const lost = { text: "Really?", replyTo: "https://far.example/posts/1" };
    const { iri } = (await send("POST", "alice/posts", sample.tokens.alice, lost)).json() as { iri: string };
    expect((await ask(pathOf(loopback, iri), { accept: "text/html" })).text).toContain(">another post</a>");
    const timeline = (await ask("bob/timeline", { token: sample.tokens.bob })).json() as { posts: object[] };
    expect(timeline.posts.find((post) => "replyOf" in post && post.replyOf === sample.posts.plain.iri)).toMatchObject({
      replyOfName: "Alice L. <3",
    });
    await ask(pathOf(loopback, iri), { method: "DELETE", token: sample.tokens.alice });
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

describe("what goes with a post", () => {
  const PICTURE = "https://files.example/tern.jpg";
  const at = async (path: string, accept: string): Promise<string> => (await loopback.ask(path, { accept })).text;

  it("is on its page, in RDF, in the feed and in the timeline, and stays when the text is edited", async () => {
    const { alice } = loopback.sample.tokens;
    const made = await send("POST", "alice/posts", alice, {
      text: "Look!",
      attachments: [{ iri: PICTURE, description: "A tern, diving", size_bytes: 1_200 }],
      place: { name: "Mettnau", lat: 47.727, long: 8.995 },
    });
    expect(made.status).toBe(201);
    const { iri } = made.json() as { iri: string };
    const path = pathOf(loopback, iri);
    await send("PATCH", path, alice, { text: "Look there!" });
    const page = await at(path, "text/html");
    expect(page).toContain(`<img src="${PICTURE}" alt="A tern, diving"`);
    expect(page).toMatch(/>Mettnau<\/bdi>.*href="geo:47\.727,8\.995"/s);
    const triples = await at(path, "application/n-triples");
    expect(triples).toContain(`<${iri}> <http://rdfs.org/sioc/ns#attachment> <${PICTURE}>`);
    expect(triples).toContain(`<${iri}#place> <http://www.w3.org/2000/01/rdf-schema#label> "Mettnau"`);
    const feed = (await loopback.ask("alice/feed.atom")).text;
    expect(feed).toContain(
      `<link rel="enclosure" href="${PICTURE}" type="image/jpeg" title="A tern, diving" length="1200"/>`,
    );
    expect(feed).toContain("<description>Mettnau</description><lat>47.727</lat><lon>8.995</lon></geoloc>");
    const timeline = (await loopback.ask("alice/timeline?limit=1", { token: alice })).json();
    expect(timeline["posts"]).toMatchObject([
      {
        text: "Look there!",
        attachments: [{ iri: PICTURE, format: "image/jpeg", size_bytes: 1_200, description: "A tern, diving" }],
        place: { name: "Mettnau", lat: 47.727, long: 8.995 },
      },
    ]);
    await send("PATCH", path, alice, { text: "Gone.", attachments: [] });
    expect(await at(path, "text/html")).not.toContain(PICTURE);
    expect(await at(path, "text/html")).toContain("Mettnau");
    await send("PATCH", path, alice, { text: "Gone.", place: null });
    expect(await at(path, "text/html")).not.toContain("Mettnau");
  });

  it.each<[string, object, number, RegExp]>([
    ["a path of a file", { attachments: [{ iri: "tern.jpg" }] }, 400, /put the file on the web first/],
    ["a file without an address", { attachments: [{ description: "x" }] }, 400, /the field "iri"/],
    ["an address alone", { attachments: [PICTURE] }, 400, /a list of objects/],
    ["one object", { attachments: { iri: PICTURE } }, 400, /a list of objects/],
    ["a field nobody knows", { attachments: [{ iri: PICTURE, href: "x" }] }, 400, /got "href"/],
    ["a size that is text", { attachments: [{ iri: PICTURE, size_bytes: "9" }] }, 400, /a number in the field/],
    ["a place that is text", { place: "The lake" }, 400, /an object/],
    ["an empty place", { place: {} }, 400, /neither/],
    ["half a point", { place: { lat: 1 } }, 400, /add the longitude/],
    ["a place beyond the Earth", { place: { lat: 1, long: 181 } }, 400, /from -180 to 180/],
  ])("is refused: %s", async (_, fields, status, why) => {
    const reply = await send("POST", "alice/posts", loopback.sample.tokens.alice, { text: "Look!", ...fields });
    expect([reply.status, reply.json()["detail"]]).toEqual([status, expect.stringMatching(why)]);
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
