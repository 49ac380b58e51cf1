import type { Learned, LearnedChange, LearnedReader } from "../../hub/ports/learned.ts";
import { type SqlDatabase, text } from "../database/sql-database.ts";

/** LIMIT: things that are remembered; what was read longest ago goes first. */
const LEARNED_MAX = 5_000;

/** The reads of what was learned from other hubs. */
export function learnedReader(database: SqlDatabase): LearnedReader {
  return {
    learned: <K extends Learned["kind"]>(kind: K, subject: string) => {
      const row = database.get("SELECT learned FROM learned WHERE kind = ? AND subject = ?", kind, subject);
      return row === undefined ? undefined : (JSON.parse(text(row, "learned")) as Extract<Learned, { kind: K }>);
    },
  };
}

/** Keeps what was learned and forgets what is too old or too much. */
export function putLearned(database: SqlDatabase, { learned, forgetBefore }: LearnedChange): void {
  const { kind, subject, read } = learned;
  database.run(
    "INSERT OR REPLACE INTO learned (kind, subject, read, learned) VALUES (?, ?, ?, ?)",
    kind,
    subject,
    read,
    JSON.stringify(learned),
  );
  database.run("DELETE FROM learned WHERE read < ?", forgetBefore);
  database.run(
    "DELETE FROM learned WHERE (kind, subject) IN (SELECT kind, subject FROM learned ORDER BY read DESC LIMIT -1 OFFSET ?)",
    LEARNED_MAX,
  );
}
