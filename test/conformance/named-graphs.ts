import { Store } from "n3";
import type { QuadSource } from "../../src/hub/ports.ts";
import type { DatasetIndex } from "../../src/hub/quad-index.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { defaultGraph, namedNode, type Quad } from "../../src/rdf/term.ts";
import { insideOf, type N3Inside } from "../../src/storage/n3-inside.ts";
import { StoreIndex } from "../../src/storage/store-index.ts";

/**
 * A dataset of the W3C's suites as the engine reads the hub's: the default graph stands where the public triples do,
 * and beside it are named graphs, which a hub's dataset has none of.
 */
export function quadsWithNamedGraphs(data: Iterable<Quad>): QuadSource {
  const store = new Store();
  const inside = insideOf(store);
  const graphs = new Set<Iri>();
  const index = new NamedGraphsIndex(store, inside, graphs);
  for (const each of data) {
    if (!store.addQuad(each)) continue;
    if (each.graph.termType === "DefaultGraph") {
      const [subject = 0, predicate = 0, object = 0] = [each.subject, each.predicate, each.object].map((term) =>
        inside._termToNumericId(term),
      );
      index.added(subject, predicate, object);
    } else graphs.add(each.graph.value as Iri);
  }
  return {
    match: (subject, predicate, object) => store.readQuads(subject, predicate, object, defaultGraph()),
    count: (subject, predicate, object) => store.countQuads(subject, predicate, object, defaultGraph()),
    size: store.size,
    version: 1,
    index,
  };
}

/** The store's index with its graphs under their names. */
class NamedGraphsIndex extends StoreIndex {
  readonly #numberOf: (graph: Iri) => number | undefined;
  readonly #graphs: ReadonlySet<Iri>;

  constructor(store: Store, inside: N3Inside, graphs: ReadonlySet<Iri>) {
    const graphOf = (graph: Iri): number | undefined => inside._termToNumericId(namedNode(graph));
    super(store, inside, { graphOf, search: () => [] });
    this.#numberOf = graphOf;
    this.#graphs = graphs;
  }

  override of(): DatasetIndex {
    const { merged } = super.of({});
    const named = [...this.#graphs].flatMap((graph) => {
      const number = this.#numberOf(graph);
      // What is private to somebody is the second part of what they see.
      const [, index] = super.of({ private: graph }).merged;
      return number === undefined || index === undefined ? [] : [[number, index] as const];
    });
    return { merged, named: new Map(named) };
  }
}
