import { type Context, createContext, Script } from "node:vm";
import { refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";

/** Where work stands while it is timed; hardly any hub ever needs it. */
let made: { readonly place: Context; readonly script: Script } | undefined;

/**
 * Does what may never end and cannot be interrupted otherwise, for so long at most; being ready to interrupt takes some
 * 50 µs. Nothing in `work` may need to be put right when it is broken off.
 * @throws Refused `timed-out` when it takes longer
 */
export function timed<T>(time_ms: number, work: () => T): T {
  made ??= { place: createContext({}), script: new Script("work()") };
  const { place, script } = made;
  place["work"] = work;
  try {
    return script.runInContext(place, { timeout: time_ms }) as T;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    const sentence = `Expected a regular expression that ends within ${time_ms / 1_000} seconds, but this one does not; write one that can match in one way only.`;
    throw new Refused(refuse("timed-out", sentence, { timeout_ms: time_ms }));
  } finally {
    place["work"] = undefined;
  }
}
