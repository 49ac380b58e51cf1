import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Answerers, dataOf } from "./random/answer-by.ts";
import { isDeclined, judge, report } from "./random/judge.ts";
import { type World, worlds, worldsOfOtherForms } from "./random/random-data.ts";
import { queriesOf, type RandomQuery } from "./random/random-query.ts";
import { questions } from "./random/random-question.ts";

/** How many questions of each kind: about half a minute in all, or STERNA_RANDOM_RUNS of them for a long run. */
const RUNS = Number(process.env["STERNA_RANDOM_RUNS"] ?? 400);
/** Set, as STERNA_RANDOM_SEED, to what a failure says to see it again. */
const PATH = process.env["STERNA_RANDOM_PATH"];
/** LIMIT: how long one kind of question is asked, however slow the machine. */
const TIME_MS = RUNS > 1_000 ? RUNS * 100 : 10_000;

const answerers = new Answerers();
afterAll(async () => {
  await answerers[Symbol.asyncDispose]();
});

/** What became of all questions of one kind. */
interface Tally {
  asked: number;
  declined: number;
  /** Answers that one peer bore out, and that both did. */
  one: number;
  both: number;
}

async function askAll(questions: fc.Arbitrary<readonly [World, RandomQuery]>): Promise<Tally> {
  const tally: Tally = { asked: 0, declined: 0, one: 0, both: 0 };
  const property = fc.asyncProperty(questions, async ([world, query]) => {
    const data = dataOf(world);
    tally.asked++;
    if (isDeclined(query.text)) tally.declined++;
    const [engine, comunica, oxigraph] = await Promise.all([
      answerers.byEngine(world, query.text),
      answerers.byComunica(data, query.whole),
      answerers.byOxigraph(data, query.whole),
    ]);
    const { wrong, agreed } = judge(query, data, { engine, comunica, oxigraph });
    if (wrong.length > 0)
      throw new Error(`${wrong.join("\n")}\n${report(query, data, { engine, comunica, oxigraph })}`);
    if (agreed === 1) tally.one++;
    else if (agreed === 2) tally.both++;
  });
  const result = await fc.check(property, {
    numRuns: RUNS,
    plugins: [fc.interruptAfterTimeLimit(TIME_MS)],
    ...(PATH === undefined ? {} : { path: PATH }),
  });
  if (!result.failed) return tally;
  const again = `STERNA_RANDOM_SEED=${result.seed} STERNA_RANDOM_PATH=${result.counterexamplePath ?? ""}`;
  const why = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance);
  throw new Error(
    `After ${result.numRuns} questions; again with ${again} vitest run test/query/random-queries\n${why}`,
  );
}

describe("random queries over random data", { timeout: 2 * TIME_MS + 30_000 }, () => {
  it("have the answers of Comunica and Oxigraph where the two are known to agree", async () => {
    const { asked, declined, both } = await askAll(fc.tuple(worlds, queriesOf({ calm: true })));
    // Were most questions dropped, or excused, this would be a test of nothing.
    expect(both).toBeGreaterThan(0.6 * (asked - declined));
  });

  it("have an answer that is right by SPARQL 1.1 where the two differ", async () => {
    const { asked, declined, one, both } = await askAll(
      fc.tuple(fc.oneof(worlds, worlds, worldsOfOtherForms), queriesOf({ calm: false })),
    );
    expect(one + both).toBeGreaterThan(0.7 * (asked - declined));
  });
  it("have the answers of both where they ask what a microblog's readers ask", async () => {
    const { asked, declined, both } = await askAll(questions);
    expect(both).toBeGreaterThan(0.8 * (asked - declined));
  });
});
