import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli, eachWithHub, hub, sent } from "./with-hub.ts";

eachWithHub();

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
