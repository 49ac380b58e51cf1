import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccountName } from "../../src/core/account.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { type Asked, jsonTo, type Loopback, openLoopback, pathOf } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await openLoopback();
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

const send = jsonTo(() => loopback);

describe("GET /health", () => {
  it("tells the state without a token", async () => {
    expect((await loopback.ask("health")).json()).toEqual({
      status: "ok",
      xmpp: "off",
      version: expect.stringMatching(/^\d+\./),
    });
  });
});

describe("tokens", () => {
  it("say who they are", async () => {
    const { alice, owner } = loopback.sample.tokens;
    expect((await loopback.ask("api/me", { token: alice })).json()).toEqual({
      kind: "account",
      name: "alice",
      iri: "http://hub.example/alice#account",
      base: "http://hub.example/",
      jid: expect.stringMatching(/^alice@/),
    });
    expect((await loopback.ask("api/me", { token: owner })).json()).toMatchObject({ kind: "owner" });
  });

  it.each<[string, Asked]>([
    ["none", {}],
    ["an unknown one", { token: "x".repeat(32) }],
    ["one of endless length", { token: "x".repeat(5_000) }],
    ["another scheme", { headers: { authorization: "Basic YTpi" } }],
    ["an empty one", { headers: { authorization: "Bearer " } }],
  ])("are refused with 401 and WWW-Authenticate: %s", async (_, asked) => {
    const reply = await loopback.ask("api/me", asked);
    expect([reply.status, reply.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="Sterna hub"']);
    expect(reply.json()).toMatchObject({ code: "unauthenticated", status: 401 });
  });

  it("are made for oneself, and by the owner for all; a new one works", async () => {
    const { alice, bob, owner } = loopback.sample.tokens;
    const made = await send("POST", "api/tokens", alice, { label: "laptop" });
    expect(made.status).toBe(201);
    expect((await loopback.ask("api/me", { token: String(made.json()["token"]) })).json()["name"]).toBe("alice");
    expect((await send("POST", "api/tokens", bob, { account: "alice", label: "theft" })).status).toBe(403);
    expect((await send("POST", "api/tokens", owner, { account: "bob", label: "lost" })).status).toBe(201);
    expect((await send("POST", "api/tokens", owner, { account: "nobody", label: "x" })).status).toBe(404);
  });
});

describe("accounts", () => {
  it("are made by the owner, also with names of other scripts, and are found under their own addresses", async () => {
    const { owner } = loopback.sample.tokens;
    const made = await send("POST", "api/accounts", owner, {
      name: "zoë",
      displayName: "Zoë",
      linkedJids: ["zoe@jabber.example"],
    });
    expect(made.status).toBe(201);
    expect(made.headers["location"]).toBe("http://hub.example/zo%C3%AB");
    expect(made.json()).toMatchObject({ name: "zoë", iri: "http://hub.example/zo%C3%AB#account" });
    const page = await loopback.ask("zo%C3%AB", { accept: "text/turtle" });
    expect(page.text).toContain('foaf:name "Zoë"');
    const token = String(made.json()["token"]);
    const post = await send("POST", "zo%C3%AB/posts", token, { text: "Hallo" });
    expect((await loopback.ask(pathOf(loopback, String(post.json()["iri"])))).status).toBe(200);
    const changed = await send("PATCH", "api/accounts/zo%C3%AB", token, { bio: "Sings." });
    expect(changed.json()).toMatchObject({ name: "zoë", bio: "Sings." });
  });

  it.each<[string, unknown, number]>([
    ["without a name", {}, 400],
    ["with a name that is in use", { name: "alice" }, 409],
    ["with a reserved name", { name: "sparql" }, 409],
    ["with a name that is none", { name: "a b" }, 400],
    ["with a field that nobody knows", { name: "carol", admin: "yes" }, 400],
    ["with a field of another kind", { name: "carol", linkedJids: "a@b" }, 400],
    ["with a list of other things", { name: "carol", linkedJids: [1] }, 400],
  ])("are refused %s", async (_, body, status) => {
    expect((await send("POST", "api/accounts", loopback.sample.tokens.owner, body)).status).toBe(status);
  });

  it("are changed whole or not at all, also in whose microblog their posts stand too", async () => {
    const { sample, ask } = loopback;
    const { alice } = sample.tokens;
    const { records } = sample.hub.ports;
    const now = () => records.reader.account("alice" as AccountName);
    const before = now();
    if (before === undefined) throw new Error("Expected alice.");
    const ME = "alice@jabber.example" as BareJid;
    const alsoAt = { jid: ME, since: before.created };
    const account = { ...before, linkedJids: [ME], alsoAt };
    await records.transact(() => ({ changes: [{ kind: "account-put", account }], result: undefined }));
    const wrong = await send("PATCH", "api/accounts/alice", alice, { alsoAt: "", language: "no language" });
    expect([wrong.status, now()?.alsoAt]).toEqual([400, alsoAt]);
    const stranger = await send("PATCH", "api/accounts/alice", alice, { alsoAt: "eve@x.example", bio: "Sings." });
    expect([stranger.status, now()?.bio]).toEqual([409, before.bio]);
    expect((await send("PATCH", "api/accounts/alice", alice, { alsoAt: "", bio: "Sings." })).status).toBe(200);
    expect([now()?.alsoAt, now()?.bio]).toEqual([undefined, "Sings."]);
    expect((await ask("alice", { accept: "text/turtle" })).text).toContain("Sings.");
  });

  it("are not made by others", async () => {
    expect((await send("POST", "api/accounts", loopback.sample.tokens.alice, { name: "carol" })).status).toBe(403);
    expect((await send("POST", "api/accounts", undefined, { name: "carol" })).status).toBe(401);
    expect((await send("PATCH", "api/accounts/alice", loopback.sample.tokens.bob, { bio: "x" })).status).toBe(403);
  });
});

describe("the status", () => {
  it("is for those with a token", async () => {
    expect((await loopback.ask("api/status")).status).toBe(401);
    expect((await loopback.ask("api/status", { token: loopback.sample.tokens.alice })).json()).toMatchObject({
      base: "http://hub.example/",
      xmpp: { kind: "off" },
      outbox: { queued: 0 },
    });
  });
});
