import type { IsolatedQuery } from "./isolated-query.ts";
import type { KillReason, QueryWorker, QueryWorkerEvents, WorkerEnd } from "./worker-port.ts";
import type { FromQueryWorker } from "./worker-protocol.ts";

/** LIMIT: how long a worker may take to fill its copy. */
const START_MAX_MS = 300_000;
/** LIMIT: how long it may load what a query needs, beside its queries' own time; it takes half a second of a free processor. */
const LOAD_MAX_MS = 60_000;

/** Who is told what becomes of a worker. */
export interface WorkerKeeper {
  readonly start: (events: QueryWorkerEvents) => QueryWorker;
  readonly hear: (life: WorkerLife, message: FromQueryWorker) => void;
  /** It ended of itself. */
  readonly bury: (life: WorkerLife, end: WorkerEnd) => void;
  /** It did not fill its copy, or load what it needs, in time. */
  readonly onSlowStart: (life: WorkerLife) => void;
}

/** One worker's life: from its start over the queries that it was sent to its end. */
export class WorkerLife {
  readonly #keeper: WorkerKeeper;
  readonly #worker: QueryWorker;
  readonly #started_ms = performance.now();
  readonly #queries = new Map<number, IsolatedQuery>();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  #slowStart: NodeJS.Timeout | undefined;
  #slowLoad: NodeJS.Timeout | undefined;
  #heard_ms = this.#started_ms;
  #killed: KillReason | undefined;
  rss_bytes = 0;

  constructor(keeper: WorkerKeeper) {
    this.#keeper = keeper;
    this.#worker = keeper.start({
      onMessage: (message) => {
        if (this.#killed !== undefined) return;
        this.#heard_ms = performance.now();
        keeper.hear(this, message);
      },
      onEnd: (end) => {
        if (this.#killed === undefined) keeper.bury(this, end);
      },
    });
    this.#slowStart = setTimeout(() => keeper.onSlowStart(this), START_MAX_MS);
  }

  /** Whether its copy is filled. */
  get isReady(): boolean {
    return this.#slowStart === undefined;
  }

  /** Whether it said that it loads something, and hears nothing until it has. */
  get isLoading(): boolean {
    return this.#slowLoad !== undefined;
  }

  get killed(): KillReason | undefined {
    return this.#killed;
  }

  /** Those sent to it, and not yet ended by it. */
  get queries(): ReadonlyMap<number, IsolatedQuery> {
    return this.#queries;
  }

  get patchesBehind(): number {
    return this.#worker.behind.patches;
  }

  /** Its copy is filled; says how long that took, in milliseconds. */
  becomeReady(): number {
    clearTimeout(this.#slowStart);
    this.#slowStart = undefined;
    return Math.round(performance.now() - this.#started_ms);
  }

  /** The time of its queries stops. */
  beginLoading(): void {
    clearTimeout(this.#slowLoad);
    this.#slowLoad = setTimeout(() => this.#keeper.onSlowStart(this), LOAD_MAX_MS);
    this.#stopTimers();
  }

  endLoading(): void {
    clearTimeout(this.#slowLoad);
    this.#slowLoad = undefined;
  }

  give(query: IsolatedQuery): void {
    if (this.#queries.size === 0) this.#heard_ms = performance.now();
    this.#queries.set(query.id, query);
    query.sendTo((message) => this.#worker.send(message));
  }

  /** Calls back unless the query is taken or the worker ends before; a query has one such timer. */
  after(delay_ms: number, query: IsolatedQuery, act: () => void): void {
    clearTimeout(this.#timers.get(query.id));
    this.#timers.set(query.id, setTimeout(act, delay_ms));
  }

  /** The worker has ended a query. */
  take(query: IsolatedQuery): void {
    this.#queries.delete(query.id);
    clearTimeout(this.#timers.get(query.id));
    this.#timers.delete(query.id);
  }

  /** How long nothing was heard of it, in milliseconds. */
  silentFor_ms(now_ms: number): number {
    return now_ms - this.#heard_ms;
  }

  /** Ends it; false when it was ended before. */
  kill(reason: KillReason): boolean {
    if (this.#killed !== undefined) return false;
    this.#killed = reason;
    this.#worker.kill();
    return true;
  }

  /** Gives up what it still had. */
  close(): readonly IsolatedQuery[] {
    clearTimeout(this.#slowStart);
    clearTimeout(this.#slowLoad);
    this.#stopTimers();
    const queries = [...this.#queries.values()];
    this.#queries.clear();
    return queries;
  }

  #stopTimers(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
