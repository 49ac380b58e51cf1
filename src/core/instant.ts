import { type Refusal, refuse } from "../outcome/refusal.ts";

declare const instantBrand: unique symbol;

/** A point in time, UTC, always 24 characters: `2026-11-21T06:00:00.000Z`. Sorts as text. */
export type Instant = string & { readonly [instantBrand]: true };

const XSD_DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** The instant `epoch_ms` milliseconds after 1970-01-01T00:00Z. */
export function instantOf(epoch_ms: number): Instant {
  return new Date(epoch_ms).toISOString() as Instant;
}

/**
 * Reads an `xsd:dateTime` or RFC 3339 time with any offset (none means UTC) and normalises it to UTC milliseconds.
 * Refuses with `invalid` what is not one, or lies outside the years 0001 to 9999.
 */
export function parseInstant(text: string): Instant | Refusal {
  if (XSD_DATE_TIME.test(text)) {
    const epoch_ms = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
    if (!Number.isNaN(epoch_ms)) {
      const normal = new Date(epoch_ms).toISOString();
      if (normal.length === 24 && !normal.startsWith("0000")) return normal as Instant;
    }
  }
  return refuse("invalid", `Expected a time such as 2026-11-21T06:00:00Z, but got "${text.slice(0, 60)}".`);
}

/** Milliseconds since 1970-01-01T00:00Z. */
export function epochMs(instant: Instant): number {
  return Date.parse(instant);
}
