import { epochMs } from "../../core/instant.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { CatchUpReason, HubPorts } from "../ports/hub-ports.ts";
import { catchUp } from "./catch-up.ts";

/** LIMIT: upstreams compared side by side. */
const SIDE_BY_SIDE = 4;
/** LIMIT: the longest sleep between two looks at what is due. */
const LOOK_EVERY_MS = 30_000;

/** The loop that keeps every upstream equal to its hub. */
export interface CatchUpLoop {
  /** Puts an upstream in the queue; returns at once. An upstream that is under way is done once more afterwards. */
  readonly soon: (account: Iri, why: CatchUpReason) => void;
  readonly ended: Promise<void>;
}

/** Starts catching up: everything whenever the XMPP link comes online, each upstream at its own time, and on call. */
export function startCatchUp(hub: HubPorts, signal: AbortSignal): CatchUpLoop {
  const queue = new Map<Iri, CatchUpReason>();
  const running = new Map<Iri, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  const start = (account: Iri, why: CatchUpReason): void => {
    const run = catchUp(hub, account, why, signal)
      .then((done) => {
        if (isRefusal(done)) hub.log.warn({ account, why, code: done.code, reason: done.message }, "catch-up-failed");
      })
      .catch((fault: unknown) => hub.log.error({ account, fault: String(fault) }, "catch-up-failed"))
      .finally(() => {
        running.delete(account);
        pump();
      });
    running.set(account, run);
  };
  const pump = (): void => {
    if (signal.aborted || hub.xmpp.status.kind !== "online") return;
    for (const [account, why] of queue) {
      if (running.size >= SIDE_BY_SIDE) break;
      if (running.has(account)) continue;
      queue.delete(account);
      start(account, why);
    }
  };
  const look = (): void => {
    clearTimeout(timer);
    if (signal.aborted) return;
    const now = hub.now();
    let next_ms = LOOK_EVERY_MS;
    if (hub.xmpp.status.kind === "online") {
      for (const { account, nextAttempt, state } of hub.records.reader.upstreams()) {
        if (state === "refused" || running.has(account)) continue;
        const due_ms = epochMs(nextAttempt) - epochMs(now);
        if (due_ms <= 0) queue.set(account, queue.get(account) ?? "timer");
        else next_ms = Math.min(next_ms, due_ms);
      }
    }
    pump();
    timer = setTimeout(look, Math.max(100, next_ms));
    timer.unref();
  };
  const soon = (account: Iri, why: CatchUpReason): void => {
    queue.set(account, why);
    pump();
  };
  const stop = hub.xmpp.onStatus((status) => {
    if (status.kind !== "online") return;
    for (const { account, state } of hub.records.reader.upstreams())
      if (state !== "refused") queue.set(account, "connected");
    look();
  });
  look();
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop();
      void Promise.allSettled(running.values()).then(() => resolve());
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
  return { soon, ended };
}
