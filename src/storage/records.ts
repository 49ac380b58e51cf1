import type { Log } from "../hub/ports/hub-ports.ts";
import type { CommittedDocuments, Delivery, RecordReader, Records } from "../hub/ports/records.ts";
import { type Decision, GroupCommit } from "./database/group-commit.ts";
import { openDatabase } from "./database/open-database.ts";
import type { SqlDatabase } from "./database/sql-database.ts";
import { committedChanges, type DocumentStep } from "./tables/document-trail.ts";

/** How to open the system of record. */
export interface RecordsOptions {
  /** The path of `hub.db`, or `":memory:"`. */
  readonly file: string;
  readonly log: Log;
  /** LIMIT: the largest the file may grow, in pages of 4 KiB; what SQLite allows when left out. */
  readonly pages_max?: number;
}

/** {@link Records} over SQLite, with what the query store needs beside the port. */
export interface SqliteRecords extends Records {
  readonly database: SqlDatabase;
  readonly reader: RecordReader;
  /** Called after each commit that touched documents, before the listeners of `onCommit`. */
  followWith(follower: (steps: readonly DocumentStep[]) => void): void;
}

/**
 * Opens `hub.db`, making it when there is none.
 * @throws Fault `store-locked`, `store-newer`, `store-corrupt`, `store-full`, `configuration`; the file is then as it was
 */
export function openRecords(options: RecordsOptions): SqliteRecords {
  const opened = openDatabase(options.file);
  const { database } = opened;
  if (options.pages_max !== undefined) database.get(`PRAGMA max_page_count = ${Math.trunc(options.pages_max)}`);
  const listeners = new Set<(committed: CommittedDocuments) => void>();
  const queueListeners = new Set<(deliveries: readonly Delivery[]) => void>();
  let follower: ((steps: readonly DocumentStep[]) => void) | undefined;
  let sequence = 0;

  const guarded = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      // The commit stands whatever a listener makes of it.
      options.log.error({ error }, "commit-listener-failed");
    }
  };
  const commits = new GroupCommit(database, (trail) => {
    if (trail.deliveries.length > 0) {
      for (const listener of queueListeners) guarded(() => listener(trail.deliveries));
    }
    const steps = trail.steps();
    if (steps.length === 0) return;
    guarded(() => follower?.(steps));
    const changes = committedChanges(steps);
    if (changes.length === 0) return;
    sequence++;
    for (const listener of listeners) guarded(() => listener({ sequence, changes }));
  });

  return {
    database,
    reader: commits.reader,
    transact: <T>(decide: Decision<T>) => commits.transact(decide),
    usePresence: (view) => void Object.assign(commits.reader, { presence: view }),
    onQueued: (listener) => {
      const heard = (deliveries: readonly Delivery[]): void => listener(deliveries);
      queueListeners.add(heard);
      return () => queueListeners.delete(heard);
    },
    onCommit: (listener) => {
      // A wrapper of its own, so that the same function may listen twice.
      const heard = (committed: CommittedDocuments): void => listener(committed);
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    followWith: (next) => {
      follower = next;
    },
    async [Symbol.asyncDispose]() {
      commits.close();
      if (database.isOpen) opened.close();
    },
  };
}
