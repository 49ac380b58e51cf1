import { Fault } from "../../outcome/fault.ts";

// Primary result codes of SQLite (https://sqlite.org/rescode.html); extended codes carry them in the low byte.
const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** What to do with a damaged store, for the end of a sentence. */
export function whatToDoWhenDamaged(file: string): string {
  return (
    `Nothing was changed in it. Stop the hub, keep a copy of "${file}" and of the files beside it, then put a backup ` +
    "in its place, or move it away, start the hub and take an export in again with `sterna import`."
  );
}

/** Turns an error thrown by `node:sqlite` while using `file` into the Fault it stands for; a Fault stays itself. */
export function storeFault(error: unknown, file: string): Fault {
  if (error instanceof Fault) return error;
  const found =
    error instanceof Error ? (error as Error & { readonly errcode?: unknown; readonly code?: unknown }) : undefined;
  const said = found?.message ?? String(error);
  const code = typeof found?.errcode === "number" ? found.errcode & 0xff : undefined;
  if (code === FULL || found?.code === "ENOSPC") {
    return new Fault(
      "store-full",
      `Expected room to write to "${file}", but the disk or the file's bound is full; this change was not made, what was stored before is untouched. Make room; the hub goes on by itself.`,
      { cause: error },
    );
  }
  if (code === CORRUPT || code === NOTADB) {
    const message = `Expected "${file}" to be a sound store, but it is damaged (${said}). ${whatToDoWhenDamaged(file)}`;
    return new Fault("store-corrupt", message, { cause: error });
  }
  if (code === BUSY || code === LOCKED) {
    const message = `Expected "${file}" to be free, but another program holds it locked. Stop that program and try again.`;
    return new Fault("store-locked", message, { cause: error });
  }
  if (code === CANTOPEN || code === READONLY || code === PERM || found?.code === "EACCES" || found?.code === "EROFS") {
    const message = `Expected to read and write "${file}", but could not (${said}). Give the hub's user the right to write its data folder.`;
    return new Fault("configuration", message, { cause: error });
  }
  return new Fault(
    "internal",
    `Expected "${file}" to take a change, but got: ${said}. Report this with the hub's log.`,
    {
      cause: error,
    },
  );
}
