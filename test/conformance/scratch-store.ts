import type { Store } from "n3";
import type { GraphChange, GraphName, GraphStore } from "../../src/hub/graphs/graph-store.ts";
import { refuse } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { namedNode, type Quad, quad, type Term, defaultGraph as theDefaultGraph } from "../../src/rdf/term.ts";

/**
 * The dataset that the W3C's suites assume: anybody may write any graph, the default graph is one of its own, and a
 * graph that nobody wrote is empty.
 * @param store what is in it, changed in place
 * @param base new graphs are named below it
 * @param defaultGraph `view` when the engine has the same quads
 */
export function scratchStore(store: Store, base: Iri, defaultGraph: GraphStore["defaultGraph"] = "stored"): GraphStore {
  const versions = new Map<GraphName, number>();
  for (const graph of store.getGraphs(null, null, null)) versions.set(nameOf(graph), 1);
  versions.set("default", 1);
  let changes = 0;
  const versionOf = (graph: GraphName): string | undefined => versions.get(graph)?.toString();
  const write = ({ graph, quads }: GraphChange): void => {
    changes++;
    store.removeQuads(store.getQuads(null, null, null, termOf(graph)));
    if (quads === undefined && graph !== "default") versions.delete(graph);
    else versions.set(graph, changes + 1);
    for (const { subject, predicate, object } of quads ?? []) {
      store.addQuad(quad(subject, predicate, object, termOf(graph)));
    }
  };
  return {
    version: () => String(changes),
    dataset: () => ({}),
    defaultGraph,
    unknownGraphs: "empty",
    read: (_, graph) => {
      const version = versionOf(graph);
      return version === undefined ? undefined : { quads: triplesOf(store, graph), version };
    },
    merged: () => triplesOf(store, "default"),
    names: () => [...versions.keys()].filter((name): name is Iri => name !== "default"),
    mayUpdate: () => undefined,
    mayWrite: () => undefined,
    newName: () => `${base}scratch/${changes}` as Iri,
    isStatedElsewhere: () => false,
    commit: async (_, wanted) => {
      const stale = wanted.find(({ graph, before }) => versionOf(graph) !== before);
      if (stale !== undefined) {
        return refuse("conflict", `Expected version ${stale.before} of ${stale.graph}, but it has changed.`, {
          again: true,
        });
      }
      for (const each of wanted) write(each);
      return undefined;
    },
  };
}

const nameOf = (graph: Term): GraphName => (graph.termType === "DefaultGraph" ? "default" : (graph.value as Iri));

const termOf = (graph: GraphName) => (graph === "default" ? theDefaultGraph() : namedNode(graph));

function triplesOf(store: Store, graph: GraphName): readonly Quad[] {
  return store
    .getQuads(null, null, null, termOf(graph))
    .map(({ subject, predicate, object }) => quad(subject, predicate, object));
}
