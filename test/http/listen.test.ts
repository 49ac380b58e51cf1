import Koa from "koa";
import { describe, expect, it } from "vitest";
import { listen } from "../../src/http/listen.ts";
import { Fault } from "../../src/outcome/fault.ts";
import { openLoopback } from "./loopback.ts";

describe("listening", () => {
  it("says which port is taken, and what to do", async () => {
    await using first = await listen(new Koa(), { host: "127.0.0.1", port: 0 });
    const second = listen(new Koa(), { host: "127.0.0.1", port: first.port });
    const fault: unknown = await second.catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: "port-taken" });
    expect(String(fault)).toContain(String(first.port));
    expect(String(fault)).toContain("STERNA_PORT");
  });

  it("says when the host cannot be had", async () => {
    await expect(listen(new Koa(), { host: "203.0.113.1", port: 0 })).rejects.toMatchObject({ code: "configuration" });
  });

  it("ends event streams when it closes, so that closing ends", async () => {
    const loopback = await openLoopback();
    const response = await fetch(`${loopback.sample.hub.url}bob/timeline`, {
      headers: { accept: "text/event-stream", authorization: `Bearer ${loopback.sample.tokens.bob}` },
    });
    const began = performance.now();
    const [text] = await Promise.all([response.text(), loopback[Symbol.asyncDispose]()]);
    expect(text).toContain("retry:");
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it("can be closed twice, and lets a running answer end", async () => {
    const app = new Koa();
    let asked = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    app.use(async (ctx) => {
      asked();
      await released;
      ctx.body = "whole";
    });
    const server = await listen(app, { host: "127.0.0.1", port: 0 });
    const answer = fetch(server.url).then((response) => response.text());
    await arrived;
    const closing = server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    release();
    expect(await answer).toBe("whole");
    await closing;
    await expect(fetch(server.url)).rejects.toThrow("fetch failed");
  });
});
