import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { parseRdf } from "../../src/rdf/parse.ts";
import { freePort } from "../support/free-port.ts";
import { describeNeeding } from "../support/needing.ts";
import { eventually, HubProcess } from "./hub-process.ts";
import { Commands } from "./sterna-command.ts";
import { startTwoHubs, type TwoHubs } from "./two-hubs.ts";

const CONTENT = "SELECT ?text { ?post <http://rdfs.org/sioc/ns#content> ?text } ORDER BY ?text";

await describeNeeding(["prosody"], "the command line against running hubs", () => {
  const stack = new AsyncDisposableStack();
  let hubs: TwoHubs;
  /** Alice's machine and Bob's: each knows its own hub. */
  let alice: Commands;
  let bob: Commands;

  beforeAll(async () => {
    hubs = stack.use(await startTwoHubs());
    alice = stack.use(await Commands.open());
    bob = stack.use(await Commands.open());
    await alice.done("account", "add", "alice", "--display-name", "Alice Ārk", ...ownerOf(hubs.here));
    await bob.done("account", "add", "bob", ...ownerOf(hubs.there));
  });
  afterAll(async () => {
    await stack.disposeAsync();
  });

  it("keeps the token of a new account for itself alone and uses it from then on", async () => {
    const file = join(alice.home, "config/sterna/config.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ default: hubs.here.base });
    expect(await alice.json("account", "list")).toEqual([{ url: hubs.here.base, account: "alice", used: true }]);
    expect(await alice.done("account", "show")).toContain("Alice Ārk");
  });

  it("makes a second account and acts for either", async () => {
    await alice.done("account", "add", "carol", ...ownerOf(hubs.here));
    const byCarol = await alice.done("post", "By Carol");
    const byAlice = await alice.done("post", "--as", "alice", "By Alice");
    expect(byCarol).toMatch(new RegExp(`^${hubs.here.base}carol/posts/`));
    expect(byAlice).toMatch(new RegExp(`^${hubs.here.base}alice/posts/`));
    const token = (await readFile(join(alice.home, "config/sterna/config.json"), "utf8")).match(
      /"alice": "([^"]+)"/,
    )?.[1];
    const { code, stdout } = await alice.run(["login", hubs.here.base], { input: `${token}\n` });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("alice") });
    expect(await alice.done("post", "By Alice again")).toMatch(/\/alice\/posts\//);
  });

  it("posts an argument, standard input, in a language, in answer to a post; shows, edits and deletes it", async () => {
    const first = await alice.done("post", "--lang", "de", "Seeschwalben", "am", "See", "#vögel");
    const { code, stdout } = await alice.run(["post", "-"], { input: "From standard input,\nin two lines. 🐦\n" });
    expect(code).toBe(0);
    const second = stdout.trim();
    const third = await alice.done("post", "--reply-to", second, "An answer");
    const fourth = await alice.done("reply", second.slice(second.lastIndexOf("/") + 1), "Another answer");
    const rows = await hubs.here.select(
      `PREFIX sioc: <http://rdfs.org/sioc/ns#> SELECT ?post ?text (LANG(?text) AS ?lang) ?of { VALUES ?post { <${first}> <${second}> <${third}> <${fourth}> } ?post sioc:content ?text OPTIONAL { ?post sioc:reply_of ?of } }`,
    );
    const by = new Map(rows.map(({ post = "", ...rest }) => [post, rest]));
    expect(by.get(first)).toEqual({ text: "Seeschwalben am See #vögel", lang: "de" });
    expect(by.get(second)).toEqual({ text: "From standard input,\nin two lines. 🐦", lang: "" });
    expect(by.get(third)).toMatchObject({ text: "An answer", of: second });
    expect(by.get(fourth)).toMatchObject({ text: "Another answer", of: second });

    expect(await alice.done("show", first)).toContain("Seeschwalben am See #vögel");
    expect(await alice.done("show", first, "--format", "turtle")).toMatch(
      /sioc:content "Seeschwalben am See #vögel"@de/,
    );
    expect(await alice.done("edit", first, "Am anderen See")).toBe(first);
    expect(await alice.json("show", first)).toMatchObject({ iri: first, text: "Am anderen See" });
    expect(await alice.done("delete", third, fourth)).toMatch(/Deleted .*\nDeleted /);
    const gone = await alice.run(["show", third]);
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/was deleted on/) });
  });

  it("follows, lists, watches and unfollows across hubs", async () => {
    const before = await alice.done("post", "Before the follow");
    expect(await bob.done("follow", "alice@here.localhost")).toMatch(/Following .*(Alice|alice).*posts arrive/s);
    expect(await bob.json("following")).toEqual([
      expect.objectContaining({ account: `${hubs.here.base}alice#account`, state: "subscribed" }),
    ]);
    expect(await bob.done("following")).toMatch(/Alice Ārk .*alice#account \(posts arrive\)/);
    await eventually("the follower to be known", async () =>
      JSON.stringify(await alice.json("followers")).includes("there.localhost"),
    );
    await eventually("the post of before", async () => JSON.stringify(await bob.json("timeline")).includes(before));
    await using watching = bob.start(["timeline", "--watch", "-n", "1"]);
    await watching.prints("Alice");
    await alice.done("post", "Seen as it comes");
    await watching.prints("Seen as it comes");
    expect(await bob.done("timeline", "-n", "1")).toContain("Seen as it comes");
    expect(await bob.done("unfollow", "alice@here.localhost")).toMatch(/Not following .*alice/);
    expect(await bob.json("following")).toEqual([]);
    await eventually(
      "the end of the subscription",
      async () => !JSON.stringify(await alice.json("followers")).includes("there.localhost"),
    );
  });

  it.each([
    ["table", /^text\n─+\n(.*\n)*.*By Carol\n(.*\n)*\d+ rows$/],
    ["json", /^\{"head":\s*\{"vars":\s*\["text"\]\}/],
    ["csv", /^text\r?\n(.*\r?\n)*By Carol/],
    ["tsv", /^\?text\n(.*\n)*"By Carol"/],
    ["xml", /<sparql xmlns="http:\/\/www.w3.org\/2005\/sparql-results#">[^]*<literal[^>]*>By Carol</],
  ])("asks the hub and prints the answer as %s", async (format, wanted) => {
    expect(await alice.done("query", CONTENT, "--format", format)).toMatch(wanted);
  });

  it.each([
    ["turtle", /sioc:content "By Carol"|<http:\/\/rdfs.org\/sioc\/ns#content> "By Carol"/],
    ["ntriples", /<http:\/\/rdfs.org\/sioc\/ns#content> "By Carol" \./],
    ["jsonld", /"By Carol"/],
    ["rdfxml", />By Carol</],
  ])("asks the hub and prints a graph as %s", async (format, wanted) => {
    const query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }";
    await writeFile(join(alice.home, "all.rq"), query);
    expect(await alice.done("query", "all.rq", "--format", format)).toMatch(wanted);
  });

  it("shows how the hub is", async () => {
    expect(await alice.json("status")).toMatchObject({ base: hubs.here.base, accounts: 2, xmpp: { kind: "online" } });
    expect(await alice.done("status")).toMatch(/posts: \d+/);
  });

  it("ends with 1 and the reason for what the hub refuses", async () => {
    const long = await alice.run(["post", "-"], { input: "a".repeat(5_001) });
    expect(long).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^Expected .*5,?000.*5,?001/) });
    const token = await alice.run(["status"], { env: { STERNA_TOKEN: "wrong" } });
    expect(token).toMatchObject({ code: 1, stderr: expect.stringMatching(/log in again with `sterna login`/) });
    const bytes = await alice.run(["post", "-"], { input: Buffer.from([0x61, 0xff, 0xfe]) });
    expect(bytes).toMatchObject({ code: 1, stderr: expect.stringMatching(/Expected UTF-8 on standard input/) });
    const query = await alice.run(["query", "SELECT ?x WHERE { ?x"]);
    expect(query).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Expected .*SPARQL/) });
    const other = await bob.run(["delete", await alice.done("post", "Only Alice deletes this")]);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/somewhere else; only its own hub/) });
    const json = await alice.run(["show", `${hubs.here.base}alice/posts/3zzzzzzzzzzzz`, "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: expect.stringMatching(/^Expected /), exitCode: 1 });
  });

  it.each([
    ["an unknown command", ["psot", "hi"], /unknown command 'psot'[^]*Did you mean post\?/],
    ["a mistyped option", ["post", "--langauge", "en", "hi"], /unknown option '--langauge'/],
    [
      "an option's value that is none",
      ["timeline", "-n", "many"],
      /Expected -n to be a number from 1 to 10000.*"many"/,
    ],
    ["a format nobody knows", ["query", CONTENT, "--format", "yaml"], /'yaml' is invalid[^]*Allowed choices/],
    ["a missing argument", ["post"], /missing required argument 'text'/],
    ["too much", ["status", "now"], /too many arguments/],
    ["a file that is not there", ["import", "nowhere.ttl"], /Expected to read .*nowhere\.ttl/],
    ["a file of no known format", ["import", "posts.docx"], /Expected a file that ends in .*posts\.docx/],
    ["no address of a hub", ["status", "--url", "hub"], /Expected the hub's address.*"hub"/],
  ])("ends with 2 for %s", async (_, args, wanted) => {
    const { code, stdout, stderr } = await alice.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(wanted);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("ends with 3 when there is no hub, and says where it looked", async () => {
    const port = await freePort();
    const { code, stderr } = await alice.run(["status", "--url", `http://localhost:${port}/`, "--token", "t"]);
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(new RegExp(`Expected a hub at http://localhost:${port}/.*sterna serve`)),
    });
  });

  it("uses no settings that others can read", async () => {
    await using careless = await Commands.open();
    const file = join(careless.home, "config/sterna/config.json");
    await mkdir(join(careless.home, "config/sterna"), { recursive: true });
    await writeFile(file, JSON.stringify({ hubs: {} }));
    await chmod(file, 0o644);
    expect(await careless.run(["status"])).toMatchObject({ code: 1, stderr: expect.stringMatching(/chmod 600/) });
  });
});

const FILES = filesToImport();

describe("importing and exporting", () => {
  const stack = new AsyncDisposableStack();
  let port = 0;
  let hub: HubProcess;
  let owner: readonly string[];
  let commands: Commands;

  beforeAll(async () => {
    port = await freePort();
    hub = stack.use(await HubProcess.start({ port }));
    commands = stack.use(await Commands.open());
    owner = ["--url", hub.base, "--token", await hub.ownerToken()];
    for (const [name, content] of Object.entries(FILES)) await writeFile(join(commands.home, name), content);
  });
  afterAll(async () => {
    await stack.disposeAsync();
  });

  it.each(Object.keys(FILES))("takes in %s, and the second time finds all there already", async (name) => {
    const first = await commands.json("import", name, ...owner);
    expect(first).toEqual([expect.objectContaining({ file: name, refused: 0, unchanged: 0, done: true })]);
    expect((first as readonly { stored: number }[])[0]?.stored).toBeGreaterThanOrEqual(2);
    const before = await triplesOf(hub);
    const second = await commands.json("import", name, ...owner);
    expect(second).toEqual([expect.objectContaining({ stored: 0, refused: 0, done: true })]);
    expect(await triplesOf(hub)).toEqual(before);
    const texts = await hub.select(CONTENT);
    expect(texts.map(({ text }) => text)).toEqual(expect.arrayContaining([`Eins aus ${name}`, `Zwei aus ${name} 🐦`]));
  });

  it("takes in the sample people and posts", async () => {
    const sample = new URL("../../scripts/sample/", import.meta.url).pathname;
    const report = await commands.done("import", `${sample}people.ttl`, `${sample}posts.ttl`, ...owner);
    expect(report).toMatch(/people\.ttl: [\d,]+ stored, 0 there already, 0 refused/);
    expect(report).toMatch(/posts\.ttl: [\d,]+ stored, 0 there already, 0 refused/);
  });

  it("reports what it refuses and why, stores the rest, and ends with 1", async () => {
    await writeFile(
      join(commands.home, "mixed.ttl"),
      `${turtlePost("https://old.example/good", "Good")}\n${turtlePost("https://old.example/bad", "Bad").replace(/"[^"]*"\^\^/, '"yesterday"^^')}`,
    );
    const { code, stdout, stderr } = await commands.run(["import", "mixed.ttl", ...owner]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/mixed\.ttl: 1 stored, 0 there already, 1 refused/);
    expect(stderr).toMatch(/https:\/\/old\.example\/bad: Expected /);
    expect((await hub.select(CONTENT)).map(({ text }) => text)).toContain("Good");
  });

  it("keeps what was read before a mistake, names its line, and ends with 1", async () => {
    await writeFile(
      join(commands.home, "broken.nt"),
      `${FILES["posts.nt"]?.toString().replaceAll("Eins", "Drei")}<oops\n`,
    );
    const { code, stderr } = await commands.run(["import", "broken.nt", ...owner]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/line 9|line 1\d/);
  });

  it("exports what an empty hub of the same address takes in as an equal store", async () => {
    const alice = await hub.account("alice", { displayName: "Alice", linkedJids: ["alice@jabber.example"] });
    const bob = await hub.account("bob");
    const kept = await alice.post("Kept #terns", { language: "en" });
    await alice.edit(kept, "Kept and edited #terns #birds");
    await bob.post("An answer, @alice", { replyTo: kept });
    await bob.follow(alice.iri);
    await alice.remove(await alice.post("Deleted"));
    await commands.done("export", "-o", "all.trig.gz", ...owner);
    const all = await commands.done("export", ...owner);
    const triples = await triplesOf(hub);
    expect((await stat(join(commands.home, "all.trig.gz"))).mode & 0o077).toBe(0);

    await hub.end("SIGTERM");
    await using other = await HubProcess.start({ port });
    const otherOwner = ["--url", other.base, "--token", await other.ownerToken()];
    expect(await commands.done("import", "all.trig.gz", ...otherOwner)).toMatch(/ 0 refused/);
    expect(await triplesOf(other)).toEqual(triples);
    expect(await linesOf(await commands.done("export", ...otherOwner))).toEqual(await linesOf(all));
    // Accounts came with it: the next post goes where the others are.
    const again = (await other.call("POST", "api/tokens", await other.ownerToken(), {
      account: "alice",
      label: "again",
    })) as { token: string };
    expect(await commands.done("post", "Back", "--url", other.base, "--token", again.token)).toMatch(
      /\/alice\/posts\//,
    );
  });
});

/** The options that make a command speak as the owner of a hub on this machine. */
function ownerOf(hub: HubProcess): readonly string[] {
  return ["--url", hub.base, "--data", join(hub.folder, "data")];
}

/** Every triple that a hub's endpoint knows, sorted. */
async function triplesOf(hub: HubProcess): Promise<readonly string[]> {
  const rows = await hub.select(
    "SELECT ?s ?p ?o (LANG(?o) AS ?lang) (STR(DATATYPE(?o)) AS ?type) { ?s ?p ?o FILTER(!isBlank(?s) && !isBlank(?o)) }",
  );
  return rows.map(({ s, p, o, lang = "", type = "" }) => `${s} ${p} ${o} ${lang} ${type}`).sort();
}

/** A TriG document as sorted statements. */
async function linesOf(trig: string): Promise<readonly string[]> {
  const quads = await parseRdf(trig, { format: "trig", baseIri: "http://base.example/" as Iri });
  if (isRefusal(quads)) throw new Error(quads.message);
  return quads
    .map(({ subject, predicate, object, graph }) => {
      const tail = object.termType === "Literal" ? `@${object.language}^^${object.datatype.value}` : "";
      return `${graph.value} ${subject.value} ${predicate.value} ${object.value}${tail}`;
    })
    .sort();
}

function turtlePost(iri: string, text: string): string {
  return `<${iri}> a <http://rdfs.org/sioc/ns#Post> ; <http://rdfs.org/sioc/ns#content> """${text}""" ;
  <http://rdfs.org/sioc/ns#has_creator> <https://old.example/user/1> ;
  <http://purl.org/dc/terms/created> "2026-05-01T06:20:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n`;
}

/** Two posts in each format, the same but for their names. */
function filesToImport(): Readonly<Record<string, string | Uint8Array>> {
  const posts = (name: string): readonly (readonly [iri: string, text: string])[] => [
    [`https://old.example/${name}/1`, `Eins aus ${name}`],
    [`https://old.example/${name}/2`, `Zwei aus ${name} 🐦`],
  ];
  const turtle = (name: string): string =>
    posts(name)
      .map(([iri, text]) => turtlePost(iri, text))
      .join("");
  const time = "2026-05-01T06:20:00Z";
  const dateTime = "http://www.w3.org/2001/XMLSchema#dateTime";
  return {
    "posts.ttl": turtle("posts.ttl"),
    "zipped.ttl.gz": gzipSync(turtle("zipped.ttl.gz")),
    // What stands in a graph of its own is taken as it stands, so it has to be a whole post of our shape.
    "posts.trig": posts("posts.trig")
      .map(
        ([iri, text]) =>
          `<${iri}> {\n${turtlePost(iri, text)}<${iri}> a <http://rdfs.org/sioc/types#MicroblogPost> .\n}\n`,
      )
      .join(""),
    "posts.nt": posts("posts.nt")
      .map(
        ([iri, text]) =>
          `<${iri}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://rdfs.org/sioc/ns#Post> .\n<${iri}> <http://rdfs.org/sioc/ns#content> "${text}" .\n<${iri}> <http://rdfs.org/sioc/ns#has_creator> <https://old.example/user/1> .\n<${iri}> <http://purl.org/dc/terms/created> "${time}"^^<${dateTime}> .\n`,
      )
      .join(""),
    "posts.jsonld": JSON.stringify({
      "@context": { sioc: "http://rdfs.org/sioc/ns#", dcterms: "http://purl.org/dc/terms/" },
      "@graph": posts("posts.jsonld").map(([iri, text]) => ({
        "@id": iri,
        "@type": "sioc:Post",
        "sioc:content": text,
        "sioc:has_creator": { "@id": "https://old.example/user/1" },
        "dcterms:created": { "@value": time, "@type": dateTime },
      })),
    }),
    "posts.rdf": `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:sioc="http://rdfs.org/sioc/ns#" xmlns:dcterms="http://purl.org/dc/terms/">${posts(
      "posts.rdf",
    )
      .map(
        ([iri, text]) =>
          `<sioc:Post rdf:about="${iri}"><sioc:content>${text}</sioc:content><sioc:has_creator rdf:resource="https://old.example/user/1"/><dcterms:created rdf:datatype="${dateTime}">${time}</dcterms:created></sioc:Post>`,
      )
      .join("")}</rdf:RDF>`,
  };
}
