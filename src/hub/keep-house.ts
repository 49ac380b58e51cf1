import { epochMs, instantOf } from "../core/instant.ts";
import { isRefusal } from "../outcome/refusal.ts";
import type { HubPorts } from "./ports.ts";

/** LIMIT: documents dropped in one commit. */
const BATCH = 500;
const EVERY_MS = 3_600_000;

/** Drops other people's posts that are past the retention time, neither answered nor starred. Returns how many. */
export async function dropExpired(hub: HubPorts): Promise<number> {
  if (hub.options.retention_days === 0) return 0;
  const before = instantOf(epochMs(hub.now()) - hub.options.retention_days * 86_400_000);
  let dropped = 0;
  for (;;) {
    const count = await hub.records.transact((reader) => {
      const graphs = reader.expired(before, BATCH);
      return {
        changes: graphs.map((graph) => ({ kind: "document-dropped", graph }) as const),
        result: graphs.length,
      };
    });
    if (isRefusal(count) || count === 0) break;
    dropped += count;
  }
  if (dropped > 0) hub.log.info({ dropped, before }, "retention-kept");
  return dropped;
}

/** Keeps house once an hour until the signal is aborted. */
export function startHousekeeping(hub: HubPorts, signal: AbortSignal): void {
  const keep = (): void => {
    dropExpired(hub).catch((fault: unknown) => hub.log.error({ fault: String(fault) }, "housekeeping-failed"));
  };
  const timer = setInterval(keep, EVERY_MS);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  keep();
}
