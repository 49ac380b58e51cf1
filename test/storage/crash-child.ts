// Run by crash.test.ts: writes posts by several writers and says which were acknowledged, until it is killed.
import { openStorage } from "../../src/storage/storage.ts";
import { item, keptLog, node, post, put } from "./sample.ts";

const [file = "", from = "0"] = process.argv.slice(2);
const storage = await openStorage({ file, log: keptLog() });
await storage.records.transact(() => ({ changes: [{ kind: "node-put", node }], result: undefined }));

let next = Number(from);
async function write(): Promise<void> {
  while (next < Number(from) + 1_000) {
    const n = next++;
    const name = `post-${String(n).padStart(5, "0")}`;
    await storage.records.transact(() => ({
      changes: [put(post({ id: name, seconds: n, text: `crash ${n}` })), { kind: "item-put", item: item(name, n) }],
      result: undefined,
    }));
    process.stdout.write(`${n}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, write));
process.stdout.write("end\n");
// Stays until it is killed, its store open.
setInterval(() => {}, 1_000);
