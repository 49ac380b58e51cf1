import type { QueryExplanation, QueryGraphs, QueryOptions } from "../../hub/ports/queries.ts";
import type { Refusal } from "../../outcome/refusal.ts";
import { type Quad, quad, type Term } from "../../rdf/term.ts";
import { termId, termOfId } from "../../rdf/term-id.ts";

/** LIMIT: parts of an answer that are on their way before the reader has taken the first. */
export const WINDOW_PARTS = 4;

/** LIMIT: terms in one part of an answer. */
export const PART_TERMS_MAX = 2_000;

/** LIMIT: characters in one part of an answer; one row may go over it. */
export const PART_CHARACTERS_MAX = 200_000;

/** How often a busy worker says that it lives. */
export const PULSE_MS = 200;

/** Quads as the ids of their terms, each once, and the places of those ids, four each. */
interface SentQuads {
  readonly ids: readonly string[];
  readonly places: readonly number[];
}

/** Options of a query as they are sent; what is not named here is plain JSON and goes as it is. */
export type SentOptions = Omit<QueryOptions, "signal" | "requester" | "graphs"> & {
  readonly graphs?: Omit<QueryGraphs, "quads" | "without"> & {
    readonly quads: SentQuads;
    readonly without?: SentQuads;
  };
};

/** What the hub tells the worker. */
export type ToQueryWorker =
  | {
      readonly kind: "query";
      readonly id: number;
      readonly text: string;
      readonly options: SentOptions;
      /** Whether it is asked how the query is answered, and not for the answer. */
      readonly explain: boolean;
    }
  /** The reader has taken a part and has room for another. */
  | { readonly kind: "more"; readonly id: number }
  | { readonly kind: "cancel"; readonly id: number };

/** One piece of an answer: its head first, then rows or quads, then its end; small answers come in one. */
export interface AnswerPart {
  readonly kind: "part";
  readonly id: number;
  /** The answer without its rows or quads. */
  readonly head?: AnswerHead;
  /** How many rows or quads. */
  readonly rows?: number;
  /** Ids of their terms one after the other, null for what is not bound. */
  readonly terms?: readonly (string | null)[];
  readonly end?: { readonly refusal?: Refusal };
}

/** An answer without its rows or quads. */
export type AnswerHead =
  | { readonly kind: "bindings"; readonly variables: readonly string[] }
  | { readonly kind: "quads" }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "explanation"; readonly explanation: QueryExplanation };

/** What the worker tells the hub. */
export type FromQueryWorker =
  | AnswerPart
  /** Its copy of the store is filled. */
  | { readonly kind: "ready" }
  /** It loads what the next query needs, and may hear nothing until it is `loaded`; what comes meanwhile waits in it. */
  | { readonly kind: "loading" }
  | { readonly kind: "loaded" }
  /** It has read a query, and whatever it does next may be that query's doing. */
  | { readonly kind: "begun"; readonly id: number }
  | { readonly kind: "pulse"; readonly rss_bytes: number }
  /** A query that was given up goes on using the processor: start another worker. */
  | { readonly kind: "stained" }
  | {
      readonly kind: "log";
      readonly level: "info" | "warn" | "error";
      readonly detail: Readonly<Record<string, unknown>>;
      readonly event: string;
    };

/** Options for sending. */
export function sendOptions(options: QueryOptions): SentOptions {
  const { signal: _signal, requester: _requester, graphs, ...rest } = options;
  if (graphs === undefined) return rest;
  const { quads, without, ...more } = graphs;
  return {
    ...rest,
    graphs: { ...more, quads: sendQuads(quads), ...(without === undefined ? {} : { without: sendQuads(without) }) },
  };
}

/** Options as they were sent. */
export function receiveOptions({ graphs, ...rest }: SentOptions): QueryOptions {
  if (graphs === undefined) return rest;
  const { quads, without, ...more } = graphs;
  return {
    ...rest,
    graphs: {
      ...more,
      quads: receiveQuads(quads),
      ...(without === undefined ? {} : { without: receiveQuads(without) }),
    },
  };
}

function sendQuads(quads: readonly Quad[]): SentQuads {
  const found = new Map<string, number>();
  const placeOf = (term: Term): number => {
    const id = termId(term);
    const place = found.get(id) ?? found.size;
    if (place === found.size) found.set(id, place);
    return place;
  };
  const places: number[] = [];
  for (const { subject, predicate, object, graph } of quads) {
    places.push(placeOf(subject), placeOf(predicate), placeOf(object), placeOf(graph));
  }
  return { ids: [...found.keys()], places };
}

function receiveQuads({ ids, places }: SentQuads): readonly Quad[] {
  const terms = ids.map(termOfId);
  return Array.from({ length: places.length / 4 }, (_, at) => {
    const [subject, predicate, object, graph] = places.slice(at * 4, at * 4 + 4).map((place) => terms[place]);
    // What was sent was a quad; its terms need no second look.
    return quad(subject as never, predicate as never, object as never, graph as never);
  });
}

/** The ids of a quad's terms, as {@link quadAt} reads them. */
export function* quadIds({ subject, predicate, object, graph }: Quad): Generator<string, undefined> {
  yield termId(subject);
  yield termId(predicate);
  yield termId(object);
  yield termId(graph);
}

/** The quad at a place in ids, four each. */
export function quadAt(ids: readonly (string | null)[], at: number): Quad {
  const [subject, predicate, object, graph] = ids.slice(at * 4, at * 4 + 4).map((id) => termOfId(id ?? ""));
  // What was sent was a quad; its terms need no second look.
  return quad(subject as never, predicate as never, object as never, graph as never);
}

/** The row at a place in ids, as many each as there are variables. */
export function rowAt(
  ids: readonly (string | null)[],
  at: number,
  variables: readonly string[],
): ReadonlyMap<string, Term> {
  const row = new Map<string, Term>();
  for (const [column, name] of variables.entries()) {
    const id = ids[at * variables.length + column];
    if (id !== null && id !== undefined) row.set(name, termOfId(id));
  }
  return row;
}

/** The ids of a row's terms, as {@link rowAt} reads them. */
export function* rowIds(
  row: ReadonlyMap<string, Term>,
  variables: readonly string[],
): Generator<string | null, undefined> {
  for (const name of variables) {
    const term = row.get(name);
    yield term === undefined ? null : termId(term);
  }
}
