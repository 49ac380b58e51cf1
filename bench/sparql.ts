import { type ChildProcess, fork } from "node:child_process";
import type { BenchResult } from "./run.ts";
import { SocialGraph } from "./social-graph.ts";
import { type Answer, difference } from "./sparql-answer.ts";
import type { Filled, PeerName, Round, RoundResult } from "./sparql-peer.ts";
import { type Question, questionsAbout } from "./sparql-questions.ts";

/** Peers take turns this many times, so that the machine's pace is the same for all of them. */
const TURNS = 3;
const RUNS_MAX = 150;
const TURN_MS = 700;
const WARM_UP_RUNS = 20;
const WARM_UP_MS = 500;

/** One store that is filled and waits for questions. */
class PeerProcess implements Disposable {
  readonly #child: ChildProcess;
  readonly name: string;
  readonly filled: Promise<Filled>;

  constructor(name: PeerName, posts: number, heap_mb: number) {
    this.name = name;
    this.#child = fork(new URL("sparql-peer.ts", import.meta.url), [name, String(posts)], {
      serialization: "advanced",
      execArgv: ["--expose-gc", `--max-old-space-size=${heap_mb}`, "--disable-warning=ExperimentalWarning"],
    });
    this.filled = this.#answer<Filled>();
    this.filled.catch(() => undefined);
  }

  async #answer<T>(): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const read = (message: unknown): void => {
      const { result, error } = message as { readonly result?: T; readonly error?: string };
      if (result === undefined) reject(new Error(`${this.name}: ${error}`));
      else resolve(result);
    };
    const ended = (code: number | null): void =>
      reject(new Error(`Expected an answer of ${this.name}, but it ended with ${code}.`));
    this.#child.once("message", read).once("exit", ended);
    try {
      return await promise;
    } finally {
      this.#child.off("message", read).off("exit", ended);
    }
  }

  async ask(round: Round): Promise<RoundResult> {
    const answer = this.#answer<RoundResult>();
    this.#child.send(round);
    return await answer;
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}

/** What one peer took for a question. */
interface Measured {
  readonly times_ms: readonly number[];
  readonly answers: readonly (Answer | undefined)[];
}

/** Asks all peers a question in turns; the first round of each only warms up. */
async function measure(peers: readonly PeerProcess[], question: Question): Promise<readonly Measured[]> {
  const found = peers.map(() => ({
    times_ms: [] as number[],
    answers: question.texts.map((): Answer | undefined => undefined),
  }));
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const [at, peer] of peers.entries()) {
      const wish =
        turn === 0 ? { runs_max: WARM_UP_RUNS, time_ms: WARM_UP_MS } : { runs_max: RUNS_MAX, time_ms: TURN_MS };
      const { times_ms, answers } = await peer.ask({
        question: question.name,
        from: found[at]?.times_ms.length ?? 0,
        ...wish,
      });
      if (turn > 0) found[at]?.times_ms.push(...times_ms);
      for (const [variant, answer] of answers.entries()) {
        const into = found[at]?.answers;
        if (into !== undefined) into[variant] ??= answer;
      }
    }
  }
  return found;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The eleven questions of a microblog through the hub's engine and through others, with the same answers. */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchResult> {
  const posts = Number(options["posts"] ?? 100_000);
  const graph = new SocialGraph(posts);
  const questions = questionsAbout(graph).filter(
    ({ name }) => options["only"] === undefined || options["only"].split(",").includes(name),
  );
  using stack = new DisposableStack();
  const peers = (["ours", "oxigraph"] as const).map((name) => stack.use(new PeerProcess(name, posts, 8_192)));
  const figures: Record<string, number> = { posts };
  const ratios: Record<string, number> = {};
  const bars: Record<string, { readonly value: number; readonly bar: number; readonly ok: boolean }> = {};
  for (const peer of peers) {
    const { quads, fill_ms, rss_bytes } = await peer.filled;
    Object.assign(figures, { quads, [`${peer.name}_fill_ms`]: fill_ms, [`${peer.name}_rss_mb`]: rss_bytes / 1e6 });
  }
  let differences = 0;
  for (const question of questions) {
    const [ours, theirs] = await measure(peers, question);
    if (ours === undefined || theirs === undefined) continue;
    figures[`${question.name}_p50_ms`] = percentile(ours.times_ms, 0.5);
    figures[`${question.name}_p99_ms`] = percentile(ours.times_ms, 0.99);
    figures[`${question.name}_oxigraph_p50_ms`] = percentile(theirs.times_ms, 0.5);
    figures[`${question.name}_oxigraph_p99_ms`] = percentile(theirs.times_ms, 0.99);
    ratios[question.name] = percentile(theirs.times_ms, 0.5) / percentile(ours.times_ms, 0.5);
    console.error(
      `${question.name.padEnd(20)} ours ${percentile(ours.times_ms, 0.5).toFixed(3)} ms, Oxigraph ${percentile(theirs.times_ms, 0.5).toFixed(3)} ms, ratio ${(ratios[question.name] ?? 0).toFixed(2)}`,
    );
    for (const [variant, answer] of ours.answers.entries()) {
      const expected = theirs.answers[variant];
      const different =
        answer === undefined || expected === undefined ? undefined : difference(question, answer, expected);
      if (different === undefined) continue;
      differences++;
      console.error(`${question.texts[variant]}\nours: ${different}`);
    }
  }
  bars["differences"] = { value: differences, bar: 0, ok: differences === 0 };
  const mean = Math.exp(
    Object.values(ratios).reduce((sum, ratio) => sum + Math.log(ratio), 0) / Object.keys(ratios).length,
  );
  ratios["geometric_mean"] = mean;
  return { figures, ratios, bars };
}
