import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { DocumentJournal, JournalMark } from "../../../src/hub/ports/document-journal.ts";
import { namedNode, quad } from "../../../src/rdf/term.ts";

/** A store that keeps marks, has as many rows of `?value` for any other query as it is told, and answers 503 while it is down. */
export async function startStore() {
  const store = { isDown: false, marks: [] as string[], updates: [] as string[], rows: 0, url: "" };
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      if (store.isDown) return response.writeHead(503).end("starting");
      if (request.headers["content-type"] !== "application/sparql-update") {
        const isForMark = new URLSearchParams(body).get("query")?.includes("#graph/mark") === true;
        const isForGraphs = body.includes("STRSTARTS");
        const values = isForMark ? store.marks : Array.from({ length: isForGraphs ? 0 : store.rows }, String);
        const bindings = values.map((value) => ({ value: { type: "literal", value } }));
        return response.writeHead(200).end(JSON.stringify({ head: { vars: ["value"] }, results: { bindings } }));
      }
      store.updates.push(body);
      const [, mark] = /#value> "(\[(?:\\.|[^"])*\])"/.exec(body) ?? [];
      if (mark !== undefined) store.marks = [JSON.parse(`"${mark}"`) as string];
      return response.writeHead(200).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  store.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sparql`;
  return store;
}

/** A journal of documents of one triple each, of which the first so many are there when it is begun. */
export function journalOf(count: number): DocumentJournal & { commit(): void } {
  let position = count;
  let wake: () => void = () => undefined;
  const change = (at: number) => ({
    op: "add" as const,
    audience: "public" as const,
    triple: quad(namedNode(`urn:${at}`), namedNode("urn:p"), namedNode("urn:o")),
  });
  const between = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => change(from + at));
  const markAt = (at: number): JournalMark => ({ run: "run", position: at });
  return {
    mark: () => markAt(position),
    knows: ({ run }) => run === "run",
    after: ({ position: from }, documents_max) => {
      const to = Math.min(position, from + documents_max);
      return to === from ? undefined : { changes: between(from, to), upTo: markAt(to), documents: to - from };
    },
    pending: ({ position: from }) => position - from,
    reached: () => undefined,
    fill: (after) => ({ changes: between(after, position), after: undefined, documents: position - after }),
    documents: () => position,
    onMore: (listener) => {
      wake = listener;
      return () => undefined;
    },
    isPublic: () => true,
    triples: () => [],
    search: () => [],
    version: 0,
    commit: () => {
      position++;
      wake();
    },
  };
}
