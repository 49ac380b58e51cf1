import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import { bareOf, type Jid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Delivery, RecordChange } from "../ports/records.ts";

/** LIMIT: deliveries read at a time. */
const BATCH = 500;
/** LIMIT: deliveries on their way to the socket or not yet written down; beyond that none is begun. */
const HELD_MAX = 6_000;
/** LIMIT: deliveries written down in one commit, so that no other change waits long for it. */
const SETTLED_AT_ONCE = 2_000;
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
  /** Says that there may be something to hand over; returns at once. What is queued the loop hears of by itself. */
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
 * Starts handing over: what is queued in the turn of its commit, and the rest when the XMPP link comes online and when
 * a retry falls due. A delivery that wants a receipt stays queued, with a later and later next attempt, until the
 * receipt comes.
 */
export function startOutbox(hub: HubPorts, signal: AbortSignal): OutboxLoop {
  return new Outbox(hub, signal);
}

/** A delivery that was given to the socket, and not yet written down. */
interface Sent {
  readonly delivery: Delivery;
  /** What it is to become, unless a receipt comes first. */
  readonly change: RecordChange;
  /** Whether that is so by now: the socket has taken it, or its receipt is here. */
  isCertain: boolean;
}

class Outbox implements OutboxLoop {
  readonly ended: Promise<void>;
  readonly #hub: HubPorts;
  readonly #signal: AbortSignal;
  readonly #sent = new Map<number, Sent>();
  readonly #sending = new Set<Promise<unknown>>();
  #settling: NodeJS.Timeout | undefined;
  #wake = (): void => undefined;
  #woken = false;
  #isReading = false;

  constructor(hub: HubPorts, signal: AbortSignal) {
    this.#hub = hub;
    this.#signal = signal;
    const stops = [
      hub.records.onQueued((deliveries) => this.#takeQueued(deliveries)),
      hub.xmpp.onStatus(() => this.wake()),
    ];
    signal.addEventListener("abort", () => this.wake(), { once: true });
    this.ended = this.#run().finally(() => {
      for (const stop of stops) stop();
    });
  }

  readonly wake = (): void => {
    this.#woken = true;
    this.#wake();
  };

  readonly receiveReceipt = (from: Jid, stanzaId: string): void => {
    const delivery = this.#deliveryOf(from, stanzaId);
    if (delivery === undefined) return;
    const change = { kind: "delivery-done", id: delivery.id } as const;
    this.#sent.set(delivery.id, { delivery, change, isCertain: true });
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

  /** What a commit has just queued goes out at once, unless older deliveries are being read and go before it. */
  #takeQueued(deliveries: readonly Delivery[]): void {
    const offline = this.#hub.xmpp.status.kind !== "online";
    const isFull = this.#sent.size + deliveries.length > HELD_MAX;
    if (offline || this.#isReading || this.#signal.aborted || isFull) return this.wake();
    const sending = this.#send(deliveries, this.#hub.now()).then(
      (taken) => {
        if (!taken) this.wake();
      },
      (fault: unknown) => this.#hub.log.error({ fault: String(fault) }, "outbox-failed"),
    );
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#woken = false;
      this.#isReading = true;
      const more = await this.#handOver().catch((fault: unknown) => {
        this.#hub.log.error({ fault: String(fault) }, "outbox-failed");
        return false;
      });
      this.#isReading = false;
      if (!more && !this.#woken) await this.#pause();
    }
    await Promise.all(this.#sending);
    while (await this.#settle());
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
    const { xmpp, records, now } = this.#hub;
    if (xmpp.status.kind !== "online") return false;
    // What is held is read again and passed over each time: it must stay small beside what is new.
    if (this.#sent.size >= SETTLED_AT_ONCE) await this.#settle();
    while (this.#sent.size >= HELD_MAX && this.#sending.size > 0) {
      await Promise.race(this.#sending);
      await this.#settle();
    }
    // Nothing can be written down (a full disk): more of it in memory would not help.
    if (this.#sent.size >= HELD_MAX) return false;
    const time = now();
    const read = records.reader.deliveriesDue(time, BATCH + this.#sent.size);
    const due = read.filter(({ id }) => !this.#sent.has(id)).slice(0, BATCH);
    if (due.length === 0) return false;
    return (await this.#send(due, time)) && due.length === BATCH;
  }

  /** Writes deliveries to the socket, but for those that are too old; whether it took them. */
  async #send(due: readonly Delivery[], time: Instant): Promise<boolean> {
    const live = due.filter(({ created }) => epochMs(time) - epochMs(created) < GIVE_UP_AFTER_MS);
    const kept = new Set(live);
    // Before they are written: a receipt may be back before the socket says that it took them.
    const sent = due.map((delivery): Sent => {
      const again = kept.has(delivery) && delivery.wantsReceipt;
      const change: RecordChange = again ? deferred(delivery, time) : { kind: "delivery-done", id: delivery.id };
      return { delivery, change, isCertain: !kept.has(delivery) };
    });
    for (const each of sent) this.#sent.set(each.delivery.id, each);
    const no = live.length === 0 ? undefined : await this.#hub.xmpp.notify(live);
    if (isRefusal(no)) {
      for (const each of sent) {
        const { id } = each.delivery;
        if (!each.isCertain && this.#sent.get(id) === each) this.#sent.delete(id);
      }
      return false;
    }
    for (const each of sent) each.isCertain = true;
    if (live.length < due.length) {
      this.#hub.log.warn({ deliveries: due.length - live.length }, "deliveries-given-up");
    }
    this.#settleSoon();
    return true;
  }

  #settleSoon(): void {
    this.#settling ??= setTimeout(() => void this.#settle(), SETTLE_AFTER_MS);
  }

  /** Writes down what became of what was sent, in one commit; whether there was so much that some is left. */
  async #settle(): Promise<boolean> {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    const settled: Sent[] = [];
    for (const each of this.#sent.values()) {
      if (each.isCertain) settled.push(each);
      if (settled.length === SETTLED_AT_ONCE) break;
    }
    if (settled.length === 0) return false;
    try {
      await this.#hub.records.transact(() => ({ changes: settled.map(({ change }) => change), result: undefined }));
      // A receipt that came during the commit says more than what was written: it is settled next time.
      for (const each of settled) if (this.#sent.get(each.delivery.id) === each) this.#sent.delete(each.delivery.id);
      if (this.#sent.size > 0) this.#settleSoon();
      // The loop does not know yet when those are due again.
      if (settled.some(({ change }) => change.kind === "delivery-deferred")) this.wake();
      return settled.length === SETTLED_AT_ONCE;
    } catch (fault) {
      this.#hub.log.error({ fault: String(fault) }, "outbox-failed");
      if (!this.#signal.aborted) this.#settleSoon();
      return false;
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
