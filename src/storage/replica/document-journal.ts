import type {
  DocumentJournal,
  FillPart,
  JournalMark,
  JournalPart,
  StatementChange,
} from "../../hub/ports/document-journal.ts";
import type { Dataset } from "../../hub/ports/queries.ts";
import type { Audience } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { writeNTriples } from "../../rdf/ntriples.ts";
import type { Quad } from "../../rdf/term.ts";
import { number, optionalText, type SqlDatabase, text } from "../database/sql-database.ts";
import { searchDocuments } from "../triples/search-documents.ts";
import { StatementIndex, type Statements, statementsOf } from "../triples/statement-index.ts";

/** LIMIT: rows of the journal that are kept behind a store, so that one put back from a backup can catch up. */
const KEPT_ROWS_MAX = 100_000;
/** LIMIT: documents read at a time by {@link DocumentJournal.triples}. */
const CHUNK = 256;

/**
 * What the journal needs in `hub.db`. These tables come and go with the option, so that a hub without an external store
 * does not write them; triggers put each change into the same commit. A row holds what the document was before; a row
 * with `run` marks a start of the hub.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS document_journal (
    position INTEGER PRIMARY KEY, graph TEXT NOT NULL, document INTEGER NOT NULL,
    audience TEXT, quads TEXT, run TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS document_journal_runs ON document_journal (position) WHERE run IS NOT NULL;
  CREATE TABLE IF NOT EXISTS journal_statements (
    hash INTEGER NOT NULL, private INTEGER NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (hash, private, document)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER IF NOT EXISTS journal_of_new AFTER INSERT ON documents BEGIN
    INSERT INTO document_journal (graph, document) VALUES (NEW.graph, NEW.id);
  END;
  CREATE TRIGGER IF NOT EXISTS journal_of_changed AFTER UPDATE OF quads, audience ON documents
  WHEN OLD.quads <> NEW.quads OR OLD.audience <> NEW.audience BEGIN
    INSERT INTO document_journal (graph, document, audience, quads) VALUES (OLD.graph, OLD.id, OLD.audience, OLD.quads);
  END;
  CREATE TRIGGER IF NOT EXISTS journal_of_gone AFTER DELETE ON documents BEGIN
    INSERT INTO document_journal (graph, document, audience, quads) VALUES (OLD.graph, OLD.id, OLD.audience, OLD.quads);
  END;
`;

const NO_TABLES = `
  DROP TRIGGER IF EXISTS journal_of_new; DROP TRIGGER IF EXISTS journal_of_changed; DROP TRIGGER IF EXISTS journal_of_gone;
  DROP TABLE IF EXISTS document_journal; DROP TABLE IF EXISTS journal_statements;
`;

/** Takes the journal out of a `hub.db` whose queries are answered in this process. */
export function dropJournal(database: SqlDatabase): void {
  if (database.get("SELECT 1 FROM sqlite_schema WHERE name = 'document_journal'") === undefined) return;
  database.exec(`BEGIN; ${NO_TABLES} COMMIT`);
}

/** What the journal is told by the records. */
export interface JournalOptions {
  readonly database: SqlDatabase;
  /** Calls back after each commit that changed documents; returns the way to stop. */
  readonly onCommit: (listener: () => void) => () => void;
  /** LIMIT: rows that are kept behind a store; 100,000 unless told otherwise. */
  readonly keptRows_max?: number;
}

/** Opens the journal, making its tables when there are none: from then on every commit is in it. */
export function openJournal(options: JournalOptions): DocumentJournal {
  return new SqliteJournal(options);
}

class SqliteJournal implements DocumentJournal {
  readonly #database: SqlDatabase;
  readonly #index: StatementIndex;
  readonly #listeners = new Set<() => void>();
  readonly #run: string;
  readonly #keptRows_max: number;
  #version = 0;

  constructor({ database, onCommit, keptRows_max = KEPT_ROWS_MAX }: JournalOptions) {
    this.#database = database;
    this.#keptRows_max = keptRows_max;
    database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT`);
    this.#run = text(database.get("SELECT lower(hex(randomblob(8))) AS run") ?? {}, "run");
    database.run("INSERT INTO document_journal (graph, document, run) VALUES ('', 0, ?)", this.#run);
    this.#index = new StatementIndex(database);
    onCommit(() => {
      this.#version++;
      for (const listener of this.#listeners) listener();
    });
  }

  get version(): number {
    return this.#version;
  }

  mark(): JournalMark {
    const row = this.#database.get("SELECT max(position) AS position FROM document_journal") ?? {};
    return { run: this.#run, position: number(row, "position") };
  }

  knows({ run, position }: JournalMark): boolean {
    // What stands after it must still be there.
    const oldest = this.#database.get("SELECT min(position) AS position FROM document_journal WHERE run IS NULL") ?? {};
    const last = this.mark().position;
    if (position < last - this.#keptRows_max && position < Number(oldest["position"] ?? 0) - 1) return false;
    const start = this.#database.get("SELECT position FROM document_journal WHERE run = ?", run);
    if (start === undefined || position < number(start, "position")) return false;
    const next = this.#database.get(
      "SELECT position FROM document_journal WHERE run IS NOT NULL AND position > ? ORDER BY position LIMIT 1",
      number(start, "position"),
    );
    return position <= (next === undefined ? last : number(next, "position") - 1);
  }

  pending({ position }: JournalMark): number {
    const sql = "SELECT count(*) AS count FROM document_journal WHERE position > ? AND run IS NULL";
    return number(this.#database.get(sql, position) ?? {}, "count");
  }

  reached({ position }: JournalMark): void {
    // A start of the hub stays as long as a place in its run does: places are known by it.
    this.#database.run(
      `DELETE FROM document_journal WHERE position < ? AND position <
         (SELECT coalesce(max(position), 0) FROM document_journal WHERE run IS NOT NULL AND position <= ?)`,
      position - this.#keptRows_max,
      position - this.#keptRows_max,
    );
    this.#database.run(
      "DELETE FROM document_journal WHERE position < ? AND run IS NULL",
      position - this.#keptRows_max,
    );
  }

  after(mark: JournalMark, documents_max: number): JournalPart | undefined {
    const rows = this.#database.all(
      "SELECT position, graph, document, audience, quads, run FROM document_journal WHERE position > ? ORDER BY position LIMIT ?",
      mark.position,
      documents_max,
    );
    const last = rows.at(-1);
    if (last === undefined) return undefined;
    const before = new Map<Iri, Statements[]>();
    for (const row of rows) {
      if (optionalText(row, "run") !== undefined) continue;
      const graph = text(row, "graph") as Iri;
      const known = before.get(graph) ?? [];
      before.set(graph, known);
      const [audience, quads] = [optionalText(row, "audience"), optionalText(row, "quads")];
      if (audience !== undefined && quads !== undefined)
        known.push(statementsOf(number(row, "document"), graph, audience, quads));
    }
    const placed = new Placement();
    this.#inTransaction(() => {
      for (const [graph, versions] of before) this.#change(versions, this.#present(graph), placed);
    });
    const position = number(last, "position");
    return { changes: placed.changes(), upTo: { run: this.#runAt(position), position }, documents: before.size };
  }

  fill(after: number, documents_max: number): FillPart {
    const rows = this.#database.all(
      "SELECT id, graph, audience, quads FROM documents WHERE id > ? ORDER BY id LIMIT ?",
      after,
      documents_max,
    );
    const placed = new Placement();
    this.#inTransaction(() => {
      if (after === 0) this.#database.run("DELETE FROM journal_statements");
      for (const row of rows) {
        const now = statementsOf(
          number(row, "id"),
          text(row, "graph") as Iri,
          text(row, "audience"),
          text(row, "quads"),
        );
        this.#change([], now, placed);
      }
    });
    const last = rows.at(-1);
    const more = last !== undefined && rows.length === documents_max;
    return { changes: placed.changes(), after: more ? number(last, "id") : undefined, documents: rows.length };
  }

  documents(): number {
    return number(this.#database.get("SELECT count(*) AS count FROM documents") ?? {}, "count");
  }

  onMore(listener: () => void): () => void {
    const heard = (): void => listener();
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  isPublic(triple: Quad): boolean {
    this.#index.refresh();
    return this.#index.isPublic(writeNTriples([triple]), triple);
  }

  *triples(dataset: Dataset): Generator<Quad, undefined> {
    const own = dataset.private ?? "";
    for (let after = 0; ; ) {
      const rows = this.#database.all(
        `SELECT id, graph, audience, quads FROM documents WHERE id > ? AND audience IN ('', ?) ORDER BY id LIMIT ${CHUNK}`,
        after,
        own,
      );
      for (const row of rows) {
        yield* statementsOf(0, text(row, "graph") as Iri, text(row, "audience"), text(row, "quads")).triples.values();
      }
      const last = rows.at(-1);
      if (last === undefined) return undefined;
      after = number(last, "id");
    }
  }

  search(words: string, dataset: Dataset): readonly Iri[] {
    return searchDocuments(this.#database, words, dataset);
  }

  #present(graph: Iri): Statements | undefined {
    const row = this.#database.get("SELECT id, audience, quads FROM documents WHERE graph = ?", graph);
    return row === undefined
      ? undefined
      : statementsOf(number(row, "id"), graph, text(row, "audience"), text(row, "quads"));
  }

  /** Says where the triples of one document stand now that it was `before` and is `now`. */
  #change(before: readonly Statements[], now: Statements | undefined, placed: Placement): void {
    this.#index.refresh();
    for (const old of before) this.#index.remove(old);
    if (now !== undefined) this.#index.add(now);
    const touched = new Map(now?.triples);
    const audiences = new Set<Audience>(now === undefined ? [] : [now.audience]);
    for (const { audience, triples } of before) {
      audiences.add(audience);
      for (const [key, triple] of triples) touched.set(key, triple);
    }
    for (const [key, triple] of touched) this.#place(key, triple, now, before.length > 0, audiences, placed);
  }

  #place(
    key: string,
    triple: Quad,
    now: Statements | undefined,
    wasThere: boolean,
    audiences: ReadonlySet<Audience>,
    placed: Placement,
  ): void {
    const stated = now?.triples.has(key) === true ? now.audience : undefined;
    const isPublic = stated === "public" || this.#index.isPublic(key, triple);
    const accounts = new Set(this.#index.privateAudiences(key));
    if (isPublic) placed.put("add", "public", key, triple);
    else if (wasThere) placed.put("remove", "public", key, triple);
    for (const account of accounts) placed.put(isPublic ? "remove" : "add", { only: account }, key, triple);
    for (const audience of audiences) {
      if (audience !== "public" && !accounts.has(audience.only)) placed.put("remove", audience, key, triple);
    }
  }

  #runAt(position: number): string {
    const row = this.#database.get(
      "SELECT run FROM document_journal WHERE run IS NOT NULL AND position <= ? ORDER BY position DESC LIMIT 1",
      position,
    );
    return row === undefined ? this.#run : text(row, "run");
  }

  #inTransaction(work: () => void): void {
    this.#database.run("BEGIN IMMEDIATE");
    try {
      work();
      this.#database.run("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.run("ROLLBACK");
      throw error;
    }
  }
}

/** Where triples come to stand; what is said last of a triple in a graph holds. */
class Placement {
  readonly #changes = new Map<string, StatementChange>();

  put(op: StatementChange["op"], audience: Audience, key: string, triple: Quad): void {
    const at = `${audience === "public" ? "" : audience.only}\n${key}`;
    this.#changes.set(at, { op, audience, triple });
  }

  changes(): readonly StatementChange[] {
    return [...this.#changes.values()];
  }
}
