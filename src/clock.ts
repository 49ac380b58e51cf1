import { randomInt } from "node:crypto";
import { type Instant, instantOf } from "./core/instant.ts";
import { type ItemId, mintItemId } from "./core/item-id.ts";

/** The present time, never going back within one run, so that newer posts sort as newer. */
export function monotonicClock(): () => Instant {
  let last_ms = 0;
  return () => {
    last_ms = Math.max(last_ms, Date.now());
    return instantOf(last_ms);
  };
}

/** Item ids that sort by time: a counter within each millisecond, started at random so that hubs do not agree. */
export function itemIds(): () => ItemId {
  let last_ms = 0;
  let tiebreak = 0;
  return () => {
    const now_ms = Math.max(last_ms, Date.now());
    if (now_ms > last_ms) tiebreak = randomInt(16_384);
    else tiebreak++;
    last_ms = tiebreak > 32_767 ? now_ms + 1 : now_ms;
    if (tiebreak > 32_767) tiebreak = 0;
    return mintItemId(instantOf(last_ms), tiebreak);
  };
}
