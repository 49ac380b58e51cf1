// A hub over HTTP with the posts of bench/sparql.ts in its data folder: it fills the folder, then serves it.
import { readConfig } from "../src/config.ts";
import { startHub } from "../src/wire.ts";
import { fillFolder } from "./fill-folder.ts";
import type { Filled, Sent } from "./peer-process.ts";
import { SocialGraph } from "./social-graph.ts";

/** What the hub says when it answers. */
export interface HubReady extends Filled {
  readonly url: string;
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };

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
