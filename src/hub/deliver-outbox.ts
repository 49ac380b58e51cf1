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

/** The loop that hands the Outbox over to the XMPP server. */
export interface OutboxLoop {
  /** Says that something was queued; returns at once. */
  readonly wake: () => void;
  /** Resolves when the loop has ended, after its signal was aborted. */
  readonly ended: Promise<void>;
}

/**
 * Starts handing over: whenever woken, when the XMPP link comes online, and when a retry falls due. A delivery that
 * wants a receipt stays queued, with a later and later next attempt, until {@link receiveReceipt} takes it off.
 */
export function startOutbox(hub: HubPorts, signal: AbortSignal): OutboxLoop {
  let wake = (): void => undefined;
  let woken = false;
  const waker = (): void => {
    woken = true;
    wake();
  };
  const stop = hub.xmpp.onStatus(waker);
  signal.addEventListener("abort", waker, { once: true });
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      woken = false;
      const more = await handOver(hub).catch((fault: unknown) => {
        hub.log.error({ fault: String(fault) }, "outbox-failed");
        return false;
      });
      if (more || woken) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause_ms(hub));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (woken) wake();
      });
      wake = () => undefined;
    }
    stop();
  };
  return { wake: waker, ended: run() };
}

/** How long until the next retry is due, at most a minute. */
function pause_ms(hub: HubPorts): number {
  const { next } = hub.records.reader.outbox();
  if (next === undefined || hub.xmpp.status.kind !== "online") return IDLE_CHECK_MS;
  return Math.min(IDLE_CHECK_MS, Math.max(5, epochMs(next) - epochMs(hub.now())));
}

/** Writes what is due; whether there may be more. */
async function handOver(hub: HubPorts): Promise<boolean> {
  if (hub.xmpp.status.kind !== "online") return false;
  const now = hub.now();
  const due = hub.records.reader.deliveriesDue(now, BATCH);
  if (due.length === 0) return false;
  const live = due.filter((delivery) => epochMs(now) - epochMs(delivery.created) < GIVE_UP_AFTER_MS);
  if (live.length > 0) {
    const no = await hub.xmpp.notify(live);
    if (isRefusal(no)) return false;
  }
  const kept = new Set(live);
  const changes: RecordChange[] = due.map((delivery) =>
    kept.has(delivery) && delivery.wantsReceipt ? deferred(delivery, now) : { kind: "delivery-done", id: delivery.id },
  );
  await hub.records.transact(() => ({ changes, result: undefined }));
  if (live.length < due.length) hub.log.warn({ deliveries: due.length - live.length }, "deliveries-given-up");
  return due.length === BATCH;
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

/** The delivery that a notification's stanza id names, when `from` is the one it went to. */
function deliveryOf(hub: HubPorts, from: Jid, stanzaId: string): Delivery | undefined {
  const id = /^d(\d{1,15})$/.exec(stanzaId)?.[1];
  const delivery = id === undefined ? undefined : hub.records.reader.delivery(Number(id));
  return delivery !== undefined && bareOf(delivery.to) === bareOf(from) ? delivery : undefined;
}

/** Another hub has taken a notification in (XEP-0184): its delivery is done. */
export async function receiveReceipt(hub: HubPorts, from: Jid, stanzaId: string): Promise<void> {
  const delivery = deliveryOf(hub, from, stanzaId);
  if (delivery === undefined) return;
  await hub.records.transact(() => ({ changes: [{ kind: "delivery-done", id: delivery.id }], result: undefined }));
}

/**
 * A notification came back. Bounces mislead (refused connections and unknown hosts both come as `cancel`), so a
 * delivery that waits for a receipt is tried again at its time, and only the count is kept in the log.
 */
export async function receiveBounce(hub: HubPorts, from: Jid, stanzaId: string, condition: string): Promise<void> {
  const delivery = deliveryOf(hub, from, stanzaId);
  hub.log.warn({ to: bareOf(from), condition, queued: delivery !== undefined }, "notification-bounced");
}
