import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { ItemId } from "../../src/core/item-id.ts";
import { openStorage } from "../../src/storage/storage.ts";
import { keptLog, nodeId, post, service, temporaryFolder } from "./sample.ts";

/** Writes in another process until `acknowledged` posts were, then kills it without a word; gives what was said. */
function writeUntilKilled(file: string, from: number, acknowledged: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL("./crash-child.ts", import.meta.url)), file, `${from}`],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let said = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (chunk: string) => {
      said += chunk;
      if (said.split("\n").length > acknowledged || said.includes("end")) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("exit", (_, signal) => {
      if (signal !== "SIGKILL") reject(new Error(`Expected the writer to be killed, but it ended by itself.`));
      else
        resolve(
          said
            .split("\n")
            .slice(0, -1)
            .filter((line) => line !== "end")
            .map(Number),
        );
    });
  });
}

it("keeps every acknowledged transaction of a process killed in the middle, and none half", async () => {
  const folder = temporaryFolder();
  try {
    let from = 0;
    for (const acknowledged of [37, 400, 1, 733]) {
      const said = await writeUntilKilled(folder.file, from, acknowledged);
      expect(said.length).toBeGreaterThanOrEqual(acknowledged);
      // A new process gets the lock at once, whatever the old one left lying about.
      await using storage = await openStorage({ file: folder.file, log: keptLog() });
      const { reader } = storage.records;
      for (let n = from; n < from + 1_000; n++) {
        const name = `post-${String(n).padStart(5, "0")}`;
        const document = reader.document(post({ id: name }).graph);
        const item = reader.item(service, nodeId, name as ItemId);
        const found = reader.list({ scope: { kind: "text", words: `crash ${n}` }, limit: 1 }).documents.length > 0;
        expect([n, document !== undefined, item !== undefined, found]).toEqual(
          said.includes(n) ? [n, true, true, true] : [n, found, found, found],
        );
      }
      expect(storage.records.database.get("PRAGMA integrity_check")).toEqual({ integrity_check: "ok" });
      from += 1_000;
    }
  } finally {
    folder.remove();
  }
}, 60_000);
