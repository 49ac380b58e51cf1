import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FixtureHub } from "../fixture-hub.ts";
import { CommandLine } from "../memory-io.ts";

let hub: FixtureHub;
let cli: CommandLine;
let posts: { iri: string; text: string; creatorName: string; created: string; modified?: string }[];
let streams: ServerResponse[];

const post = (number: number, text = `post ${number}`) => ({
  iri: `http://h.example/p${number}`,
  text,
  creatorName: "Bob",
  created: `2026-11-21T05:${String(number).padStart(2, "0")}:00.000Z`,
});

beforeEach(async () => {
  hub = await FixtureHub.open();
  cli = await CommandLine.open();
  Object.assign(cli.env, { STERNA_URL: hub.url, STERNA_TOKEN: "t" });
  posts = [post(2), post(1)];
  streams = [];
  hub.on("GET /alice/timeline", ({ headers, path }, response) => {
    if (headers.accept === "text/event-stream") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": hello\n\n");
      streams.push(response);
    } else {
      const limit = Number(new URL(path, hub.url).searchParams.get("limit"));
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ posts: posts.slice(0, limit) }));
    }
  });
});
afterEach(async () => {
  cli.stop.abort();
  await hub[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

const push = (event: string, value: unknown): void => {
  streams.at(-1)?.write(`event: ${event}\r\ndata: ${JSON.stringify(value)}\r\n\r\n`);
};

it("prints what is there oldest first, then each post as it arrives, once, and ends cleanly at Ctrl-C", async () => {
  const running = cli.run(["timeline", "--watch"]);
  await cli.stdout.until(/post 2/);
  expect(cli.stdout.text).toMatch(/post 1[\s\S]*post 2/);
  push("posted", post(2));
  push("posted", { iri: post(3).iri, kind: "posted", post: post(3) });
  await cli.stdout.until(/post 3/);
  push("edited", { ...post(3, "edited words"), modified: "2026-11-21T05:40:00.000Z" });
  await cli.stdout.until(/edited words/);
  push("deleted", { iri: post(3).iri });
  await cli.stdout.until(/Deleted: http:\/\/h\.example\/p3/);
  cli.stop.abort();
  const { exitCode, out, err } = await running;
  expect([exitCode, err]).toEqual([0, ""]);
  expect(out.match(/post 2/g)).toHaveLength(1);
});

it("connects again when the hub goes away, and prints what came meanwhile, but nothing that was left out before", async () => {
  const running = cli.run(["timeline", "--watch", "-n", "1"]);
  await cli.stdout.until(/post 2/);
  posts = [post(4), post(3), post(2), post(1)];
  hub.drop();
  await cli.stdout.until(/post 4/);
  expect(cli.stdout.text).toMatch(/post 3[\s\S]*post 4/);
  push("posted", post(5));
  await cli.stdout.until(/post 5/);
  cli.stop.abort();
  const { exitCode, out, err } = await running;
  expect(exitCode).toBe(0);
  expect(err).toMatch(/trying again/);
  expect(out.match(/post 2/g)).toHaveLength(1);
  expect(out).not.toMatch(/post 1/);
});

it("ends with 3 when there was no hub in the first place, and with 1 when the hub says no", async () => {
  hub.json("GET /alice/timeline", { detail: "Only accounts have a timeline." }, 403);
  expect(await cli.run(["timeline", "--watch"])).toMatchObject({
    exitCode: 1,
    err: "Only accounts have a timeline.\n",
  });
  await hub[Symbol.asyncDispose]();
  expect((await cli.run(["timeline", "--watch"])).exitCode).toBe(3);
  hub = await FixtureHub.open();
});

it("prints one JSON object a line with --json", async () => {
  const running = cli.run(["timeline", "--watch", "--json"]);
  await cli.stdout.until(/post 2/);
  push("deleted", { iri: post(2).iri });
  await cli.stdout.until(/deleted/);
  cli.stop.abort();
  const { out } = await running;
  expect(
    out
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { kind: string }).kind),
  ).toEqual(["posted", "posted", "deleted"]);
});
