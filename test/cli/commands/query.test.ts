import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli, eachWithHub, hub, sent } from "./with-hub.ts";

eachWithHub();

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
