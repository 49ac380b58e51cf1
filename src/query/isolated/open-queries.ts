import type { Refusal } from "../../outcome/refusal.ts";
import type { IsolatedQuery } from "./isolated-query.ts";
import { tooManyInAll, tooManyOfOne } from "./no-answer.ts";

/** LIMIT: queries at once, in all and for one requester. */
export interface QueryCounts {
  readonly queries_max: number;
  readonly queriesPerRequester_max: number;
}

/** All queries that are asked and not ended, sent to a worker or not, in the order they came. */
export class OpenQueries {
  readonly #bounds: QueryCounts;
  readonly #queries = new Map<number, IsolatedQuery>();
  readonly #perRequester = new Map<string, number>();

  constructor(bounds: QueryCounts) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#queries.size;
  }

  [Symbol.iterator](): IterableIterator<IsolatedQuery> {
    return this.#queries.values();
  }

  /** Why a requester may not ask one more now. */
  whyNotOneMore(requester: string | undefined): Refusal | undefined {
    const { queries_max, queriesPerRequester_max } = this.#bounds;
    if (requester !== undefined && (this.#perRequester.get(requester) ?? 0) >= queriesPerRequester_max) {
      return tooManyOfOne(queriesPerRequester_max);
    }
    return this.#queries.size >= queries_max ? tooManyInAll(queries_max) : undefined;
  }

  add(query: IsolatedQuery): void {
    this.#queries.set(query.id, query);
    const { requester } = query;
    if (requester !== undefined) this.#perRequester.set(requester, (this.#perRequester.get(requester) ?? 0) + 1);
  }

  /** Lets go of a query; false when it was gone. */
  delete({ id, requester }: IsolatedQuery): boolean {
    if (!this.#queries.delete(id)) return false;
    if (requester !== undefined) {
      const left = (this.#perRequester.get(requester) ?? 1) - 1;
      if (left === 0) this.#perRequester.delete(requester);
      else this.#perRequester.set(requester, left);
    }
    return true;
  }
}
