import type { FromQueryWorker, ToQueryWorker } from "./worker-protocol.ts";

/** A worker that was started. */
export interface QueryWorker {
  send(message: ToQueryWorker): void;
  /** Ends it at once, whatever it is doing. */
  kill(): void;
  /** How many Patches it was told and has not taken in, and for how long. */
  readonly behind: { readonly patches: number; readonly since_ms: number };
}

/** What a worker tells. */
export interface QueryWorkerEvents {
  onMessage(message: FromQueryWorker): void;
  /** It is gone, of itself or killed; comes once, and nothing after it. */
  onEnd(end: WorkerEnd): void;
}

/** How a worker ended. */
export interface WorkerEnd {
  readonly reason: "memory" | "other";
  readonly detail: string;
}

/** Why the hub ended a worker; `slow-start` is also for one that did not come back from loading. */
export type KillReason = "overdue" | "deaf" | "stained" | "idle" | "slow-start" | "stopping";
