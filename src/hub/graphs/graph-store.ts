import { type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { namedNode, type Quad, quad, type Term } from "../../rdf/term.ts";
import type { Dataset, QueryGraphs } from "../ports/queries.ts";
import type { Requester } from "../ports/requester.ts";
import type { NamedDataset } from "../ports/sparql-syntax.ts";

/** LIMIT: graphs that one query may name, and triples that they may have together. */
export const DATASET_GRAPHS_MAX = 200;
export const DATASET_TRIPLES_MAX = 100_000;

/** A graph of the store. */
export type GraphName = Iri | "default";

/** A graph as it is read. */
export interface StoredGraph {
  /** In the default graph, blank nodes told apart from those of other graphs. */
  readonly quads: readonly Quad[];
  /** Another one after each change. */
  readonly version: string;
  readonly modified?: string;
}

/** One graph changed: what it holds from now on, or that it goes. */
export interface GraphChange {
  readonly graph: GraphName;
  /** The version it was read at; undefined when it was not there. */
  readonly before: string | undefined;
  readonly quads: readonly Quad[] | undefined;
}

/**
 * The graphs that SPARQL Protocol, SPARQL Update and the Graph Store Protocol work on, and who may do what with them.
 * What a request means is told elsewhere (`run-query`, `run-update`, `write-graph`); this is the hub's say in it.
 */
export interface GraphStore {
  /** Another one whenever what `by` may see changes, over restarts too; for ETags. */
  version(by: Requester): string;
  /** The query store's part of what `by` sees. */
  dataset(by: Requester): Dataset;
  /** Whether the default graph is the query store's view, or a graph of its own that {@link read} gives. */
  readonly defaultGraph: "view" | "stored";
  /** Whether a graph that nobody has is empty to those who name it, as in SPARQL's own tests, or refused. */
  readonly unknownGraphs: "empty" | "refused";
  /** A graph that `by` may see; undefined when there is none for it. */
  read(by: Requester, graph: GraphName): StoredGraph | undefined;
  /** The triples of the default graph one by one. */
  merged(by: Requester): Iterable<Quad>;
  /** Names of the graphs that NAMED and ALL mean, and `GRAPH ?g` in an update finds. */
  names(by: Requester): readonly Iri[];
  /** Why `by` may not update at all. */
  mayUpdate(by: Requester): Refusal | undefined;
  /** Why `by` may not write a graph of this name. */
  mayWrite(by: Requester, graph: GraphName): Refusal | undefined;
  /** A name for a graph that came without one. */
  newName(by: Requester): Iri | Refusal;
  /** Whether a triple of the default graph view stands there also for another reason than this graph. */
  isStatedElsewhere(triple: Quad, graph: GraphName): boolean;
  /**
   * Changes graphs, all or none. Refuses with `conflict` (detail `again`) when one is no longer at the version it was
   * read at, and with the store's own reasons.
   */
  commit(by: Requester, changes: readonly GraphChange[]): Promise<undefined | Refusal>;
}

/** The graphs that a query names, ready to be asked. Refuses with `invalid` what is not there, and with `too-large`. */
export function gatherGraphs(store: GraphStore, by: Requester, named: NamedDataset): QueryGraphs | Refusal {
  const count = named.default.length + named.named.length;
  if (count > DATASET_GRAPHS_MAX) {
    return refuse(
      "too-large",
      `Expected a dataset of at most ${DATASET_GRAPHS_MAX} graphs, but got ${count}; name fewer.`,
    );
  }
  const quads: Quad[] = [];
  for (const [graphs, merged] of [
    [named.default, true],
    [named.named, false],
  ] as const) {
    for (const graph of new Set(graphs)) {
      const found = store.read(by, graph);
      if (found === undefined) {
        if (store.unknownGraphs === "empty") continue;
        return refuse(
          "invalid",
          `Expected graphs that this hub holds, but <${graph}> is none that you may see; name a document by its own IRI.`,
          { graph },
        );
      }
      // Not by spread: a graph may have more triples than a call has room for arguments.
      for (const each of found.quads) quads.push(merged ? each : inGraph(each, graph));
      if (quads.length > DATASET_TRIPLES_MAX) return tooManyTriples();
    }
  }
  return { quads, withDataset: false };
}

/** The refusal of graphs that are too large together. */
export function tooManyTriples(): Refusal {
  return refuse(
    "too-large",
    `Expected graphs of at most ${DATASET_TRIPLES_MAX} triples together, but got more; name fewer of them.`,
  );
}

/** A triple under the name of a graph. */
export function inGraph({ subject, predicate, object }: Quad, graph: Iri): Quad {
  return quad(subject, predicate, object, namedNode(graph));
}

/** The graph that a term names, for what may be written: the default one, or an IRI. */
export function graphNameOf(graph: Term): GraphName | undefined {
  if (graph.termType === "DefaultGraph") return "default";
  return graph.termType === "NamedNode" && isIri(graph.value) ? graph.value : undefined;
}

/** What tells two triples apart, wherever they stand. */
export function tripleKey({ subject, predicate, object }: Quad): string {
  const tail = object.termType === "Literal" ? `\n${object.language}\n${object.datatype.value}` : "";
  return `${subject.termType[0]}${subject.value}\n${predicate.value}\n${object.termType[0]}${object.value}${tail}`;
}
