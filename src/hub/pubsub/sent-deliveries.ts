import { domainOf } from "../../core/jid.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Delivery, RecordChange } from "../ports/records.ts";
import type { Destinations } from "./destinations.ts";

/** LIMIT: deliveries written down in one commit, so that no other change waits long for it. */
export const SETTLED_AT_ONCE = 2_000;
/**
 * How long what became of deliveries waits to be written down, so that many share a commit and none is in the way of
 * the next post. A hub that dies in between sends them again, which their receivers take for what it is.
 */
export const SETTLE_AFTER_MS = 100;

/** A delivery that was given to the socket or held, and not yet written down. */
export interface Sent {
  readonly delivery: Delivery;
  /** What it is to become, unless a receipt comes first. */
  readonly change: RecordChange;
  /** Whether that is so by now: the socket has taken it, or its receipt is here. */
  isCertain: boolean;
}

/** What has become of deliveries, and of their destinations, until it is written down together. */
export class SentDeliveries {
  readonly #hub: HubPorts;
  readonly #signal: AbortSignal;
  readonly #destinations: Destinations;
  readonly #onSettled: () => void;
  readonly #sent = new Map<number, Sent>();
  #settling: NodeJS.Timeout | undefined;

  /** `onSettled` is called when the records say anew when something is due. */
  constructor(hub: HubPorts, signal: AbortSignal, destinations: Destinations, onSettled: () => void) {
    this.#hub = hub;
    this.#signal = signal;
    this.#destinations = destinations;
    this.#onSettled = onSettled;
  }

  get size(): number {
    return this.#sent.size;
  }

  has(id: number): boolean {
    return this.#sent.has(id);
  }

  delivery(id: number): Delivery | undefined {
    return this.#sent.get(id)?.delivery;
  }

  /** Before they are written to the socket: a receipt may be back before the socket says that it took them. */
  add(sent: readonly Sent[]): void {
    for (const each of sent) this.#sent.set(each.delivery.id, each);
  }

  /** The socket has taken them. */
  confirm(sent: readonly Sent[]): void {
    for (const each of sent) each.isCertain = true;
    this.settleSoon();
  }

  /** The socket has not: they are as if they had not been sent. */
  undo(sent: readonly Sent[]): void {
    for (const each of sent) {
      const { id } = each.delivery;
      if (!each.isCertain && this.#sent.get(id) === each) this.#sent.delete(id);
    }
  }

  /** A delivery is done, whatever was to become of it. */
  finish(delivery: Delivery): void {
    this.add([{ delivery, change: { kind: "delivery-done", id: delivery.id }, isCertain: true }]);
    this.settleSoon();
  }

  /** Whether deliveries of a host are held and that is not written down yet. */
  isHolding(host: string): boolean {
    for (const { delivery, change, isCertain } of this.#sent.values()) {
      if (isCertain && change.kind === "delivery-held" && domainOf(delivery.to) === host) return true;
    }
    return false;
  }

  settleSoon(): void {
    this.#settling ??= setTimeout(() => void this.settle(), SETTLE_AFTER_MS);
  }

  /** Writes down what is certain, in one commit; whether there was so much that some is left. */
  async settle(): Promise<boolean> {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    const settled: Sent[] = [];
    for (const each of this.#sent.values()) {
      if (each.isCertain) settled.push(each);
      if (settled.length === SETTLED_AT_ONCE) break;
    }
    const standing = this.#destinations.changes();
    if (settled.length + standing.length === 0) return false;
    try {
      const changes = [...settled.map(({ change }) => change), ...standing];
      await this.#hub.records.transact(() => ({ changes, result: undefined }));
      this.#destinations.written(standing);
      // A receipt that came during the commit says more than what was written: it is settled next time.
      for (const each of settled) if (this.#sent.get(each.delivery.id) === each) this.#sent.delete(each.delivery.id);
      if (this.#sent.size > 0) this.settleSoon();
      if (changes.some(({ kind }) => kind !== "delivery-done")) this.#onSettled();
      return settled.length === SETTLED_AT_ONCE;
    } catch (fault) {
      this.#hub.log.error({ fault: String(fault) }, "outbox-failed");
      if (!this.#signal.aborted) this.settleSoon();
      return false;
    }
  }
}
