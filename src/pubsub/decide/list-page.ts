import type { ListPart } from "../reply.ts";
import type { PageRequest } from "../state.ts";

/**
 * A page of a list that is there whole (XEP-0059): all of it where no page is asked for. `idOf` gives each row the id
 * by which it is gone on from. Undefined when `after` or `before` names no row.
 */
export function listPage<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  page: PageRequest | undefined,
): { readonly rows: readonly T[]; readonly part: { readonly page?: ListPart } } | undefined {
  if (page === undefined) return { rows, part: {} };
  const cursor: string | undefined = page.after ?? page.before;
  const at = cursor === undefined || cursor === "" ? undefined : rows.findIndex((row) => idOf(row) === cursor);
  if (at === -1) return undefined;
  const backwards = page.after === undefined && page.before !== undefined;
  const to = backwards ? (at ?? rows.length) : Math.min(rows.length, (at ?? -1) + 1 + page.max);
  const from = backwards ? Math.max(0, to - page.max) : (at ?? -1) + 1;
  const shown = rows.slice(from, to);
  const [first] = shown;
  const last = shown.at(-1);
  const ends = first === undefined || last === undefined ? {} : { first: idOf(first), last: idOf(last) };
  return { rows: shown, part: { page: { ...ends, firstIndex: from, count: rows.length } } };
}
