import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonTo, type Loopback, openLoopback, pathOf } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await openLoopback();
});
afterAll(async () => {
  await loopback[Symbol.asyncDispose]();
});

const send = jsonTo(() => loopback);

describe("follows", () => {
  it("are made, listed as JSON, and ended", async () => {
    const { alice } = loopback.sample.tokens;
    const made = await send("POST", "alice/following", alice, { target: "http://hub.example/bob" });
    expect([made.status, made.json()]).toMatchObject([
      201,
      { account: "http://hub.example/bob#account", state: "local" },
    ]);
    const list = await loopback.ask("alice/following", { accept: "application/json" });
    expect(list.headers["content-type"]).toBe("application/json");
    expect(list.json()).toMatchObject([{ account: "http://hub.example/bob#account" }]);
    const others = await loopback.ask("bob/followers", { accept: "application/json" });
    expect(others.json()).toMatchObject([{ account: "http://hub.example/alice#account" }]);
    const target = encodeURIComponent("http://hub.example/bob#account");
    const left = await loopback.ask(`alice/following?target=${target}`, { method: "DELETE", token: alice });
    expect(left.json()).toEqual({ account: "http://hub.example/bob#account" });
    expect((await loopback.ask("alice/following", { accept: "application/json" })).text).toBe("[]\n");
  });

  it("are refused without a target, and for others", async () => {
    const { alice, bob } = loopback.sample.tokens;
    expect((await send("POST", "alice/following", alice, {})).status).toBe(400);
    expect((await loopback.ask("alice/following", { method: "DELETE", token: alice })).status).toBe(400);
    expect((await send("POST", "alice/following", bob, { target: "http://hub.example/bob" })).status).toBe(403);
    expect((await loopback.ask("nobody/following", { accept: "application/json" })).status).toBe(404);
  });
});

describe("the timeline", () => {
  it("is JSON in pages", async () => {
    const { bob } = loopback.sample.tokens;
    const page = await loopback.ask("bob/timeline?limit=2", { token: bob });
    const { posts, older } = page.json() as { posts: { iri: string }[]; older: string };
    expect(posts).toHaveLength(2);
    const rest = await loopback.ask(`bob/timeline?before=${encodeURIComponent(older)}`, { token: bob });
    const more = rest.json()["posts"] as { iri: string }[];
    expect(more.length).toBeGreaterThan(0);
    expect(more.map(({ iri }) => iri)).not.toContain(posts[0]?.iri);
    expect((await loopback.ask("bob/timeline", { token: bob, accept: "text/html" })).text).toContain("Timeline");
  });

  it("is for its own account", async () => {
    const { alice, owner } = loopback.sample.tokens;
    expect((await loopback.ask("bob/timeline")).status).toBe(401);
    expect((await loopback.ask("bob/timeline", { token: alice })).status).toBe(403);
    expect((await loopback.ask("bob/timeline", { token: owner, accept: "text/event-stream" })).status).toBe(403);
  });

  it("sends events as posts come, change and go", async () => {
    const { bob, alice } = loopback.sample.tokens;
    const stop = new AbortController();
    const response = await fetch(`${loopback.sample.hub.url}bob/timeline`, {
      headers: { accept: "text/event-stream", authorization: `Bearer ${bob}` },
      signal: stop.signal,
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = eventsOf(response);
    const made = await send("POST", "alice/posts", alice, { text: "Line\nand line" });
    const iri = String(made.json()["iri"]);
    expect(await events.next()).toMatchObject({ value: { event: "posted", data: { iri, text: "Line\nand line" } } });
    await send("PATCH", pathOf(loopback, iri), alice, { text: "Changed" });
    expect(await events.next()).toMatchObject({ value: { event: "edited", data: { iri, text: "Changed" } } });
    await loopback.ask(pathOf(loopback, iri), { method: "DELETE", token: alice });
    expect(await events.next()).toMatchObject({ value: { event: "deleted", data: { iri } } });
    stop.abort();
  });
});

async function* eventsOf(
  response: Response,
): AsyncGenerator<{ event: string; id: string; data: Record<string, unknown> }> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const whole = rest.split("\n\n");
    rest = whole.pop() ?? "";
    for (const block of whole) {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
      if (field("event") === "") continue;
      yield { event: field("event"), id: field("id"), data: JSON.parse(field("data")) as Record<string, unknown> };
    }
  }
}
