import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { Fault } from "../../outcome/fault.ts";
import { APPLICATION_ID, SCHEMA_STEPS } from "./schema.ts";
import { number, SqlDatabase } from "./sql-database.ts";
import { storeFault, whatToDoWhenDamaged } from "./store-fault.ts";

/** LIMIT: how long a change waits for another program (a backup, `sqlite3`) before it is given up, in milliseconds. */
const BUSY_TIMEOUT_MS = 250;

/** LIMIT: files up to this size are checked whole at each start, larger ones only after a stop that was not clean. */
const ALWAYS_CHECKED_BYTES_MAX = 64 * 1_024 * 1_024;

/**
 * Every commit is on the disk before it is told (FULL). The log is copied into the file after 32 MB of it: at SQLite's
 * 4 MB that is a quarter of all writing, as the same pages are copied again and again.
 */
export const CONNECTION_PRAGMAS =
  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000; " +
  "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384";

/** The open store and the way to let it go. */
export interface OpenedDatabase {
  readonly database: SqlDatabase;
  close(): void;
}

/**
 * Opens `hub.db`, or makes it, and brings it to the present schema. `":memory:"` gives one that ends with the process.
 * @throws Fault `store-locked` when another hub has it, `store-newer` when a later version of this program wrote it,
 * `store-corrupt` when it is damaged, `configuration` when it may not be written or is something else altogether.
 */
export function openDatabase(file: string): OpenedDatabase {
  if (file === ":memory:") {
    const database = new SqlDatabase(file, { busyTimeout_ms: BUSY_TIMEOUT_MS });
    migrate(database);
    return { database, close: () => database.close() };
  }
  const unlock = lock(file);
  try {
    if (!existsSync(file)) create(file);
    const database = openChecked(file);
    return {
      database,
      close: () => {
        try {
          database.close();
        } finally {
          unlock();
        }
      },
    };
  } catch (error) {
    unlock();
    throw storeFault(error, file);
  }
}

/**
 * Takes the data for this process alone. The lock is SQLite's own on a small file beside the store, so it goes with the
 * process however that ends; the store itself stays readable for a backup. The holder's pid stands in a file for the
 * sentence only.
 */
function lock(file: string): () => void {
  const path = `${file}.lock`;
  let held: SqlDatabase | undefined;
  try {
    held = new SqlDatabase(path, { busyTimeout_ms: 0 });
    held.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    if (held?.isOpen) held.close();
    const fault = storeFault(error, path);
    if (fault.code !== "store-locked") throw fault;
    throw new Fault(
      "store-locked",
      `Expected to be the only hub using "${file}", but ${holderOf(path)} uses it already. Stop that one first, or start this one with another data folder.`,
      { cause: error },
    );
  }
  writeFileSync(`${path}.pid`, `${process.pid}\n`);
  const taken = held;
  return () => {
    rmSync(`${path}.pid`, { force: true });
    taken.close();
  };
}

function holderOf(path: string): string {
  try {
    const pid = /^\d+$/m.exec(readFileSync(`${path}.pid`, "utf8"))?.[0];
    if (pid !== undefined) return `the process with pid ${pid}`;
  } catch {
    // The other hub has not got that far, or the file went with a crash; the lock itself is what counts.
  }
  return "another process";
}

/** Makes a new store beside its place and moves it there whole, so that a half-made one is never found. */
function create(file: string): void {
  const unfinished = `${file}.new`;
  for (const path of [unfinished, `${unfinished}-wal`, `${unfinished}-shm`]) rmSync(path, { force: true });
  const database = new SqlDatabase(unfinished, { busyTimeout_ms: BUSY_TIMEOUT_MS });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA application_id = ${APPLICATION_ID}`);
    migrate(database);
  } finally {
    database.close();
  }
  // A write-ahead log without its store would be applied to the new one.
  for (const path of [`${file}-wal`, `${file}-shm`]) {
    if (existsSync(path) && statSync(path).size > 0) {
      throw new Fault(
        "store-corrupt",
        `Expected "${file}" beside its log "${path}", but it is missing. Put it back from where it went, or move the log away to begin anew.`,
      );
    }
  }
  renameSync(unfinished, file);
}

function openChecked(file: string): SqlDatabase {
  const { size } = statSync(file);
  if (size === 0) {
    throw new Fault(
      "store-corrupt",
      `Expected "${file}" to be a sound store, but it is empty. ${whatToDoWhenDamaged(file)}`,
    );
  }
  const stoppedUncleanly = existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0;
  const database = new SqlDatabase(file, { busyTimeout_ms: BUSY_TIMEOUT_MS });
  try {
    assertOurs(database);
    if (stoppedUncleanly || size <= ALWAYS_CHECKED_BYTES_MAX) assertSound(database);
    database.exec(CONNECTION_PRAGMAS);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function assertOurs(database: SqlDatabase): void {
  const found = number(database.get("PRAGMA application_id") ?? {}, "application_id");
  if (found !== APPLICATION_ID) {
    throw new Fault(
      "configuration",
      `Expected "${database.file}" to be a hub's store, but it is a SQLite file of another program (application_id ${found}). Choose another data folder.`,
    );
  }
  const version = schemaVersion(database);
  if (version > SCHEMA_STEPS.length) {
    throw new Fault(
      "store-newer",
      `Expected "${database.file}" in schema ${SCHEMA_STEPS.length} or older, but it is in schema ${version}, written by a later version of this program. Start that version.`,
    );
  }
}

function assertSound(database: SqlDatabase): void {
  const [row] = database.all("PRAGMA quick_check(1)");
  const found = String(Object.values(row ?? {})[0]);
  if (found === "ok") return;
  throw new Fault(
    "store-corrupt",
    `Expected "${database.file}" to be a sound store, but it is damaged (${found}). ${whatToDoWhenDamaged(database.file)}`,
  );
}

function schemaVersion(database: SqlDatabase): number {
  return number(database.get("PRAGMA user_version") ?? {}, "user_version");
}

function migrate(database: SqlDatabase): void {
  for (let version = schemaVersion(database); version < SCHEMA_STEPS.length; version++) {
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA_STEPS[version]}; PRAGMA user_version = ${version + 1}; COMMIT`);
  }
}
