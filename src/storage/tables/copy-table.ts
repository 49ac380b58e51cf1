import type { AccountName } from "../../core/account.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import type { PostCopy } from "../../hub/ports/records.ts";
import { number, type SqlDatabase, text } from "../database/sql-database.ts";

/** The versions of an account's posts that stand in somebody's own microblog, by item id. */
export function copiesOf(database: SqlDatabase, account: AccountName, jid: BareJid): ReadonlyMap<ItemId, number> {
  const rows = database.all("SELECT id, version FROM copies WHERE account = ? AND jid = ?", account, jid);
  return new Map(rows.map((row) => [text(row, "id") as ItemId, number(row, "version")]));
}

/** The version of one of them. */
export function copiedVersion(
  database: SqlDatabase,
  { account, jid, id }: Omit<PostCopy, "version">,
): number | undefined {
  const row = database.get("SELECT version FROM copies WHERE account = ? AND jid = ? AND id = ?", account, jid, id);
  return row === undefined ? undefined : number(row, "version");
}

/** Writes down that a version of a post stands there. */
export function putCopy(database: SqlDatabase, { account, jid, id, version }: PostCopy): void {
  database.run(
    "INSERT OR REPLACE INTO copies (account, jid, id, version) VALUES (?, ?, ?, ?)",
    account,
    jid,
    id,
    version,
  );
}

/** Forgets a post that stands there no more. */
export function removeCopy(database: SqlDatabase, { account, jid, id }: Omit<PostCopy, "version">): void {
  database.run("DELETE FROM copies WHERE account = ? AND jid = ? AND id = ?", account, jid, id);
}
