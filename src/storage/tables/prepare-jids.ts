import { parseJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { type SqlDatabase, text } from "../database/sql-database.ts";

/** Where JIDs stand, as tables and columns. */
const COLUMNS: readonly (readonly [string, string])[] = [
  ["linked_jids", "jid"],
  ["upstreams", "service"],
  ["pubsub_nodes", "service"],
  ["pubsub_nodes", "creator"],
  ["affiliations", "jid"],
  ["subscriptions", "jid"],
  ["subscriptions", "bare_jid"],
  ["pubsub_items", "publisher"],
  ["node_redirects", "service"],
  ["contacts", "service"],
  ["contacts", "jid"],
  ["events", "service"],
  ["deliveries", "recipient"],
  ["deliveries", "host"],
  ["destinations", "name"],
  ["copies", "jid"],
  ["documents", "received_from"],
];

/** JSON with JIDs in it: tables, their columns, and the members whose texts are JIDs. */
const MEMBERS: readonly (readonly [string, string, ReadonlySet<string>])[] = [
  ["accounts", "account", new Set(["jid", "linkedJids"])],
  ["upstreams", "upstream", new Set(["service"])],
];

/**
 * Writes JIDs as they are compared (RFC 7622): earlier versions kept domains in the form `xn--…`. IRIs stay as they
 * are; so does what would then stand twice, and what is no JID by now.
 */
export function prepareJids(database: SqlDatabase): void {
  for (const [table, column] of COLUMNS) {
    const rows = database.all(`SELECT DISTINCT ${column} AS jid FROM ${table} WHERE ${column} LIKE '%xn--%'`);
    for (const before of rows.map((row) => text(row, "jid"))) {
      const after = prepared(before);
      const sql = `UPDATE OR IGNORE ${table} SET ${column} = ? WHERE ${column} = ?`;
      if (after !== before) database.run(sql, after, before);
    }
  }
  for (const [table, column, members] of MEMBERS) {
    const rows = database.all(`SELECT ${column} AS json FROM ${table} WHERE ${column} LIKE '%xn--%'`);
    for (const before of rows.map((row) => text(row, "json"))) {
      database.run(`UPDATE ${table} SET ${column} = ? WHERE ${column} = ?`, preparedIn(before, members), before);
    }
  }
}

function preparedIn(json: string, members: ReadonlySet<string>): string {
  const value = (key: string, given: unknown): unknown => {
    if (!members.has(key)) return given;
    if (typeof given === "string") return prepared(given);
    if (!Array.isArray(given)) return given;
    return given.map((each: unknown) => (typeof each === "string" ? prepared(each) : each));
  };
  return JSON.stringify(JSON.parse(json, value));
}

function prepared(text: string): string {
  const jid = parseJid(text);
  return isRefusal(jid) ? text : jid;
}
