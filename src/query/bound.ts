import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { Refused } from "../outcome/refused.ts";

/** Rows that can be told to come no more. */
export type Rows<T> = AsyncIterable<T> & { destroy(): void };

/** The bounds of one running query: a time, a count of rows, and whoever asked going away. */
export class Bound {
  readonly #rows_max: number;
  readonly #controller = new AbortController();
  readonly #running: Set<AbortController>;
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal | undefined;
  readonly #leave = (): void => this.#stop(refuse("timed-out", "The query was given up: who asked has left."));

  constructor(timeout_ms: number, rows_max: number, signal: AbortSignal | undefined, running: Set<AbortController>) {
    this.#rows_max = rows_max;
    this.#running = running;
    this.#outer = signal;
    running.add(this.#controller);
    this.#timer = setTimeout(() => {
      const sentence = `Expected a query that ends within ${timeout_ms / 1_000} seconds, but this one does not; ask for less, or add a LIMIT.`;
      this.#stop(refuse("timed-out", sentence, { timeout_ms }));
    }, timeout_ms);
    if (signal?.aborted === true) this.#leave();
    else signal?.addEventListener("abort", this.#leave, { once: true });
  }

  /** It is over also when nobody ever reads what it gives. */
  #stop(reason: Refusal): void {
    this.#controller.abort(reason);
    this.end();
  }

  /** Aborted when one of the bounds is met. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#leave);
    this.#running.delete(this.#controller);
  }

  #reason(): Refused {
    const reason: unknown = this.#controller.signal.reason;
    return new Refused(isRefusal(reason) ? reason : refuse("unavailable", "The hub is stopping; ask again later."));
  }

  /** @throws Refused when one of the bounds is met; `given` rows were given */
  check(given: number): void {
    if (this.#controller.signal.aborted) throw this.#reason();
    if (given > this.#rows_max) throw this.#tooMany();
  }

  #tooMany(): Refused {
    return new Refused(
      refuse("too-large", `Expected at most ${this.#rows_max} rows, but the query has more; add a LIMIT.`),
    );
  }

  /** Waits for one step, but not longer than the bound. */
  async race<T>(step: Promise<T>): Promise<T> {
    const { signal } = this.#controller;
    if (signal.aborted) throw this.#reason();
    let stop = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(this.#reason());
      signal.addEventListener("abort", stop, { once: true });
    });
    try {
      return await Promise.race([step, aborted]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Passes rows on until one of the bounds is met, which is thrown; whoever stops reading stops the query. */
  async *stream<T, U>(rows: Rows<T>, map: (row: T) => U): AsyncGenerator<U> {
    const { signal } = this.#controller;
    const destroy = (): void => rows.destroy();
    signal.addEventListener("abort", destroy, { once: true });
    try {
      let count = 0;
      const iterator = rows[Symbol.asyncIterator]();
      for (;;) {
        const next = await this.race(iterator.next());
        if (next.done === true) break;
        if (++count > this.#rows_max) throw this.#tooMany();
        yield map(next.value);
      }
      if (signal.aborted) throw this.#reason();
    } finally {
      rows.destroy();
      this.end();
    }
  }
}
