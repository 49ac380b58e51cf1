import { setTimeout as delay } from "node:timers/promises";
import type { DocumentJournal, StatementChange } from "../../hub/ports/document-journal.ts";
import type { Log } from "../../hub/ports/hub-ports.ts";
import type { QueryStoreStatus } from "../../hub/ports/queries.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import { rdf } from "../../vocab/rdf.ts";
import { readJsonResults } from "./json-results.ts";
import type { StoreClient } from "./store-client.ts";
import type { StoreLayout, StoreMark } from "./store-layout.ts";

/** LIMIT: documents of one part, so that making it ready keeps the event loop from its turn for some milliseconds. */
const PART_DOCUMENTS_MAX = 100;
/** LIMIT: how long the store may take over an update, and over taking all of the hub's graphs out. */
const UPDATE_TIMEOUT_MS = 120_000;
const CLEAR_TIMEOUT_MS = 1_800_000;
/** How long the feed waits after the store did not answer, at first; doubled each time. */
const BACK_OFF_MS = 250;
const BACK_OFF_MAX_MS = 30_000;
/** The journal forgets this many places at a time. */
const FORGET_EVERY = 1_000;
/** How often it is looked whether the store is still as the feed left it: somebody may have emptied it. */
const LOOK_EVERY_MS = 60_000;
/** How often filling is told to the log. */
const PROGRESS_EVERY_MS = 5_000;

/** What the feed works on. */
export interface StoreFeedOptions {
  readonly journal: DocumentJournal;
  readonly client: StoreClient;
  readonly layout: StoreLayout;
  readonly log: Log;
}

/** Keeps a store outside like the documents of `hub.db`: sends what changes, in order, until it is stopped. */
export class StoreFeed implements AsyncDisposable {
  readonly #options: StoreFeedOptions;
  readonly #stop = new AbortController();
  readonly #waiters = new Set<{ readonly position: number; readonly resolve: (there: boolean) => void }>();
  #ended: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;
  #at: StoreMark | undefined;
  #state: QueryStoreStatus["state"] = "connecting";
  #problem: string | undefined;
  #filled = { done: 0, total: 0 };
  #forgotten = 0;
  #looked_ms = 0;

  constructor(options: StoreFeedOptions) {
    this.#options = options;
  }

  /** Begins; called once. */
  begin(): void {
    const unlisten = this.#options.journal.onMore(() => this.#wake?.());
    this.#ended = this.#run().finally(unlisten);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#ended;
    for (const { resolve } of this.#waiters) resolve(false);
  }

  get status(): QueryStoreStatus {
    const { journal } = this.#options;
    return {
      state: this.#state,
      pending:
        this.#at === undefined || this.#state === "filling"
          ? journal.documents() - this.#filled.done
          : journal.pending(this.#at.mark),
      ...(this.#state === "filling" ? { filled: this.#filled } : {}),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  /** Resolves when the store has all that is committed now: true; or false when it has not by the time given. */
  async caughtUp(patience_ms: number): Promise<boolean> {
    const { position } = this.#options.journal.mark();
    if (this.#has(position)) return true;
    if (this.#state === "down") return false;
    return await new Promise<boolean>((resolve) => {
      const waiter = {
        position,
        resolve: (there: boolean): void => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(there);
        },
      };
      const timer = setTimeout(() => waiter.resolve(false), patience_ms);
      this.#waiters.add(waiter);
    });
  }

  #has(position: number): boolean {
    return this.#state === "following" && this.#at !== undefined && this.#at.mark.position >= position;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      try {
        const before = this.#at;
        const refusal = await this.#step();
        if (refusal === undefined) {
          if (failures > 0 && this.#at !== before) this.#options.log.info({ failures }, "query-store-up");
          failures = 0;
          continue;
        }
        this.#fail(refusal.message, failures++);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const timedOut = error instanceof Error && error.name === "TimeoutError";
        const said =
          error instanceof Refused ? error.refusal.message : error instanceof Error ? error.message : String(error);
        this.#fail(timedOut ? "The query store did not take an update in time." : said, failures++);
      }
      await this.#pause(Math.min(BACK_OFF_MS * 2 ** Math.min(failures - 1, 20), BACK_OFF_MAX_MS));
    }
  }

  #fail(problem: string, failures: number): void {
    // Whether the last update got there is not known: the store itself says how far it is.
    this.#at = undefined;
    this.#state = "down";
    this.#problem = problem;
    if (failures === 0) this.#options.log.warn({ problem }, "query-store-down");
    for (const { resolve } of this.#waiters) resolve(false);
  }

  async #pause(time_ms: number): Promise<void> {
    await delay(time_ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  /** One thing after the other: find out how far the store is, fill it, follow. */
  async #step(): Promise<undefined | Refusal> {
    if (this.#at === undefined) return await this.#begin();
    if (this.#at.filled !== undefined) return await this.#fillOn(this.#at.filled);
    const part = this.#options.journal.after(this.#at.mark, PART_DOCUMENTS_MAX);
    if (performance.now() - this.#looked_ms > LOOK_EVERY_MS) return await this.#look(this.#at);
    if (part === undefined) {
      this.#follows();
      await this.#more();
      return undefined;
    }
    return await this.#send(part.changes, { mark: part.upTo, filled: undefined });
  }

  /** Resolves when there is more to send, or when it is time to look at the store. */
  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stop.signal.aborted) this.#wake();
    });
    this.#wake = undefined;
  }

  async #look(at: StoreMark): Promise<undefined | Refusal> {
    const present = await this.#readMark();
    if (isRefusal(present)) return present;
    this.#looked_ms = performance.now();
    if (present?.mark.run === at.mark.run && present.mark.position === at.mark.position) return undefined;
    this.#options.log.warn({ known: present !== undefined }, "query-store-changed-by-others");
    this.#at = undefined;
    return undefined;
  }

  #follows(): void {
    this.#state = "following";
    this.#problem = undefined;
    this.#tell();
  }

  #tell(): void {
    for (const waiter of this.#waiters) if (this.#has(waiter.position)) waiter.resolve(true);
  }

  async #begin(): Promise<undefined | Refusal> {
    const { journal, log } = this.#options;
    const present = await this.#readMark();
    if (isRefusal(present)) return present;
    this.#looked_ms = performance.now();
    if (present !== undefined && journal.knows(present.mark)) {
      this.#at = present;
      if (present.filled === undefined) this.#state = journal.pending(present.mark) === 0 ? "following" : "catching-up";
      return undefined;
    }
    log.info({ documents: journal.documents(), known: present !== undefined }, "query-store-filling");
    this.#state = "filling";
    this.#problem = undefined;
    this.#filled = { done: 0, total: journal.documents() };
    const mark = journal.mark();
    const cleared = await this.#clear();
    if (isRefusal(cleared)) return cleared;
    this.#at = { mark, filled: 0 };
    return undefined;
  }

  async #readMark(): Promise<StoreMark | undefined | Refusal> {
    const { client, layout } = this.#options;
    const values = await this.#values(
      client,
      `SELECT ?value WHERE { <${layout.markGraph}> <${rdf.value.value}> ?value }`,
      layout.markDataset,
      UPDATE_TIMEOUT_MS,
    );
    return isRefusal(values) ? values : layout.readMark(values);
  }

  async #values(
    client: StoreClient,
    text: string,
    dataset: Parameters<StoreClient["query"]>[1],
    timeout_ms: number,
  ): Promise<readonly string[] | Refusal> {
    const response = await client.query(text, dataset, this.#signal(timeout_ms));
    if (isRefusal(response)) return response;
    const values: string[] = [];
    for await (const found of readJsonResults(response.body ?? EMPTY)) {
      if (found.kind === "row") values.push(String((found.row["value"] as { readonly value?: unknown }).value));
    }
    return values;
  }

  /** Takes out all graphs of the hub's that the store has, whoever put them there. */
  async #clear(): Promise<undefined | Refusal> {
    const { client, layout } = this.#options;
    const graphs = await this.#values(
      client,
      `SELECT DISTINCT ?value WHERE { GRAPH ?value { ?s ?p ?o } FILTER(STRSTARTS(STR(?value), "${layout.prefix}")) }`,
      { default: [], named: [] },
      CLEAR_TIMEOUT_MS,
    );
    if (isRefusal(graphs)) return graphs;
    // The mark first: a store that is half empty must not look whole.
    for (const graph of [layout.markGraph as string, ...graphs.filter((each) => each !== layout.markGraph)]) {
      if (!graph.startsWith(layout.prefix) || /[<>"{}|\\^`\s]/.test(graph)) continue;
      const refusal = await client.update(`CLEAR SILENT GRAPH <${graph}>`, this.#signal(CLEAR_TIMEOUT_MS));
      if (isRefusal(refusal)) return refusal;
    }
    return undefined;
  }

  async #fillOn(after: number): Promise<undefined | Refusal> {
    const { journal, log } = this.#options;
    const { mark } = this.#at ?? { mark: journal.mark() };
    this.#state = "filling";
    const part = journal.fill(after, PART_DOCUMENTS_MAX);
    const refusal = await this.#send(part.changes, { mark, filled: part.after });
    if (isRefusal(refusal)) return refusal;
    this.#filled = {
      done: this.#filled.done + part.documents,
      total: Math.max(journal.documents(), this.#filled.total),
    };
    this.#logProgress(log);
    if (part.after === undefined) {
      this.#state = "catching-up";
      log.info({ documents: this.#filled.done }, "query-store-filled");
    }
    return undefined;
  }

  #logged_ms = 0;
  #logProgress(log: Log): void {
    if (performance.now() - this.#logged_ms < PROGRESS_EVERY_MS) return;
    this.#logged_ms = performance.now();
    log.info({ ...this.#filled }, "query-store-filling");
  }

  async #send(changes: readonly StatementChange[], reached: StoreMark): Promise<undefined | Refusal> {
    const { client, layout, log, journal } = this.#options;
    const { texts, unheld } = layout.updatesOf(changes, reached);
    if (unheld > 0) log.warn({ triples: unheld }, "query-store-cannot-hold");
    for (const text of texts) {
      const refusal = await client.update(text, this.#signal(UPDATE_TIMEOUT_MS));
      if (!isRefusal(refusal)) continue;
      if (refusal.code !== "invalid") return refusal;
      const each = await this.#sendEach(changes);
      if (isRefusal(each)) return each;
      const marked = await client.update(layout.markUpdate(reached), this.#signal(UPDATE_TIMEOUT_MS));
      if (isRefusal(marked)) return marked;
      break;
    }
    this.#at = reached;
    if (reached.filled === undefined && reached.mark.position >= this.#forgotten + FORGET_EVERY) {
      this.#forgotten = reached.mark.position;
      journal.reached(reached.mark);
    }
    if (this.#state !== "filling" && reached.mark.position >= journal.mark().position) this.#follows();
    return undefined;
  }

  /** A store that says no to a triple must not stand still for ever: it is found, told to the log and left out. */
  async #sendEach(changes: readonly StatementChange[]): Promise<undefined | Refusal> {
    const { client, layout, log } = this.#options;
    const refusal = await client.update(layout.updateOf(changes), this.#signal(UPDATE_TIMEOUT_MS));
    if (!isRefusal(refusal)) return undefined;
    if (refusal.code !== "invalid") return refusal;
    const [only] = changes;
    if (changes.length <= 1) {
      log.warn({ predicate: only?.triple.predicate.value, reason: refusal.message }, "query-store-refused-triple");
      return undefined;
    }
    const half = Math.ceil(changes.length / 2);
    return (await this.#sendEach(changes.slice(0, half))) ?? (await this.#sendEach(changes.slice(half)));
  }

  #signal(timeout_ms: number): AbortSignal {
    return AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeout_ms)]);
  }
}

const EMPTY: AsyncIterable<Uint8Array> = (async function* () {
  yield* [];
})();
