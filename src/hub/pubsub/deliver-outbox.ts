import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import { bareOf, domainOf, type Jid, localOf } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Delivery, DeliveryTurn, OutboundEvent, RecordChange } from "../ports/records.ts";
import { Destinations } from "./destinations.ts";
import { HeldDeliveries } from "./held-deliveries.ts";
import { resumeSubscriber } from "./resume-subscriber.ts";
import { SETTLE_AFTER_MS, SETTLED_AT_ONCE, type Sent, SentDeliveries } from "./sent-deliveries.ts";

/** LIMIT: deliveries read at a time. */
const BATCH = 500;
/** LIMIT: deliveries on their way to the socket or not yet written down; beyond that none is begun. */
const HELD_MAX = 6_000;
/** LIMIT: how long a hub may take for its receipt before its host counts as down. */
const RECEIPT_WAIT_MS = 15_000;
const IDLE_CHECK_MS = 60_000;
/** How long it is remembered that a host did not answer for which nothing is queued. */
const FORGOTTEN_AFTER_MS = 24 * 3_600_000;
/** The feature of who answers with receipts (XEP-0184). */
const RECEIPTS = "urn:xmpp:receipts";
/** Conditions of a bounce that say that a hub was not reached; with any other it refused this one notification. */
const UNREACHED: readonly string[] = [
  "remote-server-not-found",
  "remote-server-timeout",
  "service-unavailable",
  "recipient-unavailable",
  "resource-constraint",
  "internal-server-error",
  "undefined-condition",
];
/** The loop that hands the Outbox over to the XMPP server. */
export interface OutboxLoop {
  /** Says that there may be something to hand over; returns at once. What is queued the loop hears of by itself. */
  readonly wake: () => void;
  /** Another hub has taken a notification in (XEP-0184): its delivery is done. */
  readonly receiveReceipt: (from: Jid, stanzaId: string) => void;
  /**
   * A notification came back. Bounces mislead (refused connections and unknown hosts both come as `cancel`), so its
   * host is tried again later and later, and a person is sent nothing more only after many bounces in many days.
   */
  readonly receiveBounce: (from: Jid, stanzaId: string, condition: string) => void;
  /** Something that is no bounce came from a JID: whatever did not reach it may do so now. */
  readonly hear: (from: Jid) => void;
  /** Resolves when the loop has ended, after its signal was aborted, and all it knows is written down. */
  readonly ended: Promise<void>;
}

/**
 * Starts handing over: what is queued in the turn of its commit, and the rest when the XMPP link comes online and when
 * something falls due. Nodes take turns. A delivery that wants a receipt stays queued until the receipt comes; a host
 * that gives none is tried with one delivery at a time, later and later, while the others are held.
 */
export function startOutbox(hub: HubPorts, signal: AbortSignal): OutboxLoop {
  return new Outbox(hub, signal);
}

class Outbox implements OutboxLoop {
  readonly ended: Promise<void>;
  readonly #hub: HubPorts;
  readonly #signal: AbortSignal;
  readonly #destinations: Destinations;
  readonly #sent: SentDeliveries;
  readonly #held: HeldDeliveries;
  readonly #sending = new Set<Promise<unknown>>();
  readonly #turn: DeliveryTurn = { isTaken: (id) => this.#sent.has(id), lane: -1, hasMoreLanes: false };
  /** The nodes of which older deliveries are in the records, which go before what is queued now. */
  #behind: "all" | ReadonlySet<string> = "all";
  #wake = (): void => undefined;
  #woken = false;

  constructor(hub: HubPorts, signal: AbortSignal) {
    this.#hub = hub;
    this.#signal = signal;
    this.#destinations = new Destinations(hub.records.reader.destinations(), hub.log);
    this.#sent = new SentDeliveries(hub, signal, this.#destinations, () => this.wake());
    this.#held = new HeldDeliveries(hub, this.#destinations, this.#sent);
    const stops = [
      hub.records.onQueued((deliveries) => this.#takeQueued(deliveries)),
      hub.xmpp.onStatus(() => {
        this.#behind = "all";
        this.wake();
      }),
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
    if (delivery === undefined) {
      // A later word may have taken its place meanwhile; it was among what was released all the same.
      if (this.#held.arrived(domainOf(from))) this.wake();
      return;
    }
    const host = domainOf(delivery.to);
    this.#sent.finish(delivery);
    const isNews = this.#destinations.answer(host, this.#hub.now());
    if (this.#held.arrived(host) || isNews) this.wake();
  };

  readonly receiveBounce = (from: Jid, stanzaId: string, condition: string): void => {
    if (!/^[dm]\d{1,15}$/.test(stanzaId)) return;
    const now = this.#hub.now();
    const delivery = this.#deliveryOf(from, stanzaId);
    this.#hub.log.warn({ to: bareOf(from), condition, queued: delivery !== undefined }, "notification-bounced");
    if (localOf(from) !== undefined) this.#destinations.bounce(bareOf(from), condition, now);
    else if (UNREACHED.includes(condition)) this.#destinations.fail(domainOf(from), now, condition);
    else if (delivery !== undefined) this.#sent.finish(delivery);
    this.#sent.settleSoon();
    this.wake();
  };

  readonly hear = (from: Jid): void => {
    if (this.#destinations.hear(from, this.#hub.now())) this.wake();
    const jid = bareOf(from);
    const state = this.#destinations.get(jid)?.state;
    if (state !== "bouncing" && state !== "suspended") return;
    this.#destinations.forget(jid);
    this.#sent.settleSoon();
    if (state === "suspended") this.#own(resumeSubscriber(this.#hub, jid));
  };

  /** The delivery that a notification's stanza id names, when `from` is the one it went to. */
  #deliveryOf(from: Jid, stanzaId: string): Delivery | undefined {
    const id = Number(/^d(\d{1,15})$/.exec(stanzaId)?.[1] ?? Number.NaN);
    if (Number.isNaN(id)) return undefined;
    const delivery = this.#sent.delivery(id) ?? this.#hub.records.reader.delivery(id);
    return delivery !== undefined && bareOf(delivery.to) === bareOf(from) ? delivery : undefined;
  }

  /** What a commit has just queued goes out at once, but for nodes of which older deliveries are still to be read. */
  #takeQueued(deliveries: readonly Delivery[]): void {
    const now = this.#hub.now();
    const live = deliveries.filter(({ held, nextAttempt }) => held !== true && nextAttempt <= now);
    const behind = this.#hub.xmpp.status.kind === "online" && !this.#signal.aborted ? this.#behind : "all";
    const first = behind === "all" ? [] : live.filter(({ event }) => !behind.has(placeOf(event)));
    const isFull = this.#sent.size + first.length > HELD_MAX;
    if (behind === "all" || isFull) this.#behind = withPlaces(behind, live);
    if (isFull || first.length < deliveries.length) this.wake();
    if (isFull || first.length === 0) return;
    const sending = this.#send(first, now).then((taken) => {
      if (taken) return;
      this.#behind = "all";
      this.wake();
    });
    this.#own(sending);
  }

  /** Sees a promise to its end. */
  #own(work: Promise<unknown>): void {
    const owned = work.catch((fault: unknown) => this.#hub.log.error({ fault: String(fault) }, "outbox-failed"));
    this.#sending.add(owned);
    void owned.finally(() => this.#sending.delete(owned));
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
    await Promise.all(this.#sending);
    while (await this.#sent.settle());
  }

  /** Waits until woken, or until something is due. */
  async #pause(): Promise<void> {
    if (this.#destinations.changes().length > 0) this.#sent.settleSoon();
    const next = this.#nextDue();
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

  #nextDue(): Instant | undefined {
    const { reader } = this.#hub.records;
    const tries = [...this.#destinations.inState("down"), ...this.#destinations.inState("left")]
      .filter(({ name }) => this.#held.first(name) !== undefined)
      .map(({ nextAttempt }) => nextAttempt);
    const next = reader.nextDelivery();
    return [...tries, ...(next === undefined ? [] : [next])].sort()[0];
  }

  /** Writes what is due to the socket; whether there may be more. */
  async #handOver(): Promise<boolean> {
    const { xmpp, records, now } = this.#hub;
    if (xmpp.status.kind !== "online") return false;
    // What is held is passed over at each look: it must stay small beside what is new.
    if (this.#sent.size >= SETTLED_AT_ONCE) await this.#sent.settle();
    while (this.#sent.size >= HELD_MAX && this.#sending.size > 0) {
      await Promise.race(this.#sending);
      await this.#sent.settle();
    }
    // Nothing can be written down (a full disk): more of it in memory would not help.
    if (this.#sent.size >= HELD_MAX) return false;
    await this.#held.release(now());
    const time = now();
    const due = records.reader.deliveriesDue(time, BATCH, this.#turn);
    this.#behind = this.#turn.hasMoreLanes ? "all" : new Set(due.map(({ event }) => placeOf(event)));
    for (const delivery of due) if (delivery.attempts > 0 && this.#wantsReceipt(delivery)) this.#miss(delivery, time);
    const trials = await this.#trials(due, time);
    if (due.length + trials.length === 0) return false;
    return (await this.#send(due, time, trials)) && due.length > 0;
  }

  /** A hub gave no receipt in time: its host is down, unless it turns out to give none. */
  #miss({ to }: Delivery, now: Instant): void {
    const host = domainOf(to);
    const state = this.#destinations.get(host)?.state;
    if (state === "down" || state === "left") return;
    this.#held.stop(host);
    this.#destinations.fail(host, now);
    this.#own(
      this.#hub.xmpp.discover(host as Jid, undefined, this.#signal).then((info) => {
        if (isRefusal(info) || info.features.includes(RECEIPTS)) return;
        this.#destinations.withoutReceipts(host, this.#hub.now());
        this.wake();
      }),
    );
  }

  #wantsReceipt({ wantsReceipt, to }: Delivery): boolean {
    return wantsReceipt && this.#destinations.get(domainOf(to))?.noReceipts !== true;
  }

  /** One delivery for each host that is to be tried again; what is held for those tried often enough goes. */
  async #trials(due: readonly Delivery[], now: Instant): Promise<readonly Delivery[]> {
    const { ready, spent, arrived } = this.#destinations.due(now);
    for (const delivery of arrived) this.#sent.finish(delivery);
    for (const { name } of spent) {
      this.#destinations.leave(name, now);
      await this.#held.drop(name);
    }
    const trials: Delivery[] = [];
    for (const { name, state, nextAttempt } of ready) {
      if (state === "left") await this.#held.drop(name, 1);
      const known = [this.#held.first(name), ...due.filter(({ to }) => domainOf(to) === name)];
      const delivery = known.find((each) => each?.wantsReceipt) ?? known.find((each) => each !== undefined);
      if (delivery !== undefined) {
        this.#destinations.tryWith(name, delivery, now);
        trials.push(delivery);
      } else if (epochMs(now) - epochMs(nextAttempt) > FORGOTTEN_AFTER_MS) this.#destinations.forget(name);
    }
    return trials;
  }

  /** Writes deliveries to the socket, but for those whose host is down; whether it took them. */
  async #send(due: readonly Delivery[], time: Instant, trials: readonly Delivery[] = []): Promise<boolean> {
    const tried = new Set(trials.map(({ id }) => id));
    const live: Delivery[] = [];
    const sent: Sent[] = [];
    for (const delivery of [...due.filter(({ id }) => !tried.has(id)), ...trials]) {
      const change = tried.has(delivery.id) ? held(delivery, 1) : this.#fateOf(delivery, time);
      const isLive = tried.has(delivery.id) || !this.#isDown(delivery);
      if (isLive) live.push(delivery);
      sent.push({ delivery, change, isCertain: !isLive });
    }
    this.#sent.add(sent);
    const no = live.length === 0 ? undefined : await this.#hub.xmpp.notify(live);
    if (isRefusal(no)) {
      this.#sent.undo(sent);
      return false;
    }
    this.#sent.confirm(sent);
    for (const delivery of live) {
      this.#destinations.tell(delivery.to, time);
      if (!this.#wantsReceipt(delivery) && this.#held.arrived(domainOf(delivery.to))) this.wake();
    }
    return true;
  }

  #isDown({ to }: Delivery): boolean {
    const state = this.#destinations.get(domainOf(to))?.state;
    return state === "down" || state === "left";
  }

  /** What a delivery becomes once it is sent, or is not since its host is down. */
  #fateOf(delivery: Delivery, time: Instant): RecordChange {
    const { id, attempts, to } = delivery;
    const state = this.#destinations.get(domainOf(to))?.state;
    if (state === "down") return held(delivery);
    if (state === "left" || !this.#wantsReceipt(delivery)) return { kind: "delivery-done", id };
    const nextAttempt = instantOf(epochMs(time) + RECEIPT_WAIT_MS);
    return { kind: "delivery-deferred", id, attempts: attempts + 1, nextAttempt };
  }
}

function held({ id, attempts }: Delivery, more = 0): RecordChange {
  return { kind: "delivery-held", id, attempts: attempts + more };
}

function placeOf({ service, node }: OutboundEvent): string {
  return `${service} ${node}`;
}

/** The nodes that are behind, with those of more deliveries. */
function withPlaces(behind: "all" | ReadonlySet<string>, more: readonly Delivery[]): "all" | ReadonlySet<string> {
  return behind === "all" ? behind : new Set([...behind, ...more.map(({ event }) => placeOf(event))]);
}
