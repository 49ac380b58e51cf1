import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { HttpEndpoint } from "./http-endpoint.ts";
import {
  type Asked,
  ChildProgram,
  type Filled,
  heapFor,
  type Measured,
  measure,
  percentile,
  type RoundResult,
} from "./peer-process.ts";
import type { BenchResult } from "./run.ts";
import { SocialGraph } from "./social-graph.ts";
import { difference } from "./sparql-answer.ts";
import type { HubReady } from "./sparql-hub.ts";
import type { PeerName } from "./sparql-peer.ts";
import { type Question, questionsAbout } from "./sparql-questions.ts";
import { markdownTable, type Percentiles, type TableRow } from "./sparql-table.ts";

/** How long plain Comunica may take for one answer. */
const COMUNICA_MS = 10_000;
/** What is promised of Oxigraph's time to ours; from so many posts on. */
const RATIOS_MIN: Readonly<Record<string, number>> = { home: 100, account_busiest: 20, tag: 5, geometric_mean: 5 };
const RATIOS_FROM_POSTS = 100_000;
/** No question may be slower than Oxigraph and than this. */
const ALWAYS_FAST_MS = 2;
/** Questions whose time must not grow with the number of posts, and by how much it may at ten times as many. */
const STEADY = ["account_middling", "account_busiest", "home", "tag"];
const GROWTH_MAX = 2;

type Bars = Record<string, { readonly value: number; readonly bar: number; readonly ok: boolean }>;

/** A store in a process of its own. */
class PeerProcess extends ChildProgram<Filled> implements Asked {
  readonly name: string;

  constructor(name: PeerName, posts: number) {
    super("sparql-peer.ts", [name, String(posts)], heapFor(posts));
    this.name = name;
  }
}

/** Collects what is found, and tells it as it comes. */
class Report {
  readonly figures: Record<string, number> = {};
  readonly ratios: Record<string, number> = {};
  readonly bars: Bars = {};
  #differences = 0;

  filled(name: string, { quads, fill_ms, rss_bytes }: Filled): void {
    Object.assign(this.figures, { quads, [`${name}_fill_ms`]: fill_ms, [`${name}_rss_mb`]: rss_bytes / 1e6 });
  }

  /** The figures of a question are ours unless they name somebody. */
  times(question: string, name: string, { times_ms }: Pick<Measured, "times_ms">): Percentiles {
    const [p50_ms, p99_ms] = [percentile(times_ms, 0.5), percentile(times_ms, 0.99)];
    const prefix = name === "ours" ? question : `${question}_${name}`;
    this.figures[`${prefix}_p50_ms`] = p50_ms;
    this.figures[`${prefix}_p99_ms`] = p99_ms;
    console.error(`${question.padEnd(20)} ${name.padEnd(9)} ${p50_ms.toFixed(3).padStart(10)} ms`);
    return { p50_ms, p99_ms };
  }

  rows(question: string, { answers }: Measured): void {
    const counts = [...answers.values()].map(({ rows }) => rows.length);
    this.figures[`${question}_rows`] = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  }

  compare(question: Question, name: string, found: Pick<Measured, "answers">, expected: Measured): void {
    let told = false;
    for (const [variant, answer] of found.answers) {
      const other = expected.answers.get(variant);
      const different = other === undefined ? undefined : difference(question, answer, other);
      if (different === undefined) continue;
      this.#differences++;
      if (!told) console.error(`${question.name} ${variant} by ${name}: ${different}\n${question.texts[variant]}`);
      told = true;
    }
  }

  /** What is compared at all is compared with Oxigraph. */
  closeDifferences(): void {
    this.bars["differences"] = { value: this.#differences, bar: 0, ok: this.#differences === 0 };
  }
}

/**
 * Eleven questions to a microblog of `--posts` (100,000) through the hub's engine, Oxigraph, a hub's endpoint and plain
 * Comunica, with the same answers, in three to six minutes. `--only NAME,…`, `--without http,comunica`, `--markdown`; `--growth` compares our
 * pages with those at a tenth of the posts (1,000,000); `--profile NAME` says where the engine's time goes.
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchResult> {
  const posts = Number(options["posts"] ?? (options["growth"] === undefined ? 100_000 : 1_000_000));
  if (options["profile"] !== undefined) {
    const { profile } = await import("./sparql-profile.ts");
    const p50_ms = await profile(options["profile"], posts, 1_000 * Number(options["seconds"] ?? 8));
    return { figures: { posts, p50_ms }, ratios: {}, bars: {} };
  }
  const only = options["only"]?.split(",");
  const isWanted = ({ name }: Question): boolean => only === undefined || only.includes(name);
  if (options["growth"] !== undefined) return await growth(posts, isWanted);
  return await compareAll(posts, isWanted, options);
}

async function compareAll(
  posts: number,
  isWanted: (question: Question) => boolean,
  options: Readonly<Record<string, string>>,
): Promise<BenchResult> {
  const report = new Report();
  report.figures["posts"] = posts;
  const questions = questionsAbout(new SocialGraph(posts)).filter(isWanted);
  if (questions.length === 0) throw new Error("Expected a question of this benchmark in --only, but there is none.");
  const without = options["without"]?.split(",") ?? [];
  const expected = new Map<string, Measured>();
  const rows = new Map<string, TableRow>();
  const freshRatios: number[] = [];
  await beside(posts, questions, report, (question, ours, oxigraph) => {
    expected.set(question.name, oxigraph);
    const times = {
      ours: report.times(question.name, "ours", ours),
      oxigraph: report.times(question.name, "oxigraph", oxigraph),
    };
    report.rows(question.name, oxigraph);
    report.figures[`${question.name}_cold_max_ms`] = Math.max(...ours.cold_ms);
    const fresh = report.times(question.name, "fresh", { times_ms: ours.fresh_ms });
    freshRatios.push(times.oxigraph.p50_ms / fresh.p50_ms);
    report.ratios[question.name] = times.oxigraph.p50_ms / times.ours.p50_ms;
    rows.set(question.name, { title: question.title, ...times, fresh, http: undefined, comunica: undefined });
    report.compare(question, "ours", ours, oxigraph);
  });
  const put = (question: Question, name: "http" | "comunica", found: RoundResult | "over"): void => {
    const other = expected.get(question.name);
    const row = rows.get(question.name);
    if (other === undefined || row === undefined) return;
    const times = report.times(question.name, name, found === "over" ? { times_ms: [COMUNICA_MS] } : found);
    rows.set(question.name, { ...row, [name]: found === "over" ? found : times });
    if (found !== "over") report.compare(question, name, found, other);
  };
  // Everybody is asked about the same.
  const same = questions.map((question) => {
    return { ...question, texts: question.texts.slice(0, expected.get(question.name)?.answers.size) };
  });
  if (!without.includes("http")) await overHttp(posts, same, report, (question, found) => put(question, "http", found));
  if (!without.includes("comunica"))
    await byComunica(posts, same, report, (question, found) => put(question, "comunica", found));
  const mean = geometricMean(Object.values(report.ratios));
  report.ratios["geometric_mean"] = mean;
  report.ratios["geometric_mean_fresh"] = geometricMean(freshRatios);
  report.closeDifferences();
  holdBars(report, [...rows], posts, isWanted);
  if (options["markdown"] !== undefined) {
    const about = { posts, quads: report.figures["quads"] ?? 0, mean, limit_ms: COMUNICA_MS };
    console.log(markdownTable([...rows.values()], about));
  }
  return report;
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function holdBars(
  { ratios, bars }: Report,
  rows: readonly (readonly [string, TableRow])[],
  posts: number,
  isWanted: (question: Question) => boolean,
): void {
  for (const [name, { ours, oxigraph }] of rows) {
    const bar = Math.max(oxigraph.p50_ms, ALWAYS_FAST_MS);
    bars[`${name}_p50_ms`] = { value: ours.p50_ms, bar, ok: ours.p50_ms <= bar };
  }
  if (posts < RATIOS_FROM_POSTS) return;
  const all = questionsAbout(new SocialGraph(1_000)).every(isWanted);
  for (const [name, bar] of Object.entries(RATIOS_MIN)) {
    const value = ratios[name];
    if (value !== undefined && (name !== "geometric_mean" || all)) bars[name] = { value, bar, ok: value >= bar };
  }
}

/** Our engine and Oxigraph in turns. */
async function beside(
  posts: number,
  questions: readonly Question[],
  report: Report,
  tell: (question: Question, ours: Measured, oxigraph: Measured) => void,
): Promise<void> {
  await using ours = new PeerProcess("ours", posts);
  await using oxigraph = new PeerProcess("oxigraph", posts);
  for (const peer of [ours, oxigraph]) report.filled(peer.name, await peer.ready);
  for (const question of questions) {
    const [found, other] = await measure([ours, oxigraph], question);
    if (found !== undefined && other !== undefined) tell(question, found, other);
  }
}

/** A whole hub that is asked at its endpoint. */
async function overHttp(
  posts: number,
  questions: readonly Question[],
  report: Report,
  tell: (question: Question, found: Measured) => void,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "sterna-bench-sparql-"));
  await using hub = new ChildProgram<HubReady>("sparql-hub.ts", [String(posts), folder.path], heapFor(posts));
  const ready = await hub.ready;
  report.filled("hub", ready);
  using endpoint = new HttpEndpoint(new URL("sparql", ready.url), questions);
  const [first] = questions;
  if (first === undefined) return;
  // Only the first of all has to wait for the process that answers queries.
  const { times_ms } = await endpoint.ask({ question: first.name, variants: 1, runs_max: 1, time_ms: 0 });
  report.figures["http_first_ms"] = times_ms[0] ?? Number.NaN;
  for (const question of questions) {
    const [found] = await measure([endpoint], question);
    if (found !== undefined) tell(question, found);
  }
}

/** Plain Comunica, which is started anew after each answer that took too long. */
async function byComunica(
  posts: number,
  questions: readonly Question[],
  report: Report,
  tell: (question: Question, found: RoundResult | "over") => void,
): Promise<void> {
  let comunica: PeerProcess | undefined;
  try {
    for (const question of questions) {
      comunica ??= new PeerProcess("comunica", posts);
      report.filled("comunica", await comunica.ready);
      const found = await inTime(comunica, question);
      if (found === "over") {
        await comunica[Symbol.asyncDispose]();
        comunica = undefined;
      }
      tell(question, found);
    }
  } finally {
    await comunica?.[Symbol.asyncDispose]();
  }
}

async function inTime(peer: PeerProcess, question: Question): Promise<RoundResult | "over"> {
  const { name, texts } = question;
  const asked = peer.ask<RoundResult>({ question: name, variants: 1, runs_max: 1, time_ms: 0 });
  asked.catch(() => undefined);
  const first = await Promise.race([asked, wait(COMUNICA_MS, "over" as const, { ref: false })]);
  if (first === "over") return first;
  // A first answer that took half of the time stands for itself; else it has only warmed up.
  const time_ms = COMUNICA_MS / 2 - (first.times_ms[0] ?? 0);
  if (time_ms < 0) return first;
  return await peer.ask({ question: name, variants: texts.length, runs_max: 20, time_ms, end_ms: time_ms });
}

/** Our pages at `posts` and at a tenth of them, in turns. */
async function growth(posts: number, isWanted: (question: Question) => boolean): Promise<BenchResult> {
  const sizes = [posts, Math.ceil(posts / 10)];
  const report = new Report();
  await using stack = new AsyncDisposableStack();
  const peers = sizes.map((size) => stack.use(new PeerProcess("ours", size)));
  report.figures["posts"] = posts;
  // The larger one last: the number of quads is its.
  for (const [at, peer] of [...peers.entries()].reverse()) report.filled(`at_${sizes[at]}`, await peer.ready);
  const questions = questionsAbout(new SocialGraph(Math.min(...sizes))).filter(isWanted);
  for (const question of questions) {
    const [large, small] = await measure(peers, question);
    if (large === undefined || small === undefined) continue;
    const times = [
      report.times(question.name, `at_${sizes[0]}`, large),
      report.times(question.name, `at_${sizes[1]}`, small),
    ];
    const value = (times[0]?.p50_ms ?? Number.NaN) / (times[1]?.p50_ms ?? Number.NaN);
    report.ratios[`${question.name}_growth`] = value;
    if (STEADY.includes(question.name))
      report.bars[`${question.name}_growth`] = { value, bar: GROWTH_MAX, ok: value <= GROWTH_MAX };
  }
  return report;
}
