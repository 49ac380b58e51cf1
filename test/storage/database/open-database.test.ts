import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fault, type FaultCode } from "../../../src/outcome/fault.ts";
import { SCHEMA_STEPS } from "../../../src/storage/database/schema.ts";
import { openRecords } from "../../../src/storage/records.ts";
import { openStorage } from "../../../src/storage/storage.ts";
import { always, keptLog, post, put, temporaryFolder } from "../sample.ts";

let folder: ReturnType<typeof temporaryFolder>;
const log = keptLog();
const open = (file = folder.file) => openRecords({ file, log });

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

async function fill(posts: number): Promise<void> {
  await using records = open();
  await records.transact(
    always(...Array.from({ length: posts }, (_, n) => put(post({ id: `post-${n}`, seconds: n })))),
  );
}

function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("Expected a Fault, but nothing was thrown.");
}

function expectFault(code: FaultCode, message: RegExp): void {
  const fault = faultOf(open);
  expect([fault.code, fault.message]).toEqual([code, expect.stringMatching(message)]);
}

describe("a hub.db", () => {
  it("is made with its application id and schema version, in WAL, and never half", async () => {
    await using records = open();
    expect(records.database.get("PRAGMA user_version")).toEqual({ user_version: SCHEMA_STEPS.length });
    expect(records.database.get("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
    expect(records.database.get("PRAGMA synchronous")).toEqual({ synchronous: 2 });
    expect(records.database.get("PRAGMA foreign_keys")).toEqual({ foreign_keys: 1 });
    expect(readFileSync(folder.file).readUInt32BE(68)).toBe(0x53_74_72_6e);
  });

  it("that was left half made by a crash is made anew", async () => {
    writeFileSync(`${folder.file}.new`, "half");
    await using records = open();
    expect(records.reader.count({ kind: "all" })).toBe(0);
  });

  it("is brought from an older schema to the present one", async () => {
    const older = new DatabaseSync(folder.file);
    older.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${0x53_74_72_6e}`);
    older.close();
    await using records = open();
    expect(records.database.get("PRAGMA user_version")).toEqual({ user_version: SCHEMA_STEPS.length });
    expect(await records.transact(always(put(post({ id: "a" }))))).toBe("done");
  });

  it("of a later version is not touched", async () => {
    await fill(1);
    const later = new DatabaseSync(folder.file);
    later.exec(`PRAGMA user_version = ${SCHEMA_STEPS.length + 1}`);
    later.close();
    const before = readFileSync(folder.file);
    expectFault("store-newer", /later version.*Start that version/);
    expect(readFileSync(folder.file).equals(before)).toBe(true);
  });

  it("of another program is not touched", () => {
    const other = new DatabaseSync(folder.file);
    other.exec("CREATE TABLE theirs (x)");
    other.close();
    const before = readFileSync(folder.file);
    expectFault("configuration", /another program/);
    expect(readFileSync(folder.file).equals(before)).toBe(true);
  });

  it("that is a folder, or lies in none, is told as a matter of configuration", () => {
    mkdirSync(folder.file);
    expectFault("configuration", /Expected/);
    expect(faultOf(() => open(`${folder.path}/missing/hub.db`)).code).toBe("configuration");
  });
});

describe("a second hub on the same data", () => {
  it("is turned away with the pid of the first, and may have it once that one stopped", async () => {
    const first = open();
    expectFault("store-locked", new RegExp(`pid ${process.pid} .*another data folder`));
    await first.transact(always(put(post({ id: "a" }))));
    await first[Symbol.asyncDispose]();
    await using second = open();
    expect(second.reader.count({ kind: "all" })).toBe(1);
  });

  it("is turned away in another process too", async () => {
    await using _first = open();
    const script = `
      import { openRecords } from "${new URL("../../../src/storage/records.ts", import.meta.url).href}";
      try { openRecords({ file: ${JSON.stringify(folder.file)}, log: console }); } catch (error) { console.log(error.code); }`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(said.trim()).toBe("store-locked");
  });

  it("leaves backups free to read while the first runs", async () => {
    await using first = open();
    await first.transact(always(put(post({ id: "a" }))));
    const backup = new DatabaseSync(folder.file, { readOnly: true });
    expect(backup.prepare("SELECT count(*) AS count FROM documents").get()).toEqual({ count: 1 });
    backup.close();
  });
});

describe("a damaged hub.db", () => {
  const damaged = /damaged|empty|missing/;

  it.each([
    ["truncated", (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ["emptied", (file: string) => truncateSync(file, 0)],
    ["of other bytes", (file: string) => writeFileSync(file, "not a store, ".repeat(1_000))],
    [
      "overwritten in its middle",
      (file: string) => {
        const handle = openSync(file, "r+");
        writeSync(handle, Buffer.alloc(16_384, 0xa5), 0, 16_384, 8_192);
        closeSync(handle);
      },
    ],
  ])("%s is reported with what to do, and stays as it is", async (_, damage) => {
    await fill(200);
    damage(folder.file);
    const before = readFileSync(folder.file);
    expectFault("store-corrupt", damaged);
    expectFault("store-corrupt", /backup.*sterna import/);
    expect(readFileSync(folder.file).equals(before)).toBe(true);
  });

  it("is not made anew where only its log is left", async () => {
    writeFileSync(`${folder.file}-wal`, "the log of a store that went");
    expectFault("store-corrupt", /missing/);
    expect(existsSync(folder.file)).toBe(false);
  });

  it("found only while it is read is told the same way, and the hub may be closed", async () => {
    await fill(5);
    const raw = new DatabaseSync(folder.file);
    raw.exec("UPDATE documents SET quads = 'not N-Triples' WHERE id = 3");
    raw.close();
    await expect(openStorage({ file: folder.file, log })).rejects.toMatchObject({ code: "store-corrupt" });
    await using records = open();
    expect(records.reader.count({ kind: "all" })).toBe(5);
  });

  it("whose log has a torn end opens with what was committed", async () => {
    await fill(3);
    {
      const records = open();
      await records.transact(always(put(post({ id: "late" }))));
      const wal = readFileSync(`${folder.file}-wal`);
      const file = readFileSync(folder.file);
      await records[Symbol.asyncDispose]();
      writeFileSync(folder.file, file);
      writeFileSync(`${folder.file}-wal`, wal);
      appendFileSync(`${folder.file}-wal`, Buffer.alloc(5_000, 7));
    }
    await using records = open();
    expect(records.reader.count({ kind: "all" })).toBe(4);
  });
});

describe("a full disk", () => {
  it("is told as such, undoes the change alone, and the store goes on once there is room", async () => {
    await using storage = await openStorage({ file: folder.file, log, pages_max: 120 });
    const { records, quads } = storage;
    const long = "x".repeat(3_000);
    const stored: string[] = [];
    let fault: unknown;
    for (let n = 0; n < 500 && fault === undefined; n++) {
      const document = post({ id: `post-${n}`, text: `${n} ${long}` });
      await records.transact(always(put(document))).then(
        () => stored.push(document.graph),
        (error) => {
          fault = error;
        },
      );
    }
    expect(fault).toMatchObject({ code: "store-full", message: expect.stringMatching(/full.*goes on/) });
    expect(stored.length).toBeGreaterThan(10);
    expect(records.reader.count({ kind: "all" })).toBe(stored.length);
    const before = quads.size;
    // Reading goes on, and so does writing when something was taken out.
    await records.transact(
      always(
        ...stored.slice(0, 5).map((graph) => ({
          kind: "document-dropped" as const,
          graph: post({ id: graph.split("/").at(-1) ?? "" }).graph,
        })),
      ),
    );
    expect(quads.size).toBeLessThan(before);
    expect(await records.transact(always(put(post({ id: "after" }))))).toBe("done");
    expect(records.reader.count({ kind: "all" })).toBe(stored.length - 4);
  });

  it("fails only what does not fit of a batch, and none of it is half there", async () => {
    await using records = openRecords({ file: folder.file, log, pages_max: 100 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) =>
        records.transact(
          always(put(post({ id: `post-${n}`, text: `${n} ${"y".repeat(5_000)}` })), {
            kind: "meta-put",
            key: `post-${n}`,
            value: "there",
          }),
        ),
      ),
    );
    const done = outcomes.flatMap(({ status }, n) => (status === "fulfilled" ? [n] : []));
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "store-full" } });
    const there = Array.from({ length: 100 }, (_, n) => n).filter(
      (n) => records.reader.document(post({ id: `post-${n}` }).graph) !== undefined,
    );
    expect(there).toEqual(done);
    expect(
      Array.from({ length: 100 }, (_, n) => n).filter((n) => records.reader.meta(`post-${n}`) !== undefined),
    ).toEqual(done);
  });
});
