import type { WorkerLife } from "./worker-life.ts";

/** LIMIT: how long a worker may be deaf while more than one query waits for it, and as a share of the time bound. */
const DEAF_MAX_MS = 5_000;
const DEAF_SHARE = 0.3;
const WATCH_EVERY_MS = 500;

/** Looks from time to time whether a worker hears nothing while others wait for it. */
export class DeafWatch {
  readonly #deaf_ms: number;
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;
  #looked_ms = 0;

  /** `present` gives the worker there is, `onDeaf` is told when it is deaf; `timeout_ms` is the bound of one query. */
  constructor(timeout_ms: number, present: () => WorkerLife | undefined, onDeaf: (life: WorkerLife) => void) {
    this.#deaf_ms = Math.min(DEAF_MAX_MS, timeout_ms * DEAF_SHARE);
    this.#look = () => {
      const now_ms = performance.now();
      // Timers come before messages: after a pause of the hub itself, what was said meanwhile is read first.
      const wasAway = now_ms - this.#looked_ms > 2 * WATCH_EVERY_MS;
      this.#looked_ms = now_ms;
      const life = present();
      if (life?.isReady !== true || life.isLoading || wasAway || life.queries.size < 2) return;
      if (life.silentFor_ms(now_ms) > this.#deaf_ms) onDeaf(life);
    };
  }

  /** Begins, or begins anew after what was sent just now. */
  start(): void {
    this.#timer ??= setInterval(this.#look, WATCH_EVERY_MS).unref();
    this.#looked_ms = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
