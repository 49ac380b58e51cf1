import { ASKING, BEHIND, BEYOND, FAILING, FiveHubs, SLOW } from "../test/scenarios/five-hubs.ts";
import { canMakeNamespaces } from "../test/support/namespaces.ts";
import { median } from "./median.ts";
import type { BenchResult } from "./run.ts";

const RATIO_BAR = 1.5;
const REQUESTS_BAR = 2;
const ALL: readonly number[] = [ASKING, SLOW, FAILING, BEHIND, BEYOND];
const WITHOUT_FAILING: readonly number[] = [ASKING, SLOW, BEHIND, BEYOND];

/** What came of one question asked again and again. */
interface Round {
  readonly times_ms: readonly number[];
  /** The most questions that one hub got for one of them, counted in the hubs. */
  readonly requests_max: number;
  readonly isEqual: boolean;
  readonly isNamed: boolean;
}

/**
 * The same across five hubs in network namespaces, each with an XMPP server of its own: two only XMPP reaches, one is
 * 300 ms away, and in the second half one is down. `--posts 40` each of twelve people, `--runs 15`.
 */
export async function runInNamespaces(options: Readonly<Record<string, string>>): Promise<BenchResult> {
  if (!canMakeNamespaces) throw new Error("Expected the right to make network namespaces: run as root, with iproute2.");
  const runs = Number(options["runs"] ?? 15);
  await using five = await FiveHubs.start({ posts: Number(options["posts"] ?? 40) });
  const first = await ask(five, ALL, 1);
  // Hubs say what they have when they are first asked; the slow one takes its time.
  await ask(five, ALL, 2);
  const up = await ask(five, ALL, runs);
  const single: number[] = [];
  for (const at of ALL) single.push(median(await times(runs, () => five.single(at))));
  await five.hub(FAILING).end("SIGTERM");
  await ask(five, WITHOUT_FAILING, 1);
  const down = await ask(five, WITHOUT_FAILING, runs);
  const slowest_single_p50_ms = Math.max(...single);
  const [across_p50_ms, one_down_p50_ms] = [median(up.times_ms), median(down.times_ms)];
  const [ratio, downRatio] = [across_p50_ms / slowest_single_p50_ms, one_down_p50_ms / slowest_single_p50_ms];
  const bar = (value: number, most: number) => ({ value, bar: most, ok: value <= most });
  const holds = (ok: boolean) => ({ value: ok ? 1 : 0, bar: 1, ok });
  return {
    figures: {
      rows: (await five.oneStore(ALL)).length,
      first_ms: first.times_ms[0] ?? Number.NaN,
      across_p50_ms,
      one_down_p50_ms,
      slowest_single_p50_ms,
      ...Object.fromEntries(single.map((time_ms, at) => [`single_${at + 1}_p50_ms`, time_ms])),
    },
    ratios: { across_to_slowest_single: ratio, one_down_to_slowest_single: downRatio },
    bars: {
      across_to_slowest_single: bar(ratio, RATIO_BAR),
      one_down_to_slowest_single: bar(downRatio, RATIO_BAR),
      requests_a_hub: bar(Math.max(first.requests_max, up.requests_max, down.requests_max), REQUESTS_BAR),
      equals_one_store: holds(first.isEqual && up.isEqual && down.isEqual),
      names_the_hub_that_is_down: holds(up.isNamed && down.isNamed),
    },
  };
}

/** Asks so often while just these hubs are up. */
async function ask(five: FiveHubs, among: readonly number[], runs: number): Promise<Round> {
  const expected = JSON.stringify(await five.oneStore(among));
  const missing = five.hubs.filter((_, at) => !among.includes(at)).map(({ base }) => base);
  let [requests_max, isEqual, isNamed] = [0, true, true];
  const times_ms = await times(runs, async () => {
    await five.questions();
    const { rows, warnings, time_ms } = await five.across();
    requests_max = Math.max(requests_max, ...(await five.questions()).map(({ length }) => length));
    isEqual &&= JSON.stringify(rows) === expected;
    isNamed &&= warnings.map(({ hub }) => hub).join() === missing.join();
    return time_ms;
  });
  return { times_ms, requests_max, isEqual, isNamed };
}

async function times(runs: number, run: () => Promise<number>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let at = 0; at < runs; at++) all.push(await run());
  return all;
}
