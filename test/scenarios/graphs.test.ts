import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HubProcess } from "./hub-process.ts";
import { Commands } from "./sterna-command.ts";

const TITLE = "http://purl.org/dc/terms/title";
const ASKED = `SELECT ?title { ?page <${TITLE}> ?title } ORDER BY ?title`;

describe("graphs of one's own", () => {
  const stack = new AsyncDisposableStack();
  let hub: HubProcess;
  let alice: Commands;
  let bob: Commands;
  /** What an account finds when it asks for all titles. */
  const titles = async (who: Commands): Promise<readonly string[]> =>
    (await who.done("query", ASKED, "--format", "csv")).split(/\r?\n/).slice(1);

  beforeAll(async () => {
    hub = stack.use(await HubProcess.start());
    alice = stack.use(await Commands.open());
    bob = stack.use(await Commands.open());
    const owner = ["--url", hub.base, "--data", join(hub.folder, "data")];
    await alice.done("account", "add", "alice", ...owner);
    await bob.done("account", "add", "bob", ...owner);
  });
  afterAll(() => stack.disposeAsync());

  it("are written by file and by update, private, and there after kill -9", async () => {
    await writeFile(join(alice.home, "bookmarks.ttl"), `<https://example.org/> <${TITLE}> "A page" .`);
    expect(await alice.done("graph", "put", "bookmarks", "bookmarks.ttl")).toBe("Wrote bookmarks");
    const text = `INSERT DATA { GRAPH <alice/graphs/bookmarks> { <https://example.net/> <${TITLE}> "Another" } }`;
    expect(await alice.done("update", text)).toBe(`${hub.base}alice/graphs/bookmarks  2 triples`);
    expect(await titles(alice)).toEqual(["A page", "Another"]);
    await hub.end("SIGKILL");
    await hub.up();
    expect(await titles(alice)).toEqual(["A page", "Another"]);
    expect(await titles(bob)).toEqual([]);
    expect(await alice.done("graph", "list")).toBe(`${hub.base}alice/graphs/bookmarks  private`);
    expect(await bob.run(["graph", "get", `${hub.base}alice/graphs/bookmarks`])).toMatchObject({ code: 1, stdout: "" });
    expect(await bob.run(["update", text])).toMatchObject({ code: 1, stderr: expect.stringContaining("of your own") });
  });

  it("are for everybody when they say so, and asked by themselves", async () => {
    const graph = `${hub.base}alice/graphs/open`;
    const say = (what: string) =>
      `${what} DATA { GRAPH <${graph}> { <${graph}> <https://w3id.org/sterna#audience> <https://w3id.org/sterna#Public> } }`;
    await alice.done(
      "update",
      `INSERT DATA { GRAPH <${graph}> { <https://example.com/> <${TITLE}> "Open" } } ; ${say("INSERT")}`,
    );
    expect(await titles(bob)).toEqual(["Open"]);
    expect(await alice.done("query", ASKED, "--graph", graph, "--format", "csv")).toMatch(/^title\r?\nOpen$/);
    await alice.done("update", say("DELETE"));
    expect(await titles(bob)).toEqual([]);
  });

  it("go with the account's export, and come back by import", async () => {
    const before = await titles(alice);
    await alice.done("export", "-o", "mine.trig");
    expect(await readFile(join(alice.home, "mine.trig"), "utf8")).toContain("A page");
    await alice.done("graph", "delete", "bookmarks", "open");
    expect(await titles(alice)).toEqual([]);
    await alice.run(["import", "mine.trig"]);
    expect(await titles(alice)).toEqual(before);
    expect(await titles(bob)).toEqual([]);
  });
});
