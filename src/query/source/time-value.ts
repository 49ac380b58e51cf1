import { xsd } from "../../vocab/xsd.ts";
import type { LiteralCell } from "./cell.ts";

/** Kinds of values along a line of time or length; only those of one kind compare. */
type TimeKind = "dateTime" | "date" | "time" | "dayTimeDuration" | "yearMonthDuration";

/** A time or duration as a place on its line. */
interface TimeValue {
  readonly kind: TimeKind;
  /** Milliseconds, or months for `yearMonthDuration`. */
  readonly at: number;
}

const KINDS: ReadonlyMap<string, TimeKind> = new Map(
  (["dateTime", "date", "time", "dayTimeDuration", "yearMonthDuration"] as const).map((kind) => [
    `http://www.w3.org/2001/XMLSchema#${kind}`,
    kind,
  ]),
);

const XSD_DATE_TIME = xsd.dateTime.value;
const ZONE = "(Z|[+-]\\d\\d:\\d\\d)?";
const DATE = "(-?\\d{4,})-(\\d\\d)-(\\d\\d)";
const TIME = "(\\d\\d):(\\d\\d):(\\d\\d(?:\\.\\d+)?)";
const DATE_TIME = new RegExp(`^${DATE}T${TIME}${ZONE}$`);
const DATE_ONLY = new RegExp(`^${DATE}${ZONE}$`);
const TIME_ONLY = new RegExp(`^${TIME}${ZONE}$`);
const DAY_TIME = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const YEAR_MONTH = /^(-)?P(?:(\d+)Y)?(?:(\d+)M)?$/;

/** The value of a literal of one of the types along a line, without a zone as if it were UTC; undefined if ill formed. */
export function timeOf(cell: LiteralCell): TimeValue | undefined {
  const kind = KINDS.get(cell.datatype);
  if (kind === undefined) return undefined;
  const at = placeOf(kind, cell.value);
  return at === undefined ? undefined : { kind, at };
}

function placeOf(kind: TimeKind, text: string): number | undefined {
  switch (kind) {
    case "dateTime": {
      const [, year, month, day, hours, minutes, seconds, zone] = DATE_TIME.exec(text) ?? [];
      const date = dayOf(year, month, day);
      const time = clockOf(hours, minutes, seconds);
      return date === undefined || time === undefined ? undefined : date + time - zoneOf(zone);
    }
    case "date": {
      const [, year, month, day, zone] = DATE_ONLY.exec(text) ?? [];
      const date = dayOf(year, month, day);
      return date === undefined ? undefined : date - zoneOf(zone);
    }
    case "time": {
      const [, hours, minutes, seconds, zone] = TIME_ONLY.exec(text) ?? [];
      const time = clockOf(hours, minutes, seconds);
      return time === undefined ? undefined : time - zoneOf(zone);
    }
    case "dayTimeDuration": {
      const found = /[\dT]$/.test(text) ? null : DAY_TIME.exec(text);
      if (found === null || text.endsWith("P")) return undefined;
      const [days, hours, minutes, seconds] = found.slice(2).map((part: string | undefined) => Number(part ?? 0));
      const length = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
      return (found[1] === undefined ? 1 : -1) * length * 1_000;
    }
    case "yearMonthDuration": {
      const found = YEAR_MONTH.exec(text);
      if (found === null || text.endsWith("P")) return undefined;
      return (found[1] === undefined ? 1 : -1) * (Number(found[2] ?? 0) * 12 + Number(found[3] ?? 0));
    }
  }
}

function dayOf(year?: string, month?: string, day?: string): number | undefined {
  if (year === undefined) return undefined;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const date = new Date(0);
  date.setUTCFullYear(y, m - 1, d);
  return date.getUTCMonth() === m - 1 && date.getUTCDate() === d ? date.getTime() : undefined;
}

function clockOf(hours?: string, minutes?: string, seconds?: string): number | undefined {
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  const isTime = (h < 24 && m < 60 && s < 60) || (h === 24 && m === 0 && s === 0);
  return isTime ? (h * 60 + m) * 60_000 + s * 1_000 : undefined;
}

function zoneOf(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** The parts of a dateTime as YEAR() to TZ() give them (SPARQL 1.1 §17.4.5). */
export function dateTimeParts(
  cell: LiteralCell,
): { readonly parts: readonly number[]; readonly seconds: string; readonly zone: string } | undefined {
  if (cell.datatype !== XSD_DATE_TIME || timeOf(cell) === undefined) return undefined;
  const [, year, month, day, hours, minutes, seconds, zone] = DATE_TIME.exec(cell.value) ?? [];
  return {
    parts: [year, month, day, hours, minutes].map(Number),
    seconds: seconds ?? "0",
    zone: zone ?? "",
  };
}
