import { startTestVirtuoso } from "./virtuoso.ts";

/** Carries the options of the store from the setup to the processes that run tests. */
const OPTIONS = "STERNA_TEST_STORE_OPTIONS";

/** What hubs under test are started with beside their own options: the store that `STERNA_TEST_STORE` asks for. */
export function testStoreEnv(): Readonly<Record<string, string>> {
  const options = process.env[OPTIONS];
  return options === undefined ? {} : (JSON.parse(options) as Readonly<Record<string, string>>);
}

/**
 * Starts the store that all hubs of a test run use, each with graphs of its own: `STERNA_TEST_STORE=virtuoso`. Without
 * it hubs answer queries themselves.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  const wanted = process.env["STERNA_TEST_STORE"] ?? "";
  if (wanted === "" || wanted === "embedded") return undefined;
  if (wanted !== "virtuoso") throw new Error(`STERNA_TEST_STORE: expected embedded or virtuoso, but got "${wanted}".`);
  const store = await startTestVirtuoso();
  process.env[OPTIONS] = JSON.stringify(store.env);
  return async () => {
    await store[Symbol.asyncDispose]();
  };
}
