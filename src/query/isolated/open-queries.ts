import type { Refusal } from "../../outcome/refusal.ts";
import { QueryCounter, type QueryCounts } from "../query-counter.ts";
import type { IsolatedQuery } from "./isolated-query.ts";

/** All queries that are asked and not ended, sent to a worker or not, in the order they came. */
export class OpenQueries {
  readonly #counter: QueryCounter;
  readonly #queries = new Map<IsolatedQuery, () => void>();

  constructor(bounds: QueryCounts) {
    this.#counter = new QueryCounter(bounds);
  }

  get size(): number {
    return this.#queries.size;
  }

  [Symbol.iterator](): IterableIterator<IsolatedQuery> {
    return this.#queries.keys();
  }

  /** Why a requester may not ask one more now. */
  whyNotOneMore(requester: string | undefined): Refusal | undefined {
    return this.#counter.whyNotOneMore(requester);
  }

  add(query: IsolatedQuery): void {
    this.#queries.set(query, this.#counter.enter(query.requester));
  }

  /** Lets go of a query; false when it was gone. */
  delete(query: IsolatedQuery): boolean {
    this.#queries.get(query)?.();
    return this.#queries.delete(query);
  }
}
