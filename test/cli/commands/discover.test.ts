import { once } from "node:events";
import { expect, it } from "vitest";
import { NOW_MS } from "../memory-io.ts";
import { cli, eachWithHub, hub } from "./with-hub.ts";

const FOUND = {
  suggestions: [
    {
      account: "https://far.example/carol#account",
      name: "Carol\u001b[31m",
      why: "followed by dan; posts about terns",
      lastPost: new Date(NOW_MS - 3 * 3_600_000).toISOString(),
    },
  ],
  hubs: [{ hub: "https://far.example/", accounts: 7 }],
};
const WALK = {
  hosts: { done: 1, left: 0 },
  problems: [{ host: "https://down.example/", message: "down.example could not be reached." }],
  stopped: "bounds",
};

eachWithHub();

const eventText = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const progress = eventText("progress", { hosts: { done: 1, left: 2 }, accounts: 5, host: "https://far.example/" });
const walks = (...events: readonly string[]): void =>
  hub.text("POST /alice/suggestions", "text/event-stream", events.join(""));

it("shows whom to follow, why, and where, and what did not help", async () => {
  walks(progress, eventText("done", { ...FOUND, walk: WALK }));
  const { exitCode, out, err } = await cli.run(["discover", "--depth", "3", "--limit", "5", "--refresh"]);
  expect(exitCode).toBe(0);
  expect(out).toBe(
    "Carol␛[31m https://far.example/carol#account\n  followed by dan; posts about terns; last post 3 h\n\nHubs\nhttps://far.example/ (7 known accounts)\n",
  );
  expect(err).toBe(
    "warning: down.example could not be reached.\nNot everything was asked in this walk; run it again to go on.\n",
  );
  expect(hub.seen.at(-1)).toMatchObject({
    path: "/alice/suggestions?depth=3&limit=5&refresh=true",
    headers: { accept: "text/event-stream", authorization: "Bearer t0ken" },
  });
});

it("gives JSON", async () => {
  walks(progress, eventText("done", { ...FOUND, walk: WALK }));
  const { out, err } = await cli.run(["discover", "--json"]);
  expect(JSON.parse(out)).toEqual({ ...FOUND, walk: WALK });
  expect(err).toBe("");
});

it("tells on a terminal how far it is, and takes that away at the end", async () => {
  walks(progress, eventText("done", FOUND));
  const { err } = await cli.run(["discover"], { errorTty: true });
  expect(err).toBe("\rhubs: 1 asked, 2 left; 5 accounts read; https://far.example/\u001B[K\r\u001B[K");
});

it("ends by Ctrl-C with what is known", async () => {
  let closed: Promise<unknown> = Promise.resolve();
  hub.on("POST /alice/suggestions", (_, response) => {
    closed = once(response, "close");
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(progress);
  });
  hub.json("GET /alice/suggestions", FOUND);
  const running = cli.run(["discover"], { errorTty: true });
  await cli.stderr.until(/1 asked/);
  cli.stop.abort();
  const { exitCode, out, err } = await running;
  await closed;
  expect(exitCode).toBe(130);
  expect(out).toContain("https://far.example/carol#account");
  expect(err).toContain("Stopped. This is what is known by now");
});

it("says why the hub does not walk, and that it went away", async () => {
  walks(eventText("problem", { detail: "A walk is under way." }));
  expect(await cli.run(["discover"])).toMatchObject({ exitCode: 1, err: "A walk is under way.\n" });
  walks(progress);
  expect(await cli.run(["discover"])).toMatchObject({ exitCode: 3, out: "" });
});

it("helps who follows nobody yet", async () => {
  walks(eventText("done", { suggestions: [], hubs: [] }));
  expect((await cli.run(["discover"])).err).toContain("sterna follow ACCOUNT");
});

it.each([
  ["--depth", "1"],
  ["--depth", "5"],
  ["--limit", "0"],
  ["--limit", "x"],
])("refuses %s %s", async (...args) => {
  expect(await cli.run(["discover", ...args])).toMatchObject({ exitCode: 2 });
  expect(hub.seen).toEqual([]);
});

it.each([
  ["is no JSON", "event: progress\ndata: {\n\n", 1, /Expected events with JSON/],
  ["is without end", `event: done\ndata: ${"x".repeat(1_100_000)}`, 3, /it broke off \(an event was longer/],
])("says in one sentence that an event %s", async (_, text, code, why) => {
  walks(text);
  const { exitCode, err } = await cli.run(["discover"]);
  expect([exitCode, err]).toEqual([code, expect.stringMatching(why)]);
  expect(err.split("\n")).toHaveLength(2);
});
