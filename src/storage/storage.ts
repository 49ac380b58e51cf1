import type { DocumentJournal } from "../hub/ports/document-journal.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import type { QuadSource } from "../hub/ports/queries.ts";
import { storeFault } from "./database/store-fault.ts";
import { openRecords, type SqliteRecords } from "./records.ts";
import { dropJournal, openJournal } from "./replica/document-journal.ts";
import { ReplicaFeed } from "./replica/replica-feed.ts";
import { type FillProgress, HotSet } from "./triples/hot-set.ts";
import { QuadStore } from "./triples/quad-store.ts";
import { searchDocuments } from "./triples/search-documents.ts";

/**
 * LIMIT: other people's posts in the query store, unless told otherwise. Measured (bench/store.ts): 7.5 kB of heap for a
 * post of 7.6 quads, so these take 450 MB and leave a hub of 1 GB as much again for its own posts and its work.
 */
export const FOREIGN_POSTS_MAX = 60_000;

/** How to open the storage. */
export interface StorageOptions {
  /** The path of `hub.db`, or `":memory:"`. */
  readonly file: string;
  readonly log: Log;
  /** LIMIT: how many of the newest posts of others the query store holds besides what it always holds. */
  readonly foreignPosts_max?: number;
  /** LIMIT: the largest `hub.db` may grow, in pages of 4 KiB. */
  readonly pages_max?: number;
  /** Told while the query store is filled. */
  readonly onProgress?: FillProgress;
  /** Stops filling; opening then fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The system of record and the query store that follows it. */
export interface Storage extends AsyncDisposable {
  readonly records: SqliteRecords;
  readonly quads: QuadSource;
  /** For copies of the query store in other processes. */
  readonly feed: ReplicaFeed;
}

/**
 * Opens `hub.db` and fills the query store from it; from then on each commit is in the query store before those who
 * wait for it are told.
 * @throws Fault as `openRecords`
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { file, log, pages_max } = options;
  const records = openRecords({ file, log, ...(pages_max === undefined ? {} : { pages_max }) });
  dropJournal(records.database);
  const quads = new QuadStore();
  quads.searchWith((words, dataset) => searchDocuments(records.database, words, dataset));
  const foreignPosts_max = options.foreignPosts_max ?? FOREIGN_POSTS_MAX;
  const feed = new ReplicaFeed(quads);
  const hotSet = new HotSet(records.database, feed, { foreignPosts_max });
  try {
    await hotSet.fill({ onProgress: options.onProgress, signal: options.signal });
  } catch (error) {
    await records[Symbol.asyncDispose]();
    if (options.signal?.aborted === true) throw error;
    throw storeFault(error, file);
  }
  records.followWith((steps) => {
    feed.begin(steps);
    hotSet.apply(steps);
  });
  return { records, quads, feed, [Symbol.asyncDispose]: () => records[Symbol.asyncDispose]() };
}

/** The system of record and the journal that a query store outside follows. */
export interface JournaledStorage extends AsyncDisposable {
  readonly records: SqliteRecords;
  readonly journal: DocumentJournal;
}

/**
 * Opens `hub.db` for a hub whose query store is another program: nothing is read into memory, and every commit is in
 * the journal.
 * @throws Fault as `openRecords`
 */
export async function openJournaledStorage(options: StorageOptions): Promise<JournaledStorage> {
  const { file, log, pages_max } = options;
  const records = openRecords({ file, log, ...(pages_max === undefined ? {} : { pages_max }) });
  try {
    const journal = openJournal({ database: records.database, onCommit: (listener) => records.onCommit(listener) });
    return { records, journal, [Symbol.asyncDispose]: () => records[Symbol.asyncDispose]() };
  } catch (error) {
    await records[Symbol.asyncDispose]();
    throw storeFault(error, file);
  }
}
