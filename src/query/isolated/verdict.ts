import type { Refusal } from "../../outcome/refusal.ts";
import type { IsolatedQuery } from "./isolated-query.ts";
import { disturbed, tooLong, tooMuch } from "./no-answer.ts";
import type { KillReason, WorkerEnd } from "./worker-port.ts";

/** LIMIT: workers one query is given to. */
const ATTEMPTS_MAX = 3;
/** LIMIT: queries that are asked again, one by one, to find which of them a worker died of. */
const SUSPECTS_MAX = 4;

/**
 * What each query gets whose worker ended; undefined when it is asked again in the next one. Where it is not known
 * which one did it, those that were being worked on are suspects, and are asked again one by one.
 */
export function judge(
  queries: readonly IsolatedQuery[],
  killed: KillReason | undefined,
  reason: WorkerEnd["reason"],
  timeout_ms: number,
): (query: IsolatedQuery) => Refusal | undefined {
  const read = queries.filter(({ stage }) => stage === "begun" || stage === "answering");
  const marked = read.filter(({ isSuspect }) => isSuspect);
  // Those over their bound were told already, and loading is nobody's doing: whoever is left did nothing.
  const isKnown = killed === "overdue" || killed === "stained" || killed === "slow-start";
  const suspects = isKnown ? [] : marked.length > 0 ? marked : read;
  const [only] = suspects.length === 1 ? suspects : [];
  return (query) => {
    if (query === only && reason === "memory") return tooMuch();
    if (query === only && killed === "deaf") return tooLong(timeout_ms);
    const isSuspect = suspects.includes(query);
    if (isSuspect) query.isSuspect = true;
    const again = query.stage !== "answering" && query.attempts < ATTEMPTS_MAX;
    return again && !(isSuspect && suspects.length > SUSPECTS_MAX) ? undefined : disturbed();
  };
}
