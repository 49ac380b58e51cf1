import { setImmediate as nextTurn } from "node:timers/promises";
import type { Iri } from "../../rdf/iri.ts";
import { readNTriples, TermCache } from "../../rdf/ntriples.ts";
import { number, type Row, type SqlDatabase, text } from "../database/sql-database.ts";
import type { ReplicaFeed } from "../replica/replica-feed.ts";
import type { DocumentStep } from "../tables/document-trail.ts";
import { comparePositions, type Position } from "../tables/list-position.ts";
import { audienceOf, type HeldDocument } from "../tables/stored-document.ts";
import type { QuadStore } from "./quad-store.ts";

/** LIMIT: how long filling keeps the event loop from its turn, in milliseconds. */
const SLICE_MS = 50;

/** LIMIT: documents read from the database at a time. */
const CHUNK = 256;

/** Told while the query store is filled. */
export type FillProgress = (progress: { readonly done: number; readonly total: number }) => void;

/**
 * Decides which documents stand in the query store and keeps it so: all but other people's posts, those of them that an
 * own document answers or likes, and the newest `foreignPosts_max` of the rest. What is colder stays in `hub.db`.
 *
 * Where the rest begins is one place in its newest-first order, the horizon: what stands there or later is in.
 */
export class HotSet {
  readonly #database: SqlDatabase;
  readonly #store: QuadStore | ReplicaFeed;
  readonly #foreignPosts_max: number;
  #horizon: Position | undefined;
  #foreignPosts = 0;
  /** Whether there may be posts colder than the horizon. */
  #mayAdmit = true;
  #cache = new TermCache();

  constructor(database: SqlDatabase, store: QuadStore | ReplicaFeed, options: { readonly foreignPosts_max: number }) {
    this.#database = database;
    this.#store = store;
    this.#foreignPosts_max = options.foreignPosts_max;
  }

  /** Fills an empty store, in slices that let the event loop have its turns; nothing may be committed meanwhile. */
  async fill(
    options: { readonly onProgress?: FillProgress | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const foreign = this.#count("WHERE heat = 2");
    this.#foreignPosts = Math.min(foreign, this.#foreignPosts_max);
    this.#horizon = this.#placeOf(this.#foreignPosts);
    const total = this.#count("WHERE heat < 2") + this.#foreignPosts;
    const horizon = this.#horizon;
    const cold = horizon === undefined ? "heat < 2" : "(heat < 2 OR (created, graph) >= (?, ?))";
    const sql = `SELECT id, graph, audience, quads FROM documents WHERE id > ? AND ${cold} ORDER BY id LIMIT ${CHUNK}`;
    const values = horizon === undefined ? [] : [horizon.created, horizon.graph];
    let until_ms = performance.now() + SLICE_MS;
    for (let after = 0, done = 0; ; ) {
      const rows = this.#database.all(sql, after, ...values);
      // A cache for each chunk: one that outlives it fills with IRIs of posts, which hardly come twice.
      this.#cache = new TermCache();
      for (const row of rows) this.#addRow(row);
      done += rows.length;
      const last = rows.at(-1);
      if (last !== undefined) after = number(last, "id");
      if (last === undefined || performance.now() >= until_ms) {
        options.onProgress?.({ done, total });
        await nextTurn();
        options.signal?.throwIfAborted();
        until_ms = performance.now() + SLICE_MS;
      }
      if (last === undefined) break;
    }
    this.#cache = new TermCache();
    this.#store.advance();
  }

  /** Follows a commit. */
  apply(steps: readonly DocumentStep[]): void {
    const before = steps.map(({ before }) => before !== undefined && this.#isHot(before));
    // First out, then in: a triple two documents hand over to each other is never counted wrong either way.
    steps.forEach((step, at) => {
      if (before[at] && step.before !== undefined) this.#leave(step.before, step);
    });
    for (const step of steps) {
      if (step.after === undefined) continue;
      if (this.#isHot(step.after)) this.#enter(step.after, step);
      else this.#mayAdmit = true;
    }
    this.#evict();
    this.#admit();
    this.#store.advance();
  }

  #isHot({ heat, document }: HeldDocument): boolean {
    return heat < 2 || (this.#horizon !== undefined && comparePositions(document, this.#horizon) >= 0);
  }

  #leave(held: HeldDocument, step: DocumentStep): void {
    if (held.heat === 2) this.#foreignPosts--;
    if (!this.#isUntouched(step)) this.#store.remove(held.document);
  }

  #enter(held: HeldDocument, step: DocumentStep): void {
    if (held.heat === 2) this.#foreignPosts++;
    if (!this.#isUntouched(step)) this.#store.add(held.document);
  }

  /** Only its heat changed, and it is in the store before and after. */
  #isUntouched({ written, before, after }: DocumentStep): boolean {
    return !written && before !== undefined && after !== undefined && this.#isHot(before) && this.#isHot(after);
  }

  #evict(): void {
    const horizon = this.#horizon;
    const excess = this.#foreignPosts - this.#foreignPosts_max;
    if (excess <= 0 || horizon === undefined) return;
    const rows = this.#database.all(
      `SELECT graph, created, audience, quads FROM documents
       WHERE heat = 2 AND (created, graph) >= (?, ?) ORDER BY created, graph LIMIT ?`,
      horizon.created,
      horizon.graph,
      excess + 1,
    );
    for (const row of rows.slice(0, excess)) this.#removeRow(row);
    const next = rows[excess];
    this.#horizon = next === undefined ? undefined : placeOf(next);
    this.#foreignPosts -= excess;
    this.#mayAdmit = true;
  }

  /** Lets in what is colder than the horizon while there is room. */
  #admit(): void {
    while (this.#mayAdmit && this.#foreignPosts < this.#foreignPosts_max) {
      const wanted = Math.min(CHUNK, this.#foreignPosts_max - this.#foreignPosts);
      const rows = this.#database.all(
        `SELECT graph, created, audience, quads FROM documents
         WHERE heat = 2 AND (created, graph) < (?, ?) ORDER BY created DESC, graph DESC LIMIT ?`,
        this.#horizon?.created ?? "~",
        this.#horizon?.graph ?? "",
        wanted,
      );
      for (const row of rows) this.#addRow(row);
      this.#foreignPosts += rows.length;
      const last = rows.at(-1);
      if (last !== undefined) this.#horizon = placeOf(last);
      // Nothing colder is left: no need to look again with each commit.
      this.#mayAdmit = rows.length === wanted;
    }
  }

  #addRow(row: Row): void {
    this.#store.add(this.#read(row));
  }

  #removeRow(row: Row): void {
    this.#store.remove(this.#read(row));
  }

  #read(row: Row) {
    return {
      graph: text(row, "graph") as Iri,
      audience: audienceOf(text(row, "audience")),
      quads: readNTriples(text(row, "quads"), this.#cache),
    };
  }

  #count(where: string): number {
    return number(this.#database.get(`SELECT count(*) AS count FROM documents ${where}`) ?? {}, "count");
  }

  /** The place of the `rank`-th newest of other people's posts. */
  #placeOf(rank: number): Position | undefined {
    if (rank < 1) return undefined;
    const row = this.#database.get(
      "SELECT created, graph FROM documents WHERE heat = 2 ORDER BY created DESC, graph DESC LIMIT 1 OFFSET ?",
      rank - 1,
    );
    return row === undefined ? undefined : placeOf(row);
  }
}

function placeOf(row: Row): Position {
  return { created: text(row, "created"), graph: text(row, "graph") };
}
