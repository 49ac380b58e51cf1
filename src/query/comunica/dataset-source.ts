import { type AsyncIterator, wrap } from "asynciterator";
import type { Dataset, QuadSource } from "../../hub/ports/queries.ts";
import type { Quad, Term } from "../../rdf/term.ts";

/** An RDF/JS source as Comunica reads it: what one requester may see, all of it in the default graph. */
export interface DatasetSource {
  match(subject?: Term | null, predicate?: Term | null, object?: Term | null, graph?: Term | null): AsyncIterator<Quad>;
  countQuads(subject?: Term | null, predicate?: Term | null, object?: Term | null, graph?: Term | null): number;
}

/** The view of `quads` that `dataset` is; there are no named graphs in it. */
export function datasetSource(quads: QuadSource, dataset: Dataset): DatasetSource {
  const named = (graph: Term | null | undefined): boolean =>
    graph !== undefined && graph !== null && graph.termType !== "DefaultGraph" && graph.termType !== "Variable";
  return {
    match: (subject, predicate, object, graph) =>
      wrap(named(graph) ? [] : quads.match(subject, predicate, object, dataset)),
    countQuads: (subject, predicate, object, graph) =>
      named(graph) ? 0 : quads.count(subject, predicate, object, dataset),
  };
}
