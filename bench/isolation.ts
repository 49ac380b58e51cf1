import { setTimeout as wait } from "node:timers/promises";
import { percentile } from "./peer-process.ts";
import type { BenchResult } from "./run.ts";
import { type Answered, ServedHub } from "./served-hub.ts";
import { SocialGraph } from "./social-graph.ts";

const ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?d && ?d != ?g) }";
const ENDLESS_COUNT = 4;
const TIMEOUT_S = 12;
/** How long after its bound a query may end. */
const LATE_MS = 1_500;
const QUERY_IDLE_S = 2;
const ROUNDS = 3;
const PAGES = 100;
const WARM_UP_MS = 20_000;

/** What one round took, in milliseconds. */
interface Times {
  readonly page_ms: number[];
  readonly post_ms: number[];
  readonly small_ms: number[];
}

/**
 * Whether queries can hold up the hub: pages and posts of a hub with 20,000 posts (`--posts`), idle and with four
 * endless cross products running over HTTP, in turns. Bars: p99 of a page and of a post at most twice the idle one;
 * each endless query ends at its bound of 12 s; memory comes back.
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchResult> {
  const posts = Number(options["posts"] ?? 20_000);
  const graph = new SocialGraph(posts);
  const env = { STERNA_QUERY_TIMEOUT: String(TIMEOUT_S), STERNA_QUERY_IDLE: String(QUERY_IDLE_S) };
  await using hub = await ServedHub.start(graph, env, options["program"]);
  const token = await hub.account("bench");
  // With a filter it goes to the same process as the endless ones.
  const small = `ASK { <${graph.base}bench#account> ?p ?o FILTER(ISIRI(?o)) }`;
  const pages = ["bench"];
  const measured = await measure(hub, (into, time_ms) => work(hub, token, pages, small, into, time_ms), small);
  return resultOf(posts, measured);
}

/** What was found in all rounds. */
interface Found {
  readonly idle: Times;
  readonly loaded: Times;
  readonly ends: readonly Answered[];
  readonly next_ms: number;
  readonly before: Memory;
  readonly peak_mb: number;
  readonly after: Memory;
}

type Memory = ReturnType<ServedHub["memory"]>;

function noTimes(): Times {
  return { page_ms: [], post_ms: [], small_ms: [] };
}

async function measure(
  hub: ServedHub,
  workFor: (into: Times, time_ms: number) => Promise<void>,
  small: string,
): Promise<Found> {
  const [idle, loaded] = [noTimes(), noTimes()];
  // Warms up both sides alike, so that what the hub needs for pages and posts is there before it is weighed.
  await workFor(noTimes(), WARM_UP_MS);
  await wait(QUERY_IDLE_S * 1_000 + 2_000);
  const before = hub.memory();
  let peak_mb = before.all_mb;
  const sampling = setInterval(() => {
    peak_mb = Math.max(peak_mb, hub.memory().all_mb);
  }, 100);
  const ends: Answered[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await workFor(idle, (TIMEOUT_S - 2) * 1_000);
    // A bound counts from when the process is up.
    await hub.query(small);
    const endless = Array.from({ length: ENDLESS_COUNT }, () => hub.query(ENDLESS));
    await wait(500);
    await workFor(loaded, (TIMEOUT_S - 2) * 1_000);
    ends.push(...(await Promise.all(endless)));
  }
  const { time_ms: next_ms } = await hub.query(small);
  await wait(QUERY_IDLE_S * 1_000 + 2_000);
  clearInterval(sampling);
  return { idle, loaded, ends, next_ms, before, peak_mb, after: hub.memory() };
}

function resultOf(posts: number, { idle, loaded, ends, next_ms, before, peak_mb, after }: Found): BenchResult {
  const latest_ms = Math.max(...ends.map(({ time_ms }) => time_ms)) - TIMEOUT_S * 1_000;
  const ended = ends.filter(({ status, time_ms }) => status === 504 && time_ms <= TIMEOUT_S * 1_000 + LATE_MS).length;
  const page_ratio = percentile(loaded.page_ms, 0.99) / percentile(idle.page_ms, 0.99);
  const post_ratio = percentile(loaded.post_ms, 0.99) / percentile(idle.post_ms, 0.99);
  const memory_ratio = after.all_mb / before.all_mb;
  return {
    figures: {
      posts,
      pages: loaded.page_ms.length,
      page_idle_p50_ms: percentile(idle.page_ms, 0.5),
      page_idle_p99_ms: percentile(idle.page_ms, 0.99),
      page_loaded_p50_ms: percentile(loaded.page_ms, 0.5),
      page_loaded_p99_ms: percentile(loaded.page_ms, 0.99),
      post_idle_p50_ms: percentile(idle.post_ms, 0.5),
      post_idle_p99_ms: percentile(idle.post_ms, 0.99),
      post_loaded_p50_ms: percentile(loaded.post_ms, 0.5),
      post_loaded_p99_ms: percentile(loaded.post_ms, 0.99),
      small_query_idle_p50_ms: percentile(idle.small_ms, 0.5),
      small_query_loaded_p50_ms: percentile(loaded.small_ms, 0.5),
      small_query_loaded_p99_ms: percentile(loaded.small_ms, 0.99),
      next_query_ms: next_ms,
      endless_late_ms: latest_ms,
      memory_before_mb: before.all_mb,
      memory_peak_mb: peak_mb,
      memory_after_mb: after.all_mb,
      memory_of_queries_after_mb: after.all_mb - after.hub_mb,
    },
    ratios: { page_ratio, post_ratio, memory_ratio },
    bars: {
      page_ratio: { value: page_ratio, bar: 2, ok: page_ratio <= 2 },
      post_ratio: { value: post_ratio, bar: 2, ok: post_ratio <= 2 },
      endless_ended: { value: ended, bar: ends.length, ok: ended === ends.length },
      memory_back: { value: memory_ratio, bar: 1.25, ok: memory_ratio <= 1.25 },
    },
  };
}

/** Reads pages, posts and asks one small thing, one after the other, for a time. */
async function work(
  hub: ServedHub,
  token: string,
  pages: string[],
  small: string,
  into: Times,
  time_ms: number,
): Promise<void> {
  const until = performance.now() + time_ms;
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    accept: "application/json",
  };
  for (let n = 0; performance.now() < until; n++) {
    const page = await hub.call("GET", pages[n % pages.length] ?? "", { headers: { accept: "text/html" } });
    if (page.status !== 200) throw new Error(`Expected a page, but got ${page.status}.`);
    into.page_ms.push(page.time_ms);
    const body = JSON.stringify({ text: `A post of the benchmark, number ${n}. #bench` });
    const post = await hub.call("POST", "bench/posts", { headers, body });
    if (post.status !== 201) throw new Error(`Expected a post, but got ${post.status}: ${post.body}`);
    into.post_ms.push(post.time_ms);
    // The account's page and its first posts' take turns.
    const { iri } = JSON.parse(post.body) as { readonly iri: string };
    if (pages.length < PAGES) pages.push(new URL(iri).pathname.slice(1), "bench");
    if (n % 10 !== 0) continue;
    const asked = await hub.query(small);
    if (asked.status !== 200) throw new Error(`Expected an answer, but got ${asked.status}: ${asked.body}`);
    into.small_ms.push(asked.time_ms);
  }
}
