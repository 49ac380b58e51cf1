import type { Store } from "n3";
import type { GraphIndex, QuadIndex } from "../../src/hub/ports/quad-index.ts";
import type { QuadSource } from "../../src/hub/ports/queries.ts";
import { defaultGraph, type Term } from "../../src/rdf/term.ts";
import { insideOf, keysOf, sizeOfLevel, termOfText } from "../../src/storage/triples/n3-inside.ts";
import { DEFAULT_GRAPH, PlainGraph } from "../../src/storage/triples/store-index.ts";

/** Any N3 Store, with named graphs or without, as the query source reads a query store. */
export function plainIndex(store: Store): QuadIndex {
  const inside = insideOf(store);
  const textOf = (number: number): string | undefined => inside._entityIndex._entities[number];
  return {
    numberOf: (term) => inside._termToNumericId(term),
    termOf: (number): Term | undefined => {
      const text = textOf(number);
      return text === undefined ? undefined : termOfText(store, text);
    },
    textOf,
    sizeOf: sizeOfLevel,
    keysOf,
    of: () => {
      const named = new Map<number, GraphIndex>();
      for (const each in inside._graphs) {
        if (Number(each) !== DEFAULT_GRAPH) named.set(Number(each), new PlainGraph(inside, Number(each)));
      }
      return { merged: [new PlainGraph(inside, DEFAULT_GRAPH)], named };
    },
    search: () => [],
  };
}

/** Any N3 Store as a query store; patterns are about its default graph. */
export function plainQuads(store: Store): QuadSource {
  return {
    match: (subject, predicate, object) => store.match(subject, predicate, object, defaultGraph()),
    count: (subject, predicate, object) =>
      store.countQuads(subject ?? null, predicate ?? null, object ?? null, defaultGraph()),
    get size() {
      return store.size;
    },
    version: 0,
    index: plainIndex(store),
  };
}
