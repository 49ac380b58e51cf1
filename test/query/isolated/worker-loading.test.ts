import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AroundLoad } from "../../../src/query/comunica/comunica.ts";
import { createEngine } from "../../../src/query/engine.ts";
import { createIsolatedEngine } from "../../../src/query/isolated/isolated-engine.ts";
import { QueryHost } from "../../../src/query/isolated/query-host.ts";
import type { QueryWorkerEvents } from "../../../src/query/isolated/worker-port.ts";
import type { FromQueryWorker, ToQueryWorker } from "../../../src/query/isolated/worker-protocol.ts";
import { QuadStore } from "../../../src/storage/triples/quad-store.ts";
import { keptLog } from "../../storage/sample.ts";

const TIMEOUT_MS = 10_000;
const IN_COMUNICA = 'SELECT (ISBLANK(BNODE("a")) AS ?is) {}';
const AT_ONCE = "SELECT (1 AS ?one) {}";

const engineWith = (aroundLoad: AroundLoad) =>
  createEngine({
    quads: new QuadStore(),
    catalogue: new Map(),
    limits: { timeout_ms: TIMEOUT_MS, rows_max: 10 },
    log: keptLog(),
    aroundLoad,
  });

describe("a hub whose worker loads what a query needs", () => {
  /** Workers that do what the test says, in the order they were started. */
  let workers: { readonly heard: ToQueryWorker[]; say(message: FromQueryWorker): void; killed: boolean }[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
    workers = [];
  });

  function open() {
    return createIsolatedEngine({
      local: engineWith((load) => load()),
      start: ({ onMessage }: QueryWorkerEvents) => {
        const worker = { heard: [] as ToQueryWorker[], say: onMessage, killed: false };
        workers.push(worker);
        return {
          send: (message) => worker.heard.push(message),
          kill: () => {
            worker.killed = true;
          },
          behind: { patches: 0, since_ms: 0 },
        };
      },
      limits: { timeout_ms: TIMEOUT_MS, queries_max: 16, queriesPerRequester_max: 4, idle_ms: 600_000 },
      log: keptLog(),
    });
  }

  /** Two queries that the first worker has begun, after which it loads. */
  async function loading() {
    const engine = open();
    const settled: unknown[] = [];
    const asked = [1, 2].map(async () => {
      const answer = await engine.adHoc("ASK {}", { dataset: {} });
      settled.push(answer);
      return answer;
    });
    const [worker] = workers;
    if (worker === undefined) throw new Error("Expected a worker, but none was started.");
    worker.say({ kind: "ready" });
    for (const id of [1, 2]) worker.say({ kind: "begun", id });
    worker.say({ kind: "loading" });
    return { engine, worker, asked, settled };
  }

  const yes = (id: number): FromQueryWorker => ({ kind: "part", id, head: { kind: "boolean", value: true }, end: {} });

  it("waits for the load longer than for a query, and hears the answers", async () => {
    const { engine, worker, asked, settled } = await loading();
    await vi.advanceTimersByTimeAsync(5 * TIMEOUT_MS);
    expect([worker.killed, settled]).toEqual([false, []]);
    worker.say({ kind: "loaded" });
    await vi.advanceTimersByTimeAsync(1_000);
    for (const id of [1, 2]) worker.say(yes(id));
    expect(await Promise.all(asked)).toEqual([1, 2].map(() => ({ kind: "boolean", value: true })));
    expect(workers).toHaveLength(1);
    await engine[Symbol.asyncDispose]();
  });

  it("takes it for deaf when it is silent after the load", async () => {
    const { engine, worker, asked } = await loading();
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    worker.say({ kind: "loaded" });
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS / 2);
    expect(worker.killed).toBe(true);
    await engine[Symbol.asyncDispose]();
    await Promise.all(asked);
  });

  it("gives a query its whole time after the load, and no more", async () => {
    const { engine, worker, asked, settled } = await loading();
    await vi.advanceTimersByTimeAsync(2 * TIMEOUT_MS);
    worker.say({ kind: "loaded" });
    const live = setInterval(() => worker.say({ kind: "pulse", rss_bytes: 1 }), 200);
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS - 100);
    expect([worker.killed, settled]).toEqual([false, []]);
    await vi.advanceTimersByTimeAsync(1_000);
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ code: "timed-out" });
    clearInterval(live);
    await engine[Symbol.asyncDispose]();
  });

  it("does not wait for who leaves meanwhile, and keeps the worker", async () => {
    const engine = open();
    const leaving = new AbortController();
    const asked = engine.adHoc("ASK {}", { dataset: {}, signal: leaving.signal });
    const [worker] = workers;
    worker?.say({ kind: "ready" });
    worker?.say({ kind: "loading" });
    leaving.abort();
    expect(await asked).toMatchObject({ code: "timed-out" });
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    expect(worker?.killed).toBe(false);
    await engine[Symbol.asyncDispose]();
  });

  it("says that no worker comes up when the load does not end", async () => {
    const { engine, worker, asked } = await loading();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(worker.killed).toBe(true);
    for (const answer of await Promise.all(asked)) {
      expect(answer).toMatchObject({ code: "unavailable", message: expect.stringContaining("does not come up") });
    }
    await engine[Symbol.asyncDispose]();
  });
});

describe("a worker that loads what a query needs", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A host whose load ends when the test lets it. */
  function openHost() {
    const said: FromQueryWorker[] = [];
    const allEnded = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const ends = () => said.filter((each) => each.kind === "part" && each.end !== undefined);
    const engine = engineWith((load) =>
      host.whileLoading(async () => {
        await gate.promise;
        return await load();
      }),
    );
    const host = new QueryHost(engine, (message, onSent) => {
      said.push(message);
      onSent?.();
      if (ends().length === 2) allEnded.resolve();
    });
    const ask = (id: number, text: string) =>
      host.receive({ kind: "query", id, text, options: { dataset: {} }, explain: false });
    return { said, gate, host, ask, ends, allEnded: allEnded.promise };
  }

  const order = (said: readonly FromQueryWorker[]) =>
    said.flatMap((each) => {
      if (each.kind === "begun") return [`begun ${each.id}`];
      return each.kind === "loading" || each.kind === "loaded" ? [each.kind] : [];
    });

  it("says so before and after, begins nothing in between, and takes no time of the query for it", async () => {
    const { said, gate, ask, ends, allEnded } = openHost();
    ask(1, IN_COMUNICA);
    ask(2, AT_ONCE);
    await vi.advanceTimersByTimeAsync(2 * TIMEOUT_MS);
    expect(order(said)).toEqual(["begun 1", "loading"]);
    gate.resolve();
    await allEnded;
    expect(order(said)).toEqual(["begun 1", "loading", "loaded", "begun 2"]);
    expect(ends()).toContainEqual(expect.objectContaining({ id: 1, rows: 1, end: {} }));
    expect(ends()).toContainEqual(expect.objectContaining({ id: 2, rows: 1, end: {} }));
  });

  it("ends a query at once after the load that was given up meanwhile, begun or not", async () => {
    const { gate, ask, host, ends, allEnded } = openHost();
    ask(1, IN_COMUNICA);
    ask(2, AT_ONCE);
    for (const id of [1, 2]) host.receive({ kind: "cancel", id });
    gate.resolve();
    await allEnded;
    for (const id of [1, 2]) {
      const refusal = expect.objectContaining({ code: "timed-out" });
      expect(ends()).toContainEqual(expect.objectContaining({ id, end: { refusal } }));
    }
  });
});
