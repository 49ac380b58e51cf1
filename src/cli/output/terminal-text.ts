import type { CliIo } from "../io.ts";

// What a terminal would obey instead of show: C0 (but tab and line feed), DEL, C1.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
/** Explicit directions, which could turn the rest of the line around (Trojan Source), and the line separators. */
const DIRECTION = /[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Text from somebody else made safe to show: control characters become their visible signs (`␛`), explicit directions
 * go. Line feeds and tabs stay. What comes out never moves a cursor, sets a title or changes a colour.
 */
export function plain(text: string): string {
  return text.replace(DIRECTION, "").replace(CONTROL, (sign) => {
    const code = sign.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\uFFFD";
  });
}

/** {@link plain} text on one line, isolated (UAX #9 FSI … PDI) when it runs right to left, so that what follows stays put. */
export function inline(text: string): string {
  const safe = plain(text).replace(/\s+/g, " ").trim();
  return RIGHT_TO_LEFT.test(safe) ? `\u2068${safe}\u2069` : safe;
}

/** Writes colours, or leaves text alone where they do not belong. */
export type Paint = (style: "bold" | "dim" | "cyan" | "yellow" | "red", text: string) => string;

const CODES = { bold: [1, 22], dim: [2, 22], cyan: [36, 39], yellow: [33, 39], red: [31, 39] } as const;

/** Colours only on a terminal, and not with NO_COLOR (no-color.org) or a dumb one. */
export function painter(io: Pick<CliIo, "stdout" | "env">): Paint {
  const colours = io.stdout.isTTY && (io.env["NO_COLOR"] ?? "") === "" && io.env["TERM"] !== "dumb";
  if (!colours) return (_style, text) => text;
  return (style, text) => `\u001B[${CODES[style][0]}m${text}\u001B[${CODES[style][1]}m`;
}

/** How long ago, for people: `just now`, `5 min`, `3 h`, `2 d`, then the local date and time. */
export function ago(instant: string, now_ms: number): string {
  const at = new Date(instant);
  const seconds = Math.round((now_ms - at.getTime()) / 1_000);
  if (Number.isNaN(seconds)) return inline(instant);
  if (seconds >= -60 && seconds < 60) return "just now";
  if (seconds > 0 && seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds > 0 && seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  if (seconds > 0 && seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d`;
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

// Wide in terminals (UAX #11 W and F, without the rare blocks) and without a width.
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
const ZERO = /[\p{M}\p{Cf}]/u;

/** How many columns a line takes. */
export function columns(line: string): number {
  let width = 0;
  for (const sign of line) width += ZERO.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
  return width;
}

/** `1 row`, `2 rows`. */
export function countOf(count: number, one: string): string {
  return `${count} ${count === 1 ? one : `${one}s`}`;
}
