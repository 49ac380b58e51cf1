import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import { type BareJid, bareOf, domainOf, type Jid, localOf } from "../../core/jid.ts";
import { type Destination, HOLDING } from "../ports/destinations.ts";
import type { Log } from "../ports/hub-ports.ts";
import type { Delivery, RecordChange } from "../ports/records.ts";

const DAY_MS = 24 * 3_600_000;
/** How long after each try the next one comes; the last stands for all that follow. */
const RETRY_DELAYS_MS = [15_000, 60_000, 300_000, 900_000, 3_600_000] as const;
/** LIMIT: tries of one host in a day, as many as these delays make; then its followers' catch-up does the rest. */
export const TRIES_A_DAY_MAX = 27;
/** How long a try that nobody answers must go without a bounce to count as arrived: servers give up after a minute. */
const SILENCE_MS = 120_000;
/** LIMIT: a host that speaks to us is not tried again at once more often. */
const HEARD_EVERY_MS = 60_000;
/** After this a host that knew no receipts is asked for one again. */
const NO_RECEIPTS_MS = 7 * DAY_MS;
/** LIMIT: so many bounces, over so long, and a person is sent nothing more until it returns. */
const BOUNCES_MAX = 5;
/**
 * Conditions that mean that nobody is there, and how long they must last. COMPAT: Prosody and ejabberd say
 * `service-unavailable` of accounts that do not exist, and some servers of people who are away.
 */
const PERMANENT_AFTER_MS: ReadonlyMap<string, number> = new Map([
  ["item-not-found", 7 * DAY_MS],
  ["gone", 7 * DAY_MS],
  ["remote-server-not-found", 7 * DAY_MS],
  ["service-unavailable", 30 * DAY_MS],
]);
/** Conditions that a server gives in the place of a host that it does not reach. */
const OF_HOSTS: readonly string[] = ["remote-server-not-found", "remote-server-timeout"];

/** The one delivery that a host which does not answer is tried with. */
interface Trial {
  readonly delivery: Delivery;
  readonly began: Instant;
}

/**
 * What is known of hosts and people whom notifications do not reach: one attempt state for each, not for each
 * delivery. In memory as in the records, but for what {@link changes} has still to write there.
 */
export class Destinations {
  readonly #log: Log;
  readonly #known: Map<string, Destination>;
  readonly #unwritten = new Map<string, Destination | undefined>();
  readonly #trials = new Map<string, Trial>();
  /** When people who bounced were last told something. */
  readonly #told = new Map<BareJid, Instant>();

  constructor(known: readonly Destination[], log: Log) {
    this.#log = log;
    this.#known = new Map(known.map((destination) => [destination.name, destination]));
  }

  get(name: string): Destination | undefined {
    return this.#known.get(name);
  }

  /** Whether deliveries to a host wait for it to answer. */
  holds(host: string): boolean {
    const state = this.#known.get(host)?.state;
    return state !== undefined && HOLDING.includes(state);
  }

  inState(state: Destination["state"]): readonly Destination[] {
    return this.#known.size === 0 ? [] : [...this.#known.values()].filter((each) => each.state === state);
  }

  /** What has changed since it was last {@link written}. */
  changes(): readonly RecordChange[] {
    return [...this.#unwritten].map(([name, destination]) =>
      destination === undefined ? { kind: "destination-removed", name } : { kind: "destination-put", destination },
    );
  }

  /** These changes are in the records by now. */
  written(changes: readonly RecordChange[]): void {
    for (const change of changes) {
      const [name, written] =
        change.kind === "destination-put"
          ? [change.destination.name, change.destination]
          : [change.kind === "destination-removed" ? change.name : "", undefined];
      if (this.#unwritten.has(name) && this.#unwritten.get(name) === written) this.#unwritten.delete(name);
    }
  }

  /** A host gave no receipt in time, or sent a notification back with a condition: it is tried again later and later. */
  fail(host: string, now: Instant, problem?: string): void {
    const before = this.#known.get(host);
    const why = problem === undefined ? {} : { problem };
    if (before?.state === "down" || before?.state === "left") {
      // What came back has not arrived. But bounces mislead, so they neither hurry nor put off the next try.
      if (problem !== undefined) this.#trials.delete(host);
      if (problem !== undefined && before.problem !== problem) this.#put({ ...before, ...why });
      return;
    }
    // Whoever waited for a receipt has waited long enough.
    const delay_ms = problem === undefined ? 0 : RETRY_DELAYS_MS[0];
    const nextAttempt = instantOf(epochMs(now) + delay_ms);
    this.#trials.delete(host);
    this.#put({ name: host, state: "down", since: now, attempts: 1, ...tried(before, now), nextAttempt, ...why });
    this.#log.warn({ host, ...why }, "destination-down");
  }

  /**
   * The hosts to try by now (`ready`), those that were tried often enough today (`spent`), and the deliveries that
   * nobody sent back: no bounce is as good an answer as people's servers give.
   */
  due(now: Instant): {
    readonly ready: readonly Destination[];
    readonly spent: readonly Destination[];
    readonly arrived: readonly Delivery[];
  } {
    const ready: Destination[] = [];
    const spent: Destination[] = [];
    const arrived: Delivery[] = [];
    for (const { name, noReceipts, day } of this.inState("up")) {
      const kept_ms = noReceipts === true ? NO_RECEIPTS_MS : DAY_MS;
      if (epochMs(now) - epochMs(day) >= kept_ms) this.forget(name);
    }
    for (const destination of [...this.inState("down"), ...this.inState("left")]) {
      const { name, state, nextAttempt } = destination;
      if (nextAttempt > now) continue;
      const trial = this.#trials.get(name);
      if (trial !== undefined && !trial.delivery.wantsReceipt) {
        arrived.push(trial.delivery);
        this.answer(name, now);
      } else if (state === "down" && triesToday(destination, now) >= TRIES_A_DAY_MAX) spent.push(destination);
      else ready.push(destination);
    }
    return { ready, spent, arrived };
  }

  /** A host is being tried with this delivery. */
  tryWith(host: string, delivery: Delivery, now: Instant): void {
    const before = this.#known.get(host);
    if (before === undefined) return;
    const attempts = before.attempts + 1;
    const step_ms = RETRY_DELAYS_MS[Math.min(attempts, RETRY_DELAYS_MS.length) - 1] ?? DAY_MS;
    const delay_ms = before.state === "left" ? DAY_MS : step_ms;
    const wait_ms = delivery.wantsReceipt ? delay_ms : Math.max(delay_ms, SILENCE_MS);
    this.#trials.set(host, { delivery, began: now });
    this.#put({ ...before, attempts, ...tried(before, now), nextAttempt: instantOf(epochMs(now) + wait_ms) });
  }

  /** A host was tried often enough for a day: from now on its followers' own catch-up finds what they miss. */
  leave(host: string, now: Instant): void {
    const before = this.#known.get(host);
    if (before === undefined) return;
    this.#trials.delete(host);
    this.#put({ ...before, state: "left", since: now, nextAttempt: instantOf(epochMs(now) + DAY_MS) });
    const { since, problem } = before;
    this.#log.warn({ host, since, ...(problem === undefined ? {} : { problem }) }, "destination-left");
  }

  /** A host answers. Whether that is news: then what was held goes out. */
  answer(host: string, now: Instant): boolean {
    const before = this.#known.get(host);
    if (before === undefined || (before.state !== "down" && before.state !== "left")) return false;
    this.#trials.delete(host);
    const { problem: _, ...rest } = before;
    this.#put({ ...rest, state: "draining", since: now, attempts: 0 });
    this.#log.info({ host, since: before.since }, "destination-up");
    return true;
  }

  /** What a host is once nothing of it is held any more; as a change, to be made where that is sure. */
  drained(host: string, now: Instant): readonly RecordChange[] {
    const before = this.#known.get(host);
    if (before?.state !== "draining") return [];
    const isRemembered = before.noReceipts === true || epochMs(now) - epochMs(before.day) < DAY_MS;
    this.#put(isRemembered ? { ...before, state: "up", since: now } : { name: host });
    return this.changes();
  }

  /** A host answers other questions, but knows no receipts: its deliveries are done once they are sent. */
  withoutReceipts(host: string, now: Instant): void {
    if (!this.answer(host, now)) return;
    const before = this.#known.get(host);
    if (before !== undefined) this.#put({ ...before, noReceipts: true });
    this.#log.info({ host }, "destination-without-receipts");
  }

  /** A notification to a person came back. */
  bounce(jid: BareJid, condition: string, now: Instant): void {
    if (OF_HOSTS.includes(condition)) this.fail(domainOf(jid), now, condition);
    const after_ms = PERMANENT_AFTER_MS.get(condition);
    const before = this.#known.get(jid);
    if (after_ms === undefined || before?.state === "suspended") return;
    const since = before?.since ?? now;
    const attempts = (before?.attempts ?? 0) + 1;
    const lasts = attempts >= BOUNCES_MAX && epochMs(now) - epochMs(since) >= after_ms;
    const state = lasts ? "suspended" : "bouncing";
    this.#told.delete(jid);
    this.#put({ name: jid, state, since, attempts, tries: 0, day: since, nextAttempt: now, problem: condition });
    if (lasts) this.#log.warn({ jid, since, condition }, "subscriber-suspended");
  }

  /** A person is being told something: who was told before and did not send it back is there. */
  tell(to: Jid, now: Instant): void {
    if (this.#known.size === 0 || localOf(to) === undefined) return;
    const jid = bareOf(to);
    if (this.#known.get(jid)?.state !== "bouncing") return;
    const last = this.#told.get(jid);
    if (last === undefined) this.#told.set(jid, now);
    else if (epochMs(now) - epochMs(last) >= SILENCE_MS) this.forget(jid);
  }

  /** Something came from a JID: whether its host is to be tried at once. */
  hear(from: Jid, now: Instant): boolean {
    const host = domainOf(from);
    const before = this.#known.get(host);
    if (before?.state !== "down" && before?.state !== "left") return false;
    const last = this.#trials.get(host)?.began;
    if (last !== undefined && epochMs(now) - epochMs(last) < HEARD_EVERY_MS) return false;
    // What was left went to its catch-up, which is most likely what is heard.
    this.#put(before.state === "left" ? { ...before, state: "draining", since: now } : { ...before, nextAttempt: now });
    return true;
  }

  forget(name: string): void {
    if (localOf(name as Jid) !== undefined) this.#told.delete(name as BareJid);
    if (this.#known.has(name)) this.#put({ name });
  }

  #put(destination: Destination | { readonly name: string }): void {
    const { name } = destination;
    if ("state" in destination) this.#known.set(name, destination);
    else this.#known.delete(name);
    this.#unwritten.set(name, "state" in destination ? destination : undefined);
  }
}

function triesToday({ day, tries }: Destination, now: Instant): number {
  return epochMs(now) - epochMs(day) < DAY_MS ? tries : 0;
}

/** One more try of the day, or the first of another. */
function tried(before: Destination | undefined, now: Instant): Pick<Destination, "day" | "tries"> {
  const today = before === undefined ? 0 : triesToday(before, now);
  return today === 0 || before === undefined ? { day: now, tries: 1 } : { day: before.day, tries: today + 1 };
}
