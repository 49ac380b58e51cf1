import type { Instant } from "../../core/instant.ts";
import type { HookChange, HookReader, WatchHook } from "../../hub/ports/watch-hooks.ts";
import { number, optionalText, type Row, type SqlDatabase, text } from "../database/sql-database.ts";

const hookOf = (row: Row): WatchHook => JSON.parse(text(row, "hook")) as WatchHook;

/** Hooks for which something waits. */
const WAITING = "watch_hooks WHERE EXISTS (SELECT 1 FROM hook_events WHERE hook_events.hook = watch_hooks.id)";

/** The reads of webhooks and their queues. */
export function hookReader(database: SqlDatabase): HookReader {
  return {
    hooks: ({ account, name } = {}) => {
      const order = "ORDER BY account, name, id";
      if (account === undefined) return database.all(`SELECT hook FROM watch_hooks ${order}`).map(hookOf);
      const sql = "SELECT hook FROM watch_hooks WHERE account = ?";
      return (
        name === undefined
          ? database.all(`${sql} ${order}`, account)
          : database.all(`${sql} AND name = ? ${order}`, account, name)
      ).map(hookOf);
    },
    hook: (id) => {
      const row = database.get("SELECT hook FROM watch_hooks WHERE id = ?", id);
      return row === undefined ? undefined : hookOf(row);
    },
    hooksDue: (now, limit) =>
      database
        .all(`SELECT hook FROM ${WAITING} AND next_attempt <= ? ORDER BY next_attempt LIMIT ?`, now, limit)
        .map(hookOf),
    nextHook: () =>
      optionalText(database.get(`SELECT min(next_attempt) AS next FROM ${WAITING}`) ?? {}, "next") as
        | Instant
        | undefined,
    hookEvent: (id) => {
      const sql = "SELECT number, created, body FROM hook_events WHERE hook = ? ORDER BY number LIMIT 1";
      const row = database.get(sql, id);
      if (row === undefined) return undefined;
      return { number: number(row, "number"), created: text(row, "created") as Instant, body: text(row, "body") };
    },
    hookQueue: (id, before = "" as Instant) => {
      const sql =
        "SELECT count(*) AS queued, count(*) FILTER (WHERE created < ?) AS old FROM hook_events WHERE hook = ?";
      const row = database.get(sql, before, id) ?? {};
      return { queued: number(row, "queued"), old: number(row, "old") };
    },
  };
}

/** Applies one change to the webhooks. */
export function applyHookChange(database: SqlDatabase, change: HookChange): void {
  switch (change.kind) {
    case "hook-put": {
      const { account, name, id, nextAttempt } = change.hook;
      const sql = "INSERT OR REPLACE INTO watch_hooks (account, name, id, next_attempt, hook) VALUES (?, ?, ?, ?, ?)";
      database.run(sql, account, name, id, nextAttempt, JSON.stringify(change.hook));
      return;
    }
    case "hook-removed":
      database.run("DELETE FROM hook_events WHERE hook = ?", change.id);
      database.run("DELETE FROM watch_hooks WHERE id = ?", change.id);
      return;
    case "hook-event-queued": {
      const sql = "INSERT INTO hook_events (hook, created, body) VALUES (?, ?, ?)";
      database.run(sql, change.id, change.created, change.body);
      return;
    }
    case "hook-event-done":
      database.run("DELETE FROM hook_events WHERE number = ?", change.number);
      return;
    case "hook-events-dropped": {
      const oldest = "SELECT number FROM hook_events WHERE hook = ? ORDER BY number LIMIT ?";
      database.run(`DELETE FROM hook_events WHERE number IN (${oldest})`, change.id, change.count);
    }
  }
}

/** Takes out the webhooks of a watch, with what waits for them. */
export function removeHooksOf(database: SqlDatabase, account: string, name: string): void {
  const ids = "SELECT id FROM watch_hooks WHERE account = ? AND name = ?";
  database.run(`DELETE FROM hook_events WHERE hook IN (${ids})`, account, name);
  database.run("DELETE FROM watch_hooks WHERE account = ? AND name = ?", account, name);
}
