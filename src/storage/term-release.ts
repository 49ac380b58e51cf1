import type { Store } from "n3";
import type { Term } from "../rdf/term.ts";

/** What N3 2.x keeps inside: numbers of terms, and by graph the numbers in use in each place. */
interface Inside {
  readonly _entityIndex: {
    readonly _ids: Record<string, number | undefined>;
    readonly _entities: Record<number, string | undefined>;
  };
  readonly _graphs: Record<
    string,
    Readonly<Record<"subjects" | "predicates" | "objects", Record<number, unknown>>> | undefined
  >;
  _termToNumericId(term: Term): number | undefined;
}

/**
 * Lets go of terms that no quad of an N3 Store uses any more. N3 itself keeps the text of every term it ever met, so a
 * store that evicts old posts for new ones would grow without end. Numbers are never given again.
 */
export class TermRelease {
  readonly #inside: Inside;
  #enabled: boolean;

  constructor(store: Store) {
    this.#inside = store as unknown as Inside;
    // With another N3, whose inside differs, terms stay; a test tells.
    const { _entityIndex: index, _graphs: graphs, _termToNumericId: numberOf } = this.#inside;
    this.#enabled =
      typeof index?._ids === "object" && typeof index._entities === "object" && typeof graphs === "object" && typeof numberOf === "function";
  }

  /** Keeps all terms from now on: the numbers of quoted triples hold the numbers of their parts. */
  disable(): void {
    this.#enabled = false;
  }

  /** Forgets `term` if no quad holds it. */
  release(term: Term): void {
    if (!this.#enabled) return;
    const { _entityIndex: index, _graphs: graphs } = this.#inside;
    const id = this.#inside._termToNumericId(term);
    if (id === undefined || id in graphs) return;
    for (const name in graphs) {
      const graph = graphs[name];
      if (graph !== undefined && (id in graph.subjects || id in graph.objects || id in graph.predicates)) return;
    }
    const key = index._entities[id];
    if (key === undefined) return;
    delete index._ids[key];
    delete index._entities[id];
  }
}
