import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import type { NodeId, Page, PageRequest, PubsubItem } from "../../pubsub/state.ts";
import { number, type Row, type SqlDatabase, text } from "../database/sql-database.ts";

/** LIMIT: items on one page, whatever is asked for. */
const ITEMS_MAX = 1_000;

/** One item of a node, by the node's number. */
export function itemRow(database: SqlDatabase, node: number, id: string): Row | undefined {
  return database.get("SELECT * FROM pubsub_items WHERE node = ? AND id = ?", node, id);
}

/** A row as the item it holds. */
export function itemOf(row: Row, service: BareJid, node: NodeId): PubsubItem {
  return {
    service,
    node,
    id: text(row, "id") as ItemId,
    publisher: text(row, "publisher") as BareJid,
    payload: text(row, "payload"),
    published: text(row, "published") as Instant,
    updated: text(row, "updated") as Instant,
  };
}

/** A page by XEP-0059 §2: newest first by publication or modification, then by id, or all the other way round. */
export function itemPage(
  database: SqlDatabase,
  at: { readonly service: BareJid; readonly node: NodeId; readonly number: number },
  page: PageRequest,
): Page<PubsubItem> | undefined {
  const time = page.order === "modification" ? "updated" : "published";
  // What has expired is not there; "" is before every time, and "~" after.
  const { since = "", until = "~" } = page;
  const bounds = page.since === undefined && page.until === undefined ? [] : [since, until];
  const within = bounds.length === 0 ? "" : "AND updated > ? AND updated <= ?";
  const count = countItems(database, `node = ? ${within}`, at.number, ...bounds);
  const max = Math.max(0, Math.min(page.max, ITEMS_MAX));
  const backwards = page.before !== undefined && page.after === undefined;
  const cursor = backwards ? page.before : page.after;
  const anchor = cursor === undefined || cursor === "" ? undefined : itemRow(database, at.number, cursor);
  const isHere = anchor !== undefined && text(anchor, "updated") > since && text(anchor, "updated") <= until;
  if (cursor !== undefined && cursor !== "" && !isHere) return undefined;
  // `before` walks the list from its end, so the rows come the other way round and are turned.
  const ascending = backwards !== (page.oldestFirst === true);
  const where = anchor === undefined ? "" : `AND (${time}, id) ${ascending ? ">" : "<"} (?, ?)`;
  const direction = ascending ? "ASC" : "DESC";
  const rows = database.all(
    `SELECT * FROM pubsub_items WHERE node = ? ${within} ${where} ORDER BY ${time} ${direction}, id ${direction} LIMIT ?`,
    at.number,
    ...bounds,
    ...(anchor === undefined ? [] : [text(anchor, time), text(anchor, "id")]),
    max + 1,
  );
  const complete = rows.length <= max;
  const shown = rows.slice(0, max);
  if (backwards) shown.reverse();
  const [first] = shown;
  const firstIndex =
    first === undefined
      ? 0
      : countItems(
          database,
          `node = ? ${within} AND (${time}, id) ${page.oldestFirst === true ? "<" : ">"} (?, ?)`,
          at.number,
          ...bounds,
          text(first, time),
          text(first, "id"),
        );
  return { items: shown.map((row) => itemOf(row, at.service, at.node)), firstIndex, count, complete };
}

function countItems(database: SqlDatabase, where: string, ...values: (number | string)[]): number {
  const row = database.get(`SELECT count(*) AS count FROM pubsub_items WHERE ${where}`, ...values);
  return row === undefined ? 0 : number(row, "count");
}
