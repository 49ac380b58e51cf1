import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SocialGraph } from "./social-graph.ts";
import { fill } from "./sparql-peer.ts";
import { questionsAbout } from "./sparql-questions.ts";

const WARM_UP_MS = 1_500;
const LINES = 40;

/** Asks one question of our engine for some time under the CPU profiler, and prints where the time went. */
export async function profile(name: string, posts: number, time_ms: number): Promise<number> {
  const graph = new SocialGraph(posts);
  const question = questionsAbout(graph).find((one) => one.name === name);
  if (question === undefined) throw new Error(`Expected a question of this benchmark, but got "${name}".`);
  const peer = fill("ours", graph);
  const loop = async (for_ms: number): Promise<number[]> => {
    const times_ms: number[] = [];
    for (const end = performance.now() + for_ms; performance.now() < end; ) {
      const begun = performance.now();
      await peer.ask(question.texts[times_ms.length % question.texts.length] ?? "");
      times_ms.push(performance.now() - begun);
    }
    return times_ms;
  };
  await loop(WARM_UP_MS);
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
  const times_ms = await loop(time_ms);
  const { profile: found } = await session.post("Profiler.stop");
  session.disconnect();
  const file = join(tmpdir(), `sterna-${name}.cpuprofile`);
  writeFileSync(file, JSON.stringify(found));
  const self = new Map<string, number>();
  const total = found.nodes.reduce((sum, { hitCount = 0 }) => sum + hitCount, 0);
  for (const { callFrame, hitCount = 0 } of found.nodes) {
    const place = `${callFrame.functionName || "(anonymous)"} ${callFrame.url.replace(/^.*\/(node_modules|src|bench)\//, "$1/")}:${callFrame.lineNumber + 1}`;
    self.set(place, (self.get(place) ?? 0) + hitCount);
  }
  for (const [place, hits] of [...self].sort((a, b) => b[1] - a[1]).slice(0, LINES)) {
    console.error(`${((100 * hits) / total).toFixed(1).padStart(6)} %  ${place}`);
  }
  console.error(`${times_ms.length} answers; the profile is in ${file}`);
  return times_ms.toSorted((a, b) => a - b)[times_ms.length >> 1] ?? Number.NaN;
}
