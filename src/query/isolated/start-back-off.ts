/** How long the hub waits after a worker that did not come up, at first; doubled each time. */
const BACK_OFF_MS = 500;
const BACK_OFF_MAX_MS = 30_000;

/** When the next worker may be started, after some that did not come up. */
export class StartBackOff {
  #failures = 0;
  #notBefore_ms = 0;

  /** How long to wait yet; nothing, or less, when one may be started. */
  get wait_ms(): number {
    return this.#notBefore_ms - performance.now();
  }

  failed(): void {
    this.#notBefore_ms = performance.now() + Math.min(BACK_OFF_MAX_MS, BACK_OFF_MS * 2 ** this.#failures++);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
