import { type Refusal, refuse } from "../outcome/refusal.ts";

/** LIMIT: queries at once, in all and for one requester. */
export interface QueryCounts {
  readonly queries_max: number;
  readonly queriesPerRequester_max: number;
}

/** What is told to those who should try again. */
const RETRY_AFTER_S = 2;

/** Counts the queries that are asked and not ended. */
export class QueryCounter {
  readonly #bounds: QueryCounts;
  readonly #perRequester = new Map<string, number>();
  #all = 0;

  constructor(bounds: QueryCounts) {
    this.#bounds = bounds;
  }

  /** Why a requester may not ask one more now: `too-many` of their own, or `unavailable` because of all. */
  whyNotOneMore(requester: string | undefined): Refusal | undefined {
    const { queries_max, queriesPerRequester_max } = this.#bounds;
    if (requester !== undefined && (this.#perRequester.get(requester) ?? 0) >= queriesPerRequester_max) {
      const sentence = `Expected at most ${queriesPerRequester_max} queries of one requester at once, but there are as many; wait for one to end.`;
      return refuse("too-many", sentence, { retryAfter_s: RETRY_AFTER_S });
    }
    if (this.#all < queries_max) return undefined;
    const sentence = `Expected at most ${queries_max} queries at once, but there are as many; ask again later.`;
    return refuse("unavailable", sentence, { retryAfter_s: RETRY_AFTER_S });
  }

  /** Counts a query; what it gives is called when the query has ended, and may be called again. */
  enter(requester: string | undefined): () => void {
    this.#all++;
    const count = this.#perRequester;
    if (requester !== undefined) count.set(requester, (count.get(requester) ?? 0) + 1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#all--;
      if (requester === undefined) return;
      const before = count.get(requester) ?? 1;
      if (before <= 1) count.delete(requester);
      else count.set(requester, before - 1);
    };
  }
}
