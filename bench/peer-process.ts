import { type ChildProcess, fork } from "node:child_process";
import type { Answer } from "./sparql-answer.ts";
import type { Question } from "./sparql-questions.ts";

/** A question to be asked over and over, its variants in turn. */
export interface Round {
  readonly question: string;
  /** The first so many variants, or all. */
  readonly variants?: number;
  /** Each variant is asked as often as any other, and at least once; after so long they are not begun again. */
  readonly time_ms: number;
  readonly runs_max: number;
  /** After so long it ends wherever it stands. */
  readonly end_ms?: number;
  /** Each text is made one that was never asked before. */
  readonly fresh?: boolean;
}

/** How long each run of a round took, and what was answered to the variants that came, by number. */
export interface RoundResult {
  readonly times_ms: readonly number[];
  readonly answers: ReadonlyMap<number, Answer>;
}

/** Whoever answers rounds of questions. */
export interface Asked {
  readonly name: string;
  ask(round: Round): Promise<RoundResult>;
}

/** What a store says when it is filled. */
export interface Filled {
  readonly quads: number;
  readonly fill_ms: number;
  readonly rss_bytes: number;
}

/** What a process of a benchmark sends to the one that started it. */
export type Sent<T> = { readonly result: T } | { readonly error: string };

/** A program of this folder that runs in a process of its own: it says when it is ready, then answers one by one. */
export class ChildProgram<Ready> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly ready: Promise<Ready>;

  constructor(file: string, values: readonly string[], heap_mb: number) {
    this.#name = `${file} ${values.join(" ")}`;
    this.#child = fork(new URL(file, import.meta.url), values, {
      serialization: "advanced",
      execArgv: [`--max-old-space-size=${Math.ceil(heap_mb)}`, "--disable-warning=ExperimentalWarning"],
    });
    this.ready = this.#answer<Ready>();
    // Whoever waits for it is told; until then nobody listens.
    this.ready.catch(() => undefined);
  }

  async #answer<T>(): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const read = (message: unknown): void => {
      const sent = message as Sent<T>;
      if ("error" in sent) reject(new Error(`${this.#name}: ${sent.error}`));
      else resolve(sent.result);
    };
    const ended = (code: number | null, signal: string | null): void =>
      reject(new Error(`Expected an answer of ${this.#name}, but it ended with ${code ?? signal}.`));
    this.#child.once("message", read).once("exit", ended);
    try {
      return await promise;
    } finally {
      this.#child.off("message", read).off("exit", ended);
    }
  }

  async ask<T>(question: unknown): Promise<T> {
    const answer = this.#answer<T>();
    this.#child.send(question as object);
    return await answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** Heap in MB that is more than enough for a store of so many posts. */
export function heapFor(posts: number): number {
  return 2_048 + posts * 0.016;
}

/** Asks a question's variants in turn; times are taken of the asking alone. */
export async function askRound(
  question: Question,
  { variants = question.texts.length, time_ms, runs_max, end_ms = Number.POSITIVE_INFINITY, fresh = false }: Round,
  ask: (text: string) => Promise<() => Answer> | (() => Answer),
): Promise<RoundResult> {
  const times_ms: number[] = [];
  const answers = new Map<number, Answer>();
  const texts = question.texts.slice(0, variants);
  const begun = performance.now();
  const passed = (): number => performance.now() - begun;
  do {
    for (const [variant, text] of texts.entries()) {
      if (passed() > end_ms) break;
      const sent = fresh ? `${text}# ${begun} ${times_ms.length}\n` : text;
      const asked = performance.now();
      const answer = await ask(sent);
      times_ms.push(performance.now() - asked);
      if (!answers.has(variant)) answers.set(variant, answer());
    }
  } while (passed() < time_ms && times_ms.length < runs_max);
  return { times_ms, answers };
}

/** What somebody took for a question, and what was answered to its variants. */
export interface Measured {
  readonly times_ms: readonly number[];
  /** The same for texts that were not asked before. */
  readonly fresh_ms: readonly number[];
  /** Until the first answer to each variant, as far as there was time for them. */
  readonly cold_ms: readonly number[];
  readonly answers: ReadonlyMap<number, Answer>;
}

/** They take turns this many times, so that the machine's pace is the same for all of them. */
const TURNS = 4;
const TURN = { runs_max: 200, time_ms: 600 };
/** After so long in all they take no further turn. */
const TURNS_MS = 10_000;
/** The first turns only warm up, unless somebody is slow. */
const COLD = { runs_max: 1, time_ms: 0, end_ms: 8_000 };
/** Whoever takes so long for the first answers to all variants is measured by them, and takes no further turn. */
const SLOW_MS = 4_000;
/** From the first variant on that takes somebody so long, they are compared but not weighed, unless it is the first. */
const SLOW_ANSWER_MS = 3_000;
const WARM_UP = { runs_max: 100, time_ms: 500, end_ms: 500 };
const FRESH = { fresh: true, runs_max: 40, time_ms: 100, end_ms: 300 };

/**
 * Asks all of them a question in turns. Whoever is slow is asked each variant once, for some seconds; variants that it
 * does not come to in that time, and what is beyond all measure for somebody, are weighed for nobody.
 */
export async function measure(all: readonly Asked[], { name: question }: Question): Promise<readonly Measured[]> {
  const cold: RoundResult[] = [];
  for (const each of all) cold.push(await each.ask({ question, ...COLD }));
  const common = Math.min(...cold.map(({ times_ms }) => times_ms.length));
  const slowest = cold.map(({ times_ms }) => times_ms.findIndex((time_ms) => time_ms > SLOW_ANSWER_MS));
  const variants = Math.max(1, Math.min(common, ...slowest.filter((at) => at >= 0)));
  const found = cold.map(({ times_ms, answers }) => {
    const weighed_ms = times_ms.slice(0, variants);
    const isSlow = weighed_ms.reduce((sum, time_ms) => sum + time_ms, 0) > SLOW_MS;
    const own_ms = isSlow ? weighed_ms : [];
    const reached = [...answers].filter(([variant]) => variant < common);
    return { isSlow, times_ms: own_ms, fresh_ms: [...own_ms], cold_ms: times_ms, answers: new Map(reached) };
  });
  const quick = [...all.entries()].flatMap(([at, asked]) => {
    const into = found[at];
    return into === undefined || into.isSlow ? [] : [{ asked, into }];
  });
  for (const { asked } of quick) await asked.ask({ question, variants, ...WARM_UP });
  const begun = performance.now();
  for (let turn = 0; turn < TURNS && (turn === 0 || performance.now() - begun < TURNS_MS); turn++) {
    for (const { asked, into } of quick) {
      const { times_ms, answers } = await asked.ask({ question, variants, ...TURN });
      into.times_ms.push(...times_ms);
      for (const [variant, answer] of answers) into.answers.set(variant, answer);
      const fresh = await asked.ask({ question, variants, ...FRESH });
      into.fresh_ms.push(...fresh.times_ms);
    }
  }
  return found;
}

/** The value below which the share of all values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
