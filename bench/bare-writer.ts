// The bare minimum the fan-out is measured against: an XEP-0114 component, in a process of its own, that writes the
// same prepared stanza to each of its readers. Each line in is how many times; what comes back, it does not read.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { component } from "./bare-component.ts";

/** How much is written at a time. */
const CHUNK_LENGTH = 64 * 1_024;

const [service = "", secret = "", domain = "", readers = "", count = "0", file = ""] = process.argv.slice(2);
const stanza = readFileSync(file, "utf8").replace(/from="[^"]*"/, `from="alice@${domain}"`);
const chunks: Buffer[] = [];
let chunk = "";
for (let n = 0; n < Number(count); n++) {
  chunk += stanza.replace(/to="[^"]*"/, `to="reader${n}@${readers}"`);
  if (chunk.length < CHUNK_LENGTH && n < Number(count) - 1) continue;
  chunks.push(Buffer.from(chunk));
  chunk = "";
}

const socket = await component(service, secret, domain);
socket.on("error", () => process.exit(1));
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  for (let n = 0; n < Number(line); n++) {
    for (const each of chunks) if (!socket.write(each)) await once(socket, "drain");
  }
}
socket.destroy();
