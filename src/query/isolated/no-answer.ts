import { type Refusal, refuse } from "../../outcome/refusal.ts";

/** What is told to those who should try again. */
const RETRY_AFTER_S = 2;

/** A worker ran out of memory over the query. */
export function tooMuch(): Refusal {
  return refuse(
    "too-large",
    "Expected a query that needs less memory than the hub gives to queries, but this one needs more; ask for less: fewer rows to sort, group or join, or add a LIMIT.",
  );
}

/** A worker ended over the query, or over one beside it. */
export function disturbed(): Refusal {
  return refuse(
    "unavailable",
    "The process that answers queries had to be started anew, because of this query or another one beside it; ask again.",
    { retryAfter_s: RETRY_AFTER_S },
  );
}

/** The query is over its bound of time. */
export function tooLong(timeout_ms: number): Refusal {
  const sentence = `Expected a query that ends within ${timeout_ms / 1_000} seconds, but this one does not; ask for less, or add a LIMIT.`;
  return refuse("timed-out", sentence, { timeout_ms });
}

/** No worker comes up, and the next one is started after `wait_ms`. */
export function notUp(wait_ms: number): Refusal {
  return refuse("unavailable", "The process that answers queries does not come up; its owner finds why in the log.", {
    retryAfter_s: Math.ceil(wait_ms / 1_000),
  });
}

/** The hub is stopping. */
export function stopping(): Refusal {
  return refuse("unavailable", "The hub is stopping; ask again later.", { retryAfter_s: 10 });
}
