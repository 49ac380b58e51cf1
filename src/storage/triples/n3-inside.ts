import { DataFactory, Store } from "n3";
import { Fault } from "../../outcome/fault.ts";
import type { Term } from "../../rdf/term.ts";

/**
 * What an N3 Store of 2.x keeps inside and this room uses: each term has a number, and quads are numbers in three
 * indexes a graph. N3's own methods look each term up by its text for each quad, which is most of the work of filling,
 * and never let a term go. The version of n3 is pinned; a test holds what is here against it.
 */
export interface N3Inside {
  readonly _entityIndex: {
    readonly _ids: Record<string, number | undefined>;
    readonly _entities: Record<number, string | undefined>;
  };
  readonly _graphs: Record<
    string,
    Readonly<Record<"subjects" | "predicates" | "objects", Record<number, unknown>>> | undefined
  >;
  /** The number of a term, if it has one. */
  _termToNumericId(term: Term): number | undefined;
  /** The number of a term, a new one if it has none. */
  _termToNewNumericId(term: Term): number;
  /** Says whether the quad was new. */
  _addQuad(subject: number, predicate: number, object: number, graph: number): boolean;
  /** Says whether the quad was there. */
  _removeQuad(subject: number, predicate: number, object: number, graph: number): boolean;
}

const METHODS = ["_termToNumericId", "_termToNewNumericId", "_addQuad", "_removeQuad"] as const;

/**
 * Looks inside an N3 Store.
 * @throws Fault `internal` when this n3 is built differently
 */
export function insideOf(store: Store): N3Inside {
  const inside = store as unknown as Partial<N3Inside>;
  const isKnown =
    typeof inside._entityIndex?._ids === "object" &&
    typeof inside._entityIndex._entities === "object" &&
    typeof inside._graphs === "object" &&
    METHODS.every((method) => typeof inside[method] === "function");
  if (!isKnown) {
    throw new Fault(
      "internal",
      "Expected an N3 Store as n3 2.13 builds it, but this n3 differs; install the pinned version.",
    );
  }
  return inside as N3Inside;
}

/**
 * Forgets the term of number `id` if no quad holds it, and says whether it did. N3 itself keeps the text of every term it ever met, so a store
 * that evicts old posts for new ones would grow without end. Numbers are never given again.
 */
export function releaseTerm({ _entityIndex: index, _graphs: graphs }: N3Inside, id: number): boolean {
  if (id in graphs) return false;
  for (const name in graphs) {
    const graph = graphs[name];
    if (graph !== undefined && (id in graph.subjects || id in graph.objects || id in graph.predicates)) {
      return false;
    }
  }
  const key = index._entities[id];
  if (key === undefined) return false;
  delete index._ids[key];
  delete index._entities[id];
  return true;
}

/** The key under which N3 counts the keys of each level; it is a symbol of its own that it does not give out. */
export const SIZE: unique symbol = ((): symbol => {
  const store = new Store();
  store.addQuad(
    DataFactory.quad(DataFactory.namedNode("a:a"), DataFactory.namedNode("a:b"), DataFactory.namedNode("a:c")),
  );
  const [size] = Object.getOwnPropertySymbols(insideOf(store)._graphs["1"]?.subjects ?? {});
  if (size === undefined) {
    throw new Fault(
      "internal",
      "Expected n3 2.13 to count the keys of its indexes, but this n3 does not; install the pinned version.",
    );
  }
  return size;
})() as never;

/** How many keys one level of an index has. */
export function sizeOfLevel(level: object): number {
  return (level as Record<symbol, number | undefined>)[SIZE] ?? 0;
}

/** The keys of one level of an index. */
export function keysOf(level: object): readonly number[] {
  const keys: number[] = [];
  for (const key in level) keys.push(Number(key));
  return keys;
}

/** The term that N3 keeps as this text. */
export function termOfText(store: Store, text: string): Term {
  return (store as unknown as { _termFromId(text: string): Term })._termFromId(text);
}
