import { mkdtempDisposable, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { keepOwnerToken } from "../src/owner-token.ts";
import { openRecords } from "../src/storage/records.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

it("the owner's token stays from start to start, for the owner's eyes alone, and is made anew when its file is gone or not of this hub", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "sterna-token-"));
  const file = join(folder.path, "owner-token");
  await using records = openRecords({ file: ":memory:", log });
  const first = await keepOwnerToken(records, file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect([await keepOwnerToken(records, file), await readFile(file, "utf8")]).toEqual([first, `${first}\n`]);
  await rm(file);
  const second = await keepOwnerToken(records, file);
  await writeFile(file, "of another hub\n");
  const third = await keepOwnerToken(records, file);
  expect(new Set([first, second, third]).size).toBe(3);
});

it("a file for the owner's token that cannot be written is said in a sentence", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "sterna-token-"));
  await using records = openRecords({ file: ":memory:", log });
  const message = expect.stringContaining(`Expected to write the owner's token to ${folder.path}`);
  await expect(keepOwnerToken(records, folder.path)).rejects.toMatchObject({ code: "configuration", message });
});
