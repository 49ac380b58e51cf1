// Loaded into a hub under test before the hub itself (`node --import`): writes a line to the file `questions` in its
// home for each question of another hub that comes in, over HTTP or in an IQ. It changes nothing.
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { ASKED_BY_HEADER } from "../../src/hub/ports/remote-queries.ts";

const FILE = join(homedir(), "questions");
/** A question has text, where an answer has an element and a wish for the hub's description nothing. */
const IQ = /<query\b[^>]*\bxmlns=["']http:\/\/www\.w3\.org\/2005\/09\/xmpp-sparql-binding["'][^>]*>(?=[^<])/g;
/** More than the start of a `<query/>` takes, so that one in two chunks is seen whole. */
const KEPT_LENGTH = 200;

subscribe("http.server.request.start", (message) => {
  const { request } = message as { readonly request: IncomingMessage };
  const { method = "", url = "", headers } = request;
  const asks = method === "POST" ? url.startsWith("/sparql") : url.startsWith("/sparql?query=");
  if (asks && headers[ASKED_BY_HEADER] !== undefined) appendFileSync(FILE, "http\n");
});

// The hub's own connection to its XMPP server.
subscribe("net.client.socket", (message) => {
  const { socket } = message as { readonly socket: Socket };
  let kept = "";
  socket.on("data", (chunk: Buffer | string) => {
    const text = kept + chunk.toString();
    const found = [...text.matchAll(IQ)];
    for (const _ of found) appendFileSync(FILE, "xmpp\n");
    const last = found.at(-1);
    kept = text.slice(Math.max(last === undefined ? 0 : last.index + last[0].length, text.length - KEPT_LENGTH));
  });
});
