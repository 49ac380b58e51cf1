import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { instantOf } from "./core/instant.ts";
import type { Records } from "./hub/ports/records.ts";
import { Fault } from "./outcome/fault.ts";

/**
 * Reads the owner's token from its file, or makes a new one when the file or the record of it is gone. The file comes
 * first: a start that ends in between makes a new token the next time.
 * @throws Fault `configuration` where the file cannot be written
 */
export async function keepOwnerToken(records: Records, file: string): Promise<string> {
  const hash = (token: string): string => createHash("sha256").update(token).digest("hex");
  const kept = await readFile(file, "utf8").then(
    (text) => text.trim(),
    () => "",
  );
  if (kept !== "" && records.reader.token(hash(kept))?.holder.kind === "owner") return kept;
  const token = randomBytes(24).toString("base64url");
  await writeFile(file, `${token}\n`, { mode: 0o600 }).catch((cause: unknown) => {
    throw new Fault(
      "configuration",
      `Expected to write the owner's token to ${file}, but that cannot be written (${String(cause)}); make it writable, or move it away.`,
      { cause },
    );
  });
  const created = instantOf(Date.now());
  await records.transact(() => ({
    changes: [
      { kind: "token-put", token: { hash: hash(token), holder: { kind: "owner" }, label: "owner-token", created } },
    ],
    result: undefined,
  }));
  return token;
}
