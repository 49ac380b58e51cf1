import { afterEach, beforeEach, expect, it } from "vitest";
import { FixtureHub } from "./fixture-hub.ts";
import { CommandLine } from "./memory-io.ts";

const WATCH = {
  name: "birds",
  iri: "http://hub.example/alice/watches/birds",
  service: "hub.example",
  node: "watch/alice/birds",
  answers: 3,
};

let hub: FixtureHub;
let cli: CommandLine;

beforeEach(async () => {
  hub = await FixtureHub.open();
  cli = await CommandLine.open();
  cli.env["STERNA_URL"] = hub.url;
  cli.env["STERNA_TOKEN"] = "t0ken";
  hub.json("GET /api/me", { kind: "account", account: "alice", name: "alice" });
});
afterEach(async () => {
  cli.stop.abort();
  await hub[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

it("adds a watch of the hub's own and says where its answers are", async () => {
  hub.json("POST /alice/watches", WATCH, 201);
  const { out, exitCode } = await cli.run(["watch", "add", "birds", "--of", "topic", "--about", "#birds", "--public"]);
  expect(exitCode).toBe(0);
  expect(out).toBe(
    "Watching birds http://hub.example/alice/watches/birds xmpp:hub.example?;node=watch/alice/birds (3 answers)\n",
  );
  const sent = hub.seen.find(({ method }) => method === "POST");
  expect(JSON.parse(String(sent?.body))).toEqual({ name: "birds", of: "topic", about: "#birds", audience: "public" });
});

it("lists watches with why one was stopped", async () => {
  hub.json("GET /alice/watches", { watches: [WATCH, { ...WATCH, name: "all", problem: "too much\u001b[31m" }] });
  const { out } = await cli.run(["watch", "list"]);
  expect(out).toContain("(3 answers)");
  expect(out).toContain("(stopped: too much");
  expect(out).not.toContain("\u001b");
});

it("wants a query or one of the hub's own, and not both", async () => {
  expect(await cli.run(["watch", "add", "x"])).toMatchObject({ exitCode: 2 });
  expect(await cli.run(["watch", "add", "x", "--of", "home", "--query", "ASK {}"])).toMatchObject({ exitCode: 2 });
});

it("removes watches by name", async () => {
  hub.json("DELETE /alice/watches/birds", { name: "birds" });
  expect((await cli.run(["watch", "remove", "birds"])).out).toBe("Not watching birds any more.\n");
});
