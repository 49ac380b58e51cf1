/** How long a hub is remembered that did not answer in time, and what it gets then, in milliseconds. */
const REMEMBERED_MS = 60_000;
const SHORT_TIMEOUT_MS = 500;
/** LIMIT: hubs that are remembered. */
const HUBS_MAX = 1_000;

/** Hubs that did not answer in time of late: they get less of it, so that not every question waits for them as long. */
export class LateHubs {
  readonly #until_ms = new Map<string, number>();

  /** How long to wait for a hub that would get `timeout_ms`. */
  timeFor(hub: string, timeout_ms: number): number {
    return (this.#until_ms.get(hub) ?? 0) > Date.now() ? Math.min(timeout_ms, SHORT_TIMEOUT_MS) : timeout_ms;
  }

  /**
   * Says whether a hub that was asked answered in time. One that is late again while it gets less is not remembered for
   * longer: it may need no more than its whole time.
   */
  note(hub: string, isLate: boolean): void {
    if (!isLate) this.#until_ms.delete(hub);
    else if ((this.#until_ms.get(hub) ?? 0) <= Date.now()) {
      if (this.#until_ms.size >= HUBS_MAX) this.#until_ms.clear();
      this.#until_ms.set(hub, Date.now() + REMEMBERED_MS);
    }
  }
}
