import type { DocumentVersion, StoredDocument } from "../../hub/ports/records.ts";
import { Fault } from "../../outcome/fault.ts";
import type { Document, DocumentKind, Tombstone } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { writeNTriples } from "../../rdf/ntriples.ts";
import type { DocumentChange } from "../../rdf/patch.ts";
import { type Column, number, optionalText, type Row, type SqlDatabase, text } from "../database/sql-database.ts";
import { type DocumentLinks, documentLinks, LATER_REFERENCES } from "./document-links.ts";
import type { DocumentTrail } from "./document-trail.ts";
import { indexedText } from "./search-text.ts";
import {
  audienceColumn,
  DOCUMENT_COLUMNS,
  type Heat,
  type HeldDocument,
  heldDocument,
  withQuads,
} from "./stored-document.ts";

const BY_GRAPH = `SELECT ${DOCUMENT_COLUMNS} FROM documents WHERE graph = ?`;

/** The row of a live document. */
export function findDocument(database: SqlDatabase, graph: Iri): HeldDocument | undefined {
  const row = database.get(BY_GRAPH, graph);
  return row === undefined ? undefined : heldDocument(row);
}

/** What is stored under a graph IRI. */
export function storedDocument(database: SqlDatabase, graph: Iri): StoredDocument | undefined {
  const held = findDocument(database, graph);
  if (held !== undefined) return { kind: "live", document: held.document, version: held.version };
  const row = database.get("SELECT * FROM tombstones WHERE graph = ?", graph);
  return row === undefined ? undefined : { kind: "tombstone", tombstone: tombstoneOf(row) };
}

/** The version of the live document under a graph IRI. */
export function versionOf(database: SqlDatabase, graph: Iri): number | undefined {
  const row = database.get("SELECT version FROM documents WHERE graph = ?", graph);
  return row === undefined ? undefined : number(row, "version");
}

/** LIMIT: tombstones read at a time by {@link everyTombstone}. */
const TOMBSTONES_CHUNK = 256;

/** Every tombstone, or one author's, in order of graph IRI. */
export function* everyTombstone(
  database: SqlDatabase,
  filter: { readonly author?: Iri } = {},
): Generator<Tombstone, undefined> {
  const where = filter.author === undefined ? "graph > ?" : "graph > ? AND author = ?";
  const sql = `SELECT * FROM tombstones WHERE ${where} ORDER BY graph LIMIT ${TOMBSTONES_CHUNK}`;
  for (let after = ""; ; ) {
    const rows = filter.author === undefined ? database.all(sql, after) : database.all(sql, after, filter.author);
    for (const row of rows) yield tombstoneOf(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < TOMBSTONES_CHUNK) return;
    after = text(last, "graph");
  }
}

function tombstoneOf(row: Row): Tombstone {
  const author = optionalText(row, "author");
  const container = optionalText(row, "container");
  return {
    graph: text(row, "graph") as Iri,
    deleted: text(row, "deleted"),
    kind: text(row, "kind") as DocumentKind,
    ...(author === undefined ? {} : { author: author as Iri }),
    ...(container === undefined ? {} : { container: container as Iri }),
  };
}

/** A version kept by {@link keepVersion}. */
export function documentVersion(database: SqlDatabase, graph: Iri, version: number): DocumentVersion | undefined {
  const row = database.get(
    "SELECT document, quads FROM document_versions WHERE graph = ? AND version = ?",
    graph,
    version,
  );
  if (row === undefined) return undefined;
  const head = JSON.parse(text(row, "document")) as Omit<Document, "quads">;
  return { graph, version, document: withQuads(head, text(row, "quads")) };
}

/** Keeps the present text of a document under `version`; without such a document nothing happens. */
export function keepVersion(database: SqlDatabase, graph: Iri, version: number): void {
  const held = findDocument(database, graph);
  if (held === undefined) return;
  const { quads, ...head } = held.document;
  database.run(
    "INSERT OR REPLACE INTO document_versions (graph, version, document, quads) VALUES (?, ?, ?, ?)",
    graph,
    version,
    JSON.stringify(head),
    writeNTriples(quads),
  );
}

/** Applies one change to the documents and all that is derived from them, and notes it in `trail`. */
export function applyDocumentChange(database: SqlDatabase, change: DocumentChange, trail: DocumentTrail): void {
  switch (change.kind) {
    case "document-put":
      return putDocument(database, change.document, trail);
    case "document-deleted": {
      const version = removeDocument(database, change.tombstone.graph, trail);
      return putTombstone(database, change.tombstone, version);
    }
    case "document-dropped":
      removeDocument(database, change.graph, trail);
      database.run("DELETE FROM tombstones WHERE graph = ?", change.graph);
  }
}

function putDocument(database: SqlDatabase, document: Document, trail: DocumentTrail): void {
  const links = documentLinks(document);
  const heat = heatOf(database, document);
  // Mostly it is a new document: writing it at once saves looking for an old one.
  const fresh: HeldDocument = { id: 0, version: takeTombstone(database, document.graph) + 1, heat, document };
  const id = insertRow(database, fresh);
  const before = id === undefined ? findDocument(database, document.graph) : undefined;
  if (before !== undefined) return replaceDocument(database, before, document, links, trail);
  if (id === undefined)
    throw new Fault("internal", `Expected ${document.graph} to be new or there, but it is neither.`);
  const after = { ...fresh, id };
  addReferences(database, after, links);
  if (links.text !== undefined) trail.indexText(id, indexedText(links.text));
  trail.changed(document.graph, undefined, after);
  for (const graph of links.keeps) reheat(database, graph, trail);
}

function replaceDocument(
  database: SqlDatabase,
  before: HeldDocument,
  document: Document,
  links: DocumentLinks,
  trail: DocumentTrail,
): void {
  const { id } = before;
  const after: HeldDocument = { id, version: before.version + 1, heat: heatOf(database, document), document };
  const oldLinks = documentLinks(before.document);
  removeReferences(database, before, oldLinks);
  updateRow(database, after);
  addReferences(database, after, links);
  if (oldLinks.text !== links.text) {
    if (oldLinks.text !== undefined) trail.unindexText(id);
    if (links.text !== undefined) trail.indexText(id, indexedText(links.text));
  }
  trail.changed(document.graph, before, after);
  for (const graph of new Set([...oldLinks.keeps, ...links.keeps])) reheat(database, graph, trail);
}

/** Takes a document out with all that is derived from it; gives the version it had, 0 when there was none. */
function removeDocument(database: SqlDatabase, graph: Iri, trail: DocumentTrail): number {
  const before = findDocument(database, graph);
  if (before === undefined) return 0;
  const links = documentLinks(before.document);
  removeReferences(database, before, links);
  if (links.text !== undefined) trail.unindexText(before.id);
  database.run("DELETE FROM documents WHERE id = ?", before.id);
  database.run("DELETE FROM document_versions WHERE graph = ?", graph);
  trail.changed(graph, before, undefined);
  for (const kept of links.keeps) reheat(database, kept, trail);
  return before.version;
}

/** Writes a new row; gives its id, or undefined when there is one of this graph IRI already. */
function insertRow(database: SqlDatabase, held: HeldDocument): number | undefined {
  const { changes, id } = database.run(
    `INSERT INTO documents (graph, kind, audience, origin, received_from, author, container,
       created, modified, received, version, heat, quads) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (graph) DO NOTHING`,
    held.document.graph,
    ...columnsOf(held),
  );
  return changes === 0 ? undefined : id;
}

function updateRow(database: SqlDatabase, held: HeldDocument): void {
  database.run(
    `UPDATE documents SET kind = ?, audience = ?, origin = ?, received_from = ?, author = ?, container = ?,
       created = ?, modified = ?, received = ?, version = ?, heat = ?, quads = ? WHERE id = ?`,
    ...columnsOf(held),
    held.id,
  );
}

function columnsOf({ version, heat, document }: HeldDocument): Column[] {
  const { kind, audience, origin, author = null, container = null, created, modified = null, received } = document;
  const from = origin.kind === "received" ? origin.from : null;
  const head = [kind, audienceColumn(audience), origin.kind, from, author, container, created, modified, received];
  return [...head, version, heat, writeNTriples(document.quads)];
}

function addReferences(database: SqlDatabase, { id, document }: HeldDocument, links: DocumentLinks): void {
  const audience = audienceColumn(document.audience);
  for (const { reference, target } of links.references) {
    database.run(
      `INSERT INTO document_references (target, reference, audience, created, graph, document)
       VALUES (?, ?, ?, ?, ?, ?)`,
      target,
      reference,
      audience,
      document.created,
      document.graph,
      id,
    );
  }
  for (const graph of links.keeps) database.run("INSERT INTO kept_posts (graph, document) VALUES (?, ?)", graph, id);
}

function removeReferences(database: SqlDatabase, { id, document }: HeldDocument, links: DocumentLinks): void {
  const audience = audienceColumn(document.audience);
  for (const { reference, target } of links.references) {
    const { changes } = database.run(
      `DELETE FROM document_references
       WHERE target = ? AND reference = ? AND audience = ? AND created = ? AND graph = ?`,
      target,
      reference,
      audience,
      document.created,
      document.graph,
    );
    if (changes === 0 && !LATER_REFERENCES.has(reference)) {
      throw new Fault(
        "store-corrupt",
        `Expected the references of ${document.graph} as its quads say, but one is missing.`,
      );
    }
  }
  for (const graph of links.keeps) database.run("DELETE FROM kept_posts WHERE graph = ? AND document = ?", graph, id);
}

function putTombstone(database: SqlDatabase, tombstone: Tombstone, version: number): void {
  const kept = version > 0 ? version : takeTombstone(database, tombstone.graph);
  database.run(
    "INSERT OR REPLACE INTO tombstones (graph, deleted, kind, author, container, version) VALUES (?, ?, ?, ?, ?, ?)",
    tombstone.graph,
    tombstone.deleted,
    tombstone.kind,
    tombstone.author ?? null,
    tombstone.container ?? null,
    kept,
  );
}

/** Takes a tombstone away; gives the version its document had, so that an ETag never comes twice. */
function takeTombstone(database: SqlDatabase, graph: Iri): number {
  const row = database.get("SELECT version FROM tombstones WHERE graph = ?", graph);
  if (row === undefined) return 0;
  database.run("DELETE FROM tombstones WHERE graph = ?", graph);
  return number(row, "version");
}

function heatOf(database: SqlDatabase, document: Document): Heat {
  if (document.kind !== "post" || document.origin.kind === "own") return 0;
  return database.get("SELECT 1 FROM kept_posts WHERE graph = ? LIMIT 1", document.graph) === undefined ? 2 : 1;
}

/** Sets the heat of a post anew after an own document that answers or likes it came or went. */
function reheat(database: SqlDatabase, graph: Iri, trail: DocumentTrail): void {
  const held = findDocument(database, graph);
  if (held === undefined) return;
  const heat = heatOf(database, held.document);
  if (heat === held.heat) return;
  database.run("UPDATE documents SET heat = ? WHERE id = ?", heat, held.id);
  trail.reheated(graph, held, { ...held, heat });
}
