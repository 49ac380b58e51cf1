import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { cli, eachWithHub, hub, sent } from "./with-hub.ts";

eachWithHub();

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
