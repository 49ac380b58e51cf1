import type { Destination } from "../../hub/ports/destinations.ts";
import { type Row, type SqlDatabase, text } from "../database/sql-database.ts";

/** All hosts and people that notifications do not reach, in order of name. */
export function allDestinations(database: SqlDatabase): readonly Destination[] {
  return database.all("SELECT destination FROM destinations ORDER BY name").map(destinationOf);
}

/** One of them. */
export function findDestination(database: SqlDatabase, name: string): Destination | undefined {
  const row = database.get("SELECT destination FROM destinations WHERE name = ?", name);
  return row === undefined ? undefined : destinationOf(row);
}

/** Remembers one. */
export function putDestination(database: SqlDatabase, destination: Destination): void {
  const { name, state, since, nextAttempt } = destination;
  database.run(
    "INSERT OR REPLACE INTO destinations (name, state, since, next_attempt, destination) VALUES (?, ?, ?, ?, ?)",
    name,
    state,
    since,
    nextAttempt,
    JSON.stringify(destination),
  );
}

function destinationOf(row: Row): Destination {
  return JSON.parse(text(row, "destination")) as Destination;
}
