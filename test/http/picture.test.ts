import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pngOf } from "../support/pictures.ts";
import { type Loopback, openLoopback } from "./loopback.ts";

const PNG = pngOf(3, 2);
const ETAG = `"${createHash("sha1").update(PNG).digest("hex")}"`;
let loopback: Loopback;
beforeAll(async () => {
  loopback = await openLoopback();
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

const put = (body: Uint8Array, type: string | undefined = "image/png", token = loopback.sample.tokens.alice) =>
  loopback.ask("alice/avatar", { method: "PUT", body, token, ...(type === undefined ? {} : { type }) });

describe("/{name}/avatar", () => {
  it("is not there before there is a picture, nor for nobody", async () => {
    expect([(await loopback.ask("alice/avatar")).status, (await loopback.ask("nobody/avatar")).status]).toEqual([
      404, 404,
    ]);
  });

  it("is put by the account, and given to everybody with its hash as ETag", async () => {
    expect((await put(PNG)).status).toBe(204);
    const got = await loopback.ask("alice/avatar");
    expect(got.headers).toMatchObject({
      "content-type": "image/png",
      "content-length": String(PNG.length),
      etag: ETAG,
      "x-content-type-options": "nosniff",
    });
    const again = await loopback.ask("alice/avatar", { headers: { "if-none-match": ETAG } });
    expect([again.status, again.text]).toEqual([304, ""]);
    const head = await loopback.ask("alice/avatar", { method: "HEAD" });
    expect([head.status, head.text, head.headers["etag"]]).toEqual([200, "", ETAG]);
  });

  it("stands in the profile", async () => {
    await put(PNG);
    const profile = await loopback.ask("alice", { accept: "application/n-triples" });
    expect(profile.text).toContain("<http://xmlns.com/foaf/0.1/img> <http://hub.example/alice/avatar>");
  });

  it.each<[string, () => Promise<{ readonly status: number }>, number]>([
    ["a page", () => put(Buffer.from("<html>"), "text/html"), 415],
    ["a page that says it is a picture", () => put(Buffer.from("<html>")), 415],
    ["one too large", () => put(Buffer.alloc(262_145)), 413],
    ["the beginning of one", () => put(PNG.subarray(0, 20)), 400],
    ["somebody else", () => put(PNG, "image/png", loopback.sample.tokens.bob), 403],
    ["nobody", () => loopback.ask("alice/avatar", { method: "PUT", body: PNG, type: "image/png" }), 401],
  ])("is refused from %s", async (_, ask, status) => {
    expect((await ask()).status).toBe(status);
  });

  it("is taken away", async () => {
    await put(PNG);
    expect((await loopback.ask("alice/avatar", { method: "DELETE", token: loopback.sample.tokens.alice })).status).toBe(
      204,
    );
    expect((await loopback.ask("alice/avatar")).status).toBe(404);
  });
});
