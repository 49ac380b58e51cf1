import { isomorphic } from "rdf-isomorphic";
import { literal, type Quad, quad, type Term } from "../../../src/rdf/term.ts";
import type { Answer, Row } from "./answer.ts";
import { canonical, compareTerms, valueOf } from "./canonical-term.ts";
import type { RandomQuery, SortKey } from "./random-query.ts";

/**
 * Why an answer to `query.text` is not a right one, going by a peer's answer to `query.whole`; undefined when it is.
 * Rows are multisets. Under ORDER BY each row must be able to stand where it stands, and under LIMIT it must be one of
 * those that may be chosen, whatever becomes of ties.
 */
export function difference(query: RandomQuery, answer: Answer, whole: Answer): string | undefined {
  if (answer.kind === "boolean" && whole.kind === "boolean") {
    return answer.value === whole.value ? undefined : `${answer.value} instead of ${whole.value}`;
  }
  if (answer.kind === "quads" && whole.kind === "quads") return differenceOfQuads(answer.quads, whole.quads);
  if (answer.kind === "rows" && whole.kind === "rows") return differenceOfRows(query, answer.rows, whole.rows);
  // Oxigraph gives no rows and no quads alike, as an empty list.
  if (isEmpty(answer) && isEmpty(whole)) return undefined;
  return answer.kind === whole.kind ? undefined : `${answer.kind} instead of ${whole.kind}`;
}

function isEmpty(answer: Answer): boolean {
  return (answer.kind === "rows" && answer.rows.length === 0) || (answer.kind === "quads" && answer.quads.length === 0);
}

function differenceOfQuads(found: readonly Quad[], expected: readonly Quad[]): string | undefined {
  const byValue = ({ subject, predicate, object }: Quad): Quad =>
    quad(subject, predicate, object.termType === "Literal" ? literal(canonical(object)) : object);
  const [left, right] = [found.map(byValue), expected.map(byValue)];
  if (isomorphic(left, right)) return undefined;
  const lines = (quads: readonly Quad[]): readonly string[] => [
    ...new Set(quads.map((each) => [each.subject, each.predicate, each.object].map(canonical).join(" "))),
  ];
  return differenceOfLists(lines(left), lines(right)) ?? "blank nodes are shared otherwise";
}

function differenceOfLists(found: readonly string[], expected: readonly string[]): string | undefined {
  const left = [...expected];
  const extra = found.filter((each) => {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (left.length === 0 && extra.length === 0) return undefined;
  const shown = (sign: string, lines: readonly string[]): readonly string[] =>
    lines.slice(0, 5).map((line) => `${sign} ${line}`);
  return [`${left.length} missing (-), ${extra.length} too many (+)`, ...shown("-", left), ...shown("+", extra)].join(
    "\n",
  );
}

/** A row of the whole answer with the first and the last place where it may stand. */
interface Placed {
  readonly line: string;
  readonly first: number;
  readonly last: number;
}

function differenceOfRows(query: RandomQuery, found: readonly Row[], whole: readonly Row[]): string | undefined {
  const bad = found.map(sampleFault).find((fault) => fault !== undefined);
  if (bad !== undefined) return bad;
  const count = Math.max(0, Math.min(query.limit, whole.length - query.offset));
  const lines = found.map(lineOfRow);
  if (query.reduced) return differenceOfReduced(lines, whole.map(lineOfRow));
  if (query.limit === Number.POSITIVE_INFINITY && query.offset === 0) {
    const different = differenceOfLists(lines, whole.map(lineOfRow));
    if (different !== undefined) return different;
  }
  if (found.length !== count) return `${found.length} rows instead of ${count}`;
  const free = Map.groupBy(placed(whole, query.keys), ({ line }) => line);
  for (const [index, line] of lines.entries()) {
    const place = query.offset + index;
    const candidates = free.get(line) ?? [];
    // Of the rows that may stand here, the one that must stand earliest: so the others keep the most room.
    const [chosen] = candidates
      .filter(({ first, last }) => first <= place && place <= last)
      .sort((a, b) => a.last - b.last);
    if (chosen === undefined) {
      const reason = candidates.length === 0 ? "is not (so often) in the whole answer" : "may not stand there";
      return `row ${place} ${reason}: ${line}`;
    }
    candidates.splice(candidates.indexOf(chosen), 1);
  }
  return undefined;
}

/** Each row at least once and at most as often as there are ways to it. */
function differenceOfReduced(found: readonly string[], whole: readonly string[]): string | undefined {
  return differenceOfLists([...new Set(found)], [...new Set(whole)]);
}

function placed(rows: readonly Row[], keys: readonly SortKey[]): readonly Placed[] {
  return rows.map((row) => {
    let [before, after] = [0, 0];
    if (keys.length > 0) {
      for (const other of rows) {
        const order = compareRows(other, row, keys) ?? 0;
        if (order < 0) before++;
        else if (order > 0) after++;
      }
    }
    const [first, last] = keys.length > 0 ? [before, rows.length - 1 - after] : [0, rows.length - 1];
    return { line: lineOfRow(row), first, last };
  });
}

function compareRows(a: Row, b: Row, keys: readonly SortKey[]): number | undefined {
  for (const { column, descending } of keys) {
    const order = compareTerms(a.get(column), b.get(column));
    if (order !== 0) return order === undefined ? undefined : descending ? -order : order;
  }
  return 0;
}

/** A row as text without the columns that only order it: the same for rows that are equally right. */
export function lineOfRow(row: Row): string {
  return [...row]
    .filter(([name]) => !/^(key\d+|s_of)$/.test(name))
    .map(([name, term]) => `?${name} ${shown(name, term)}`)
    .sort()
    .join(" ");
}

/** See the names of columns in the grammar: a SAMPLE may be any, parts of a GROUP_CONCAT come in any order, ties too. */
function shown(name: string, term: Term): string {
  if (name === "s") return "(one of the group)";
  if (name === "parts") return canonical(literal(term.value.split("|").sort().join("|")));
  if (name !== "least" || term.termType !== "Literal") return canonical(term);
  const value = valueOf(term);
  return value === undefined || value.kind === "text" ? canonical(term) : `${value.kind} ${value.value}`;
}

/** What a SAMPLE gave that is not in its group. */
function sampleFault(row: Row): string | undefined {
  const [sample, group] = [row.get("s"), row.get("s_of")];
  if (sample === undefined || group === undefined || group.value.split("|").includes(sample.value)) return undefined;
  return `SAMPLE gave ${canonical(sample)}, which is not in its group`;
}
