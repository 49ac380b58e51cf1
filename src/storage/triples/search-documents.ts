import type { Dataset } from "../../hub/ports/queries.ts";
import type { Iri } from "../../rdf/iri.ts";
import { type SqlDatabase, text } from "../database/sql-database.ts";
import { searchExpression } from "../tables/search-text.ts";

/** LIMIT: documents that one search finds, the newest. */
const FOUND_MAX = 100_000;

/** Graph IRIs of the documents whose text holds all these words and that a dataset shows, newest first. */
export function searchDocuments(database: SqlDatabase, words: string, dataset: Dataset): readonly Iri[] {
  const expression = searchExpression(words);
  if (expression === undefined) return [];
  return database
    .all(
      `SELECT graph FROM document_text JOIN documents ON documents.id = document_text.rowid
       WHERE document_text MATCH ? AND audience IN ('', ?) ORDER BY created DESC, graph DESC LIMIT ?`,
      expression,
      dataset.private ?? "",
      FOUND_MAX,
    )
    .map((row) => text(row, "graph") as Iri);
}
