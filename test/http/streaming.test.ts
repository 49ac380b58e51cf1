import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/http/app.ts";
import { type Listening, listen } from "../../src/http/listen.ts";
import type { HubPorts } from "../../src/hub/ports/hub-ports.ts";
import type { QueryOptions } from "../../src/hub/ports/queries.ts";
import { refuse } from "../../src/outcome/refusal.ts";
import { Refused } from "../../src/outcome/refused.ts";
import { literal, type Term } from "../../src/rdf/term.ts";
import { openSampleHub, type SampleHub } from "./sample-hub.ts";

type Row = ReadonlyMap<string, Term>;

let sample: SampleHub;
beforeAll(async () => {
  sample = await openSampleHub();
});
afterAll(async () => {
  await sample[Symbol.asyncDispose]();
});

/** The hub with an engine whose answer has the rows that a test makes, and what the hub wrote into its log. */
async function serve(
  rows: (options: QueryOptions) => AsyncIterable<Row>,
): Promise<Listening & { readonly events: string[] }> {
  const events: string[] = [];
  const keep = (_: unknown, event: string): void => {
    events.push(event);
  };
  const hub: HubPorts = {
    ...sample.hub.ports,
    log: { info: keep, warn: keep, error: keep },
    queries: {
      prepared: (name, bindings, options) => sample.hub.ports.queries.prepared(name, bindings, options),
      adHoc: (_, options) => Promise.resolve({ kind: "bindings", variables: ["x"], rows: rows(options) }),
    },
  };
  return Object.assign(await listen(createApp(hub, { version: "0" }), { host: "127.0.0.1", port: 0 }), { events });
}

const row = (text: string): Row => new Map([["x", literal(text)]]);
const PATH = "sparql?query=ASK%7B%7D";

/** A connection that has asked and does not read. */
async function askAndWait({ port }: Listening, header = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.pause();
  socket.write(`GET /${PATH} HTTP/1.1\r\nHost: x\r\n${header}\r\n`);
  return socket;
}

describe("a streamed answer", () => {
  it("stops its query when the asker leaves before the first row", async () => {
    let begun = (): void => undefined;
    const beginning = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let stopped: Promise<unknown> = Promise.resolve();
    await using server = await serve(async function* ({ signal }) {
      if (signal === undefined) throw new Error("no signal came");
      stopped = once(signal, "abort");
      begun();
      await stopped;
      yield* [];
    });
    const socket = await askAndWait(server);
    await beginning;
    socket.destroy();
    await expect(stopped).resolves.toBeDefined();
  });

  it.each([
    ["as it is", ""],
    ["compressed", "Accept-Encoding: gzip\r\n"],
  ])("is made no faster than it is read, and stops when the reader leaves: %s", async (_, header) => {
    let made = 0;
    let ended = (): void => undefined;
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    await using server = await serve(async function* () {
      try {
        for (;;) {
          made++;
          // What cannot be made smaller, so that compressing it fills the buffers as well.
          yield row(randomBytes(500).toString("hex"));
          if (made % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        ended();
      }
    });
    const socket = await askAndWait(server, header);
    let before = -1;
    while (made === 0 || made !== before) {
      before = made;
      for (let i = 0; i < 20; i++) await fetch(`${server.url}health`).then((response) => response.text());
    }
    // The buffers of two sockets hold some megabytes.
    expect(made).toBeLessThan(20_000);
    socket.destroy();
    await end;
  });

  it("is a problem with its own status when it fails at once", async () => {
    await using server = await serve(async function* () {
      yield* [];
      throw new Refused(refuse("timed-out", "Expected a query that ends in time, but this one does not."));
    });
    const response = await fetch(server.url + PATH);
    expect([response.status, response.headers.get("content-type")]).toEqual([504, "application/problem+json"]);
    expect(await response.json()).toMatchObject({ code: "timed-out" });
  });

  it.each(["identity", "gzip"])(
    "is cut off when it fails later, so that nobody takes a part for the whole: %s",
    async (coding) => {
      await using server = await serve(async function* () {
        for (let i = 0; i < 1_000; i++) yield row("x".repeat(100));
        throw new Refused(refuse("timed-out", "Expected a query that ends in time, but this one does not."));
      });
      const response = await fetch(server.url + PATH, { headers: { "accept-encoding": coding } });
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow("terminated");
      expect(server.events).toContain("http-answer-broken");
    },
  );

  it("tells the log, and not the peer, what broke", async () => {
    await using server = await serve(async function* () {
      yield* [];
      throw new TypeError("secret of the house");
    });
    const response = await fetch(server.url + PATH);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).toContain('"code":"internal"');
    expect(text).not.toContain("secret");
    expect(server.events).toContain("http-failed");
  });
});
