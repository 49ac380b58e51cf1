import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { extname } from "node:path";
import { adapterOf, type TestOptions } from "./adapter.ts";
import type { AnsweredBy } from "./answer.ts";
import type { Test } from "./load-suite.ts";
import type { Suite } from "./suites.ts";

/** With the query source on, or with everything declined: plain Comunica. */
export type Mode = "source" | "declined";

/** How one test went. */
export interface Verdict {
  /** The test's IRI. */
  readonly test: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** What was expected and what came, for all but `passed`. */
  readonly reason?: string;
  /** What was answered, where a test has one answer; its fingerprint. */
  readonly answer?: string;
  /** Who answered, where the hub was asked a query. */
  readonly by?: AnsweredBy;
}

/** LIMIT: milliseconds for one test. */
const TEST_MS = 20_000;

const WRITERS: Readonly<Record<string, NonNullable<TestOptions["resultFormat"]>>> = {
  ".srx": "xml",
  ".srj": "json",
  ".tsv": "tsv",
};

/** Runs the tests of a suite one after the other. */
export async function runTests(
  suite: Suite,
  tests: readonly Test[],
  mode: Mode,
  onVerdict: (verdict: Verdict) => void = () => undefined,
): Promise<readonly Verdict[]> {
  const source = mode === "source";
  await using endpoint = await endpointOf(suite, source);
  const adapter = adapterOf({ source });
  const verdicts: Verdict[] = [];
  for (const test of tests) {
    let told: Pick<Verdict, "answer" | "by"> = {};
    const resultFormat = suite.throughWriters === true ? WRITERS[extname(test.resultSource?.url ?? "")] : undefined;
    const options: TestOptions = {
      ...(resultFormat === undefined ? {} : { resultFormat }),
      onAnswer: (answer) => (told = { ...told, answer }),
      onAnsweredBy: (by) => (told = { ...told, by }),
    };
    const problem =
      suite.endpoint === undefined
        ? await problemOf(() => test.test(adapter, options))
        : await problemOverHttp(() => test.test(adapter, { [suite.endpoint ?? ""]: endpoint?.url }));
    const verdict = { ...verdictOf(test, problem), ...told };
    verdicts.push(verdict);
    onVerdict(verdict);
  }
  return verdicts;
}

async function endpointOf({ endpoint }: Suite, source: boolean) {
  if (endpoint === undefined) return undefined;
  // A whole hub is loaded only where one is asked.
  const { openEndpoint } = await import("./endpoint.ts");
  return await openEndpoint(endpoint, { source });
}

function verdictOf({ uri }: Test, problem: Problem | undefined): Verdict {
  if (problem === undefined) return { test: uri, outcome: "passed" };
  return { test: uri, outcome: problem.skipped === true ? "skipped" : "failed", reason: problem.message };
}

type Problem = Error & { readonly skipped?: boolean };

async function problemOf(run: () => Promise<unknown>): Promise<Problem | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Expected an end within ${TEST_MS / 1_000} seconds.`)), TEST_MS);
  });
  try {
    await Promise.race([run(), late]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}

/** A test of a protocol that sends nothing has shown nothing: it fails. */
async function problemOverHttp(run: () => Promise<unknown>): Promise<Problem | undefined> {
  let sent = 0;
  const count = (): void => void sent++;
  subscribe("undici:request:create", count);
  try {
    const problem = await problemOf(run);
    return problem ?? (sent === 0 ? new Error("Expected requests to the hub, but none was sent.") : undefined);
  } finally {
    unsubscribe("undici:request:create", count);
  }
}
