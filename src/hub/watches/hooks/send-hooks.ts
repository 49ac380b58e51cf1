import { epochMs, type Instant, instantOf } from "../../../core/instant.ts";
import { isRefusal } from "../../../outcome/refusal.ts";
import type { HubPorts } from "../../ports/hub-ports.ts";
import type { RecordChange } from "../../ports/records.ts";
import type { HookEvent, HookSender, WatchHook } from "../../ports/watch-hooks.ts";
import { oldestWaiting } from "./hook-events.ts";

/** LIMIT: hooks that are sent to at the same time; each gets one message after the other. */
const SENDING_MAX = 20;
/** How long to wait after each failure, the last for all that follow. */
const BACK_OFF_S = [5, 30, 300, 1_800, 7_200, 18_000] as const;
/** LIMIT: how long a receiver may put off the next attempt. */
const RETRY_AFTER_MAX_S = 18_000;
/** LIMIT: how long the loop sleeps while something waits. */
const SLEEP_MAX_MS = 60_000;

/** The loop that sends to webhooks what waits for them. */
export interface HookLoop {
  /** Says that there may be something to send; returns at once. */
  readonly wake: () => void;
  /** Resolves when nothing is on its way. */
  readonly settled: () => Promise<void>;
}

/**
 * Starts sending: what is queued for a hook goes to it in order, one message at a time, and again later and later until
 * it is answered with 2xx. What a hub had queued when it died is sent after its start; its receiver knows by the
 * message's id whether it has it already.
 */
export function startHooks(hub: HubPorts, sender: HookSender, signal: AbortSignal): HookLoop {
  const loop = new Hooks(hub, sender, signal);
  loop.wake();
  return loop;
}

type Answer = Awaited<ReturnType<HookSender["post"]>>;

class Hooks implements HookLoop {
  readonly #hub: HubPorts;
  readonly #sender: HookSender;
  readonly #signal: AbortSignal;
  readonly #sending = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(hub: HubPorts, sender: HookSender, signal: AbortSignal) {
    this.#hub = hub;
    this.#sender = sender;
    this.#signal = signal;
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  readonly wake = (): void => {
    clearTimeout(this.#timer);
    if (this.#signal.aborted) return;
    const { reader } = this.#hub.records;
    const now = this.#hub.now();
    for (const hook of reader.hooksDue(now, SENDING_MAX + this.#sending.size)) {
      if (this.#sending.size >= SENDING_MAX) return;
      if (!this.#sending.has(hook.id)) this.#begin(hook.id);
    }
    const next = reader.nextHook();
    if (next === undefined) return;
    // What is due and on its way wakes the loop when it has arrived.
    const wait_ms = next <= now ? SLEEP_MAX_MS : Math.min(epochMs(next) - epochMs(now), SLEEP_MAX_MS);
    this.#timer = setTimeout(this.wake, wait_ms);
    this.#timer.unref();
  };

  readonly settled = async (): Promise<void> => {
    while (this.#sending.size > 0) await Promise.all(this.#sending.values());
  };

  #begin(id: string): void {
    const sending = this.#send(id)
      .catch(async (fault: unknown) => {
        this.#hub.log.error({ hook: id, fault: String(fault) }, "hook-failed");
        // What became of it could not be written down, so it is due still: not again at once.
        await this.#pause();
      })
      .finally(() => {
        this.#sending.delete(id);
        this.wake();
      });
    this.#sending.set(id, sending);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#signal.aborted) return resolve();
      const timer = setTimeout(resolve, SLEEP_MAX_MS);
      const stop = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#signal.addEventListener("abort", stop, { once: true });
    });
  }

  /** Sends what waits for a hook until nothing does, or an attempt fails. */
  async #send(id: string): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#dropOld(id);
      const { reader } = this.#hub.records;
      const [hook, event] = [reader.hook(id), reader.hookEvent(id)];
      if (hook?.secret === undefined || event === undefined) return;
      const { url, secret, dropped } = hook;
      const message = { url, secret, id: `${id}.${event.number}`, sent: this.#hub.now(), body: event.body, dropped };
      const answer = await this.#sender.post({ ...message, signal: this.#signal });
      if (this.#signal.aborted && isRefusal(answer)) return;
      if (!(await this.#note(hook, event, answer))) return;
    }
  }

  /** Writes down how an attempt ended; whether it was taken. */
  async #note({ id }: WatchHook, event: HookEvent, answer: Answer): Promise<boolean> {
    const isTaken = !isRefusal(answer) && answer.status >= 200 && answer.status < 300;
    const isGone = !isRefusal(answer) && answer.status === 410;
    const done = await this.#hub.records.transact((reader) => {
      // Removed meanwhile, or given a new secret.
      const hook = reader.hook(id);
      if (hook === undefined) return { changes: [], result: false };
      if (isGone) return { changes: [{ kind: "hook-removed", id }], result: false };
      const now = this.#hub.now();
      const changes: readonly RecordChange[] = isTaken
        ? [
            { kind: "hook-event-done", number: event.number },
            { kind: "hook-put", hook: taken(hook, answer.status, now) },
          ]
        : [{ kind: "hook-put", hook: failed(hook, answer, now) }];
      return { changes, result: isTaken };
    });
    if (isGone) this.#hub.log.info({ hook: id }, "hook-gone");
    else if (!isTaken) this.#hub.log.warn({ hook: id, why: sentenceOf(answer) }, "hook-not-taken");
    return done === true;
  }

  async #dropOld(id: string): Promise<void> {
    const before = oldestWaiting(this.#hub.now());
    if (this.#hub.records.reader.hookQueue(id, before).old === 0) return;
    const dropped = await this.#hub.records.transact((reader) => {
      const hook = reader.hook(id);
      const { old } = reader.hookQueue(id, before);
      if (hook === undefined || old === 0) return { changes: [], result: 0 };
      return {
        changes: [
          { kind: "hook-events-dropped", id, count: old },
          { kind: "hook-put", hook: { ...hook, dropped: hook.dropped + old } },
        ],
        result: old,
      };
    });
    if (!isRefusal(dropped)) this.#hub.log.warn({ hook: id, dropped }, "hook-events-dropped");
  }
}

function taken(hook: WatchHook, status: number, now: Instant): WatchHook {
  const { failingSince: _, ...rest } = hook;
  return {
    ...rest,
    last: { at: now, outcome: `It was taken (${status}).` },
    attempts: 0,
    nextAttempt: now,
    dropped: 0,
  };
}

function failed(hook: WatchHook, answer: Answer, now: Instant): WatchHook {
  const wished_s = isRefusal(answer) ? 0 : Math.min(answer.retryAfter_s ?? 0, RETRY_AFTER_MAX_S);
  const step_s = BACK_OFF_S[Math.min(hook.attempts, BACK_OFF_S.length - 1)] ?? 0;
  return {
    ...hook,
    last: { at: now, outcome: sentenceOf(answer) },
    failingSince: hook.failingSince ?? now,
    attempts: hook.attempts + 1,
    nextAttempt: instantOf(epochMs(now) + Math.max(wished_s, step_s) * 1_000),
  };
}

function sentenceOf(answer: Answer): string {
  if (isRefusal(answer)) return answer.message;
  const redirects = answer.status >= 300 && answer.status < 400;
  return `It answered with status ${answer.status} instead of 2xx${redirects ? "; redirects are not followed" : ""}.`;
}
