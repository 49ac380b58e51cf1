import { scopeBlankNodes } from "../../rdf/blank-node.ts";
import type { Audience } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { readNTriples, writeNTriples } from "../../rdf/ntriples.ts";
import type { Quad } from "../../rdf/term.ts";
import { number, type Row, type SqlDatabase, text } from "../database/sql-database.ts";
import { audienceOf } from "../tables/stored-document.ts";

/** LIMIT: documents looked at to find one that states a triple; the hash hardly ever misleads. */
const CANDIDATES_CHUNK = 16;

/** A document's statements, as they count for a store outside: its triples by their text. */
export interface Statements {
  readonly id: number;
  readonly graph: Iri;
  readonly audience: Audience;
  readonly triples: ReadonlyMap<string, Quad>;
}

/** The statements of a document by its columns. */
export function statementsOf(id: number, graph: Iri, audience: string, nTriples: string): Statements {
  const triples = new Map<string, Quad>();
  for (const triple of scopeBlankNodes(readNTriples(nTriples), graph)) triples.set(writeNTriples([triple]), triple);
  return { id, graph, audience: audienceOf(audience), triples };
}

/**
 * Which documents state a triple that is not their own: one about another subject than the document itself, or one of a
 * private document. Who states a document's own triples is told by its IRI. Hashes only find candidates; whether one
 * states the triple is read in the document as it is now.
 */
export class StatementIndex {
  readonly #database: SqlDatabase;
  readonly #read = new Map<number, Statements>();

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** Forgets the documents that were read, as they may have changed. */
  refresh(): void {
    this.#read.clear();
  }

  add(document: Statements): void {
    const isPrivate = document.audience === "public" ? 0 : 1;
    for (const [key, triple] of document.triples) {
      if (isPrivate === 0 && isOwn(triple, document.graph)) continue;
      this.#database.run(
        "INSERT OR IGNORE INTO journal_statements (hash, private, document) VALUES (?, ?, ?)",
        hashOf(key),
        isPrivate,
        document.id,
      );
    }
  }

  remove(document: Statements): void {
    const isPrivate = document.audience === "public" ? 0 : 1;
    for (const [key, triple] of document.triples) {
      if (isPrivate === 0 && isOwn(triple, document.graph)) continue;
      this.#database.run(
        "DELETE FROM journal_statements WHERE hash = ? AND private = ? AND document = ?",
        hashOf(key),
        isPrivate,
        document.id,
      );
    }
  }

  /** Whether a public document states a triple now. */
  isPublic(key: string, triple: Quad): boolean {
    for (const home of this.#homesOf(triple)) {
      if (home.audience === "public" && home.triples.has(key)) return true;
    }
    for (const document of this.#candidates(key, 0)) if (document.triples.has(key)) return true;
    return false;
  }

  /** The accounts in whose private documents a triple stands now. */
  privateAudiences(key: string): ReadonlySet<Iri> {
    const found = new Set<Iri>();
    for (const { audience, triples } of this.#candidates(key, 1)) {
      if (audience !== "public" && triples.has(key)) found.add(audience.only);
    }
    return found;
  }

  *#homesOf({ subject }: Quad): Generator<Statements> {
    if (subject.termType !== "NamedNode") return;
    for (const graph of new Set([subject.value, subject.value.replace(/#.*$/s, "")])) {
      const row = this.#database.get("SELECT id, graph, audience, quads FROM documents WHERE graph = ?", graph);
      if (row !== undefined) yield this.#statements(row);
    }
  }

  *#candidates(key: string, isPrivate: 0 | 1): Generator<Statements> {
    for (let after = 0; ; ) {
      const rows = this.#database.all(
        `SELECT d.id, d.graph, d.audience, d.quads FROM journal_statements AS s JOIN documents AS d ON d.id = s.document
         WHERE s.hash = ? AND s.private = ? AND s.document > ? ORDER BY s.document LIMIT ${CANDIDATES_CHUNK}`,
        hashOf(key),
        isPrivate,
        after,
      );
      for (const row of rows) yield this.#statements(row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < CANDIDATES_CHUNK) return;
      after = number(last, "id");
    }
  }

  #statements(row: Row): Statements {
    const id = number(row, "id");
    let found = this.#read.get(id);
    if (found === undefined) {
      found = statementsOf(id, text(row, "graph") as Iri, text(row, "audience"), text(row, "quads"));
      this.#read.set(id, found);
    }
    return found;
  }
}

/** Whether a triple is about the document itself. */
function isOwn({ subject }: Quad, graph: Iri): boolean {
  return subject.value === graph || subject.value.startsWith(`${graph}#`);
}

/** FNV-1a, 32 bits. */
function hashOf(key: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01_00_01_93);
  return hash >>> 0;
}
