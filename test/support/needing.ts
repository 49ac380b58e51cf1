import { describe, type TestOptions } from "vitest";
import { findService, type ServiceName } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";

/**
 * `describe` for tests that need programs beyond npm. Where one is missing each of them is skipped, and the reporter
 * names it with the reason in its title; with CI=true they run and fail.
 */
export async function describeNeeding(
  names: readonly ServiceName[],
  title: string,
  tests: () => void,
  options: TestOptions = {},
): Promise<void> {
  const found = await Promise.all(names.map(async (name) => ({ name, program: await findService(name) })));
  const missing = found.filter(({ program }) => isRefusal(program)).map(({ name }) => name);
  if (missing.length === 0 || process.env["CI"] === "true") describe(title, options, tests);
  else describe.skip(`${title} [needs ${missing.join(", ")}: npm run services -- ${missing.join(" ")}]`, tests);
}

/** The same for what a hub does only with the query store in it, which a run with a store outside passes over. */
export async function describeWithStoreInside(
  names: readonly ServiceName[],
  title: string,
  tests: () => void,
): Promise<void> {
  if ((process.env["STERNA_TEST_STORE"] ?? "") === "") await describeNeeding(names, title, tests);
  else describe.skip(`${title} [needs the query store in the hub]`, tests);
}
