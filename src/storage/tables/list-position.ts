import type { ListCursor } from "../../hub/ports/records.ts";

/** A place in a newest-first list. */
export interface Position {
  readonly created: string;
  readonly graph: string;
}

/** After all times that may be stored, which begin with a digit: where a list without a cursor starts. */
export const NEWEST: Position = { created: "~", graph: "" };

/** The cursor of a place. */
export function cursorOf({ created, graph }: Position): ListCursor {
  return `${created} ${graph}`;
}

/** The place a cursor names; one that was not made by {@link cursorOf} still names some place. */
export function positionOf(cursor: ListCursor): Position {
  const space = cursor.indexOf(" ");
  return space < 0
    ? { created: cursor, graph: "" }
    : { created: cursor.slice(0, space), graph: cursor.slice(space + 1) };
}

/** Orders places from old to new as SQLite's BINARY collation does. */
export function comparePositions(one: Position, other: Position): number {
  return compareBytes(one.created, other.created) || compareBytes(one.graph, other.graph);
}

// UTF-8 sorts by code point; UTF-16 does not where surrogates meet U+E000 to U+FFFF.
function compareBytes(one: string, other: string): number {
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  let at = 0;
  while (at < length && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  if (at === length) return one.length - other.length;
  const left = one.charCodeAt(at);
  const right = other.charCodeAt(at);
  const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
  if (isSurrogate(left) !== isSurrogate(right)) return isSurrogate(left) ? 1 : -1;
  return left - right;
}
