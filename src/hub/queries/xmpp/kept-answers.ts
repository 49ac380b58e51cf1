import type { ListPart } from "../../../pubsub/reply.ts";

/** LIMIT: answers kept for one requester and in all, bytes of all of them, milliseconds since one was last read. */
const KEPT_OF_REQUESTER_MAX = 16;
const KEPT_MAX = 256;
const KEPT_BYTES_MAX = 32 * 1_024 * 1_024;
const KEPT_MS = 120_000;

/** A whole answer, written row by row, that pages are cut from: it stays as it was when it was made. */
export interface WholeAnswer {
  readonly kind: "bindings" | "quads";
  /** Of bindings; none of quads. */
  readonly variables: readonly string[];
  /** XML of each row, or escaped N-Triples of each triple. */
  readonly rows: readonly string[];
  readonly bytes: number;
}

/** Where a page begins or ends (XEP-0059 §2): rows have the id of their answer and their place in it. */
export type PagePlace =
  | { readonly kind: "start" }
  | { readonly kind: "after" | "before"; readonly row: string }
  | { readonly kind: "end" }
  | { readonly kind: "index"; readonly index: number };

/** Which rows of an answer are wanted; without `max` as many as fit. */
export interface PageWish {
  readonly place: PagePlace;
  readonly max?: number;
}

interface Kept {
  readonly answer: WholeAnswer;
  readonly requester: string;
  readonly question: string;
  read_ms: number;
}

/** Answers that are being read page by page, for who asked, as long as they go on reading. The oldest give way. */
export class KeptAnswers {
  /** The one read last is last. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** How many are kept, and their bytes. */
  get size(): { readonly answers: number; readonly bytes: number } {
    return { answers: this.#kept.size, bytes: this.#bytes };
  }

  keep(id: string, answer: WholeAnswer, by: Pick<Kept, "requester" | "question">, now_ms: number): void {
    this.#kept.set(id, { answer, ...by, read_ms: now_ms });
    this.#bytes += answer.bytes;
    this.sweep(now_ms);
    const own = [...this.#kept].filter(([, { requester }]) => requester === by.requester);
    for (const [old] of own.slice(0, Math.max(0, own.length - KEPT_OF_REQUESTER_MAX))) this.#drop(old);
    for (const [old] of this.#kept) {
      if (old === id || (this.#kept.size <= KEPT_MAX && this.#bytes <= KEPT_BYTES_MAX)) break;
      this.#drop(old);
    }
  }

  /** Lets go what nobody has read for a while. */
  sweep(now_ms: number): void {
    for (const [id, { read_ms }] of this.#kept) if (now_ms - read_ms > KEPT_MS) this.#drop(id);
  }

  /** The answer `id` to this question, or without an id the one read last; undefined where it is gone, or another's. */
  find(
    id: string | undefined,
    { requester, question }: Pick<Kept, "requester" | "question">,
    now_ms: number,
  ): { readonly id: string; readonly answer: WholeAnswer } | undefined {
    this.sweep(now_ms);
    const found = [...this.#kept].findLast(
      ([each, kept]) => (id ?? each) === each && kept.requester === requester && kept.question === question,
    );
    if (found === undefined) return undefined;
    const [key, kept] = found;
    this.#kept.delete(key);
    this.#kept.set(key, { ...kept, read_ms: now_ms });
    return { id: key, answer: kept.answer };
  }

  #drop(id: string): void {
    this.#bytes -= this.#kept.get(id)?.answer.bytes ?? 0;
    this.#kept.delete(id);
  }
}

/** A page of an answer, with what XEP-0059 says about it. */
export interface AnswerPage {
  readonly rows: readonly string[];
  readonly part: ListPart;
}

/**
 * Cuts a page out of an answer: at most `max` rows of at most `bytes_max` bytes, but at least one, so that a reader
 * always gets on. Undefined where the place is none of this answer.
 */
export function pageOf(
  id: string,
  { rows }: WholeAnswer,
  { place, max }: PageWish,
  bytes_max: number,
): AnswerPage | undefined {
  const range = rangeOf(id, rows.length, place);
  if (range === undefined) return undefined;
  const isBackwards = place.kind === "before" || place.kind === "end";
  const most = Math.min(max ?? rows.length, range.to - range.from);
  let count = 0;
  let bytes = 0;
  while (count < most) {
    const row = rows[isBackwards ? range.to - 1 - count : range.from + count] ?? "";
    bytes += Buffer.byteLength(row);
    if (bytes > bytes_max && count > 0) break;
    count++;
  }
  const from = isBackwards ? range.to - count : range.from;
  const ends = count === 0 ? {} : { first: rowId(id, from), last: rowId(id, from + count - 1) };
  return { rows: rows.slice(from, from + count), part: { ...ends, firstIndex: from, count: rows.length } };
}

function rangeOf(
  id: string,
  count: number,
  place: PagePlace,
): { readonly from: number; readonly to: number } | undefined {
  switch (place.kind) {
    case "start":
    case "end":
      return { from: 0, to: count };
    case "index":
      return place.index > count ? undefined : { from: place.index, to: count };
    default: {
      const row = readRowId(place.row);
      if (row === undefined || row.id !== id || row.index >= count) return undefined;
      return place.kind === "after" ? { from: row.index + 1, to: count } : { from: 0, to: row.index };
    }
  }
}

function rowId(id: string, index: number): string {
  return `${id}.${index}`;
}

/** The answer and the place that a row's id names. */
export function readRowId(text: string): { readonly id: string; readonly index: number } | undefined {
  const dot = text.lastIndexOf(".");
  const index = text.slice(dot + 1);
  return dot > 0 && /^\d{1,9}$/.test(index) ? { id: text.slice(0, dot), index: Number(index) } : undefined;
}
