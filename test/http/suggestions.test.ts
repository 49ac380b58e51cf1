import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccount } from "../../src/hub/accounts/create-account.ts";
import { followAccount } from "../../src/hub/following/follow-account.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { openServer } from "../feeds/bad-server.ts";
import { keepFollow } from "../hub/discovery/follow-document.ts";
import { type Loopback, openLoopback } from "./loopback.ts";

const CAROL = "http://hub.example/carol#account";
let loopback: Loopback;
let token: string;

// carol is followed by bob, whom alice follows.
beforeAll(async () => {
  loopback = await openLoopback();
  const { hub, alice, bob } = loopback.sample;
  const made = await createAccount(hub.ports, { kind: "owner" }, { name: "carol", displayName: "Carol <3" });
  if (isRefusal(made)) throw new Error(made.message);
  for (const [by, target] of [
    [alice, "bob"],
    [bob, "carol"],
  ] as const) {
    const followed = await followAccount(hub.ports, by, target);
    if (isRefusal(followed)) throw new Error(followed.message);
  }
  token = loopback.sample.tokens.alice;
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

describe("GET /{name}/suggestions", () => {
  it("is for the account itself", async () => {
    expect((await loopback.ask("alice/suggestions")).status).toBe(401);
    expect((await loopback.ask("alice/suggestions", { token: loopback.sample.tokens.bob })).status).toBe(403);
    expect((await loopback.ask("alice/suggestions", { token: loopback.sample.tokens.owner })).status).toBe(403);
  });

  it("gives JSON, data, and a page that says the same", async () => {
    const ask = (accept: string) => loopback.ask("alice/suggestions", { token, accept });
    const json = await ask("application/json");
    expect(json.json()).toMatchObject({
      suggestions: [{ account: CAROL, name: "Carol <3", followedBy: [{ distance: 1 }] }],
      hubs: [],
    });
    expect(json.headers["cache-control"]).toContain("private");
    const triples = await ask("application/n-triples");
    expect(triples.text).toContain(`<http://hub.example/bob#account> <http://rdfs.org/sioc/ns#follows> <${CAROL}> .`);
    expect(triples.text).toContain(
      `<http://hub.example/alice/suggestions> <http://www.w3.org/2000/01/rdf-schema#member> <${CAROL}> .`,
    );
    const page = await ask("text/html");
    expect(page.text).toContain("Carol &lt;3");
    expect(page.text).toContain("followed by \u2068בוב\u2069");
    expect(page.headers["link"]).toContain('type="text/turtle"');
  });

  it.each(["depth=1", "depth=5", "limit=0", "limit=101", "limit=x"])("refuses %s", async (query) => {
    expect((await loopback.ask(`alice/suggestions?${query}`, { token })).status).toBe(400);
    expect((await loopback.ask(`alice/suggestions?${query}`, { method: "POST", token })).status).toBe(400);
  });
});

describe("POST /{name}/suggestions", () => {
  it("walks, and answers with what became of it", async () => {
    const { status, json } = await loopback.ask("alice/suggestions", { method: "POST", token });
    expect(status).toBe(200);
    expect(json()).toMatchObject({
      suggestions: [{ account: CAROL }],
      walk: { hosts: { done: 0, left: 0 }, problems: [] },
    });
  });

  it("tells by events", async () => {
    const { text, headers } = await loopback.ask("alice/suggestions?limit=1", {
      method: "POST",
      token,
      accept: "text/event-stream",
    });
    expect(headers["content-type"]).toBe("text/event-stream");
    expect(text).toMatch(/^event: done\ndata: \{"suggestions":.*\}\n\n$/);
  });

  it("is for the account itself", async () => {
    expect((await loopback.ask("alice/suggestions", { method: "POST" })).status).toBe(401);
  });

  it("stops walking when nobody waits for it any more", async () => {
    const asked = Promise.withResolvers<void>();
    await using silent = await openServer(() => asked.resolve());
    await using local = await openLoopback({ STERNA_BASE: "http://localhost/" });
    const { hub, alice, tokens } = local.sample;
    if (alice.kind !== "account") throw new Error("Expected an account.");
    await keepFollow(hub.ports, alice, `${silent.url}carol#account`);
    const stop = new AbortController();
    const walk = fetch(`${hub.url}alice/suggestions`, {
      method: "POST",
      headers: { authorization: `Bearer ${tokens.alice}`, accept: "text/event-stream" },
      signal: stop.signal,
    }).then(async (response) => await response.text());
    await asked.promise;
    stop.abort();
    await expect(walk).rejects.toThrow("aborted");
    await silent.brokenOff;
  });
});
