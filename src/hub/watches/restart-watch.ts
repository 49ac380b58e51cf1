import { epochMs, type Instant } from "../../core/instant.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Watch, WatchDesk } from "../ports/standing.ts";
import { reopenWatch } from "./manage-watches.ts";
import { stoppedWatch } from "./watch-changes.ts";

/** How long a stopped watch waits for the first attempt to go on; each further one waits twice as long, up to a day. */
const FIRST_AFTER_MS = 3_600_000;
const WAIT_MAX_MS = 86_400_000;
/** LIMIT: attempts of the hub's own; after them only its account lets it go on. */
const RESTARTS_MAX = 10;

/** Whether it is time to try whether a stopped watch can go on. */
export function mayRestart({ problem, stopped, restarts = 0 }: Watch, now: Instant): boolean {
  if (problem === undefined || restarts >= RESTARTS_MAX) return false;
  const wait_ms = Math.min(FIRST_AFTER_MS * 2 ** restarts, WAIT_MAX_MS);
  return stopped === undefined || epochMs(now) - epochMs(stopped) >= wait_ms;
}

/**
 * Lets a stopped watch go on if what stopped it is gone, and counts the attempt either way, so that one that is stopped
 * again and again costs less and less. Safe: it is evaluated once, within the bounds of every standing query.
 */
export async function restartWatch(hub: HubPorts, desk: WatchDesk, watch: Watch): Promise<Watch | Refusal> {
  const restarts = (watch.restarts ?? 0) + 1;
  const { query, of } = watch;
  const going = await reopenWatch(hub, desk, watch, { query, restarts, ...(of === undefined ? {} : { of }) });
  if (!isRefusal(going)) return going;
  const noted = await hub.records.transact((reader) => {
    const present = reader.watch(watch);
    // Its account was quicker.
    if (present?.problem === undefined) return { changes: [], result: undefined };
    return { changes: [stoppedWatch({ ...present, restarts }, going.message, hub.now())], result: undefined };
  });
  return isRefusal(noted) ? noted : going;
}
