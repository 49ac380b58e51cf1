import { beforeEach, describe, expect, it } from "vitest";
import { cli, eachWithHub, hub } from "./with-hub.ts";

const ASKED = { hub: "https://far.example/", requests: 1, triples: 12, time_ms: 33.7 };
const WARNING = { hub: "https://down.example/", message: "https://down.example/ did not answer within 5 seconds." };
const RESULTS = {
  head: { vars: ["text", "hub"] },
  results: { bindings: [{ text: { type: "literal", value: "a tern" }, hub: { type: "literal", value: ASKED.hub } }] },
  sterna: { hubs: [ASKED.hub], asked: [ASKED], warnings: [WARNING] },
};

eachWithHub();
beforeEach(() => {
  hub.on("POST /sparql", ({ headers }, response) => {
    if (headers.accept?.startsWith("text/csv") === true) {
      response.writeHead(200, {
        "content-type": "text/csv",
        "sterna-hubs": JSON.stringify([ASKED]),
        "sterna-warnings": JSON.stringify([WARNING]),
      });
      response.end("text\r\na tern\r\n");
      return;
    }
    response.writeHead(200, { "content-type": "application/sparql-results+json" });
    response.end(JSON.stringify(RESULTS));
  });
});

describe("sterna query --across", () => {
  it("asks for the network as the options say", async () => {
    await cli.run(["query", "SELECT * {}", "--across", "--strict", "--fresh", "--provenance"]);
    expect(hub.seen.map(({ path }) => path)).toContain("/sparql?scope=network&strict=true&fresh=true&provenance=true");
  });

  it("prints a table, on a terminal with what each hub gave, and warnings on standard error", async () => {
    const { out, err, exitCode } = await cli.run(["query", "SELECT * {}", "--across"], { tty: true, errorTty: true });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/text.*hub[\s\S]*a tern.*https:\/\/far\.example\//);
    expect(err).toContain("https://far.example/: 1 request, 12 triples, 34 ms");
    expect(err).toContain(`warning: ${WARNING.message}`);
  });

  it("prints JSON as it comes, with the warnings beside it", async () => {
    const { out, err } = await cli.run(["query", "SELECT * {}", "--across", "--format", "json"]);
    expect(JSON.parse(out)).toEqual(RESULTS);
    expect(err).toBe(`warning: ${WARNING.message}\n`);
  });

  it("takes the warnings of other formats from the head", async () => {
    const { out, err } = await cli.run(["query", "SELECT * {}", "--across", "--format", "csv"]);
    expect([out, err]).toEqual(["text\r\na tern\r\n", `warning: ${WARNING.message}\n`]);
  });

  it("asks one hub where it is named", async () => {
    const { out, err } = await cli.run(["query", "SELECT * {}", "--hub", "xmpp:far.example"], { errorTty: true });
    expect(hub.seen.map(({ path }) => path)).toContain("/sparql?scope=network&hub=xmpp%3Afar.example");
    expect(out).toContain("a tern");
    expect(err).toContain("asking xmpp:far.example …\n");
  });

  it.each([
    [["--hub", "far.example"], /Expected --hub with a hub such as https:\/\/far\.example\//],
    [["--hub", "https://far.example/", "--across"], /'--hub <hub>' cannot be used with option '--across'/],
    [["--hub", "https://far.example/", "--fresh"], /cannot be used with option '--fresh'/],
    [["--hub", "https://far.example/", "--graph", "https://x.example/"], /cannot be used with option '--graph/],
    [["--hub", "https://far.example/", "--explain"], /cannot be used with option '--explain'/],
  ])("does not ask with %j", async (options, why) => {
    const { exitCode, err } = await cli.run(["query", "SELECT * {}", ...options]);
    expect([exitCode, err]).toEqual([2, expect.stringMatching(why)]);
    expect(hub.seen).toEqual([]);
  });

  it("wants --across for what belongs to it", async () => {
    const { exitCode, err } = await cli.run(["query", "SELECT * {}", "--fresh"]);
    expect([exitCode, err]).toEqual([2, expect.stringContaining("Expected --across with --fresh")]);
  });

  it("shows examples in its help", async () => {
    const { out } = await cli.run(["query", "--help"]);
    expect(out).toMatch(/sterna query newest\.rq --across --fresh --provenance/);
  });
});
