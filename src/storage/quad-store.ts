import { Store, termToId } from "n3";
import type { Dataset, QuadSource } from "../hub/ports.ts";
import { scopeBlankNodes } from "../rdf/blank-node.ts";
import type { Audience, Document } from "../rdf/document.ts";
import type { Iri } from "../rdf/iri.ts";
import { defaultGraph, type NamedNode, namedNode, type Quad, quad, type Term } from "../rdf/term.ts";
import { TermRelease } from "./term-release.ts";

type Pattern = Term | null | undefined;
type Graph = ReturnType<typeof defaultGraph> | NamedNode;

/**
 * The query store: one N3 Store in which public triples share the default graph and each private audience has its own.
 * A triple that several documents state stays until the last of them goes. Blank nodes belong to their document.
 */
export class QuadStore implements QuadSource {
  readonly #store = new Store();
  readonly #release = new TermRelease(this.#store);
  /** How many documents beyond the first state a triple, by graph and triple. Most triples are stated once. */
  readonly #repeats = new Map<string, number>();
  readonly #graphs = new Map<Iri, NamedNode>();
  #version = 0;

  get size(): number {
    return this.#store.size;
  }

  get version(): number {
    return this.#version;
  }

  /** Says that a Patch is through: what was read before may be out of date. */
  advance(): void {
    this.#version++;
  }

  /** States a document's triples. */
  add({ graph, audience, quads }: Pick<Document, "graph" | "audience" | "quads">): void {
    const place = this.#graphOf(audience);
    for (const { subject, predicate, object } of scopeBlankNodes(quads, graph)) {
      if (this.#store.addQuad(subject, predicate, object, place)) {
        if (subject.termType === "Quad" || object.termType === "Quad") this.#release.disable();
        continue;
      }
      const key = repeatKey(place, subject, predicate, object);
      this.#repeats.set(key, (this.#repeats.get(key) ?? 0) + 1);
    }
  }

  /** Takes back what {@link add} stated with the same document. */
  remove({ graph, audience, quads }: Pick<Document, "graph" | "audience" | "quads">): void {
    const place = this.#graphOf(audience);
    for (const { subject, predicate, object } of scopeBlankNodes(quads, graph)) {
      if (this.#repeats.size > 0) {
        const key = repeatKey(place, subject, predicate, object);
        const repeats = this.#repeats.get(key);
        if (repeats !== undefined) {
          if (repeats === 1) this.#repeats.delete(key);
          else this.#repeats.set(key, repeats - 1);
          continue;
        }
      }
      if (!this.#store.removeQuad(subject, predicate, object, place)) continue;
      this.#release.release(subject);
      this.#release.release(object);
    }
  }

  /** Quads of a dataset that match, each once; a Patch that comes while they are read may or may not be seen. */
  *match(subject: Pattern, predicate: Pattern, object: Pattern, dataset: Dataset): Generator<Quad, undefined> {
    yield* this.#read(subject, predicate, object, defaultGraph());
    const own = dataset.private === undefined ? undefined : this.#graphs.get(dataset.private);
    if (own === undefined) return;
    for (const found of this.#read(subject, predicate, object, own)) {
      if (!this.#store.has(found.subject, found.predicate, found.object, defaultGraph())) {
        yield quad(found.subject, found.predicate, found.object);
      }
    }
  }

  count(subject: Pattern, predicate: Pattern, object: Pattern, dataset: Dataset): number {
    let count = this.#store.countQuads(subject, predicate, object, defaultGraph());
    const own = dataset.private === undefined ? undefined : this.#graphs.get(dataset.private);
    if (own === undefined) return count;
    for (const found of this.#read(subject, predicate, object, own)) {
      if (!this.#store.has(found.subject, found.predicate, found.object, defaultGraph())) count++;
    }
    return count;
  }

  *#read(subject: Pattern, predicate: Pattern, object: Pattern, graph: Graph): Generator<Quad, undefined> {
    const version = this.#version;
    for (const found of this.#store.readQuads(subject, predicate, object, graph)) {
      // N3 gives the default graph for a term whose number was released while its generator slept.
      if (version !== this.#version && (isReleased(found.subject) || isReleased(found.object))) continue;
      yield found;
    }
  }

  #graphOf(audience: Audience): Graph {
    if (audience === "public") return defaultGraph();
    let graph = this.#graphs.get(audience.only);
    if (graph === undefined) {
      graph = namedNode(audience.only);
      this.#graphs.set(audience.only, graph);
    }
    return graph;
  }
}

function isReleased(term: Term): boolean {
  return term.termType === "DefaultGraph";
}

function repeatKey(graph: Graph, subject: Term, predicate: Term, object: Term): string {
  // IRIs hold no line ends, and a literal stands last.
  return `${termToId(graph)}\n${termToId(subject)}\n${termToId(predicate)}\n${termToId(object)}`;
}

