import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../support/free-port.ts";
import { FixtureHub } from "../fixture-hub.ts";
import { CommandLine } from "../memory-io.ts";

const POST = {
  iri: "http://other.example/bob/posts/3k2abcdefghij",
  creator: "http://other.example/bob#account",
  creatorName: "Bob",
  creatorJid: "bob@other.example",
  text: "Terns!",
  created: "2026-11-21T05:55:00.000Z",
};

let hub: FixtureHub;
let cli: CommandLine;

beforeEach(async () => {
  hub = await FixtureHub.open();
  cli = await CommandLine.open();
  cli.env["STERNA_URL"] = hub.url;
  cli.env["STERNA_TOKEN"] = "t0ken";
});
afterEach(async () => {
  cli.stop.abort();
  await hub[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

function sent(method: string, path: string) {
  const request = hub.seen.find((each) => each.method === method && each.path.startsWith(path));
  if (request === undefined)
    throw new Error(
      `Expected ${method} ${path}, but got ${hub.seen.map(({ method: m, path: p }) => `${m} ${p}`).join(", ")}.`,
    );
  return request;
}

describe("a mistaken command line ends with 2 and says what was meant", () => {
  it.each([
    ["a mistyped command", ["psot", "x"], /unknown command 'psot'[\s\S]*Did you mean post\?/],
    [
      "a mistyped option",
      ["post", "--reply-tp", "x", "y"],
      /unknown option '--reply-tp'[\s\S]*Did you mean --reply-to\?/,
    ],
    ["a missing argument", ["post"], /missing required argument 'text'/],
    ["a format that is none", ["query", "ASK {}", "--format", "yaml"], /Allowed choices are table/],
    ["a count that is none", ["timeline", "-n", "many"], /-n to be a number from 1 to 10000, but got "many"/],
    ["a file that is not there", ["import", "none.ttl"], /could not/],
    ["a file whose format nobody knows", ["import", "posts.doc"], /Name its format with --format/],
    ["an address that is none", ["status", "--url", "hub"], /Expected the hub's address/],
    ["a query that is neither file nor query", ["query", "nowhere.rq"], /neither/],
  ])("%s", async (_name, args, why) => {
    const { exitCode, err, out } = await cli.run(args);
    expect(err).toMatch(why);
    expect(out).toBe("");
    expect(exitCode).toBe(2);
  });
});

describe("help", () => {
  const COMMANDS =
    "serve init account login post reply edit delete like unlike repost show timeline follow unfollow following followers query update import export status".split(
      " ",
    );
  it.each([
    ...COMMANDS.map((name) => [name]),
    ["account", "add"],
    ["account", "set"],
    ["account", "show"],
    ["account", "list"],
    ["graph", "list"],
    ["graph", "get"],
    ["graph", "put"],
    ["graph", "delete"],
  ])("of %s %s has examples and ends with 0", async (...names) => {
    const { exitCode, out } = await cli.run([...names.filter((name) => name !== undefined), "--help"]);
    expect(out).toMatch(/Examples:\n {2}\$ /);
    expect(exitCode).toBe(0);
  });

  it("of serve shows every option with its variable, and hands flags over by their names", async () => {
    const { out } = await cli.run(["serve", "--help"]);
    expect(out).toMatch(/--port <value>[\s\S]*STERNA_PORT/);
    expect(out).toMatch(/XMPP_SECRET, or XMPP_SECRET_FILE/);
    await cli.run(["serve", "--port", "9", "--log", "debug", "--xmpp-s2s", "h:1"]);
    expect(cli.served).toEqual([{ flags: { port: "9", logLevel: "debug", xmppS2s: "h:1" } }]);
  });
});

describe("posting", () => {
  beforeEach(() =>
    hub.json("POST /alice/posts", { iri: `${hub.url}alice/posts/1`, id: "1", version: 1, created: POST.created }, 201),
  );

  it("sends the text, language and answered post with the token, and prints the new IRI", async () => {
    const { exitCode, out } = await cli.run(["post", "--lang", "de", "--reply-to", POST.iri, "Guten", "Tag"]);
    expect([exitCode, out]).toEqual([0, `${hub.url}alice/posts/1\n`]);
    const { body, headers } = sent("POST", "/alice/posts");
    expect(JSON.parse(body.toString())).toEqual({ text: "Guten Tag", language: "de", replyTo: POST.iri });
    expect(headers.authorization).toBe("Bearer t0ken");
  });

  it("reads standard input, line breaks kept, the last line end not", async () => {
    await cli.run(["post", "-"], { stdin: "a\nb 🐦\n" });
    expect(JSON.parse(sent("POST", "/alice/posts").body.toString()).text).toBe("a\nb 🐦");
  });

  it("refuses standard input that is not UTF-8", async () => {
    const { exitCode, err } = await cli.run(["post", "-"], { stdin: Buffer.from([0x66, 0xff]) });
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/UTF-8/)]);
    expect(hub.seen.some(({ method }) => method === "POST")).toBe(false);
  });

  it("prints the hub's JSON with --json", async () => {
    const { out } = await cli.run(["post", "x", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ id: "1", version: 1 });
  });

  it("says why the hub refused, with 1", async () => {
    hub.json(
      "POST /alice/posts",
      { status: 413, code: "too-large", detail: "Expected at most 5000 characters, but got 6000." },
      413,
    );
    expect(await cli.run(["post", "x"])).toMatchObject({
      exitCode: 1,
      err: "Expected at most 5000 characters, but got 6000.\n",
      out: "",
    });
  });

  it("says how to log in when the token is wrong", async () => {
    hub.json("GET /api/me", { status: 401, detail: "Expected a known token." }, 401);
    const { exitCode, err } = await cli.run(["post", "x"]);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/Expected a known token\. Log in with "sterna login"/)]);
  });

  it("says what was tried and how to start a hub when there is none, with 3", async () => {
    const { exitCode, err } = await cli.run(["post", "x", "--url", `http://127.0.0.1:${await freePort()}/`]);
    expect(exitCode).toBe(3);
    expect(err).toMatch(
      /Expected a hub at http:\/\/127\.0\.0\.1:\d+\/, but could not reach it \(ECONNREFUSED\)\. Start one with "sterna serve"/,
    );
  });
});

describe("editing and deleting", () => {
  it("take the id of an own post, or its beginning where that is clear", async () => {
    const own = (id: string) => ({ ...POST, iri: `${hub.url}alice/posts/${id}` });
    hub.json("GET /alice/timeline", { posts: [own("3k2abcdefghij"), own("3k3abcdefghij"), POST] });
    hub.json("DELETE /alice/posts/3k2abcdefghij", { iri: "x", deleted: POST.created });
    expect((await cli.run(["delete", "3k2"])).exitCode).toBe(0);
    const unclear = await cli.run(["delete", "3k"]);
    expect([unclear.exitCode, unclear.err]).toEqual([1, expect.stringMatching(/2 posts begin with "3k"/)]);
  });

  it("reach an IRI of the hub's base at the address the hub was named by", async () => {
    hub.json("GET /api/me", { kind: "account", name: "alice", base: "https://hub.example/" });
    hub.json("PATCH /alice/posts/3k2abcdefghij", { iri: "https://hub.example/alice/posts/3k2abcdefghij", version: 2 });
    const { exitCode, out } = await cli.run(["edit", "https://hub.example/alice/posts/3k2abcdefghij", "new"]);
    expect([exitCode, out]).toEqual([0, "https://hub.example/alice/posts/3k2abcdefghij\n"]);
  });

  it("refuse a post of another hub without telling that hub anything", async () => {
    const { exitCode, err } = await cli.run(["delete", POST.iri]);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/only its own hub can change it/)]);
  });
});

describe("what others wrote", () => {
  const EVIL = {
    ...POST,
    creatorName: "Eve\u001b[2J",
    text: "\u001b]0;owned\u0007 red \u009b31m\r\u202eabc\nsecond line",
    replyOf: "x:\u001b[1m",
  };

  it("never reaches the terminal as control characters", async () => {
    hub.json("GET /alice/timeline", { posts: [EVIL] });
    cli.env["NO_COLOR"] = "1";
    const { out } = await cli.run(["timeline"], { tty: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(out).toContain("␛]0;owned␇");
    expect(out).toContain("\n  second line\n");
  });

  it("keeps the line in order when it runs right to left", async () => {
    hub.json("GET /alice/timeline", { posts: [{ ...POST, creatorName: "שרה" }] });
    expect((await cli.run(["timeline"])).out).toContain("\u2068שרה\u2069 bob@other.example · 5 min");
  });

  it("has no colours in a pipe, nor with NO_COLOR, but has them on a terminal", async () => {
    hub.json("GET /alice/timeline", { posts: [POST] });
    expect((await cli.run(["timeline"])).out).not.toContain("\u001b");
    expect((await cli.run(["timeline"], { tty: true })).out).toContain("\u001b[1mBob\u001b[22m");
    cli.env["NO_COLOR"] = "1";
    expect((await cli.run(["timeline"], { tty: true })).out).not.toContain("\u001b");
  });

  it("is made harmless in refusals too", async () => {
    hub.json("POST /alice/following", { detail: "no \u001b[31m" }, 422);
    expect((await cli.run(["follow", "x@y"])).err).toBe("no ␛[31m\n");
  });
});

describe("liking", () => {
  const iri = "https://other.example/bob/posts/1";

  it("names the post, and says how many like it", async () => {
    hub.json("POST /alice/likes", { post: iri, likes: 2 }, 201);
    expect((await cli.run(["like", iri])).out).toBe(`Liked ${iri} (2 likes)\n`);
    expect(JSON.parse(sent("POST", "/alice/likes").body.toString())).toEqual({ post: iri });
  });

  it("is taken back", async () => {
    hub.json("DELETE /alice/likes", { post: iri, likes: 1 });
    expect((await cli.run(["unlike", iri])).out).toBe(`No longer liked: ${iri} (1 like)\n`);
  });

  it("is reacting with --with, both ways", async () => {
    const reactions = [{ emoji: "🎉", count: 2 }];
    hub.json("POST /alice/likes", { post: iri, likes: 0, reactions }, 201);
    expect((await cli.run(["like", iri, "--with", "🎉"])).out).toBe(`Reacted to ${iri} (🎉 2)\n`);
    expect(JSON.parse(sent("POST", "/alice/likes").body.toString())).toEqual({ post: iri, with: "🎉" });
    hub.json("DELETE /alice/likes", { post: iri, likes: 0 });
    expect((await cli.run(["unlike", iri, "--with", "🎉"])).out).toBe(`Taken back: ${iri} (0 likes)\n`);
    expect(new URL(sent("DELETE", "/alice/likes").path, iri).searchParams.get("with")).toBe("🎉");
  });
});

describe("passing on and quoting", () => {
  const iri = POST.iri;
  const RDF = "application/n-triples";

  it("passes a post on, and takes that back with --undo", async () => {
    hub.json("POST /alice/reposts", { post: iri, repost: `${hub.url}alice/posts/x`, reposts: 1 }, 201);
    expect((await cli.run(["repost", iri])).out).toBe(`Passed on ${iri} (1 repost)\n`);
    expect(JSON.parse(sent("POST", "/alice/reposts").body.toString())).toEqual({ post: iri });
    hub.json("DELETE /alice/reposts", { post: iri, repost: `${hub.url}alice/posts/x`, reposts: 0 });
    expect((await cli.run(["repost", "--undo", iri])).out).toBe(`No longer passed on: ${iri} (0 reposts)\n`);
    expect(sent("DELETE", "/alice/reposts").path).toContain(encodeURIComponent(iri));
  });

  it("names what a post quotes", async () => {
    hub.json("POST /alice/posts", { iri: `${hub.url}alice/posts/x` }, 201);
    await cli.run(["post", "See!", "--quote", iri]);
    expect(JSON.parse(sent("POST", "/alice/posts").body.toString())).toEqual({ text: "See!", quote: iri });
  });

  it.each([
    [
      "a repost, in the words of whom it passes on",
      { text: "copy", repostOf: iri, original: { state: "here", creatorName: "Carol", text: "Terns\u001b[31m\nback" } },
      /^Bob bob@other\.example reposted Carol · .*\n {2}Terns.*\n {2}back\n/,
    ],
    [
      "a repost of what is not here, in its copy",
      { text: "copy", repostOf: iri, original: { state: "elsewhere" } },
      new RegExp(`reposted ${iri.replaceAll(".", "\\.")} ·.*\\n {2}copy\\n`),
    ],
    [
      "a repost of what was deleted, without words",
      { text: "", repostOf: iri, original: { state: "deleted" } },
      /\n {2}\(deleted\)\n/,
    ],
    [
      "a quote, with what it quotes below",
      { text: "See!", quoteOf: iri, original: { state: "here", creatorName: "Carol", text: "Terns\nback" } },
      / {2}See!\n {2}│ Carol\n {2}│ Terns\n {2}│ back\n/,
    ],
    [
      "its files with name, type and size, and its place",
      {
        attachments: [
          { iri: "https://f.example/1.png", format: "image/png", size_bytes: 12_345, description: "A\u001b[31m tern" },
          { iri: "https://f.example/2" },
          { format: "image/png" },
          "no file",
        ],
        place: { lat: 60.1, long: -24.9 },
      },
      / {2}\+ A␛\[31m tern \(image\/png, 12,345 bytes\) https:\/\/f\.example\/1\.png\n {2}\+ https:\/\/f\.example\/2\n {2}@ geo:60\.1,-24\.9\n/,
    ],
  ])("shows %s", async (_, more, shown) => {
    hub.json("GET /alice/timeline", { posts: [{ ...POST, ...more }] });
    const { out } = await cli.run(["timeline"]);
    expect(out).toMatch(shown);
    expect(out).not.toContain("\u001b[31m");
  });

  it("shows what a post passes on from its page", async () => {
    const [self, original] = [`${hub.url}alice/posts/3k2abcdefghij`, "http://o.example/1"];
    const sioc = "http://rdfs.org/sioc/ns#";
    hub.text(
      "GET /alice/posts/3k2abcdefghij",
      RDF,
      `<${self}> <${sioc}content> "copy" .
<${self}> <http://purl.org/dc/terms/created> "2026-11-21T05:55:00.000Z" .
<${self}> <https://w3id.org/sterna#repostOf> <${original}> .
<${original}> <${sioc}content> "Terns" .
<${original}> <${sioc}has_creator> <http://o.example/#a> .
<http://o.example/#a> <${sioc}account_of> <http://o.example/#me> .
<http://o.example/#me> <http://xmlns.com/foaf/0.1/name> "Carol" .
`,
    );
    expect((await cli.run(["show", "3k2abcdefghij"])).out).toMatch(/reposted Carol ·[^\n]*\n {2}Terns\n/);
  });
});

describe("showing", () => {
  it("reads a post's N-Triples, and sends no token to another hub", async () => {
    await using other = await FixtureHub.open();
    const iri = `${other.url}bob/posts/1`;
    other.text(
      "GET /bob/posts/1",
      "application/n-triples",
      `<${iri}> <http://rdfs.org/sioc/ns#content> "caf\\u00E9\\nzwei"@de .\n<${iri}> <http://purl.org/dc/terms/created> "2026-11-21T05:00:00.000Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n`,
    );
    const { out, exitCode } = await cli.run(["show", iri]);
    expect([exitCode, out]).toEqual([0, expect.stringContaining("  café\n  zwei\n")]);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });

  it("shows the files and the place that a post's page says", async () => {
    const iri = `${hub.url}alice/posts/3k2abcdefghij`;
    const [file, geo] = ["https://f.example/1.png", "http://www.w3.org/2003/01/geo/wgs84_pos#"];
    hub.text(
      "GET /alice/posts/3k2abcdefghij",
      "application/n-triples",
      `<${iri}> <http://rdfs.org/sioc/ns#content> "Terns" .
<${iri}> <http://purl.org/dc/terms/created> "2026-11-21T05:00:00.000Z" .
<${iri}> <http://rdfs.org/sioc/ns#attachment> <${file}> .
<${file}> <http://purl.org/dc/terms/format> "image/png" .
<${file}> <http://purl.org/dc/terms/extent> "1234" .
<${iri}> <${geo}lat> "60.1" .
<${iri}> <${geo}long> "-24.9" .
`,
    );
    const { out } = await cli.run(["show", "3k2abcdefghij"]);
    expect(out).toContain(`  + (image/png, 1,234 bytes) ${file}\n  @ geo:60.1,-24.9\n`);
  });

  it("counts the likes and reactions on the page of the post, and those alone", async () => {
    const iri = `${hub.url}alice/posts/3k2abcdefghij`;
    const as = "https://www.w3.org/ns/activitystreams#";
    const act = (id: string, type: string, about: string, more = "") =>
      `<${iri}#${id}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <${type}> .\n<${iri}#${id}> <${as}object> <${about}> .\n${more}`;
    const emoji = (id: string, sign: string) => `<${iri}#${id}> <${as}content> "${sign}" .\n`;
    const reaction = "https://w3id.org/sterna#Reaction";
    hub.text(
      "GET /alice/posts/3k2abcdefghij",
      "application/n-triples",
      [
        `<${iri}> <http://rdfs.org/sioc/ns#content> "Terns" .\n<${iri}> <http://purl.org/dc/terms/created> "2026-11-21T05:00:00.000Z" .\n`,
        act("a", `${as}Like`, iri),
        act("b", `${as}Like`, `${iri}x`),
        act("c", reaction, iri, emoji("c", "👍")),
        act("d", reaction, iri, emoji("d", "🎉")),
        act("e", reaction, iri, emoji("e", "🎉")),
      ].join(""),
    );
    expect((await cli.run(["show", "3k2abcdefghij"])).out).toContain("  1 like, 🎉 2, 👍 1\n");
    expect(JSON.parse((await cli.run(["show", "3k2abcdefghij", "--json"])).out)).toMatchObject({ likes: 1 });
  });

  it("says that a post was deleted, with 1", async () => {
    hub.json("GET /alice/posts/3k2abcdefghij", { status: 410, detail: "It was deleted." }, 410);
    expect(await cli.run(["show", "3k2abcdefghij"])).toMatchObject({ exitCode: 1, err: "It was deleted.\n" });
  });
});

describe("querying", () => {
  const RESULTS = JSON.stringify({
    head: { vars: ["who", "n"] },
    results: {
      bindings: [
        { who: { type: "literal", value: "木村\u001b", "xml:lang": "ja" }, n: { type: "literal", value: "3" } },
        { n: { type: "literal", value: "4" } },
      ],
    },
  });

  it("shows a table on a terminal, columns in line for wide signs", async () => {
    hub.text("POST /sparql", "application/sparql-results+json", RESULTS);
    cli.env["NO_COLOR"] = "1";
    const { out } = await cli.run(["query", "SELECT * {}"], { tty: true });
    expect(out).toBe("who        n\n─────────  ─\n木村␛ @ja  3\n           4\n2 rows\n");
    expect(sent("POST", "/sparql").body.toString()).toBe("SELECT * {}");
  });

  it("asks for what --format names and passes the answer on unchanged", async () => {
    hub.text("POST /sparql", "text/csv", "who\r\nx\u001b\r\n");
    const { out } = await cli.run(["query", "-", "--format", "csv"], { stdin: "SELECT ?who {}" });
    expect(out).toBe("who\r\nx\u001b\r\n");
    expect(sent("POST", "/sparql").headers.accept).toMatch(/^text\/csv/);
  });

  it("shows how a query was answered as a tree", async () => {
    const walk = { step: "newest first along ?post sioc:topic ?tag", solutions: 20, inputs: [] };
    const plans = [{ step: "?post sioc:content ?text", estimate: 1, solutions: 1_020, inputs: [walk] }];
    hub.json("POST /sparql", { answeredBy: "both", why: "the function bnode", plans, solutions: 20, time_ms: 1.25 });
    cli.env["NO_COLOR"] = "1";
    const { out } = await cli.run(["query", "SELECT * {}", "--explain"], { tty: true });
    expect(out).toBe(
      [
        "20 solutions in 1.25 ms by the general engine, with parts by the query source",
        "because of the function bnode",
        "?post sioc:content ?text  1,020, about 1 expected",
        "└ newest first along ?post sioc:topic ?tag  20",
        "",
      ].join("\n"),
    );
    expect(sent("POST", "/sparql").path).toBe("/sparql?explain=true");
  });

  it("reads a file, and answers ASK with a word", async () => {
    await writeFile(join(cli.folder, "q.rq"), "ASK {}");
    hub.text("POST /sparql", "application/sparql-results+json", '{"head":{},"boolean":true}');
    expect(await cli.run(["query", "q.rq"])).toMatchObject({ exitCode: 0, out: "yes\n" });
    expect(sent("POST", "/sparql").body.toString()).toBe("ASK {}");
  });
});

describe("graphs of one's own", () => {
  const GRAPH = "http://hub.localhost/alice/graphs/a";

  it("are changed by an update, and what changed is said", async () => {
    hub.json("POST /sparql", {
      inserted: 2,
      deleted: 0,
      graphs: [{ graph: GRAPH, triples: 2 }, { graph: `${GRAPH}b` }],
    });
    const { out, exitCode } = await cli.run(["update", "INSERT DATA { GRAPH <alice/graphs/a> { <a:> <b:> 1 , 2 } }"]);
    expect([exitCode, out]).toEqual([0, `${GRAPH}  2 triples\n${GRAPH}b  dropped\n`]);
    expect(sent("POST", "/sparql").headers["content-type"]).toBe("application/sparql-update");
  });

  it("are written from a file, by name or IRI", async () => {
    await writeFile(join(cli.folder, "a.ttl"), "<a:> <b:> 1 .");
    hub.json("PUT /alice/graphs/a%20b", { graph: GRAPH }, 201);
    expect(await cli.run(["graph", "put", "a b", "a.ttl"])).toMatchObject({ exitCode: 0, out: "Wrote a b\n" });
    const { headers, body } = sent("PUT", "/alice/graphs/a%20b");
    expect([headers["content-type"], body.toString()]).toEqual(["text/turtle", "<a:> <b:> 1 ."]);
    hub.json("POST /sparql/graph", {});
    expect(await cli.run(["graph", "put", GRAPH, "a.ttl", "--add"])).toMatchObject({ exitCode: 0 });
    expect(await cli.run(["graph", "put", "a", "a.doc"])).toMatchObject({ exitCode: 2 });
  });

  it("are listed with who may see them, and deleted", async () => {
    const audience = "<https://w3id.org/sterna#audience>";
    const lines = `<${GRAPH}> ${audience} <https://w3id.org/sterna#Public> .\n<${GRAPH}b> ${audience} <${hub.url}alice#account> .\n`;
    hub.text("GET /alice/graphs", "application/n-triples", lines);
    expect((await cli.run(["graph", "list"])).out).toBe(`${GRAPH}  public\n${GRAPH}b  private\n`);
    hub.json("DELETE /alice/graphs/a", {});
    expect((await cli.run(["graph", "delete", "a"])).out).toBe("Deleted a\n");
  });

  it("can be asked by themselves", async () => {
    hub.text("POST /sparql", "application/sparql-results+json", '{"head":{},"boolean":true}');
    await cli.run(["query", "ASK {}", "--graph", GRAPH, "--named-graph", `${GRAPH}b`]);
    const parameters = new URLSearchParams({ "default-graph-uri": GRAPH, "named-graph-uri": `${GRAPH}b` });
    expect(sent("POST", "/sparql").path).toBe(`/sparql?${parameters.toString()}`);
  });
});

describe("importing", () => {
  const report = (lines: readonly unknown[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join("");

  it("streams the file, gzipped by its bytes and not only its name, and sums up the report", async () => {
    const turtle = "<http://a.example/x> a <http://a.example/Y> .";
    await writeFile(join(cli.folder, "x.ttl"), gzipSync(turtle));
    hub.text(
      "POST /api/import",
      "application/x-ndjson",
      report([
        { read: 1, stored: 0, unchanged: 0, refused: 0, refusals: [], done: false },
        { read: 1, stored: 1, unchanged: 0, deleted: 0, refused: 0, dropped: { private: 2 }, refusals: [], done: true },
      ]),
    );
    const { exitCode, out } = await cli.run(["import", "x.ttl"]);
    expect([exitCode, out]).toEqual([
      0,
      expect.stringMatching(
        /1 stored, 0 there already, 0 refused \(1 triples read\)\n {2}left out 2 triples: private data/,
      ),
    ]);
    const { headers, body, path } = sent("POST", "/api/import");
    expect([headers["content-type"], headers["content-encoding"], body.toString(), path]).toEqual([
      "text/turtle",
      "gzip",
      turtle,
      "/api/import?source=x.ttl",
    ]);
  });

  it("lists what was refused and why, and ends with 1", async () => {
    hub.text(
      "POST /api/import",
      "application/x-ndjson",
      report([
        {
          read: 2,
          stored: 1,
          unchanged: 0,
          refused: 1,
          refusals: [{ subject: "http://a.example/p", message: "Expected sioc:content, but there is none." }],
          done: true,
        },
      ]),
    );
    const { exitCode, err } = await cli.run(["import", "-", "--format", "ntriples"], { stdin: "" });
    expect([exitCode, err]).toEqual([1, "  http://a.example/p: Expected sioc:content, but there is none.\n"]);
  });

  it("ends with 1 when the file could be read only in part, or the report breaks off", async () => {
    hub.text(
      "POST /api/import",
      "application/x-ndjson",
      report([{ read: 2, stored: 1, refused: 0, refusals: [], problem: "line 3: a dot was expected", done: true }]),
    );
    expect(await cli.run(["import", "-", "--format", "turtle"], { stdin: "x" })).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("line 3"),
    });
    hub.text(
      "POST /api/import",
      "application/x-ndjson",
      report([{ read: 2, stored: 1, refused: 0, refusals: [], done: false }]),
    );
    expect(await cli.run(["import", "-", "--format", "turtle"], { stdin: "x" })).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("ended early"),
    });
  });
});

describe("exporting", () => {
  it("writes the file whole, readable by its owner only", async () => {
    hub.text("GET /api/export", "application/trig", "<http://g> { }\n");
    expect((await cli.run(["export", "-o", "e.trig"])).exitCode).toBe(0);
    const path = join(cli.folder, "e.trig");
    expect([await readFile(path, "utf8"), (await stat(path)).mode & 0o777]).toEqual(["<http://g> { }\n", 0o600]);
  });

  it("leaves no file behind when the hub breaks off in the middle", async () => {
    hub.on("GET /api/export", (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("<http://g> {", () => response.destroy());
    });
    const { exitCode, err } = await cli.run(["export", "-o", "e.trig"]);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/Nothing was left half written/)]);
    await expect(stat(join(cli.folder, "e.trig"))).rejects.toThrow(/ENOENT/);
  });
});

describe("settings", () => {
  beforeEach(() => {
    delete cli.env["STERNA_TOKEN"];
    delete cli.env["STERNA_URL"];
  });
  const path = (): string => join(cli.folder, "config", "sterna", "config.json");

  it("log in by a JID that confirms the transaction that is shown, asking again while it is waited for", async () => {
    let asked = 0;
    hub.json("POST /api/logins", { login: "s3cret", transaction: "AB12CD", seconds: 300 }, 202);
    hub.on("POST /api/logins/s3cret", (_request, response) => {
      const done = ++asked === 3;
      response.writeHead(done ? 201 : 202, { "content-type": "application/json" });
      response.end(JSON.stringify(done ? { token: "t9", account: "alice" } : { state: "waiting" }));
    });
    const { exitCode, err } = await cli.run(["login", hub.url, "--jid", "alice@far.example", "--as", "alice"]);
    expect([exitCode, asked]).toEqual([0, 3]);
    expect(err).toContain("AB12CD");
    const request = sent("POST", "/api/logins");
    expect(JSON.parse(request.body.toString())).toEqual({ jid: "alice@far.example", account: "alice" });
    expect(request.headers["authorization"]).toBeUndefined();
    expect(sent("GET", "/api/me").headers["authorization"]).toBe("Bearer t9");
  });

  it("say why a login by a JID came to nothing, and keep nothing", async () => {
    hub.json("POST /api/logins", { login: "s3cret", transaction: "AB12CD", seconds: 300 }, 202);
    hub.json("POST /api/logins/s3cret", { detail: "The login AB12CD was refused by the person at that JID." }, 403);
    const { exitCode, err } = await cli.run(["login", hub.url, "--jid", "alice@far.example"]);
    expect([exitCode, err]).toEqual([1, expect.stringContaining("was refused")]);
  });

  it("link a JID by its code, from either side", async () => {
    hub.json("POST /api/accounts/alice/links", { jid: "bob@jabber.example", minutes: 15 }, 202);
    expect((await cli.run(["account", "link", "bob@jabber.example", "--url", hub.url, "--token", "t"])).out).toContain(
      "--code",
    );
    hub.json("POST /api/accounts/alice/links", { jid: "bob@jabber.example" }, 201);
    expect(
      (
        await cli.run([
          "account",
          "link",
          "bob@jabber.example",
          "--code",
          "0123456789",
          "--url",
          hub.url,
          "--token",
          "t",
        ])
      ).out,
    ).toContain("Linked");
    const bodies = hub.seen
      .filter(({ path }) => path.endsWith("/links"))
      .map(({ body }) => JSON.parse(body.toString()) as unknown);
    expect(bodies).toEqual([{ jid: "bob@jabber.example" }, { jid: "bob@jabber.example", code: "0123456789" }]);
  });

  it("keep what login was given, readable by one person only, for the commands that follow", async () => {
    expect((await cli.run(["login", hub.url], { stdin: "t1\n" })).exitCode).toBe(0);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    hub.json("GET /api/status", { uptime_s: 90, outbox: { queued: 0 } });
    expect((await cli.run(["status"])).out).toBe("uptime: 90 s\noutbox:\n  queued: 0\n");
    expect(sent("GET", "/api/status").headers.authorization).toBe("Bearer t1");
  });

  it("that others can read are refused, with the command that mends it", async () => {
    await cli.run(["login", hub.url, "--token", "t1"]);
    await chmod(path(), 0o644);
    const { exitCode, err } = await cli.run(["status"]);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/it is 644, and it holds tokens\. Run: chmod 600/)]);
  });

  it("that are damaged are refused and stay as they are", async () => {
    await cli.run(["login", hub.url, "--token", "t1"]);
    await writeFile(path(), "{");
    expect(await cli.run(["login", hub.url, "--token", "t2"])).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/Mend it/),
    });
    expect(await readFile(path(), "utf8")).toBe("{");
  });

  it("hold several accounts, of which --as picks one", async () => {
    hub.on("POST /api/accounts", ({ body, headers }, response) => {
      const { name } = JSON.parse(body.toString());
      expect(headers.authorization).toBe("Bearer owners");
      response.writeHead(201, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          name,
          iri: `${hub.url}${name}#account`,
          jid: `${name}@hub.localhost`,
          token: `token-of-${name}`,
        }),
      );
    });
    await writeFile(join(cli.folder, "owner-token"), "owners\n");
    for (const name of ["carol", "dave"]) {
      const { exitCode, out } = await cli.run(["account", "add", name, "--url", hub.url, "--data", "."]);
      expect([exitCode, out]).toEqual([0, expect.stringContaining(`token-of-${name}`)]);
    }
    hub.json("GET /carol/timeline", { posts: [] });
    expect((await cli.run(["timeline", "--as", "carol"])).exitCode).toBe(0);
    expect(sent("GET", "/carol/timeline").headers.authorization).toBe("Bearer token-of-carol");
    expect((await cli.run(["account", "list"])).out).toMatch(/^ {2}carol .*\n\* dave /);
    expect(await cli.run(["timeline", "--as", "erin"])).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/there: carol, dave/),
    });
  });

  it("are not needed to say where the owner's token should be", async () => {
    const { exitCode, err } = await cli.run(["account", "add", "carol", "--data", "nowhere"]);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(/nowhere\/owner-token, but could not read it/)]);
  });
});
