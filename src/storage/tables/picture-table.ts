import type { PictureId, PictureType } from "../../core/picture.ts";
import type { KeptPicture } from "../../hub/ports/records.ts";
import { type SqlDatabase, text } from "../database/sql-database.ts";

/** LIMIT: other people's pictures that are kept; the one that came first goes first. */
const PICTURES_MAX = 2_000;

/** A picture by its hash. */
export function findPicture(database: SqlDatabase, id: PictureId): KeptPicture | undefined {
  const row = database.get("SELECT type, bytes FROM pictures WHERE id = ?", id);
  const bytes = row?.["bytes"];
  if (row === undefined || !(bytes instanceof Uint8Array)) return undefined;
  return { id, type: text(row, "type") as PictureType, bytes };
}

/** Keeps a picture. */
export function putPicture(database: SqlDatabase, { id, type, bytes }: KeptPicture): void {
  database.run("INSERT OR IGNORE INTO pictures (id, type, bytes) VALUES (?, ?, ?)", id, type, bytes);
  database.run(
    "DELETE FROM pictures WHERE number <= (SELECT number FROM pictures ORDER BY number DESC LIMIT 1 OFFSET ?)",
    PICTURES_MAX,
  );
}
