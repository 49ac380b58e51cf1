import type { IncomingHttpHeaders } from "node:http";

/** LIMIT: for how long an answer is believed whatever its host says, and for how long at least it is not asked again. */
export const FRESH_MAX_MS = 24 * 3_600_000;
export const FRESH_MIN_MS = 10 * 60_000;
/** For how long an answer is fresh that says nothing of it. */
const FRESH_UNTOLD_MS = 3_600_000;
/** The share of its age that an unchanged thing is thought to stay so (RFC 9111 §4.2.2). */
const HEURISTIC_SHARE = 0.1;

/** What an answer says of being kept. */
export interface Freshness {
  readonly fresh_ms: number;
  /** Whether it may be remembered at all. */
  readonly mayKeep: boolean;
}

/**
 * For how long an answer that came at `now_ms` is fresh for a private cache (RFC 9111 §4.2): `max-age`, else `Expires`,
 * else a tenth of the time since `Last-Modified`; less its `Age`. What must be validated each time, is so after
 * {@link FRESH_MIN_MS}: who walks asks no more often.
 */
export function freshnessOf(headers: IncomingHttpHeaders, now_ms: number): Freshness {
  const directives = directivesOf(headers["cache-control"] ?? "");
  const mayKeep = !directives.has("no-store");
  const lifetime_ms = mayKeep && !directives.has("no-cache") ? lifetimeOf(headers, directives, now_ms) : 0;
  const age_ms = secondsIn(headers.age) ?? 0;
  return { fresh_ms: Math.min(FRESH_MAX_MS, Math.max(FRESH_MIN_MS, lifetime_ms - age_ms)), mayKeep };
}

function lifetimeOf(headers: IncomingHttpHeaders, directives: ReadonlyMap<string, string>, now_ms: number): number {
  const maxAge_ms = secondsIn(directives.get("max-age"));
  if (maxAge_ms !== undefined) return maxAge_ms;
  const date_ms = timeIn(headers.date) ?? now_ms;
  // An invalid date, such as 0, is one in the past (RFC 9111 §5.3).
  if (headers.expires !== undefined) return (timeIn(headers.expires) ?? date_ms) - date_ms;
  const modified_ms = timeIn(headers["last-modified"]);
  return modified_ms === undefined ? FRESH_UNTOLD_MS : (date_ms - modified_ms) * HEURISTIC_SHARE;
}

function directivesOf(header: string): ReadonlyMap<string, string> {
  const parts = header.slice(0, 1_000).split(",");
  return new Map(
    parts.map((part) => {
      const [name = "", value = ""] = part.split("=", 2);
      return [name.trim().toLowerCase(), value.trim().replace(/^"|"$/g, "")];
    }),
  );
}

/** Delta-seconds (RFC 9111 §1.2.2) in milliseconds. */
function secondsIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text.trim()) ? Number(text) * 1_000 : undefined;
}

function timeIn(text: string | undefined): number | undefined {
  const time_ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time_ms) ? undefined : time_ms;
}
