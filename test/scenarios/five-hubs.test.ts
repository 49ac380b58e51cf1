import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canMakeNamespaces } from "../support/namespaces.ts";
import { describeWithStoreInside } from "../support/needing.ts";
import { type Across, ASKING, BEHIND, BEYOND, FAILING, FiveHubs, SLOW } from "./five-hubs.ts";
import { eventually } from "./hub-process.ts";

const ALL: readonly number[] = [ASKING, SLOW, FAILING, BEHIND, BEYOND];
const WITHOUT_FAILING: readonly number[] = [ASKING, SLOW, BEHIND, BEYOND];
/** LIMIT: milliseconds of a question that a hub does not answer: a request's own bound, and room for a busy machine. */
const BOUNDED_MS = 60_000;
/** LIMIT: longer than a hub that was late is remembered for it. */
const PATIENCE_MS = 180_000;

let five: FiveHubs;
const stack = new AsyncDisposableStack();

/** An answer in which just these hubs are missing; on a busy machine others may be late at first. */
async function answerWithout(missing: readonly string[]): Promise<Across> {
  let answer: Across | undefined;
  await eventually(
    `an answer without ${missing.join() || "anything"} missing`,
    async () => {
      await five.questions();
      answer = await five.across();
      return answer.warnings.map(({ hub }) => hub).join() === missing.join();
    },
    PATIENCE_MS,
  );
  if (answer === undefined) throw new Error("Expected an answer.");
  return answer;
}

/** What an answer is when one hub fails: it is named, the slow one is in it, and all else as one store would say. */
async function expectAllButFailing(): Promise<void> {
  const failing = five.hub(FAILING).base;
  const { rows, asked, warnings, time_ms } = await answerWithout([failing]);
  expect(warnings[0]?.message).toContain(failing);
  expect(rows).toEqual(await five.oneStore(WITHOUT_FAILING));
  expect(rows.some(({ post = "" }) => post.startsWith(five.hub(SLOW).base))).toBe(true);
  expect(Math.max(...asked.map(({ requests }) => requests))).toBeLessThanOrEqual(2);
  expect(Math.max(...(await five.questions()).map(({ length }) => length))).toBeLessThanOrEqual(2);
  expect(time_ms).toBeLessThan(BOUNDED_MS);
}

const needs = canMakeNamespaces ? "" : " [needs the right to make network namespaces: root, and ip of iproute2]";

await describeWithStoreInside(["prosody"], "questions across networks", () => {
  describe.skipIf(!canMakeNamespaces)(`five hubs in networks of their own${needs}`, () => {
    beforeAll(async () => {
      five = stack.use(await FiveHubs.start({ posts: 4 }));
    });
    afterAll(async () => {
      await stack.disposeAsync();
    });

    it("are reached as they say: two of them by XMPP only", async () => {
      const open = await Promise.all(ALL.map((at) => five.hasHttp(at)));
      expect(open).toEqual([true, true, true, false, false]);
    });

    it("answer as one store with everything, each asked twice at most, and by its own way", async () => {
      const { rows } = await answerWithout([]);
      expect(rows).toEqual(await five.oneStore(ALL));
      const homes = new Set(rows.map(({ post = "" }) => new URL("/", post).href));
      expect([...homes].sort()).toEqual(five.hubs.map(({ base }) => base).sort());
      const [asking, ...others] = await five.questions();
      expect(asking).toEqual([]);
      expect(Math.max(...others.map(({ length }) => length))).toBeLessThanOrEqual(2);
      expect(others.map((ways) => [...new Set(ways)].join())).toEqual(["http", "http", "xmpp", "xmpp"]);
    });

    it("name one that is frozen, in bounded time, and ask it again when it is back", async () => {
      const { pid } = five.hub(FAILING);
      process.kill(pid, "SIGSTOP");
      try {
        await expectAllButFailing();
      } finally {
        process.kill(pid, "SIGCONT");
      }
      expect((await answerWithout([])).rows).toEqual(await five.oneStore(ALL));
    });

    it("name one that is down, and refuse where all were wanted", async () => {
      await five.hub(FAILING).end("SIGTERM");
      await expectAllButFailing();
      await expect(five.across({ strict: "true" })).rejects.toThrow(five.hub(FAILING).base);
    });
  });
});
