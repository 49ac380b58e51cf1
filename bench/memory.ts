import { setTimeout as wait } from "node:timers/promises";
import type { BenchResult } from "./run.ts";
import { ServedHub } from "./served-hub.ts";
import { SocialGraph } from "./social-graph.ts";

/** How long after its start a hub's memory is read: what filling left behind is collected by then. */
const SETTLE_MS = 15_000;
const SAMPLE_EVERY_MS = 100;
const QUERY_IDLE_S = 3;
const QUERIES_MS = 15_000;

const PREFIXES = `PREFIX sioc: <http://rdfs.org/sioc/ns#> PREFIX dct: <http://purl.org/dc/terms/>`;
/** What people ask, the heaviest kinds among them. */
const QUERIES = [
  `${PREFIXES} SELECT ?post ?text { ?post sioc:content ?text ; dct:created ?at } ORDER BY DESC(?at) LIMIT 20`,
  `${PREFIXES} SELECT ?by (COUNT(?post) AS ?n) { ?post sioc:has_creator ?by } GROUP BY ?by ORDER BY DESC(?n) LIMIT 20`,
  `${PREFIXES} SELECT ?post { ?post sioc:content ?text FILTER(CONTAINS(LCASE(?text), "ba")) } LIMIT 200`,
  `${PREFIXES} SELECT ?b ?c { ?a sioc:follows ?b . ?b sioc:follows ?c . FILTER NOT EXISTS { ?a sioc:follows ?c } } LIMIT 1000`,
];

/**
 * Resident memory of a hub: with `--posts` (10,000 and 100,000 without it), while ad-hoc queries run, and after them.
 * Bytes a post are what a hub with posts has more than an empty one. Bars: 250 MB up to 10,000 posts, 1 GB up to
 * 100,000, and twice that while queries run.
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchResult> {
  const sizes = options["posts"] === undefined ? [10_000, 100_000] : [Number(options["posts"])];
  const empty = await measure(0, options);
  const figures: Record<string, number> = { empty_mb: empty.idle_mb };
  const ratios: Record<string, number> = {};
  const bars: Record<string, BenchResult["bars"][string]> = {};
  for (const posts of sizes) {
    const found = await measure(posts, options);
    figures[`posts_${posts}_quads`] = found.quads;
    figures[`posts_${posts}_up_mb`] = found.up_mb;
    figures[`posts_${posts}_idle_mb`] = found.idle_mb;
    figures[`posts_${posts}_querying_mb`] = found.querying_mb;
    figures[`posts_${posts}_worker_mb`] = found.worker_mb;
    figures[`posts_${posts}_after_mb`] = found.after_mb;
    figures[`posts_${posts}_queries`] = found.queries;
    figures[`posts_${posts}_bytes_per_post`] = ((found.idle_mb - empty.idle_mb) * 1e6) / posts;
    figures[`posts_${posts}_bytes_per_quad`] = ((found.idle_mb - empty.idle_mb) * 1e6) / found.quads;
    ratios[`posts_${posts}_querying`] = found.querying_mb / found.idle_mb;
    const bar = posts <= 10_000 ? 250 : 1_000;
    bars[`posts_${posts}_idle_mb`] = { value: found.idle_mb, bar, ok: found.idle_mb <= bar };
    bars[`posts_${posts}_querying_mb`] = { value: found.querying_mb, bar: 2 * bar, ok: found.querying_mb <= 2 * bar };
  }
  return { figures, ratios, bars };
}

async function measure(posts: number, options: Readonly<Record<string, string>>) {
  const env = { STERNA_QUERY_IDLE: String(QUERY_IDLE_S) };
  await using hub = await ServedHub.start(new SocialGraph(posts), env, options["program"]);
  const up_mb = hub.memory().hub_mb;
  const token = await hub.account("bench");
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  const { quads } = JSON.parse((await hub.call("GET", "api/status", { headers })).body) as { readonly quads: number };
  await wait(SETTLE_MS);
  const idle_mb = hub.memory().all_mb;
  let [querying_mb, worker_mb] = [0, 0];
  const sampling = setInterval(() => {
    const { all_mb, hub_mb } = hub.memory();
    querying_mb = Math.max(querying_mb, all_mb);
    worker_mb = Math.max(worker_mb, all_mb - hub_mb);
  }, SAMPLE_EVERY_MS);
  const until = performance.now() + QUERIES_MS;
  let queries = 0;
  for (let n = 0; performance.now() < until || n < QUERIES.length; n++) {
    const { status, body } = await hub.query(QUERIES[n % QUERIES.length] ?? "");
    if (status !== 200) throw new Error(`Expected an answer, but got ${status}: ${body.slice(0, 300)}`);
    queries++;
  }
  clearInterval(sampling);
  await wait(QUERY_IDLE_S * 1_000 + 2_000);
  return { quads, up_mb, idle_mb, querying_mb, worker_mb, queries, after_mb: hub.memory().all_mb };
}
