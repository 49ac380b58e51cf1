import { setTimeout as delay } from "node:timers/promises";
import type { DocumentJournal, StatementChange } from "../../hub/ports/document-journal.ts";
import type { Log } from "../../hub/ports/hub-ports.ts";
import type { QueryStoreStatus } from "../../hub/ports/queries.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { StoreMark } from "./store-layout.ts";
import { StoreWriter, type StoreWriterOptions } from "./store-writer.ts";

/** LIMIT: documents of one part, so that making it ready keeps the event loop from its turn for some milliseconds. */
const PART_DOCUMENTS_MAX = 100;
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
export interface StoreFeedOptions extends StoreWriterOptions {
  readonly journal: DocumentJournal;
}

/** Keeps a store outside like the documents of `hub.db`: sends what changes, in order, until it is stopped. */
export class StoreFeed implements AsyncDisposable {
  readonly #options: StoreFeedOptions;
  readonly #stop = new AbortController();
  readonly #writer: StoreWriter;
  readonly #waiters = new Set<{ readonly position: number; readonly resolve: (there: boolean) => void }>();
  #ended: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;
  /** How far the store is; undefined while that is not known. */
  #at: StoreMark | undefined;
  /** How far it was when that was last known. */
  #was: StoreMark | undefined;
  #state: QueryStoreStatus["state"] = "connecting";
  #problem: string | undefined;
  #filled = { done: 0, total: 0 };
  #forgotten = 0;
  #looked_ms = 0;

  constructor(options: StoreFeedOptions) {
    this.#options = options;
    this.#writer = new StoreWriter(options, this.#stop.signal);
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
    const known = this.#at ?? this.#was;
    const isWhole = known !== undefined && known.filled === undefined && this.#state !== "filling";
    return {
      state: this.#state,
      pending: isWhole ? journal.pending(known.mark) : journal.documents() - this.#filled.done,
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
    this.#was = this.#at ?? this.#was;
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
    if (this.#at === undefined) return await this.#findPlace();
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
    const present = await this.#writer.readMark();
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

  /** Finds out how far the store is; what the journal does not know of is taken out, to be filled anew. */
  async #findPlace(): Promise<undefined | Refusal> {
    const { journal, log } = this.#options;
    const present = await this.#writer.readMark();
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
    const cleared = await this.#writer.clear();
    if (isRefusal(cleared)) return cleared;
    this.#at = { mark, filled: 0 };
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
    const refusal = await this.#writer.send(changes, reached);
    if (isRefusal(refusal)) return refusal;
    const { journal } = this.#options;
    this.#at = reached;
    if (reached.filled === undefined && reached.mark.position >= this.#forgotten + FORGET_EVERY) {
      this.#forgotten = reached.mark.position;
      journal.reached(reached.mark);
    }
    if (this.#state !== "filling" && reached.mark.position >= journal.mark().position) this.#follows();
    return undefined;
  }
}
