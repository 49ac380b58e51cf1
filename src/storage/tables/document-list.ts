import type { ListPage, ListQuery, ListScope, NoteRecord } from "../../hub/ports/records.ts";
import { DOCUMENT_KINDS, type Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { TermCache } from "../../rdf/ntriples.ts";
import { type Column, number, type Row, type SqlDatabase, text } from "../database/sql-database.ts";
import { cursorOf, NEWEST, type Position, positionOf } from "./list-position.ts";
import { type Direction, type Entry, entryOf, mergeRanges, type Range } from "./list-range.ts";
import { searchExpression } from "./search-text.ts";
import { audienceOf, DOCUMENT_COLUMNS, heldDocument } from "./stored-document.ts";

/** LIMIT: documents on one page. */
const PAGE_MAX = 1_000;

const ORIGINS = ["own", "received", "imported"] as const;

/** Reads one page of a list. */
export function listDocuments(database: SqlDatabase, query: ListQuery): ListPage {
  const limit = Math.max(1, Math.min(Math.trunc(query.limit), PAGE_MAX));
  const direction: Direction = query.newerThan !== undefined && query.olderThan === undefined ? "newer" : "older";
  const cursor = direction === "newer" ? query.newerThan : query.olderThan;
  const start = cursor === undefined ? NEWEST : positionOf(cursor);
  const read = (from: Position, way: Direction, count: number): Entry[] =>
    readEntries(database, query, from, way, count);

  const found = read(start, direction, limit + 1);
  const goesOn = found.length > limit;
  const entries = found.slice(0, limit);
  if (direction === "newer") entries.reverse();
  const first = entries[0];
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return { documents: [] };
  const hasNewer = direction === "newer" ? goesOn : cursor !== undefined && read(first, "newer", 1).length > 0;
  const hasOlder = direction === "older" ? goesOn : read(last, "older", 1).length > 0;
  return {
    documents: loadDocuments(database, entries),
    ...(hasNewer ? { newer: cursorOf(first) } : {}),
    ...(hasOlder ? { older: cursorOf(last) } : {}),
  };
}

/** How many documents a list holds for everybody. */
export function countDocuments(database: SqlDatabase, scope: ListScope): number {
  if (scope.kind === "text") {
    const expression = searchExpression(scope.words);
    if (expression === undefined) return 0;
    return countOf(
      database.get(
        `SELECT count(*) AS count FROM document_text JOIN documents ON documents.id = document_text.rowid
         WHERE document_text MATCH ? AND audience = ''`,
        expression,
      ),
    );
  }
  let count = 0;
  for (const { table, columns, values } of rangesOf(scope, [""])) {
    const where = columns.map((column) => `${column} = ?`).join(" AND ");
    count += countOf(database.get(`SELECT count(*) AS count FROM ${table} WHERE ${where}`, ...values));
  }
  return count;
}

/** Graph IRIs of a container's public posts, newest first. */
export function postsOfContainer(database: SqlDatabase, container: Iri): readonly Iri[] {
  return database
    .all(
      `SELECT graph FROM documents WHERE container = ? AND audience = '' AND kind = 'post'
       ORDER BY created DESC, graph DESC`,
      container,
    )
    .map((row) => text(row, "graph") as Iri);
}

/** Graph IRI of a container's newest public document. */
export function newestOfContainer(database: SqlDatabase, container: Iri): Iri | undefined {
  const row = database.get(
    `SELECT graph FROM documents WHERE container = ? AND audience = '' ORDER BY created DESC, graph DESC LIMIT 1`,
    container,
  );
  return row === undefined ? undefined : (text(row, "graph") as Iri);
}

/** Whom an account follows, newest follow first, without reading its documents. */
export function followedBy(
  database: SqlDatabase,
  author: Iri,
  audience: Iri | undefined,
  limit: number,
): readonly Iri[] {
  return database
    .all(
      `SELECT target FROM documents CROSS JOIN document_references
         ON document_references.document = documents.id AND reference = 'follows'
       WHERE author = ? AND kind = 'follow' AND documents.audience IN ('', ?)
       ORDER BY documents.created DESC, documents.graph DESC LIMIT ?`,
      author,
      audience ?? "",
      limit,
    )
    .map((row) => text(row, "target") as Iri);
}

function countOf(row: Row | undefined): number {
  return row === undefined ? 0 : number(row, "count");
}

function readEntries(database: SqlDatabase, query: ListQuery, from: Position, way: Direction, count: number): Entry[] {
  const audiences =
    query.audience !== undefined && hasOwnDocuments(database, query.audience) ? ["", query.audience] : [""];
  if (query.scope.kind === "text") return readMatches(database, query.scope.words, audiences, from, way, count);
  return mergeRanges(database, rangesOf(query.scope, audiences), from, way, count);
}

function hasOwnDocuments(database: SqlDatabase, audience: Iri): boolean {
  return database.get("SELECT 1 FROM documents WHERE audience = ? AND audience <> '' LIMIT 1", audience) !== undefined;
}

/** The index ranges that together hold a list, each for one audience. */
function rangesOf(scope: Exclude<ListScope, { kind: "text" }>, audiences: readonly string[]): Range[] {
  const each = (table: Range["table"], columns: readonly string[], values: readonly Column[]): Range[] =>
    audiences.map((audience) => ({ table, columns: [...columns, "audience"], values: [...values, audience] }));
  switch (scope.kind) {
    case "container":
      return each("documents", ["container"], [scope.container]);
    case "authors":
      return [...new Set(scope.authors)].flatMap((author) =>
        each("documents", ["author", "kind"], [author, scope.documentKind]),
      );
    case "reference":
      return each("document_references", ["target", "reference"], [scope.target, scope.reference]);
    case "all": {
      const kinds = scope.documentKind === undefined ? DOCUMENT_KINDS : [scope.documentKind];
      const origins = scope.origin === undefined ? ORIGINS : [scope.origin];
      return kinds.flatMap((kind) =>
        origins.flatMap((origin) => each("documents", ["kind", "origin"], [kind, origin])),
      );
    }
  }
}

/** Text matches in list order. All matches are looked at, as the text index knows no times. */
function readMatches(
  database: SqlDatabase,
  words: string,
  audiences: readonly string[],
  from: Position,
  way: Direction,
  count: number,
): Entry[] {
  const expression = searchExpression(words);
  if (expression === undefined) return [];
  const bound = way === "older" ? "(created, graph) < (?, ?)" : "(created, graph) > (?, ?)";
  const direction = way === "older" ? "DESC" : "ASC";
  const rows = database.all(
    `SELECT id, created, graph FROM document_text JOIN documents ON documents.id = document_text.rowid
     WHERE document_text MATCH ? AND audience IN (?, ?) AND ${bound}
     ORDER BY created ${direction}, graph ${direction} LIMIT ?`,
    expression,
    audiences[0] ?? "",
    audiences[1] ?? "",
    from.created,
    from.graph,
    count,
  );
  return rows.map(entryOf);
}

function loadDocuments(database: SqlDatabase, entries: readonly Entry[]): Document[] {
  const cache = new TermCache();
  return entries.flatMap(({ id }) => {
    const row = database.get(`SELECT ${DOCUMENT_COLUMNS} FROM documents WHERE id = ?`, id);
    return row === undefined ? [] : [heldDocument(row, cache).document];
  });
}

/** LIMIT: documents read at a time by {@link everyDocument}. */
const EVERY_CHUNK = 256;

/** Every live document in order of graph IRI: all, or the public ones and one audience's, or one author's of those. */
export function* everyDocument(
  database: SqlDatabase,
  filter: { readonly author?: Iri; readonly audience?: Iri } = {},
): Generator<Document, undefined> {
  const cache = new TermCache();
  const where = ["graph > ?"];
  const values: Column[] = [];
  if (filter.author !== undefined) {
    where.push("author = ?");
    values.push(filter.author);
  }
  if (filter.audience !== undefined) {
    where.push("audience IN ('', ?)");
    values.push(filter.audience);
  }
  // The unary plus keeps SQLite from walking an index that is not in this order.
  const sql = `SELECT ${DOCUMENT_COLUMNS} FROM documents WHERE ${where.join(" AND ").replace("author", "+author").replace("audience", "+audience")}
     ORDER BY graph LIMIT ${EVERY_CHUNK}`;
  for (let after = ""; ; ) {
    const rows = database.all(sql, after, ...values);
    for (const row of rows) yield heldDocument(row, cache).document;
    const last = rows.at(-1);
    if (last === undefined || rows.length < EVERY_CHUNK) return;
    after = text(last, "graph");
  }
}

/** An account's notes in order of graph IRI; SQLite knows the size of a text without reading it. */
export function notesOf(database: SqlDatabase, author: Iri): readonly NoteRecord[] {
  return database
    .all(
      `SELECT graph, audience, coalesce(modified, created) AS modified, octet_length(quads) AS bytes
       FROM documents WHERE author = ? AND kind = 'note' ORDER BY graph`,
      author,
    )
    .map((row) => ({
      graph: text(row, "graph") as Iri,
      audience: audienceOf(text(row, "audience")),
      modified: text(row, "modified"),
      bytes: number(row, "bytes"),
    }));
}

/** Public or not: posts received from others that no own document answers or likes, received before `before`. */
export function expiredPosts(database: SqlDatabase, before: string, limit: number): readonly Iri[] {
  return database
    .all(
      `SELECT graph FROM documents WHERE heat = 2 AND origin = 'received' AND received < ?
       ORDER BY received, graph LIMIT ?`,
      before,
      Math.max(1, Math.min(Math.trunc(limit), PAGE_MAX)),
    )
    .map((row) => text(row, "graph") as Iri);
}
