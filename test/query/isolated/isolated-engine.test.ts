import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { QueryAnswer, QueryEngine } from "../../../src/hub/ports/queries.ts";
import { isRefusal, type Refusal } from "../../../src/outcome/refusal.ts";
import { Refused } from "../../../src/outcome/refused.ts";
import { loadCatalogue } from "../../../src/query/catalogue.ts";
import { createEngine } from "../../../src/query/engine.ts";
import { createIsolatedEngine, type IsolationLimits } from "../../../src/query/isolated/isolated-engine.ts";
import type { QueryWorker } from "../../../src/query/isolated/worker-port.ts";
import { type FromQueryWorker, WINDOW_PARTS } from "../../../src/query/isolated/worker-protocol.ts";
import { startQueryProcess } from "../../../src/query-process.ts";
import type { Term } from "../../../src/rdf/term.ts";
import { openStorage, type Storage } from "../../../src/storage/storage.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { alice, always, bob, keptLog, post, put, remove, temporaryFolder } from "../../storage/sample.ts";

const POSTS = 400;
const CONTENT = sioc.content.value;
/** More solutions than anybody counts. */
const ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?d && ?d != ?g) }";
const log = keptLog();

type Engine = QueryEngine & AsyncDisposable;

/** What became of a query: its rows' values, or why there are none. */
async function outcome(answer: QueryAnswer | Refusal): Promise<readonly string[] | boolean | Refusal> {
  if (isRefusal(answer)) return answer;
  if (answer.kind === "boolean") return answer.value;
  try {
    if (answer.kind === "quads") return (await Array.fromAsync(answer.quads)).map(({ subject }) => subject.value);
    return (await Array.fromAsync(answer.rows)).map((row: ReadonlyMap<string, Term>) =>
      [...row.values()].map(({ value }) => value).join(" "),
    );
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

/** For what comes to pass in the other process. */
const PATIENCE = { timeout: 60_000 };

describe("ad-hoc queries in a process of their own", { timeout: 120_000 }, () => {
  const folder = temporaryFolder();
  let storage: Storage;
  let opened = new AsyncDisposableStack();
  let workers: QueryWorker[] = [];
  let heard: FromQueryWorker[] = [];

  beforeAll(async () => {
    storage = await openStorage({ file: folder.file, log });
    const posts = Array.from({ length: POSTS }, (_, n) => put(post({ id: `p${n}`, seconds: n })));
    await storage.records.transact(always(...posts));
  });
  afterEach(async () => {
    await opened.disposeAsync();
    opened = new AsyncDisposableStack();
    workers = [];
    heard = [];
  });
  afterAll(async () => {
    await storage[Symbol.asyncDispose]();
    folder.remove();
  });

  async function open(
    wish: Partial<IsolationLimits> & { memory_mb?: number; rows_max?: number } = {},
  ): Promise<Engine> {
    const { memory_mb = 100, rows_max = 1_000_000, timeout_ms = 60_000, ...rest } = wish;
    const limits = { timeout_ms, rows_max };
    const local = createEngine({
      quads: storage.quads,
      catalogue: await loadCatalogue(new URL("../../../sparql/", import.meta.url)),
      limits,
      log,
    });
    const parts = { file: folder.file, foreignPosts_max: 60_000, limits, memory_mb, log };
    const made = createIsolatedEngine({
      local,
      start: ({ onMessage, onEnd }) => {
        const events = {
          onEnd,
          onMessage: (message: FromQueryWorker) => {
            heard.push(message);
            onMessage(message);
          },
        };
        const worker = startQueryProcess({ ...parts, quads: storage.quads, feed: storage.feed }, events);
        workers.push(worker);
        return worker;
      },
      limits: { timeout_ms, queries_max: 16, queriesPerRequester_max: 4, idle_ms: 60_000, ...rest },
      log,
    });
    opened.use(local);
    opened.use(made);
    return made;
  }

  const ask = async (on: Engine, text: string, more = {}) =>
    await outcome(await on.adHoc(text, { dataset: {}, ...more }));

  it("answers SELECT, ASK, CONSTRUCT and mistakes as the engine itself does", async () => {
    const on = await open();
    const text = `SELECT ?text ?none { ?post <${CONTENT}> ?text . OPTIONAL { ?post <urn:none> ?none } } ORDER BY ?text LIMIT 1`;
    const answer = await on.adHoc(text, { dataset: {} });
    if (isRefusal(answer) || answer.kind !== "bindings") throw new Error("no rows");
    expect(answer.variables).toEqual(["text", "none"]);
    const [row] = await Array.fromAsync(answer.rows);
    expect(row?.get("text")).toMatchObject({ termType: "Literal", value: "Post p0", language: "en" });
    expect(row?.has("none")).toBe(false);
    expect(await ask(on, `ASK { ?post <${CONTENT}> "Post p1"@en }`)).toBe(true);
    expect(await ask(on, `CONSTRUCT { ?post a <urn:x> } { ?post <${CONTENT}> ?text }`)).toHaveLength(POSTS);
    expect(await ask(on, "SELECT ?s {\n ?s ?p ")).toMatchObject({ code: "malformed", detail: { line: 2 } });
    expect(await ask(on, "SELECT (1 AS ?one) {}")).toEqual(["1"]);
  });

  it("gives each row of an answer without columns", async () => {
    const on = await open();
    const answer = await on.adHoc(`SELECT * { <${alice}> ?p ?o } LIMIT 0`, { dataset: {} });
    expect(isRefusal(answer)).toBe(false);
    expect(await ask(on, "SELECT * { VALUES () { () () } }")).toHaveLength(2);
  });

  it("keeps prepared queries in the hub", async () => {
    const on = await open();
    const answer = await on.prepared("select-tags", {}, { dataset: {} }).catch(() => undefined);
    expect(answer === undefined || answer.kind === "bindings").toBe(true);
    expect(workers).toHaveLength(0);
  });

  it("knows every commit that was made before the question, from the first question on", async () => {
    const on = await open();
    const commit = (n: number) =>
      storage.records.transact(always(put(post({ id: `late${n}`, text: `late ${n}`, seconds: 1_000 + n }))));
    // The first is asked while the copy is filled, and commits come all the time.
    const asked: Promise<unknown>[] = [];
    for (let n = 0; n < 60; n++) {
      await commit(n);
      asked.push(ask(on, `ASK { ?post <${CONTENT}> "late ${n}"@en }`));
      if (asked.length === 4) expect(await Promise.all(asked.splice(0))).toEqual([true, true, true, true]);
    }
    const graphs = Array.from({ length: 60 }, (_, n) => post({ id: `late${n}` }).graph);
    await storage.records.transact(always(...graphs.map(remove)));
    expect(await ask(on, `SELECT ?text { ?post <${CONTENT}> ?text }`)).toHaveLength(POSTS);
    await vi.waitFor(() => expect(on.worker?.patchesBehind).toBe(0), PATIENCE);
  });

  it("shows a private graph to its owner only", async () => {
    await storage.records.transact(always(put(post({ id: "secret", text: "secret", audience: { only: alice } }))));
    const on = await open();
    const text = `SELECT ?post { ?post <${CONTENT}> "secret"@en }`;
    expect(await ask(on, text, { dataset: { private: alice } })).toHaveLength(1);
    expect(await ask(on, text, { dataset: { private: bob } })).toHaveLength(0);
    expect(await ask(on, text)).toHaveLength(0);
    await storage.records.transact(always(remove(post({ id: "secret" }).graph)));
    expect(await ask(on, text, { dataset: { private: alice } })).toHaveLength(0);
  });

  it("explains how the worker answers", async () => {
    const on = await open();
    const explained = await on.explain?.(`SELECT ?text { ?post <${CONTENT}> ?text }`, { dataset: {} });
    expect(explained).toMatchObject({ answeredBy: "source", solutions: POSTS });
    expect(await on.explain?.("SELECT", { dataset: {} })).toMatchObject({ code: "malformed" });
  });

  it("gives a query the graphs that come with it", async () => {
    const on = await open();
    const { quads } = post({ id: "guest", text: "guest" });
    const graphs = { quads, withDataset: false };
    expect(await ask(on, `SELECT ?text { ?post <${CONTENT}> ?text }`, { graphs })).toEqual(["guest"]);
  });

  it("ends an endless query at its bound of time, and answers others meanwhile and afterwards", async () => {
    const on = await open({ timeout_ms: 6_000 });
    await ask(on, "ASK {}");
    const begun_ms = performance.now();
    let ended = 0;
    const endless = Array.from({ length: 3 }, async () => {
      const found = await ask(on, ENDLESS);
      ended++;
      return found;
    });
    expect(await ask(on, `ASK { ?post <${CONTENT}> "Post p1"@en }`)).toBe(true);
    expect(ended).toBe(0);
    for (const found of await Promise.all(endless)) expect(found).toMatchObject({ code: "timed-out" });
    expect(performance.now() - begun_ms).toBeLessThan(60_000);
    expect(await ask(on, "ASK {}")).toBe(true);
  });

  it("stops when who asked leaves, and is then as idle as before", async () => {
    const on = await open();
    await ask(on, "ASK {}");
    const leaving = new AbortController();
    const asked = ask(on, ENDLESS, { signal: leaving.signal });
    await vi.waitFor(() => expect(heard.filter(({ kind }) => kind === "begun")).toHaveLength(2), PATIENCE);
    leaving.abort();
    expect(await asked).toMatchObject({ code: "timed-out" });
    await vi.waitFor(() => expect(on.worker?.running).toBe(0), PATIENCE);
    expect(await ask(on, "ASK {}")).toBe(true);
    expect(await ask(on, "ASK {}", { signal: AbortSignal.abort() })).toMatchObject({ code: "timed-out" });
  });

  it.each([
    ["a sort of a cross product", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i LIMIT 9000000"],
    [
      "a concatenation without end",
      "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d), STR(?g))) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    ],
    ["groups without end", "SELECT ?c ?f ?i (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?c ?f ?i"],
  ])(
    "ends a query that needs too much memory (%s), and answers the next",
    async (_, text) => {
      const on = await open({ memory_mb: 1, timeout_ms: 50_000, rows_max: 100_000_000 });
      const answer = await on.adHoc(text, { dataset: {} });
      let refusal: Refusal | undefined = isRefusal(answer) ? answer : undefined;
      if (!isRefusal(answer) && answer.kind === "bindings") {
        try {
          for await (const __ of answer.rows);
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          refusal = error.refusal;
        }
      }
      expect(refusal?.code).toMatch(/too-large|invalid/);
      expect(await ask(on, "ASK {}")).toBe(true);
    },
    120_000,
  );

  it("ends a regular expression that never ends, and asks again what waited beside it", async () => {
    const on = await open({ timeout_ms: 3_000 });
    await ask(on, "ASK {}");
    const regex = `SELECT * { BIND("${"a".repeat(60)}!" AS ?x) FILTER(REGEX(?x, "^(a+)+$")) }`;
    const alone_ms = performance.now();
    expect(await ask(on, regex)).toMatchObject({ code: "timed-out" });
    expect(performance.now() - alone_ms).toBeLessThan(60_000);
    const caught = ask(on, regex);
    const beside = [
      ask(on, `ASK { ?post <${CONTENT}> "Post p1"@en }`),
      ask(on, `SELECT ?text { ?post <${CONTENT}> ?text FILTER(STRLEN(?text) > 1) } ORDER BY ?text LIMIT 1`),
    ];
    expect(await caught).toMatchObject({ code: "timed-out" });
    expect(await Promise.all(beside)).toEqual([true, ["Post p0"]]);
    expect(workers.length).toBeGreaterThan(2);
  });

  it("starts another worker when one dies, and asks it what the first had not begun to answer", async () => {
    const on = await open();
    await ask(on, "ASK {}");
    workers[0]?.kill();
    await vi.waitFor(() => expect(on.worker?.state).not.toBe("off"), PATIENCE);
    await vi.waitFor(() => expect(workers).toHaveLength(2), PATIENCE);
    expect(await ask(on, "ASK {}")).toBe(true);
    expect(on.worker).toMatchObject({ state: "up", started: 2 });
  });

  it("lets the worker go when nobody asks any more, and starts it again with the next query", async () => {
    const on = await open({ idle_ms: 50 });
    expect(await ask(on, "ASK {}")).toBe(true);
    await vi.waitFor(() => expect(on.worker?.state).toBe("off"), PATIENCE);
    expect(await ask(on, "ASK {}")).toBe(true);
    expect(workers).toHaveLength(2);
  });

  it("sends no more of an answer than its reader takes", async () => {
    const on = await open({ timeout_ms: 50_000 });
    const answer = await on.adHoc("SELECT * { ?a ?b ?c . ?d ?e ?f }", { dataset: {} });
    if (isRefusal(answer) || answer.kind !== "bindings") throw new Error("no rows");
    const parts = () => heard.filter((message) => message.kind === "part" && message.rows !== undefined).length;
    const rows = answer.rows[Symbol.asyncIterator]();
    await rows.next();
    // Other queries pass by, so time passes for the worker too.
    for (let n = 0; n < 20; n++) await ask(on, "SELECT (1 AS ?one) {}");
    const others = 20;
    expect(parts() - others).toBeLessThanOrEqual(WINDOW_PARTS + 1);
    for (let n = 0; n < 4_000; n++) await rows.next();
    expect(parts() - others).toBeGreaterThan(WINDOW_PARTS + 1);
    await rows.return?.();
    await vi.waitFor(() => expect(on.worker?.running).toBe(0), PATIENCE);
  });

  it("refuses more queries at once than there may be, of one requester and in all", async () => {
    const on = await open({ queries_max: 3, queriesPerRequester_max: 2 });
    await ask(on, "ASK {}");
    const leaving = new AbortController();
    const hold = (requester: string) => ask(on, ENDLESS, { requester, signal: leaving.signal });
    const held = [hold("a"), hold("a")];
    expect(await ask(on, "ASK {}", { requester: "a" })).toMatchObject({
      code: "too-many",
      detail: { retryAfter_s: 2 },
    });
    expect(await ask(on, "ASK {}", { requester: "b" })).toBe(true);
    held.push(hold("b"));
    expect(await ask(on, "ASK {}")).toMatchObject({ code: "unavailable", detail: { retryAfter_s: 2 } });
    leaving.abort();
    await Promise.all(held);
    await vi.waitFor(async () => expect(await ask(on, "ASK {}", { requester: "a" })).toBe(true), PATIENCE);
  });

  it("says that the hub is stopping to those who still wait", async () => {
    const on = await open();
    await ask(on, "ASK {}");
    const asked = ask(on, ENDLESS);
    await on[Symbol.asyncDispose]();
    expect(await asked).toMatchObject({ code: "unavailable" });
    expect(await ask(on, "ASK {}")).toMatchObject({ code: "unavailable" });
  });
});
