import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { isomorphic } from "rdf-isomorphic";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findService, type ServiceName } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { parseRdf } from "../../src/rdf/parse.ts";
import type { Quad } from "../../src/rdf/term.ts";
import { describeNeeding } from "../support/needing.ts";
import { eventually, type TestAccount } from "./hub-process.ts";
import { startTwoHubs, type TwoHubs } from "./two-hubs.ts";

/** Each format but N-Triples, what to ask for it, and which parser of somebody else's reads it. */
const FORMATS = [
  { name: "Turtle", accept: "text/turtle", parse: (body: string, base: string) => rapper("turtle", body, base) },
  {
    name: "RDF/XML",
    accept: "application/rdf+xml",
    parse: (body: string, base: string) => rapper("rdfxml", body, base),
  },
  { name: "HTML with RDFa", accept: "text/html", parse: (body: string, base: string) => rapper("rdfa", body, base) },
  { name: "JSON-LD", accept: "application/ld+json", parse: (body: string, base: string) => rdflib(body, base) },
] as const;

await describeNeeding(["prosody", "rapper", "rdflib"], "linked-data pages", () => {
  let hubs: TwoHubs;
  let alice: TestAccount;
  let post = "";

  beforeAll(async () => {
    hubs = await startTwoHubs();
    const { here, there } = hubs;
    alice = await here.account("alice", {
      displayName: 'Ålice "A" O\'Hara & <sons> \\ 🐦',
      bio: "Watches terns.\nAnd gulls & more.",
      language: "en",
      homepage: "https://alice.example/?a=1&b=2#me",
    });
    const carol = await here.account("carol", { displayName: "كارول" });
    const bob = await there.account("bob", { displayName: "Bob" });
    post = await alice.post(
      'Line one\n\tline "two" \\ with <b>markup</b> & #terns, #Zürich-Süd, https://müller.example/straße?x=1&y=ä and @carol 👩‍🚀',
      { language: "en-GB" },
    );
    const answer = await carol.post("مرحبا #طيور", { replyTo: post, language: "ar" });
    await alice.post("Back to you", { replyTo: answer });
    for (let n = 0; n < 25; n++) await alice.post(`Filling a page, number ${n}`);
    await alice.edit(
      post,
      'Line one\n\tline "two", edited \\ <b>markup</b> & #terns @carol https://müller.example/straße?x=1&y=ä 👩‍🚀',
    );
    await carol.follow(alice.iri);
    await alice.follow(bob.iri);
    await bob.follow(alice.iri);
    await bob.post("From the other hub, to @alice@here.localhost", {});
    await eventually("Bob's post", async () => (await here.posts(bob.iri)).size === 1);
  });
  afterAll(async () => {
    await hubs[Symbol.asyncDispose]();
  });

  it.each([
    ["the hub", () => ""],
    ["an account", () => "alice"],
    ["an account written from right to left", () => "carol"],
    ["a container", () => "alice/posts"],
    ["the second page of a container", async () => await secondPage(`${hubs.here.base}alice/posts`)],
    ["a post with its answers", () => post.slice(hubs.here.base.length)],
    ["an earlier version of a post", () => `${post.slice(hubs.here.base.length)}?version=1`],
    ["a tag", () => "tags/terns"],
    ["the tags", () => "tags"],
    ["whom somebody follows", () => "alice/following"],
    ["who follows somebody", () => "alice/followers"],
    ["the vocabulary", () => "vocabulary"],
  ])("say the same in every format about %s", async (_, path) => {
    const { base } = hubs.here;
    const address = new URL(await path(), base).href;
    const ntriples = await get(address, "application/n-triples");
    const page = address.replace(/\?.*$/, "");
    const wanted = await read(await rapper("ntriples", ntriples, page));
    expect(wanted.length).toBeGreaterThan(0);
    // Our own reading of it first: what both parsers misread in the same way would be seen here.
    expect(sameGraph(await read(ntriples), wanted)).toBe(true);
    for (const { name, accept, parse } of FORMATS) {
      const found = await read(await parse(await get(address, accept), page));
      expect({ name, ...difference(wanted, found) }).toEqual({ name, missing: [], added: [] });
      expect({ name, same: sameGraph(wanted, found) }).toEqual({ name, same: true });
    }
  });

  it("name their other formats, and answer by preference", async () => {
    const response = await fetch(alice.iri, { headers: { accept: "text/turtle;q=0.5, application/rdf+xml" } });
    expect(response.headers.get("content-type")).toMatch(/^application\/rdf\+xml/);
    expect(response.headers.get("vary")).toMatch(/accept/i);
    expect(response.headers.get("link")).toMatch(/rel="?alternate"?.*type="?text\/turtle"?/);
    const tag = response.headers.get("etag") ?? "";
    const again = await fetch(alice.iri, { headers: { accept: "application/rdf+xml", "if-none-match": tag } });
    expect(again.status).toBe(304);
    const none = await fetch(alice.iri, { headers: { accept: "image/png" } });
    expect(none.status).toBe(406);
    expect(await none.text()).toMatch(/text\/turtle/);
  });

  it("say of a deleted post that it was there", async () => {
    const gone = await alice.post("Not for long");
    await alice.remove(gone);
    const response = await fetch(gone, { headers: { accept: "text/turtle, application/problem+json;q=0.1" } });
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ status: 410, code: "gone", deleted: expect.any(String) });
  });
});

async function get(address: string, accept: string): Promise<string> {
  const response = await fetch(address, { headers: { accept } });
  const body = await response.text();
  if (!response.ok) throw new Error(`${address} as ${accept}: ${response.status} ${body}`);
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith(accept)) throw new Error(`${address}: expected ${accept}, but got ${type}`);
  return body;
}

/** The path of the page after the first, as its links say it. */
async function secondPage(address: string): Promise<string> {
  const response = await fetch(address, { headers: { accept: "text/turtle" } });
  const next = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get("link") ?? "")?.[1];
  if (next === undefined) throw new Error(`${address} names no next page: ${response.headers.get("link")}`);
  return new URL(next, address).href;
}

async function read(ntriples: string): Promise<readonly Quad[]> {
  const quads = await parseRdf(ntriples, { format: "ntriples", baseIri: "http://base.example/" as Iri });
  if (isRefusal(quads)) throw new Error(quads.message);
  return quads;
}

function sameGraph(a: readonly Quad[], b: readonly Quad[]): boolean {
  return isomorphic([...a], [...b]);
}

/** What only one of two graphs says, without blank nodes: what a person needs to see when they differ. */
function difference(wanted: readonly Quad[], found: readonly Quad[]) {
  const lines = (quads: readonly Quad[]): Set<string> =>
    new Set(
      quads
        .filter(({ subject, object }) => subject.termType !== "BlankNode" && object.termType !== "BlankNode")
        .map(({ subject, predicate, object }) => {
          const tail = object.termType === "Literal" ? `"@${object.language}^^${object.datatype.value}` : "";
          return `${subject.value} ${predicate.value} ${JSON.stringify(object.value)}${tail}`;
        }),
    );
  const [a, b] = [lines(wanted), lines(found)];
  return { missing: [...a].filter((line) => !b.has(line)), added: [...b].filter((line) => !a.has(line)) };
}

/** Reads a document with Raptor and gives its triples as N-Triples; fails when Raptor has anything against it. */
async function rapper(format: string, body: string, base: string): Promise<string> {
  return await run("rapper", ["-q", "-i", format, "-o", "ntriples", "-I", base, "-"], body);
}

/** Reads a JSON-LD document with rdflib, which fetches the context that it names. */
async function rdflib(body: string, base: string): Promise<string> {
  const program = [
    "import sys, rdflib",
    // Otherwise it writes times and numbers in its own way, which says the same with other letters.
    "rdflib.NORMALIZE_LITERALS = False",
    "graph = rdflib.Graph()",
    "graph.parse(data=sys.stdin.buffer.read(), format='json-ld', publicID=sys.argv[1])",
    "sys.stdout.buffer.write(graph.serialize(format='nt', encoding='utf-8'))",
  ].join("\n");
  return await run("rdflib", ["-c", program, base], body);
}

async function run(name: ServiceName, parameters: readonly string[], input: string): Promise<string> {
  const program = await findService(name);
  if (isRefusal(program)) throw new Error(program.message);
  const child = spawn(program.command, [...program.parameters, ...parameters], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ...program.env },
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (code !== 0 || /error/i.test(stderr)) throw new Error(`${name} ${parameters.join(" ")} (${code}): ${stderr}`);
  return stdout;
}
