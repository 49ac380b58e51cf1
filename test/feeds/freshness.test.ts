import type { IncomingHttpHeaders } from "node:http";
import { expect, it } from "vitest";
import { FRESH_MAX_MS, FRESH_MIN_MS, freshnessOf } from "../../src/feeds/freshness.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");
const HOUR_MS = 3_600_000;
const date = new Date(NOW).toUTCString();

it.each<[string, IncomingHttpHeaders, number]>([
  ["max-age", { "cache-control": "public, max-age=7200" }, 2 * HOUR_MS],
  ["max-age in quotes", { "cache-control": 'Max-Age="7200"' }, 2 * HOUR_MS],
  ["max-age less its age", { "cache-control": "max-age=7200", age: "3600" }, HOUR_MS],
  ["max-age rather than Expires", { "cache-control": "max-age=7200", expires: "0" }, 2 * HOUR_MS],
  ["not s-maxage, which is for shared caches", { "cache-control": "s-maxage=7200, max-age=3600" }, HOUR_MS],
  ["Expires after its Date", { date, expires: new Date(NOW + 3 * HOUR_MS).toUTCString() }, 3 * HOUR_MS],
  [
    "Expires by the other clock",
    { date: new Date(0).toUTCString(), expires: new Date(HOUR_MS).toUTCString() },
    HOUR_MS,
  ],
  ["an Expires that is none", { expires: "0" }, FRESH_MIN_MS],
  ["a tenth of its age", { date, "last-modified": new Date(NOW - 50 * HOUR_MS).toUTCString() }, 5 * HOUR_MS],
  ["nothing", {}, HOUR_MS],
  ["what must be validated", { "cache-control": "no-cache, max-age=7200" }, FRESH_MIN_MS],
  ["far too long", { "cache-control": "max-age=9999999999" }, FRESH_MAX_MS],
  ["nonsense", { "cache-control": "max-age=soon" }, HOUR_MS],
])("%s says for how long an answer is fresh", (_, headers, fresh_ms) => {
  expect(freshnessOf(headers, NOW)).toEqual({ fresh_ms, mayKeep: true });
});

it("does not remember what must not be stored", () => {
  expect(freshnessOf({ "cache-control": "no-store, max-age=7200" }, NOW)).toEqual({
    fresh_ms: FRESH_MIN_MS,
    mayKeep: false,
  });
});
