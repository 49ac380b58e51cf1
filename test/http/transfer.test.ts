import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asked, type Loopback, openLoopback, pathOf, type Reply } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await openLoopback();
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

describe("export and import", () => {
  const lines = ({ text }: Reply): Record<string, unknown>[] =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("bring a hub's data into another one, and again change nothing", async () => {
    const { owner } = loopback.sample.tokens;
    const exported = await loopback.ask("api/export", { token: owner });
    expect([exported.status, exported.headers["content-type"]]).toEqual([200, "application/trig"]);
    const post = {
      method: "POST",
      type: "application/trig",
      token: owner,
      body: gzipSync(exported.text),
      headers: { "content-encoding": "gzip" },
    };
    const again = lines(await loopback.ask("api/import?source=backup.trig", post)).at(-1);
    expect(again).toMatchObject({ done: true, stored: 0, refused: 0 });
    expect(Number(again?.["unchanged"])).toBeGreaterThan(5);
    await using other = await openLoopback();
    const imported = lines(await other.ask("api/import", { ...post, token: other.sample.tokens.owner })).at(-1);
    expect(imported).toMatchObject({ done: true, refused: 0 });
    expect((await other.ask(pathOf(loopback, loopback.sample.posts.tricky.iri))).status).toBe(200);
  });

  it("give an account only its own", async () => {
    const exported = await loopback.ask("api/export", { token: loopback.sample.tokens.bob });
    expect(exported.text).toContain("/bob/posts/");
    expect(exported.text).not.toContain("Watches birds");
    expect((await loopback.ask("api/export")).status).toBe(401);
  });

  it.each<[string, Asked, number]>([
    ["without a token", { type: "text/turtle", body: "" }, 401],
    ["of another media type", { type: "text/csv", body: "a,b", token: "owner" }, 415],
    [
      "compressed otherwise",
      { type: "text/turtle", body: "", token: "owner", headers: { "content-encoding": "br" } },
      415,
    ],
  ])("refuse an import %s", async (_, asked, status) => {
    const token = asked.token === undefined ? {} : { token: loopback.sample.tokens.owner };
    expect((await loopback.ask("api/import", { method: "POST", ...asked, ...token })).status).toBe(status);
  });

  it.each<[string, Asked, RegExp]>([
    ["text that is no Turtle", { body: "<urn:a> <urn:b> .\n" }, /line 1/],
    ["gzip that is none", { body: "nonsense", headers: { "content-encoding": "gzip" } }, /gzip/],
    [
      "gzip that breaks off",
      {
        body: gzipSync("<urn:a> <urn:b> <urn:c> .\n".repeat(100)).subarray(0, 30),
        headers: { "content-encoding": "gzip" },
      },
      /gzip/,
    ],
    ["bytes that are not UTF-8", { body: new Uint8Array([0xff]) }, /UTF-8/],
  ])("say in the report what ended the reading: %s", async (_, asked, problem) => {
    const reply = await loopback.ask("api/import", {
      method: "POST",
      type: "text/turtle",
      token: loopback.sample.tokens.owner,
      ...asked,
    });
    expect(reply.status).toBe(200);
    expect(lines(reply).at(-1)).toMatchObject({ done: true, problem: expect.stringMatching(problem) });
  });
});
