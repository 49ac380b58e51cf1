import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gradualAnswer } from "../../../src/hub/queries/network/gradual-answer.ts";
import { isRefusal, refuse } from "../../../src/outcome/refusal.ts";
import { literal, type Term } from "../../../src/rdf/term.ts";

type Row = ReadonlyMap<string, Term>;

const unheard: unknown[] = [];
const note = (reason: unknown): void => void unheard.push(reason);
beforeEach(() => {
  unheard.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(() => {
  process.off("unhandledRejection", note);
});

/** A walk that waits for a hub until its question is given up. */
async function* waiting(signal: AbortSignal): AsyncGenerator<undefined> {
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  signal.throwIfAborted();
  yield undefined;
}

async function* rowsOf(count: number): AsyncGenerator<Row> {
  for (let at = 0; at < count; at++) yield new Map([["n", literal(String(at))]]);
}

const evaluate = async () => ({ kind: "bindings", variables: ["n"], rows: rowsOf(3) }) as const;
/** Whatever is rejected without anybody to hear it is told before this. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("an answer that grows", () => {
  it("ends with its limit, and gives up what hubs are still asked", async () => {
    const asking = new AbortController();
    const answer = await gradualAnswer(waiting(asking.signal), evaluate, {
      limit: 2,
      onStep: () => undefined,
      stop: () => asking.abort(),
    });
    if (isRefusal(answer) || answer.kind !== "bindings") throw new Error("Expected rows.");
    expect(await Array.fromAsync(answer.rows)).toHaveLength(2);
    expect(asking.signal.aborted).toBe(true);
    await settled();
    expect(unheard).toEqual([]);
  });

  it("has each row as often as the whole answer has it", async () => {
    const sizes = [2, 4];
    async function* one(): AsyncGenerator<undefined> {
      yield undefined;
    }
    async function* grown(): AsyncGenerator<Row> {
      yield* rowsOf(sizes.shift() ?? 5);
      // One that is there twice from the beginning.
      yield* rowsOf(1);
    }
    const more = async () => ({ kind: "bindings", variables: ["n"], rows: grown() }) as const;
    const growth = { limit: 100, onStep: () => undefined, stop: () => undefined };
    const answer = await gradualAnswer(one(), more, growth);
    if (isRefusal(answer) || answer.kind !== "bindings") throw new Error("Expected rows.");
    const numbers = await Array.fromAsync(answer.rows, (row) => row.get("n")?.value);
    expect(numbers.map(Number).toSorted((a, b) => a - b)).toEqual([0, 0, 1, 2, 3, 4]);
  });

  it("ends with who reads it, without a word", async () => {
    const asking = new AbortController();
    const answer = await gradualAnswer(waiting(asking.signal), evaluate, {
      limit: 9,
      onStep: () => undefined,
      stop: () => asking.abort(),
    });
    if (isRefusal(answer) || answer.kind !== "bindings") throw new Error("Expected rows.");
    for await (const _ of answer.rows) break;
    await settled();
    expect([asking.signal.aborted, unheard]).toEqual([true, []]);
  });

  it("asks nobody any more where nothing can be said", async () => {
    const asking = new AbortController();
    const no = refuse("too-many", "Expected fewer.");
    const answer = await gradualAnswer(waiting(asking.signal), async () => no, {
      limit: 9,
      onStep: () => undefined,
      stop: () => asking.abort(),
    });
    await settled();
    expect([answer, asking.signal.aborted, unheard]).toEqual([no, true, []]);
  });
});
