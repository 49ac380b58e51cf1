import type { Instant } from "../../core/instant.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Delivery, RecordChange } from "../ports/records.ts";
import type { Destinations } from "./destinations.ts";
import type { SentDeliveries } from "./sent-deliveries.ts";

/** LIMIT: deliveries released at a time for a host that answers again, and taken out at a time. */
const RELEASED_AT_ONCE = 500;

/** What the records hold back for hosts that do not answer: let go when they do, taken out when they are left. */
export class HeldDeliveries {
  readonly #hub: HubPorts;
  readonly #destinations: Destinations;
  readonly #sent: SentDeliveries;
  /** How much was released for a host and has not arrived yet, as far as that is known. */
  readonly #released = new Map<string, number>();

  constructor(hub: HubPorts, destinations: Destinations, sent: SentDeliveries) {
    this.#hub = hub;
    this.#destinations = destinations;
    this.#sent = sent;
  }

  /** The first of a host. */
  first(host: string): Delivery | undefined {
    return this.#hub.records.reader.heldDeliveries(host, 1)[0];
  }

  /** Makes some of what is held for hosts that answer again due, in order; the next when that has arrived. */
  async release(now: Instant): Promise<void> {
    for (const { name: host } of this.#destinations.inState("draining")) {
      const released = this.#released.get(host) ?? 0;
      if (released > RELEASED_AT_ONCE / 2) continue;
      // What is not written down as held yet would stay so.
      if (this.#sent.isHolding(host)) while (await this.#sent.settle());
      if (this.#sent.isHolding(host)) continue;
      const count = await this.#hub.records.transact((reader) => {
        const held = reader.heldDeliveries(host, RELEASED_AT_ONCE).length;
        const release: RecordChange = { kind: "deliveries-released", host, now, limit: RELEASED_AT_ONCE };
        return { changes: held === 0 ? this.#destinations.drained(host, now) : [release], result: held };
      });
      if (isRefusal(count) || count === 0) this.#released.delete(host);
      else this.#released.set(host, released + count);
    }
  }

  /** Something has arrived at a host; whether more may be released for it. */
  arrived(host: string): boolean {
    const released = this.#released.get(host);
    if (released === undefined) return false;
    this.#released.set(host, Math.max(0, released - 1));
    return released - 1 <= RELEASED_AT_ONCE / 2;
  }

  /** A host that answered does so no more. */
  stop(host: string): void {
    this.#released.delete(host);
  }

  /** Takes out what is held for a host, but for the last `but`. */
  async drop(host: string, but = 0): Promise<void> {
    const { records } = this.#hub;
    for (;;) {
      const limit = records.reader.heldDeliveries(host, RELEASED_AT_ONCE).length - but;
      if (limit <= 0) return;
      await records.transact(() => ({ changes: [{ kind: "deliveries-dropped", host, limit }], result: undefined }));
    }
  }
}
