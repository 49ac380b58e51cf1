// The hops of a push with nothing between them: bare `node:http`, a prepared stanza, a bare SQLite, in two processes as
// two hubs are. `author`: a POST is committed, passed on and answered. `follower`: a stanza is committed and told to who
// watches; a GET is answered. What a hub does besides is what is left above this.
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { component } from "./bare-component.ts";

const [role = "", service = "", secret = "", folder = "."] = process.argv.slice(2);
const [from, to] = ["c.localhost", "d.localhost"];
const event = readFileSync(join(folder, "event.xml"), "utf8");
const stanza = `<message from='${from}' to='${to}' type='headline' id='x'>${event}</message>`;
const db = new DatabaseSync(join(folder, `${role}.db`));
db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)");
const insert = db.prepare("INSERT INTO rows (body) VALUES (?)");
const socket = await component(service, secret, role === "author" ? from : to);
let count = 0;
const watching = new Set<ServerResponse>();
socket.on("data", (chunk: string) => {
  if (!chunk.endsWith("</message>")) return;
  insert.run(stanza);
  for (const response of watching) response.write(`data: {"iri":"${++count}"}\n\n`);
});
const server = createServer((request, response) => {
  if (request.headers.accept === "text/event-stream") {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(": watching\n\n");
    watching.add(response);
  } else if (request.method === "POST") {
    request.resume().on("end", () => {
      insert.run(stanza);
      socket.write(stanza);
      response.end(`{"iri":"${++count}"}`);
    });
  } else response.end(`{"boolean":true}`);
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
// Ends with its parent.
process.stdin.on("end", () => process.exit(0)).resume();
