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
import type { QueryCounts } from "../query-counter.ts";
import type { AnswerAtOnce } from "./at-once.ts";
import { DeafWatch } from "./deaf-watch.ts";
import { type IsolatedAnswer, IsolatedQuery } from "./isolated-query.ts";
import { notUp, stopping, tooLong } from "./no-answer.ts";
import { OpenQueries } from "./open-queries.ts";
import { StartBackOff } from "./start-back-off.ts";
import { judge } from "./verdict.ts";
import { WorkerLife } from "./worker-life.ts";
import type { KillReason, QueryWorker, QueryWorkerEvents, WorkerEnd } from "./worker-port.ts";
import type { FromQueryWorker } from "./worker-protocol.ts";

/** How long over its bound a query may be before the hub stops waiting for the worker's word. */
const OVERTIME_MS = 250;
/** How long a worker has to confirm that a query has stopped. */
const CONFIRM_MS = 750;

/** Bounds of the queries that others send. */
export interface IsolationLimits extends QueryCounts {
  readonly timeout_ms: number;
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
  readonly #queries: OpenQueries;
  readonly #backOff = new StartBackOff();
  readonly #deafWatch: DeafWatch;
  #life: WorkerLife | undefined;
  #lastId = 0;
  #starts = 0;
  #idle: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: IsolationOptions) {
    this.#options = options;
    this.#queries = new OpenQueries(options.limits);
    this.#deafWatch = new DeafWatch(
      options.limits.timeout_ms,
      () => this.#life,
      (life) => this.#kill("deaf", life),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    for (const query of this.#queries) query.fail(stopping());
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
      ...(life === undefined ? {} : { rss_bytes: life.rss_bytes, patchesBehind: life.patchesBehind }),
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
    this.#queries.add(query);
    clearTimeout(this.#idle);
    query.watch(() => this.#leave(query));
    if (!query.isSettled) this.#dispatch();
    return await query.answer;
  }

  #whyNotNow(requester: string | undefined): Refusal | undefined {
    if (this.#isStopping) return stopping();
    const tooMany = this.#queries.whyNotOneMore(requester);
    if (tooMany !== undefined) return tooMany;
    const { wait_ms } = this.#backOff;
    return this.#life === undefined && wait_ms > 0 ? notUp(wait_ms) : undefined;
  }

  // -------------------------------------------------------------------------------------------------------------
  // One query

  #dispatch(): void {
    const life = this.#life;
    if (life === undefined) this.#startWhenAllowed();
    else if (life.isReady) this.#sendAll(life);
  }

  /** Sends what waits, but no two suspects together. */
  #sendAll(life: WorkerLife): void {
    let suspected = [...life.queries.values()].some(({ isSuspect }) => isSuspect);
    for (const query of this.#queries) {
      if (query.stage !== "queued" || (query.isSuspect && suspected)) continue;
      suspected ||= query.isSuspect;
      this.#send(life, query);
    }
  }

  #send(life: WorkerLife, query: IsolatedQuery): void {
    life.give(query);
    this.#deafWatch.start();
    if (!life.isLoading) this.#bound(life, query);
  }

  /** Starts a query's time; at its end the worker is to confirm that it has stopped. */
  #bound(life: WorkerLife, query: IsolatedQuery): void {
    const { timeout_ms } = this.#options.limits;
    if (query.isSettled) return life.after(CONFIRM_MS, query, () => this.#kill("overdue", life));
    life.after(timeout_ms + OVERTIME_MS, query, () => {
      query.fail(tooLong(timeout_ms));
      query.cancel();
      this.#bound(life, query);
    });
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
      if (life.queries.has(query.id) && life.queries.size === 1 && !life.isLoading) this.#kill("overdue", life);
    }, CONFIRM_MS);
  }

  /** The worker has ended it. */
  #end(life: WorkerLife, query: IsolatedQuery): void {
    life.take(query);
    this.#release(query);
    if (query.isSuspect) this.#sendAll(life);
  }

  #release(query: IsolatedQuery): void {
    if (!this.#queries.delete(query)) return;
    query.unwatch();
    this.#waitIdle();
  }

  #waitIdle(): void {
    if (this.#queries.size > 0) return;
    clearTimeout(this.#idle);
    this.#deafWatch.stop();
    this.#idle = setTimeout(() => this.#kill("idle"), this.#options.limits.idle_ms).unref();
  }

  // -------------------------------------------------------------------------------------------------------------
  // The worker

  #startWhenAllowed(): void {
    if (this.#life !== undefined || this.#isStopping || this.#backOff.wait_ms > 0) return;
    this.#starts++;
    this.#life = new WorkerLife({
      start: this.#options.start,
      hear: (life, message) => this.#hear(life, message),
      bury: (life, end) => this.#part(life, end),
      onSlowStart: (life) => this.#kill("slow-start", life),
    });
  }

  #hear(life: WorkerLife, message: FromQueryWorker): void {
    switch (message.kind) {
      case "ready": {
        const fill_ms = life.becomeReady();
        this.#backOff.succeeded();
        this.#options.log.info({ fill_ms, starts: this.#starts }, "query-worker-up");
        return this.#sendAll(life);
      }
      case "loading":
        return life.beginLoading();
      case "loaded":
        life.endLoading();
        for (const query of life.queries.values()) this.#bound(life, query);
        return;
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

  #kill(reason: KillReason, life = this.#life): void {
    // What was killed is gone for the hub at once, whenever its process ends.
    if (life?.kill(reason) === true) this.#part(life, { reason: "other", detail: reason });
  }

  /** Parts with a worker: settles what becomes of its queries, and starts the next one where one is wanted. */
  #part(life: WorkerLife, end: WorkerEnd): void {
    if (this.#life === life) this.#life = undefined;
    const queries = life.close();
    const planned = life.killed === "idle" || life.killed === "stopping";
    const detail = { reason: end.reason === "memory" ? "memory" : end.detail, queries: queries.length };
    this.#options.log[planned ? "info" : "warn"](detail, "query-worker-ended");
    if (!life.isReady || life.killed === "slow-start") this.#backOff.failed();
    const verdict = judge(queries, life.killed, end.reason, this.#options.limits.timeout_ms);
    for (const query of queries) {
      if (query.isSettled) continue;
      const refusal = verdict(query);
      if (refusal === undefined) query.requeue();
      else query.fail(refusal);
    }
    for (const query of queries) if (query.isSettled) this.#release(query);
    if (planned) return;
    if (this.#backOff.wait_ms > 0) this.#failAll();
    else this.#startWhenAllowed();
  }

  /** No worker comes up for those who wait. */
  #failAll(): void {
    for (const query of [...this.#queries]) {
      query.fail(notUp(this.#backOff.wait_ms));
      this.#release(query);
    }
  }
}

function notExpected(): never {
  throw new Fault("internal", "Expected an answer or an explanation as it was asked for, but the other one came.");
}
