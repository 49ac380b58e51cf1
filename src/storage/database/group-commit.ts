import type { RecordChange, RecordReader } from "../../hub/ports/records.ts";
import { Fault } from "../../outcome/fault.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { applyRecordChange, recordReader } from "../record-reader.ts";
import { DocumentTrail } from "../tables/document-trail.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { storeFault } from "./store-fault.ts";

/** LIMIT: decisions that share one commit. */
const BATCH_DECISIONS_MAX = 256;

/** LIMIT: how long a batch takes decisions in before it commits, in milliseconds; the event loop waits meanwhile. */
const BATCH_TIME_MAX_MS = 20;

type Outcome = { readonly result: unknown } | { readonly error: unknown };

/** What a decision is: a pure function of the records that gives its changes, or a Refusal. */
export type Decision<T> = (
  reader: RecordReader,
) => { readonly changes: readonly RecordChange[]; readonly result: T } | Refusal;

interface Waiting {
  readonly decide: Decision<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs decisions one after the other and commits those that wait at the same time together. The first one of a turn of
 * the event loop is committed in a microtask; those that come later in the same turn wait for its end and share.
 */
export class GroupCommit {
  readonly reader: RecordReader;
  readonly #database: SqlDatabase;
  readonly #onCommitted: (trail: DocumentTrail) => void;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #committedThisTurn = false;
  #trail = new DocumentTrail();
  #closed = false;

  constructor(database: SqlDatabase, onCommitted: (trail: DocumentTrail) => void) {
    this.#database = database;
    this.#onCommitted = onCommitted;
    this.reader = recordReader(database, () => this.#trail.flushTexts(database));
  }

  /** Queues a decision; resolves when it is durable. */
  transact<T>(decide: Decision<T>): Promise<T | Refusal> {
    return new Promise<T | Refusal>((resolve, reject) => {
      if (this.#closed) {
        reject(new Fault("internal", "Expected an open store, but it was closed; the hub is stopping."));
        return;
      }
      this.#waiting.push({ decide, resolve: (result) => resolve(result as T | Refusal), reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      if (this.#committedThisTurn) setImmediate(() => this.#runBatch());
      else queueMicrotask(() => this.#runBatch());
    });
  }

  /** Commits what waits and takes no more. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#runBatch();
  }

  #runBatch(): void {
    this.#scheduled = false;
    if (this.#waiting.length === 0) return;
    if (!this.#committedThisTurn) {
      this.#committedThisTurn = true;
      setImmediate(() => {
        this.#committedThisTurn = false;
      });
    }
    const taken: Waiting[] = [];
    let outcomes: Outcome[];
    try {
      outcomes = this.#commit(taken);
    } catch (error) {
      const fault = storeFault(error, this.#database.file);
      outcomes = taken.map(() => ({ error: fault }));
    }
    if (this.#waiting.length > 0 && !this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#runBatch());
    }
    taken.forEach(({ resolve, reject }, at) => {
      const outcome = outcomes[at];
      if (outcome !== undefined && "result" in outcome) resolve(outcome.result);
      else reject(outcome?.error);
    });
  }

  /** One transaction over what waits; throws when it could not be committed, and then nothing was changed. */
  #commit(taken: Waiting[]): Outcome[] {
    const database = this.#database;
    const started_ms = performance.now();
    const outcomes: Outcome[] = [];
    const applied: (readonly RecordChange[])[] = [];
    this.#trail = new DocumentTrail();
    try {
      database.run("BEGIN IMMEDIATE");
    } catch (error) {
      taken.push(...this.#waiting.splice(0));
      throw error;
    }
    try {
      while (taken.length < BATCH_DECISIONS_MAX) {
        const next = this.#waiting.shift();
        if (next === undefined) break;
        taken.push(next);
        outcomes.push(this.#decide(next.decide, applied));
        if (performance.now() - started_ms > BATCH_TIME_MAX_MS) break;
      }
      this.#trail.flushTexts(database);
      database.run("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.run("ROLLBACK");
      this.#trail = new DocumentTrail();
      throw error;
    }
    const trail = this.#trail;
    this.#trail = new DocumentTrail();
    this.#onCommitted(trail);
    return outcomes;
  }

  /** Runs one decision; `applied` are the changes of those before it in the batch. Throws when the batch is lost. */
  #decide(decide: Decision<unknown>, applied: (readonly RecordChange[])[]): Outcome {
    let decided: ReturnType<Decision<unknown>>;
    try {
      decided = decide(this.reader);
    } catch (error) {
      return { error };
    }
    if (isRefusal(decided)) return { result: decided };
    const { changes, result } = decided;
    try {
      this.#apply(changes);
    } catch (error) {
      this.#startAnew(applied);
      return { error: storeFault(error, this.#database.file) };
    }
    applied.push(changes);
    return { result };
  }

  #apply(changes: readonly RecordChange[]): void {
    for (const change of changes) applyRecordChange(this.#database, change, this.#trail);
  }

  /**
   * Takes back a decision whose changes broke half-way: all is undone and what the others changed is done again. A
   * savepoint for each decision would undo it alone, but makes SQLite copy every page that the decision touches, and
   * changes hardly ever break.
   */
  #startAnew(applied: readonly (readonly RecordChange[])[]): void {
    // A full disk ends the transaction by itself.
    if (this.#database.isTransaction) this.#database.run("ROLLBACK");
    this.#trail = new DocumentTrail();
    this.#database.run("BEGIN IMMEDIATE");
    for (const changes of applied) this.#apply(changes);
  }
}
