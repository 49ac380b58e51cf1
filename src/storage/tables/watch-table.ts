import type { Watch, WatchAnswer, WatchChange, WatchReader } from "../../hub/ports/standing.ts";
import { number, type Row, type SqlDatabase, text } from "../database/sql-database.ts";
import { removeHooksOf } from "./hook-table.ts";

const watchOf = (row: Row): Watch => JSON.parse(text(row, "watch")) as Watch;
const answerOf = (row: Row): WatchAnswer => JSON.parse(text(row, "answer")) as WatchAnswer;

/** The reads of standing queries and their answers. */
export function watchReader(database: SqlDatabase): WatchReader {
  return {
    watch: ({ account, name }) => {
      const row = database.get("SELECT watch FROM watches WHERE account = ? AND name = ?", account, name);
      return row === undefined ? undefined : watchOf(row);
    },
    watches: (account) =>
      (account === undefined
        ? database.all("SELECT watch FROM watches ORDER BY account, name")
        : database.all("SELECT watch FROM watches WHERE account = ? ORDER BY name", account)
      ).map(watchOf),
    watchAnswer: ({ account, name }, item) => {
      const sql = "SELECT answer FROM watch_answers WHERE account = ? AND name = ? AND item = ?";
      const row = database.get(sql, account, name, item);
      return row === undefined ? undefined : answerOf(row);
    },
    watchAnswers: ({ account, name }, first) => {
      const sql = "SELECT answer FROM watch_answers WHERE account = ? AND name = ?";
      const rows =
        first === undefined
          ? database.all(sql, account, name)
          : database.all(`${sql} AND first = ?`, account, name, first);
      return rows.map(answerOf);
    },
    watchAnswerCount: ({ account, name }) => {
      const sql = "SELECT count(*) AS count FROM watch_answers WHERE account = ? AND name = ?";
      return number(database.get(sql, account, name) ?? {}, "count");
    },
  };
}

/** Applies one change to the standing queries. */
export function applyWatchChange(database: SqlDatabase, change: WatchChange): void {
  switch (change.kind) {
    case "watch-put": {
      const { account, name } = change.watch;
      const sql = "INSERT OR REPLACE INTO watches (account, name, watch) VALUES (?, ?, ?)";
      database.run(sql, account, name, JSON.stringify(change.watch));
      return;
    }
    case "watch-removed": {
      const { account, name } = change.place;
      removeHooksOf(database, account, name);
      database.run("DELETE FROM watch_answers WHERE account = ? AND name = ?", account, name);
      database.run("DELETE FROM watches WHERE account = ? AND name = ?", account, name);
      return;
    }
    case "watch-answer-put": {
      const { account, name, variables } = change.watch;
      const { answer } = change;
      const [first = ""] = variables;
      database.run(
        "INSERT OR REPLACE INTO watch_answers (account, name, item, first, answer) VALUES (?, ?, ?, ?, ?)",
        account,
        name,
        answer.item,
        answer.values[first] ?? "",
        JSON.stringify(answer),
      );
      return;
    }
    case "watch-answer-removed": {
      const { account, name } = change.place;
      const sql = "DELETE FROM watch_answers WHERE account = ? AND name = ? AND item = ?";
      database.run(sql, account, name, change.item);
    }
  }
}
