import { epochMs, type Instant, instantOf } from "../core/instant.ts";
import { bareOf, type Jid } from "../core/jid.ts";
import { isRefusal } from "../outcome/refusal.ts";
import type { Delivery, HubPorts, RecordChange } from "./ports.ts";

/** LIMIT: deliveries read and written at a time. */
const BATCH = 500;
/** LIMIT: after this a delivery is given up; the follower's catch-up finds what it missed. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
const RETRY_DELAYS_MS = [15_000, 60_000, 300_000, 900_000, 3_600_000] as const;
const IDLE_CHECK_MS = 60_000;
/**
 * How long what became of deliveries waits to be written down, so that many share a commit and none is in the way of
 * the next post. A hub that dies in between sends them again, which their receivers take for what it is.
 */
const SETTLE_AFTER_MS = 100;

/** The loop that hands the Outbox over to the XMPP server. */
export interface OutboxLoop {
  /** Says that something was queued; returns at once. */
  readonly wake: () => void;
  /** Another hub has taken a notification in (XEP-0184): its delivery is done. */
  readonly receiveReceipt: (from: Jid, stanzaId: string) => void;
  /**
   * A notification came back. Bounces mislead (refused connections and unknown hosts both come as `cancel`), so a
   * delivery that waits for a receipt is tried again at its time, and only the event is kept in the log.
   */
  readonly receiveBounce: (from: Jid, stanzaId: string, condition: string) => void;
  /** Resolves when the loop has ended, after its signal was aborted, and all it knows is written down. */
  readonly ended: Promise<void>;
}

/**
 * Starts handing over: whenever woken, when the XMPP link comes online, and when a retry falls due. A delivery that
 * wants a receipt stays queued, with a later and later next attempt, until the receipt comes.
 */
export function startOutbox(hub: HubPorts, signal: AbortSignal): OutboxLoop {
  return new Outbox(hub, signal);
}

class Outbox implements OutboxLoop {
  readonly ended: Promise<void>;
  readonly #hub: HubPorts;
  readonly #signal: AbortSignal;
  /** Written to the socket, and not yet written down: what each is to become unless a receipt comes first. */
  readonly #sent = new Map<number, { readonly delivery: Delivery; readonly change: RecordChange }>();
  #settling: NodeJS.Timeout | undefined;
  #wake = (): void => undefined;
  #woken = false;

  constructor(hub: HubPorts, signal: AbortSignal) {
    this.#hub = hub;
    this.#signal = signal;
    const stop = hub.xmpp.onStatus(() => this.wake());
    signal.addEventListener("abort", () => this.wake(), { once: true });
    this.ended = this.#run().finally(stop);
  }

  readonly wake = (): void => {
    this.#woken = true;
    this.#wake();
  };

  readonly receiveReceipt = (from: Jid, stanzaId: string): void => {
    const delivery = this.#deliveryOf(from, stanzaId);
    if (delivery === undefined) return;
    this.#sent.set(delivery.id, { delivery, change: { kind: "delivery-done", id: delivery.id } });
    this.#settleSoon();
  };

  readonly receiveBounce = (from: Jid, stanzaId: string, condition: string): void => {
    const queued = this.#deliveryOf(from, stanzaId) !== undefined;
    this.#hub.log.warn({ to: bareOf(from), condition, queued }, "notification-bounced");
  };

  /** The delivery that a notification's stanza id names, when `from` is the one it went to. */
  #deliveryOf(from: Jid, stanzaId: string): Delivery | undefined {
    const id = Number(/^d(\d{1,15})$/.exec(stanzaId)?.[1] ?? Number.NaN);
    if (Number.isNaN(id)) return undefined;
    const delivery = this.#sent.get(id)?.delivery ?? this.#hub.records.reader.delivery(id);
    return delivery !== undefined && bareOf(delivery.to) === bareOf(from) ? delivery : undefined;
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#woken = false;
      const more = await this.#handOver().catch((fault: unknown) => {
        this.#hub.log.error({ fault: String(fault) }, "outbox-failed");
        return false;
      });
      if (!more && !this.#woken) await this.#pause();
    }
    await this.#settle();
  }

  /** Waits until woken, or until the next retry is due. */
  async #pause(): Promise<void> {
    const { next } = this.#hub.records.reader.outbox();
    const due_ms = next === undefined ? IDLE_CHECK_MS : epochMs(next) - epochMs(this.#hub.now());
    // What was sent and not yet written down still looks due.
    const wait_ms = Math.max(due_ms, this.#sent.size > 0 ? 2 * SETTLE_AFTER_MS : 5);
    const idle = this.#hub.xmpp.status.kind !== "online";
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, idle ? IDLE_CHECK_MS : Math.min(IDLE_CHECK_MS, wait_ms));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#woken || this.#signal.aborted) this.#wake();
    });
    this.#wake = () => undefined;
  }

  /** Writes what is due to the socket; whether there may be more. */
  async #handOver(): Promise<boolean> {
    const { xmpp, records, now, log } = this.#hub;
    if (xmpp.status.kind !== "online") return false;
    const time = now();
    const read = records.reader.deliveriesDue(time, BATCH + this.#sent.size);
    const due = read.filter(({ id }) => !this.#sent.has(id)).slice(0, BATCH);
    if (due.length === 0) return false;
    const live = due.filter(({ created }) => epochMs(time) - epochMs(created) < GIVE_UP_AFTER_MS);
    const kept = new Set(live);
    // Before they are written: a receipt may be back before the socket says that it took them.
    for (const delivery of due) {
      const again = kept.has(delivery) && delivery.wantsReceipt;
      const change: RecordChange = again ? deferred(delivery, time) : { kind: "delivery-done", id: delivery.id };
      this.#sent.set(delivery.id, { delivery, change });
    }
    const no = live.length === 0 ? undefined : await xmpp.notify(live);
    if (isRefusal(no)) {
      for (const { id } of live) this.#sent.delete(id);
      return false;
    }
    if (live.length < due.length) log.warn({ deliveries: due.length - live.length }, "deliveries-given-up");
    this.#settleSoon();
    return due.length === BATCH;
  }

  #settleSoon(): void {
    this.#settling ??= setTimeout(() => void this.#settle(), SETTLE_AFTER_MS);
  }

  /** Writes down what became of what was sent, in one commit. */
  async #settle(): Promise<void> {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    const settled = [...this.#sent.values()];
    if (settled.length === 0) return;
    try {
      await this.#hub.records.transact(() => ({ changes: settled.map(({ change }) => change), result: undefined }));
      // A receipt that came during the commit says more than what was written: it is settled next time.
      for (const each of settled) if (this.#sent.get(each.delivery.id) === each) this.#sent.delete(each.delivery.id);
      if (this.#sent.size > 0) this.#settleSoon();
    } catch (fault) {
      this.#hub.log.error({ fault: String(fault) }, "outbox-failed");
      if (!this.#signal.aborted) this.#settleSoon();
    }
  }
}

function deferred(delivery: Delivery, now: Instant): RecordChange {
  const delay_ms = RETRY_DELAYS_MS[Math.min(delivery.attempts, RETRY_DELAYS_MS.length - 1)] ?? 3_600_000;
  return {
    kind: "delivery-deferred",
    id: delivery.id,
    attempts: delivery.attempts + 1,
    nextAttempt: instantOf(epochMs(now) + delay_ms),
  };
}
