import type { QuadSource } from "../../hub/ports/queries.ts";
import { Fault } from "../../outcome/fault.ts";
import type { Iri } from "../../rdf/iri.ts";
import { TermCache } from "../../rdf/ntriples.ts";
import { SqlDatabase } from "../database/sql-database.ts";
import { findDocument } from "../tables/document-table.ts";
import { type FillProgress, HotSet } from "../triples/hot-set.ts";
import { QuadStore } from "../triples/quad-store.ts";
import { searchDocuments } from "../triples/search-documents.ts";
import { type ReplicaPatch, standingOf, statedDocument } from "./replica-patch.ts";

/** LIMIT: how long the copy waits for a lock on `hub.db`, in milliseconds; a reader of a WAL hardly ever meets one. */
const BUSY_TIMEOUT_MS = 5_000;

/** How to open a copy. */
export interface ReplicaOptions {
  /** The path of `hub.db`, which another process has open. */
  readonly file: string;
  /** The same as the original's, so that both hold the same documents. */
  readonly foreignPosts_max: number;
  readonly onProgress?: FillProgress;
}

/**
 * A copy of the query store in another process, filled from `hub.db` by a connection that only reads, and kept by the
 * Patches of the original's {@link ReplicaFeed}. Nobody waits for anybody: Patches may come while it is filled, and
 * wait here. Which of them the filling has seen shows in how their documents stand, once the original has said that all
 * commits made before the filling began were sent ({@link Replica.caughtUp}).
 */
export class Replica implements Disposable {
  readonly #database: SqlDatabase;
  readonly #store = new QuadStore();
  readonly #options: ReplicaOptions;
  #cache = new TermCache();
  /** Patches that came before it was filled; undefined once it is. */
  #waiting: ReplicaPatch[] | undefined = [];
  /** How many of the waiting ones may be in the snapshot; undefined until the original has said so. */
  #doubtful: number | undefined;
  #isRead = false;
  #sequence = 0;

  /** Begins: takes its snapshot of `hub.db`. After this the original is asked to say {@link caughtUp}. */
  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#database = new SqlDatabase(options.file, { busyTimeout_ms: BUSY_TIMEOUT_MS, readOnly: true });
    this.#database.exec("PRAGMA cache_size = -4096; BEGIN");
    // A transaction that only began sees nothing yet: the first read takes the snapshot.
    this.#database.get("SELECT count(*) FROM meta");
    this.#store.searchWith((words, dataset) => searchDocuments(this.#database, words, dataset));
  }

  get quads(): QuadSource {
    return this.#store;
  }

  /** The sequence of the last Patch that is in. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether it answers as the original does. */
  get isFilled(): boolean {
    return this.#waiting === undefined;
  }

  /** Reads the snapshot; lets Patches come in between. */
  async fill(): Promise<void> {
    const { foreignPosts_max, onProgress } = this.#options;
    await new HotSet(this.#database, this.#store, { foreignPosts_max }).fill({ onProgress });
    this.#isRead = true;
    this.#finish();
  }

  /** All commits made before the snapshot have been sent, up to this sequence. */
  caughtUp(sequence: number): void {
    this.#doubtful = this.#waiting?.length ?? 0;
    this.#sequence = Math.max(this.#sequence, sequence);
    this.#finish();
  }

  /** Takes in the next Patch. */
  apply(patch: ReplicaPatch): void {
    if (this.#waiting !== undefined) this.#waiting.push(patch);
    else this.#take(patch);
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #finish(): void {
    const [waiting, doubtful] = [this.#waiting, this.#doubtful];
    if (!this.#isRead || waiting === undefined || doubtful === undefined) return;
    const seen = this.#countSeen(waiting.slice(0, doubtful));
    this.#database.exec("COMMIT");
    this.#waiting = undefined;
    for (const patch of waiting.slice(seen)) this.#take(patch);
  }

  /**
   * How many of these Patches the snapshot has. Commits come one after the other, so the snapshot is the store as it was
   * after one of them or before the first: the one after which all their documents stood as they stand in it. Where
   * several are, as what one did another undid, the store was the same after each.
   */
  #countSeen(patches: readonly ReplicaPatch[]): number {
    const standing = new Map<Iri, string>();
    for (const { turns } of patches) for (const { graph } of turns) standing.set(graph, this.#standing(graph));
    /** Documents that stand otherwise in the snapshot than after as many Patches. */
    const differing = new Set<Iri>();
    for (const { turns } of patches.toReversed()) {
      for (const { graph, before } of turns) {
        if (standing.get(graph) === before) differing.delete(graph);
        else differing.add(graph);
      }
    }
    if (differing.size === 0) return 0;
    for (const [at, { turns }] of patches.entries()) {
      for (const { graph, after } of turns) {
        if (standing.get(graph) === after) differing.delete(graph);
        else differing.add(graph);
      }
      if (differing.size === 0) return at + 1;
    }
    throw new Fault(
      "internal",
      "Expected the snapshot to be the store after one of its commits, but it is none of them.",
    );
  }

  #standing(graph: Iri): string {
    return standingOf(findDocument(this.#database, graph));
  }

  #take({ sequence, steps }: ReplicaPatch): void {
    for (const step of steps) {
      const document = statedDocument(step, this.#cache);
      if (step.op === "add") this.#store.add(document);
      else this.#store.remove(document);
    }
    this.#cache = new TermCache();
    this.#sequence = sequence;
    this.#store.advance();
  }
}
