// A hub over HTTP with the posts of bench/sparql.ts in its data folder: it fills the folder, then serves it.
import { join } from "node:path";
import { readConfig } from "../src/config.ts";
import type { RecordChange } from "../src/hub/ports.ts";
import { openRecords } from "../src/storage/records.ts";
import { startHub } from "../src/wire.ts";
import type { Filled, Sent } from "./peer-process.ts";
import { SocialGraph } from "./social-graph.ts";

/** What the hub says when it answers. */
export interface HubReady extends Filled {
  readonly url: string;
}

const DOCUMENTS_A_COMMIT = 1_000;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

async function fillFolder(folder: string, graph: SocialGraph): Promise<void> {
  await using records = openRecords({ file: join(folder, "hub.db"), log: silent });
  let changes: RecordChange[] = [];
  const commit = async (): Promise<void> => {
    const batch = changes;
    changes = [];
    await records.transact(() => ({ changes: batch, result: undefined }));
  };
  for (const document of graph.documents()) {
    changes.push({ kind: "document-put", document });
    if (changes.length === DOCUMENTS_A_COMMIT) await commit();
  }
  await commit();
}

async function serve(posts: number, folder: string): Promise<void> {
  const graph = new SocialGraph(posts);
  process.once("disconnect", () => process.exit(0));
  await fillFolder(folder, graph);
  const begun = performance.now();
  const hub = await startHub(
    readConfig({ STERNA_XMPP: "off" }, { data: folder, port: "0", base: graph.base, queryTimeout: "120" }),
    silent,
  );
  const ready: HubReady = {
    url: hub.url,
    quads: hub.ports.quads.size,
    fill_ms: performance.now() - begun,
    rss_bytes: process.memoryUsage.rss(),
  };
  process.send?.({ result: ready } satisfies Sent<HubReady>);
}

const [posts, folder = ""] = process.argv.slice(2);
if (process.send !== undefined && import.meta.filename === process.argv[1]) await serve(Number(posts), folder);
