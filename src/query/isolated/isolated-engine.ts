import type { Log } from "../../hub/ports/hub-ports.ts";
import type {
  QueryAnswer,
  QueryEngine,
  QueryExplanation,
  QueryOptions,
  QueryWorkerStatus,
} from "../../hub/ports/queries.ts";
import { Fault } from "../../outcome/fault.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Term } from "../../rdf/term.ts";
import type { AnswerAtOnce } from "./at-once.ts";
import { type IsolatedAnswer, IsolatedQuery } from "./isolated-query.ts";
import type { FromQueryWorker, ToQueryWorker } from "./worker-protocol.ts";

/** How long over its bound a query may be before the hub stops waiting for the worker's word. */
const OVERTIME_MS = 250;
/** How long a worker has to confirm that a query has stopped. */
const CONFIRM_MS = 750;
/** LIMIT: how long a worker may be deaf while more than one query waits for it, and as a share of the time bound. */
const DEAF_MAX_MS = 5_000;
const DEAF_SHARE = 0.3;
const WATCH_EVERY_MS = 500;
/** LIMIT: how long a worker may take to fill its copy. */
const START_MAX_MS = 300_000;
/** How long the hub waits after a worker that did not come up, at first; doubled each time. */
const BACK_OFF_MS = 500;
const BACK_OFF_MAX_MS = 30_000;
/** LIMIT: workers one query is given to. */
const ATTEMPTS_MAX = 3;
/** LIMIT: queries that are asked again, one by one, to find which of them a worker died of. */
const SUSPECTS_MAX = 4;
/** What is told to those who should try again. */
const RETRY_AFTER_S = 2;

/** A worker that was started. */
export interface QueryWorker {
  send(message: ToQueryWorker): void;
  /** Ends it at once, whatever it is doing. */
  kill(): void;
  /** How many Patches it was told and has not taken in, and for how long. */
  readonly behind: { readonly patches: number; readonly since_ms: number };
}

/** What a worker tells. */
export interface QueryWorkerEvents {
  onMessage(message: FromQueryWorker): void;
  /** It is gone, of itself or killed; comes once, and nothing after it. */
  onEnd(end: { readonly reason: "memory" | "other"; readonly detail: string }): void;
}

/** Bounds of the queries that others send. */
export interface IsolationLimits {
  readonly timeout_ms: number;
  /** LIMIT: queries at once, in all and for one requester. */
  readonly queries_max: number;
  readonly queriesPerRequester_max: number;
  /** After how long without a query the worker goes. */
  readonly idle_ms: number;
}

/** What the engine works on. */
export interface IsolationOptions {
  /** Answers the prepared queries. */
  readonly local: QueryEngine;
  /** Answers the smallest of the others, which are not worth the way to a worker. */
  readonly atOnce?: AnswerAtOnce;
  readonly start: (events: QueryWorkerEvents) => QueryWorker;
  readonly limits: IsolationLimits;
  readonly log: Log;
}

/** Why the hub ended a worker. */
type KillReason = "overdue" | "deaf" | "stained" | "idle" | "slow-start" | "stopping";

/** One worker's life. */
interface Life {
  readonly worker: QueryWorker;
  readonly started_ms: number;
  isReady: boolean;
  /** Sent to it, and not yet ended by it. */
  readonly queries: Map<number, IsolatedQuery>;
  readonly timers: Map<number, NodeJS.Timeout>;
  heard_ms: number;
  rss_bytes: number;
  killed: KillReason | undefined;
}

/**
 * A query engine that answers ad-hoc queries in a worker with its own copy of the store, so that none of them can hold
 * up the hub: the worker can be ended at any time, and a query that is not stopped otherwise is stopped so. Others that
 * were in it are asked again in the next worker, unless a part of their answer is already given. Prepared queries stay
 * with the local engine.
 */
export function createIsolatedEngine(options: IsolationOptions): QueryEngine & AsyncDisposable {
  return new IsolatedEngine(options);
}

class IsolatedEngine implements QueryEngine, AsyncDisposable {
  readonly #options: IsolationOptions;
  /** All that are asked and not ended, sent or not. */
  readonly #queries = new Map<number, IsolatedQuery>();
  readonly #perRequester = new Map<string, number>();
  #life: Life | undefined;
  #lastId = 0;
  #starts = 0;
  #failedStarts = 0;
  #notBefore_ms = 0;
  #watch: NodeJS.Timeout | undefined;
  #watched_ms = 0;
  #idle: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: IsolationOptions) {
    this.#options = options;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    for (const query of this.#queries.values()) query.fail(stopping());
    this.#kill("stopping");
    await Promise.resolve();
  }

  get worker(): QueryWorkerStatus {
    const life = this.#life;
    const state = life === undefined ? "off" : life.isReady ? "up" : "filling";
    return {
      state,
      running: life?.queries.size ?? 0,
      waiting: this.#queries.size - (life?.queries.size ?? 0),
      started: this.#starts,
      ...(life === undefined ? {} : { rss_bytes: life.rss_bytes, patchesBehind: life.worker.behind.patches }),
    };
  }

  prepared(name: string, bindings: Readonly<Record<string, Term>>, options: QueryOptions): Promise<QueryAnswer> {
    return this.#options.local.prepared(name, bindings, options);
  }

  /** Starts the worker before the first query. */
  warm(): void {
    if (this.#life === undefined && this.#options.limits.idle_ms > 0) this.#startWhenAllowed();
    this.#waitIdle();
  }

  async adHoc(text: string, options: QueryOptions): Promise<QueryAnswer | Refusal> {
    const atOnce = this.#options.atOnce?.(text, options);
    if (atOnce !== undefined) return atOnce;
    const answer = await this.#ask(text, options, false);
    return answer.kind === "explanation" ? notExpected() : answer;
  }

  /** How a query is answered in the worker. */
  async explain(text: string, options: QueryOptions): Promise<QueryExplanation | Refusal> {
    const answer = await this.#ask(text, options, true);
    if (answer.kind === "explanation") return answer.explanation;
    return answer.kind === "refusal" ? answer : notExpected();
  }

  async #ask(text: string, options: QueryOptions, explain: boolean): Promise<IsolatedAnswer | Refusal> {
    const refusal = this.#whyNotNow(options.requester);
    if (refusal !== undefined) return refusal;
    const query = new IsolatedQuery(++this.#lastId, text, options, explain);
    this.#queries.set(query.id, query);
    if (query.requester !== undefined) {
      this.#perRequester.set(query.requester, (this.#perRequester.get(query.requester) ?? 0) + 1);
    }
    clearTimeout(this.#idle);
    query.watch(() => this.#leave(query));
    if (!query.isSettled) this.#dispatch();
    return await query.answer;
  }

  #whyNotNow(requester: string | undefined): Refusal | undefined {
    const { queries_max, queriesPerRequester_max } = this.#options.limits;
    if (this.#isStopping) return stopping();
    if (requester !== undefined && (this.#perRequester.get(requester) ?? 0) >= queriesPerRequester_max) {
      const sentence = `Expected at most ${queriesPerRequester_max} queries of one requester at once, but there are as many; wait for one to end.`;
      return refuse("too-many", sentence, { retryAfter_s: RETRY_AFTER_S });
    }
    if (this.#queries.size >= queries_max) {
      const sentence = `Expected at most ${queries_max} queries at once, but there are as many; ask again later.`;
      return refuse("unavailable", sentence, { retryAfter_s: RETRY_AFTER_S });
    }
    const wait_ms = this.#notBefore_ms - performance.now();
    if (this.#life === undefined && wait_ms > 0) return notUp(Math.ceil(wait_ms / 1_000));
    return undefined;
  }

  // -------------------------------------------------------------------------------------------------------------
  // One query

  #dispatch(): void {
    const life = this.#life;
    if (life === undefined) this.#startWhenAllowed();
    else if (life.isReady) this.#sendAll(life);
  }

  /** Sends what waits, but no two suspects together. */
  #sendAll(life: Life): void {
    let suspected = [...life.queries.values()].some(({ isSuspect }) => isSuspect);
    for (const query of this.#queries.values()) {
      if (query.stage !== "queued" || (query.isSuspect && suspected)) continue;
      suspected ||= query.isSuspect;
      this.#send(life, query);
    }
  }

  #send(life: Life, query: IsolatedQuery): void {
    if (life.queries.size === 0) life.heard_ms = performance.now();
    life.queries.set(query.id, query);
    query.sendTo((message) => life.worker.send(message));
    this.#watch ??= setInterval(() => this.#look(), WATCH_EVERY_MS).unref();
    this.#watched_ms = performance.now();
    const { timeout_ms } = this.#options.limits;
    const timer = setTimeout(() => {
      query.fail(tooLong(timeout_ms));
      query.cancel();
      life.timers.set(
        query.id,
        setTimeout(() => this.#kill("overdue", life), CONFIRM_MS),
      );
    }, timeout_ms + OVERTIME_MS);
    life.timers.set(query.id, timer);
  }

  /** Who asked is gone. */
  #leave(query: IsolatedQuery): void {
    query.fail(refuse("timed-out", "The query was given up: who asked has left."));
    if (query.stage === "queued") return this.#release(query);
    const life = this.#life;
    if (life === undefined || !life.queries.has(query.id)) return;
    query.cancel();
    // A worker that is deaf because of it alone need not be waited for.
    setTimeout(() => {
      if (life.queries.has(query.id) && life.queries.size === 1) this.#kill("overdue", life);
    }, CONFIRM_MS);
  }

  /** The worker has ended it. */
  #end(life: Life, query: IsolatedQuery): void {
    life.queries.delete(query.id);
    clearTimeout(life.timers.get(query.id));
    life.timers.delete(query.id);
    this.#release(query);
    if (query.isSuspect) this.#sendAll(life);
  }

  #release(query: IsolatedQuery): void {
    if (!this.#queries.delete(query.id)) return;
    query.unwatch();
    const { requester } = query;
    if (requester !== undefined) {
      const left = (this.#perRequester.get(requester) ?? 1) - 1;
      if (left === 0) this.#perRequester.delete(requester);
      else this.#perRequester.set(requester, left);
    }
    this.#waitIdle();
  }

  #waitIdle(): void {
    if (this.#queries.size > 0) return;
    clearTimeout(this.#idle);
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#idle = setTimeout(() => this.#kill("idle"), this.#options.limits.idle_ms).unref();
  }

  // -------------------------------------------------------------------------------------------------------------
  // The worker

  #startWhenAllowed(): void {
    if (this.#life !== undefined || this.#isStopping) return;
    const wait_ms = this.#notBefore_ms - performance.now();
    if (wait_ms > 0) return;
    const started_ms = performance.now();
    this.#starts++;
    const life: Life = {
      worker: this.#options.start({
        onMessage: (message) => this.#hear(life, message),
        onEnd: (end) => this.#bury(life, end),
      }),
      started_ms,
      isReady: false,
      queries: new Map(),
      timers: new Map(),
      heard_ms: started_ms,
      rss_bytes: 0,
      killed: undefined,
    };
    this.#life = life;
    life.timers.set(
      0,
      setTimeout(() => this.#kill("slow-start", life), START_MAX_MS),
    );
  }

  #hear(life: Life, message: FromQueryWorker): void {
    if (life.killed !== undefined) return;
    life.heard_ms = performance.now();
    switch (message.kind) {
      case "ready": {
        life.isReady = true;
        this.#failedStarts = 0;
        clearTimeout(life.timers.get(0));
        const fill_ms = Math.round(performance.now() - life.started_ms);
        this.#options.log.info({ fill_ms, starts: this.#starts }, "query-worker-up");
        return this.#sendAll(life);
      }
      case "begun": {
        const query = life.queries.get(message.id);
        if (query?.stage === "sent") query.stage = "begun";
        return;
      }
      case "part": {
        const query = life.queries.get(message.id);
        if (query?.receive(message) === true) this.#end(life, query);
        return;
      }
      case "pulse":
        life.rss_bytes = message.rss_bytes;
        return;
      case "stained":
        return this.#kill("stained", life);
      case "log":
        this.#options.log[message.level](message.detail, message.event);
    }
  }

  /** Ends a worker that hears nothing while others wait for it. */
  #look(): void {
    const now_ms = performance.now();
    // Timers come before messages: after a pause of the hub itself, what was said meanwhile is read first.
    const wasAway = now_ms - this.#watched_ms > 2 * WATCH_EVERY_MS;
    this.#watched_ms = now_ms;
    const life = this.#life;
    if (life?.isReady !== true || wasAway || life.queries.size < 2) return;
    const deaf_ms = Math.min(DEAF_MAX_MS, this.#options.limits.timeout_ms * DEAF_SHARE);
    if (now_ms - life.heard_ms > deaf_ms) this.#kill("deaf", life);
  }

  #kill(reason: KillReason, life = this.#life): void {
    if (life === undefined || life.killed !== undefined) return;
    life.killed = reason;
    life.worker.kill();
    // What was killed is gone for the hub at once, whenever its process ends.
    this.#part(life, { reason: "other", detail: reason });
  }

  #bury(life: Life, end: { readonly reason: "memory" | "other"; readonly detail: string }): void {
    if (life.killed === undefined) this.#part(life, end);
  }

  /** Parts with a worker: settles what becomes of its queries, and starts the next one where one is wanted. */
  #part(life: Life, end: { readonly reason: "memory" | "other"; readonly detail: string }): void {
    if (this.#life === life) this.#life = undefined;
    for (const timer of life.timers.values()) clearTimeout(timer);
    const planned = life.killed === "idle" || life.killed === "stopping";
    const detail = { reason: end.reason === "memory" ? "memory" : end.detail, queries: life.queries.size };
    this.#options.log[planned ? "info" : "warn"](detail, "query-worker-ended");
    if (!life.isReady) this.#backOff();
    const queries = [...life.queries.values()];
    life.queries.clear();
    const verdict = judge(queries, life.killed, end.reason, this.#options.limits.timeout_ms);
    for (const query of queries) {
      if (query.isSettled) continue;
      const refusal = verdict(query);
      if (refusal === undefined) query.requeue();
      else query.fail(refusal);
    }
    for (const query of queries) if (query.isSettled) this.#release(query);
    if (planned) return;
    if (this.#notBefore_ms > performance.now()) {
      for (const query of [...this.#queries.values()]) {
        query.fail(notUp(Math.ceil((this.#notBefore_ms - performance.now()) / 1_000)));
        this.#release(query);
      }
      return;
    }
    this.#startWhenAllowed();
  }

  #backOff(): void {
    const wait_ms = Math.min(BACK_OFF_MAX_MS, BACK_OFF_MS * 2 ** this.#failedStarts++);
    this.#notBefore_ms = performance.now() + wait_ms;
  }
}

/**
 * What each query gets whose worker ended; undefined when it is asked again in the next one. Where it is not known
 * which one did it, those that were being worked on are suspects, and are asked again one by one.
 */
function judge(
  queries: readonly IsolatedQuery[],
  killed: KillReason | undefined,
  reason: "memory" | "other",
  timeout_ms: number,
): (query: IsolatedQuery) => Refusal | undefined {
  const read = queries.filter(({ stage }) => stage === "begun" || stage === "answering");
  const marked = read.filter(({ isSuspect }) => isSuspect);
  // Those over their bound were told already, so whoever is left did nothing.
  const isKnown = killed === "overdue" || killed === "stained";
  const suspects = isKnown ? [] : marked.length > 0 ? marked : read;
  const [only] = suspects.length === 1 ? suspects : [];
  return (query) => {
    if (query === only && reason === "memory") return tooMuch();
    if (query === only && killed === "deaf") return tooLong(timeout_ms);
    const isSuspect = suspects.includes(query);
    if (isSuspect) query.isSuspect = true;
    const again = query.stage !== "answering" && query.attempts < ATTEMPTS_MAX;
    return again && !(isSuspect && suspects.length > SUSPECTS_MAX) ? undefined : disturbed();
  };
}

function tooMuch(): Refusal {
  return refuse(
    "too-large",
    "Expected a query that needs less memory than the hub gives to queries, but this one needs more; ask for less: fewer rows to sort, group or join, or add a LIMIT.",
  );
}

function disturbed(): Refusal {
  return refuse(
    "unavailable",
    "The process that answers queries had to be started anew, because of this query or another one beside it; ask again.",
    { retryAfter_s: RETRY_AFTER_S },
  );
}

function tooLong(timeout_ms: number): Refusal {
  const sentence = `Expected a query that ends within ${timeout_ms / 1_000} seconds, but this one does not; ask for less, or add a LIMIT.`;
  return refuse("timed-out", sentence, { timeout_ms });
}

function notUp(retryAfter_s: number): Refusal {
  return refuse("unavailable", "The process that answers queries does not come up; its owner finds why in the log.", {
    retryAfter_s,
  });
}

function notExpected(): never {
  throw new Fault("internal", "Expected an answer or an explanation as it was asked for, but the other one came.");
}

function stopping(): Refusal {
  return refuse("unavailable", "The hub is stopping; ask again later.", { retryAfter_s: 10 });
}
