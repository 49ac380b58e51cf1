// The bare minimum the push is measured against: two XEP-0114 components that do nothing but pass on one prepared
// stanza, a post's notification, and a bare SQLite that commits as many bytes. One line in, one line out.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { component } from "./bare-component.ts";

const [service = "", secret = "", folder = "."] = process.argv.slice(2);
// The body of a real notification, so that the server parses and passes on just what it does for a hub.
const event = readFileSync(join(folder, "event.xml"), "utf8");

const from = await component(service, secret, "a.localhost");
const to = await component(service, secret, "b.localhost");
const stanza = `<message from='a.localhost' to='b.localhost' type='headline' id='x'>${event}</message>`;
let arrived: (() => void) | undefined;
to.on("data", (chunk: string) => {
  if (chunk.endsWith("</message>")) arrived?.();
});

const db = new DatabaseSync(join(folder, "bare.db"));
db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)");
const insert = db.prepare("INSERT INTO rows (body) VALUES (?)");
const body = stanza + stanza;

process.stdout.write("ready\n");
for await (const _ of createInterface({ input: process.stdin })) {
  const begin = performance.now();
  const there = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  from.write(stanza);
  await there;
  const between = performance.now();
  insert.run(body);
  const end = performance.now();
  process.stdout.write(`${JSON.stringify({ stanza_ms: between - begin, commit_ms: end - between })}\n`);
}
from.end();
to.end();
db.close();
process.exit(0);
