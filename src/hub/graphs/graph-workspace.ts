import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { type Quad, quad } from "../../rdf/term.ts";
import type { QueryGraphs } from "../ports/queries.ts";
import type { Requester } from "../ports/requester.ts";
import type { NamedDataset } from "../ports/sparql-syntax.ts";
import {
  DATASET_TRIPLES_MAX,
  type GraphChange,
  type GraphName,
  type GraphStore,
  inGraph,
  tooManyTriples,
  tripleKey,
} from "./graph-store.ts";

type Triples = Map<string, Quad>;

/** One graph as a request has made it so far. */
interface OpenGraph {
  readonly version: string | undefined;
  readonly before: ReadonlyMap<string, Quad>;
  /** Undefined when it is not there, or no longer. */
  now: Triples | undefined;
}

/**
 * The graphs that one update request works on: read when they are first needed, changed here alone, and handed over at
 * the end to be committed together. Each of its steps sees what those before it did.
 */
export class GraphWorkspace {
  readonly #store: GraphStore;
  readonly #by: Requester;
  readonly #open = new Map<GraphName, OpenGraph>();

  constructor(store: GraphStore, by: Requester) {
    this.#store = store;
    this.#by = by;
  }

  /** The triples of a graph that the requester may see; undefined when there is none. */
  read(graph: GraphName): ReadonlyMap<string, Quad> | undefined {
    return this.#graph(graph).now;
  }

  /** Puts triples into a graph, which comes into being with them. */
  insert(graph: GraphName, triples: Iterable<Quad>): undefined | Refusal {
    const open = this.#writable(graph);
    if (isRefusal(open)) return open;
    for (const each of triples) {
      open.now ??= new Map();
      const key = tripleKey(each);
      if (!open.now.has(key)) open.now.set(key, quad(each.subject, each.predicate, each.object));
    }
    return undefined;
  }

  /** Takes triples out of a graph. */
  delete(graph: GraphName, triples: Iterable<Quad>): undefined | Refusal {
    const open = this.#writable(graph);
    if (isRefusal(open)) return open;
    for (const each of triples) open.now?.delete(tripleKey(each));
    return undefined;
  }

  /** Puts other triples in the place of a graph's, or takes the graph away. */
  replace(graph: GraphName, triples: Iterable<Quad> | undefined): undefined | Refusal {
    const open = this.#writable(graph);
    if (isRefusal(open)) return open;
    open.now = triples === undefined ? undefined : new Map([...triples].map((each) => [tripleKey(each), each]));
    return undefined;
  }

  /** Names of the graphs that NAMED means, with those made on the way and without those dropped. */
  names(): readonly Iri[] {
    const names = new Set(this.#store.names(this.#by));
    for (const [graph, { now }] of this.#open) {
      if (graph === "default") continue;
      if (now === undefined) names.delete(graph);
      else if (this.#store.mayWrite(this.#by, graph) === undefined) names.add(graph);
    }
    return [...names];
  }

  /** What is different now, ready to be committed; graphs that say the same as before are left out. */
  changes(): readonly GraphChange[] {
    const changes: GraphChange[] = [];
    for (const [graph, { version, before, now }] of this.#open) {
      const same =
        now === undefined
          ? version === undefined
          : version !== undefined && now.size === before.size && [...now.keys()].every((key) => before.has(key));
      if (!same) changes.push({ graph, before: version, quads: now === undefined ? undefined : [...now.values()] });
    }
    return changes;
  }

  /** Triples that are new and that are gone, over all graphs. */
  counts(): { readonly inserted: number; readonly deleted: number } {
    let [inserted, deleted] = [0, 0];
    for (const { before, now } of this.#open.values()) {
      for (const key of now?.keys() ?? []) if (!before.has(key)) inserted++;
      for (const key of before.keys()) if (now?.has(key) !== true) deleted++;
    }
    return { inserted, deleted };
  }

  /**
   * The graphs that a WHERE is asked over: those of USING; or the default graph as it is now, or `merged` in its place
   * (WITH), and those it names.
   */
  dataset(
    asked: { readonly named: readonly Iri[]; readonly any: boolean },
    instead: { readonly using?: NamedDataset | undefined; readonly merged?: Iri | undefined },
  ): QueryGraphs | Refusal {
    const { using, merged } = instead;
    const named = using?.named ?? (asked.any ? [...asked.named, ...this.names()] : asked.named);
    const alone = using?.default ?? (merged === undefined ? undefined : [merged]);
    const view = alone === undefined && this.#store.defaultGraph === "view";
    const quads: Quad[] = [];
    for (const graph of alone ?? (view ? [] : ["default" as const])) {
      const found = this.#known(graph, using !== undefined);
      if (isRefusal(found)) return found;
      for (const each of found) quads.push(each);
    }
    for (const graph of new Set(named)) {
      const found = this.#known(graph, using !== undefined);
      if (isRefusal(found)) return found;
      for (const each of found) quads.push(inGraph(each, graph));
      if (quads.length > DATASET_TRIPLES_MAX) return tooManyTriples();
    }
    if (!view) return { quads, withDataset: false };
    const { added, removed } = this.#pending();
    return { quads: [...quads, ...added], withDataset: true, without: removed };
  }

  /** A graph's triples; `said` in USING, where it has to be there. */
  #known(graph: GraphName, said: boolean): Iterable<Quad> | Refusal {
    const found = this.#graph(graph).now?.values();
    if (found !== undefined || !said || this.#store.unknownGraphs === "empty") return found ?? [];
    return refuse("invalid", `Expected graphs that this hub holds, but <${graph}> is none that you may see.`, {
      graph,
    });
  }

  /** What the default graph view does not show yet, and what it still shows. */
  #pending(): { readonly added: readonly Quad[]; readonly removed: readonly Quad[] } {
    const added: Quad[] = [];
    const removed: Quad[] = [];
    for (const [graph, { before, now }] of this.#open) {
      for (const [key, each] of now ?? []) if (!before.has(key)) added.push(each);
      for (const [key, each] of before) {
        if (now?.has(key) !== true && !this.#store.isStatedElsewhere(each, graph)) removed.push(each);
      }
    }
    return { added, removed };
  }

  #writable(graph: GraphName): OpenGraph | Refusal {
    return this.#store.mayWrite(this.#by, graph) ?? this.#graph(graph);
  }

  #graph(graph: GraphName): OpenGraph {
    let open = this.#open.get(graph);
    if (open === undefined) {
      const stored = this.#store.read(this.#by, graph);
      const before = new Map((stored?.quads ?? []).map((each) => [tripleKey(each), each]));
      open = { version: stored?.version, before, now: stored === undefined ? undefined : new Map(before) };
      this.#open.set(graph, open);
    }
    return open;
  }
}
