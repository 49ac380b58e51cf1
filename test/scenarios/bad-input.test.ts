import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HubProcess, type TestAccount } from "./hub-process.ts";

const SIOC = "http://rdfs.org/sioc/ns#";
const TURTLE_POST = (iri: string, text = "An imported post"): string =>
  `<${iri}> a <${SIOC}Post> ; <${SIOC}content> "${text}" ; <${SIOC}has_creator> <https://other.example/u/1#account> ;
   <http://purl.org/dc/terms/created> "2026-05-01T06:20:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n`;

/** What a hub answered. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

describe("a hub that is sent nonsense over HTTP", () => {
  let hub: HubProcess;
  let alice: TestAccount;
  let bob: TestAccount;
  let before = "";

  beforeAll(async () => {
    hub = await HubProcess.start();
    alice = await hub.account("alice");
    bob = await hub.account("bob");
    await alice.post("Something to lose #terns");
  });
  afterAll(async () => {
    await hub[Symbol.asyncDispose]();
  });
  const counted = async (): Promise<string> => {
    const [triples] = await hub.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }");
    const [posts] = await hub.select(`SELECT (COUNT(*) AS ?n) { ?post <${SIOC}content> ?text }`);
    return `${triples?.["n"]} triples, ${posts?.["n"]} posts`;
  };
  beforeEach(async () => {
    before = await counted();
  });
  /** Whatever was sent: nothing came or went, and the hub goes on. */
  const goesOn = async (): Promise<void> => {
    expect(await counted()).toBe(before);
    expect(await hub.health()).toMatchObject({ status: "ok" });
    const next = await alice.post("And the next post works");
    expect((await hub.posts(alice.iri)).get(next)).toBe("And the next post works");
    await alice.remove(next);
  };
  afterEach(goesOn);

  const send = async (
    method: string,
    path: string,
    type: string | undefined,
    body: string | Uint8Array | undefined,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const response = await fetch(`${hub.base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${alice.token}`,
        ...(type === undefined ? {} : { "content-type": type }),
        ...more,
      },
      ...(body === undefined ? {} : { body: body as string }),
    });
    return {
      status: response.status,
      type: response.headers.get("content-type") ?? "",
      text: await response.text(),
    };
  };
  it.each([
    ["cut off", "SELECT ?x WHERE { ?x ?p", /Expected .*SPARQL.*/s],
    ["not SPARQL", "GIVE ME ALL POSTS", /Expected .*SPARQL.*/s],
    ["with an unknown prefix", "SELECT * { ?s nobody:knows ?o }", /nobody/],
    ["empty", "", /Expected .*/],
  ])("says what is wrong with a query that is %s", async (_, query, detail) => {
    const answer = await send("POST", "sparql", "application/sparql-query", query);
    expect(problemIn(answer)).toEqual(problem(400, detail));
  });

  it("refuses an update where queries are answered", async () => {
    const answer = await send("POST", "sparql", "application/sparql-query", "DELETE WHERE { ?s ?p ?o }");
    expect(problemIn(answer)).toEqual(problem(403, /Expected a query, but got an update/));
    expect(problemIn(await send("POST", "sparql", "application/sparql-update", "CLEAR ALL"))).toEqual(
      problem(403, /default graph is all that you may see/),
    );
  });

  it("refuses a query that asks another server", async () => {
    const query = `SELECT * { SERVICE <${hub.base}sparql> { ?s ?p ?o } }`;
    const answer = await send("POST", "sparql", "application/sparql-query", query);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(502);
    expect(answer.text).toMatch(/SERVICE/);
  });

  it.each([
    ["text that is not UTF-8", "text/plain", Buffer.from([0x68, 0x69, 0xff, 0xfe]), 400, /UTF-8/],
    ["half a JSON object", "application/json", '{"text": "hi"', 400, /Expected JSON.*line 1/],
    ["JSON that is no object", "application/json", '["hi"]', 400, /Expected a JSON object/],
    ["a post without text", "application/json", "{}", 400, /text/],
    ["a mistyped field", "application/json", '{"text":"hi","languge":"en"}', 400, /languge/],
    ["a number as text", "application/json", '{"text":7}', 400, /Expected a text/],
    ["no language tag as language", "application/json", '{"text":"hi","language":"not a language"}', 400, /language/],
    ["an answer to no IRI", "application/json", '{"text":"hi","replyTo":"yesterday"}', 400, /Expected .*yesterday/],
    ["an empty post", "application/json", '{"text":" \\n "}', 400, /Expected .*/],
    ["half a character", "application/json", '{"text":"\\ud800"}', 400, /Expected .*/],
    ["a control character", "application/json", '{"text":"a\\u0000b"}', 400, /Expected .*/],
    ["a format nobody knows", "application/x-nonsense", "hi", 415, /Expected .*application\/x-nonsense/],
    ["another charset", "text/plain; charset=utf-16", "hi", 415, /UTF-8.*utf-16/],
    ["a post that is too long", "application/json", JSON.stringify({ text: "a".repeat(5_001) }), 413, /5,?000.*5,?001/],
    ["a body that is too large", "text/plain", "a".repeat(3_000_000), 413, /1048576|1 MB|1,048,576/],
  ])("refuses %s", async (_, type, body, status, detail) => {
    const answer = await send("POST", "alice/posts", type, body);
    expect(problemIn(answer)).toEqual(problem(status, detail));
  });

  it("counts a body that does not say its length, and stops reading it", async () => {
    const answer = await new Promise<Answer>((resolve, reject) => {
      const posting = request(`${hub.base}alice/posts`, {
        method: "POST",
        headers: { authorization: `Bearer ${alice.token}`, "content-type": "text/plain" },
      });
      const chunk = "a".repeat(65_536);
      let answered = false;
      const write = (): void => {
        while (!answered && posting.write(chunk));
        if (!answered) posting.once("drain", write);
      };
      posting.on("response", (response) => {
        answered = true;
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => {
          posting.destroy();
          resolve({ status: response.statusCode ?? 0, type: String(response.headers["content-type"]), text });
        });
      });
      posting.on("error", (error) => (answered ? undefined : reject(error)));
      write();
    });
    expect(problemIn(answer)).toEqual(problem(413, /1048576|1 MB|1,048,576/));
  });

  it.each([
    ["a token nobody has", "nonsense"],
    ["an empty token", ""],
    ["a token with a line of its own", "a b c"],
  ])("refuses %s", async (_, token) => {
    const answer = await send("POST", "alice/posts", "text/plain", "hi", { authorization: `Bearer ${token}` });
    expect(problemIn(answer)).toEqual(problem(401, /token/i));
  });

  it("refuses somebody else's token", async () => {
    const answer = await send("POST", "alice/posts", "text/plain", "hi", { authorization: `Bearer ${bob.token}` });
    expect(problemIn(answer)).toEqual(problem(403, /Expected .*alice|alice/));
    expect(
      problemIn(
        await send("POST", "api/accounts", "application/json", '{"name":"carol"}', {
          authorization: `Bearer ${bob.token}`,
        }),
      ),
    ).toEqual(problem(403, /owner/));
  });

  it("refuses to change or delete what another account wrote", async () => {
    const [iri = ""] = [...(await hub.posts(alice.iri)).keys()];
    const path = iri.slice(hub.base.length);
    const as = { authorization: `Bearer ${bob.token}` };
    expect(problemIn(await send("PATCH", path, "application/json", '{"text":"mine now"}', as))).toEqual(
      problem(403, /Expected .*|only/),
    );
    expect(problemIn(await send("DELETE", path, undefined, undefined, as))).toEqual(problem(403, /Expected .*|only/));
  });

  it.each([
    ["a post that never was", "alice/posts/3zzzzzzzzzzzz", 404],
    ["an account that never was", "nobody", 404],
    ["a path that is not UTF-8", "alice/posts/%ff%fe", 400],
    ["a path that cannot be decoded", "%zz", 400],
    ["a place in a list that is none", "alice/posts?before=nonsense", 400],
    ["a page of nothing", "alice/posts?limit=-1", 400],
    ["a version that is no number", "alice/posts?version=x", 400],
  ])("says that there is no such thing: %s", async (_, path, status) => {
    const answer = await send("GET", path, undefined, undefined, { accept: "application/json" });
    // A place that is ill-formed may as well not be there; what matters is that it is a problem of the asker's.
    if (status === 400) expect(answer.status).toBeLessThan(500);
    else expect(problemIn(answer)).toEqual(problem(status, /Expected .*/));
  });

  it("refuses a method that a page does not have", async () => {
    expect(problemIn(await send("PUT", "alice", "text/turtle", "<> a <#x> ."))).toEqual(problem(405, /PUT/));
  });

  it.each([
    ["Turtle", "text/turtle", `${TURTLE_POST("https://other.example/1")}<https://other.example/2> a`, /line \d+/],
    ["N-Triples", "application/n-triples", "<https://other.example/1> <no iri> .\n", /line 1/],
    ["TriG", "application/trig", "<https://other.example/g> { <https://other.example/s> a }", /line 1/],
    ["JSON-LD", "application/ld+json", '{"@id": "https://other.example/1", ', /JSON/],
    ["RDF/XML", "application/rdf+xml", "<rdf:RDF><unclosed></rdf:RDF>", /Expected .*/],
    ["Turtle that is not UTF-8", "text/turtle", Buffer.from([0x3c, 0xff, 0xfe, 0x3e]), /UTF-8/],
  ])("names the place where malformed %s stops being it", async (_, type, body, problem) => {
    const report = await importReport(await send("POST", "api/import?source=test", type, body));
    expect(report["problem"]).toMatch(problem);
    expect(report).toMatchObject({ done: true });
    // Nothing half read is kept; the whole post before the mistake may be.
    const [row] = await hub.select(
      `SELECT (COUNT(*) AS ?n) { ?post <${SIOC}has_creator> <https://other.example/u/1#account> FILTER NOT EXISTS { ?post <${SIOC}content> ?text } }`,
    );
    expect(row?.["n"]).toBe("0");
    before = await counted();
  });

  it("reports a gzip stream that is cut off", async () => {
    const whole = gzipSync(TURTLE_POST("https://other.example/zipped").repeat(1_000));
    const answer = await send("POST", "api/import", "text/turtle", whole.subarray(0, whole.length - 20), {
      "content-encoding": "gzip",
    });
    expect((await importReport(answer))["problem"]).toMatch(/Expected .*gzip|compress|unexpected end/i);
    before = await counted();
  });

  it("refuses what an import may not say, whole, and says why", async () => {
    const forged = TURTLE_POST(`${alice.iri.replace("#account", "")}/posts/3forged000000`, "Alice never said this");
    const shapeless = TURTLE_POST("https://other.example/when").replace("2026-05-01T06:20:00Z", "yesterday");
    const report = await importReport(await send("POST", "api/import", "text/turtle", forged + shapeless));
    expect(report).toMatchObject({ stored: 0, done: true });
    expect(report["refused"]).toBeGreaterThan(0);
    expect(JSON.stringify(report)).toMatch(/3forged000000/);
  });
});

/** What a problem document (RFC 9457) says; its status stands twice. */
function problemIn({ status, type, text }: Answer) {
  const { status: told, detail } = JSON.parse(text) as Record<string, unknown>;
  return { type, status, told, detail };
}

/** A problem whose sentence has these words. */
function problem(status: number, detail: RegExp) {
  const type: unknown = expect.stringMatching(/^application\/problem\+json/);
  return { type, status, told: status, detail: expect.stringMatching(detail) as unknown };
}

/** The last line of an import's report, with every refusal of the lines before; a problem document counts as one. */
async function importReport(answer: Answer): Promise<Record<string, unknown>> {
  const lines = answer.text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const last = lines.at(-1) ?? {};
  if (answer.status >= 400) return { problem: last["detail"], done: true };
  return { ...last, refusals: lines.flatMap((line) => (line["refusals"] as readonly unknown[] | undefined) ?? []) };
}
