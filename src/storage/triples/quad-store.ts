import { Store } from "n3";
import type { Dataset, QuadSource } from "../../hub/ports/queries.ts";
import { scopeBlankNodes } from "../../rdf/blank-node.ts";
import type { Audience, Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { defaultGraph, type NamedNode, namedNode, type Quad, quad, type Term } from "../../rdf/term.ts";
import { insideOf, type N3Inside, releaseTerm } from "./n3-inside.ts";
import { type SharedLeaves, shareLeaves } from "./shared-leaves.ts";
import { StoreIndex } from "./store-index.ts";

/** LIMIT: predicates whose numbers are kept at hand. */
const PREDICATES_MAX = 1_000;

/** Graph IRIs of the documents whose text holds all these words and that a dataset shows, newest first. */
export type DocumentSearch = (words: string, dataset: Dataset) => Iterable<Iri>;

type Pattern = Term | null | undefined;
type Graph = ReturnType<typeof defaultGraph> | NamedNode;

/**
 * The query store: one N3 Store in which public triples share the default graph and each private audience has its own.
 * A triple that several documents state stays until the last of them goes. Blank nodes belong to their document.
 */
export class QuadStore implements QuadSource {
  readonly #store = new Store();
  readonly #inside: N3Inside = insideOf(this.#store);
  readonly #leaves: SharedLeaves = shareLeaves(this.#store);
  /** How many documents beyond the first state a triple, by its numbers. Most triples are stated once. */
  readonly #repeats = new Map<string, number>();
  readonly #graphs = new Map<Iri, NamedNode>();
  /** Numbers of predicates, which are few; these terms are never released. */
  readonly #predicates = new Map<string, number>();
  /** A quoted triple's number holds the numbers of its parts: with one in the store no term is released any more. */
  #hasQuotedTriples = false;
  #version = 0;
  #search: DocumentSearch = () => [];
  /** The store as the query source reads it. */
  readonly index = new StoreIndex(this.#store, this.#inside, {
    graphOf: (audience) => {
      const graph = this.#graphs.get(audience);
      return graph === undefined ? undefined : this.#inside._termToNumericId(graph);
    },
    search: (words, dataset) => this.#search(words, dataset),
  });

  /** Hands in the text index, which the query store itself does not have. */
  searchWith(search: DocumentSearch): void {
    this.#search = search;
  }

  get size(): number {
    return this.#store.size;
  }

  /** Terms held, predicates that are kept at hand included. */
  get terms(): number {
    return Object.keys(this.#inside._entityIndex._ids).length;
  }

  get version(): number {
    return this.#version;
  }

  /** Says that a Patch is through: what was read before may be out of date. */
  advance(): void {
    this.#version++;
    this.index.changed();
  }

  /** States a document's triples. */
  add({ graph, audience, quads }: Pick<Document, "graph" | "audience" | "quads">): void {
    const inside = this.#inside;
    const place = inside._termToNewNumericId(this.#graphOf(audience));
    // Triples of one subject stand together, and share the term.
    let subject: Term | undefined;
    let subjectId = 0;
    for (const stated of scopeBlankNodes(quads, graph)) {
      if (stated.subject !== subject) {
        subject = stated.subject;
        subjectId = inside._termToNewNumericId(subject);
      }
      const { object } = stated;
      const predicateId = this.#predicateId(stated.predicate);
      const objectId = inside._termToNewNumericId(object);
      if (inside._addQuad(subjectId, predicateId, objectId, place)) {
        if (subject.termType === "Quad" || object.termType === "Quad") this.#hasQuotedTriples = true;
        if (audience === "public") this.index.added(subjectId, predicateId, objectId);
        continue;
      }
      const key = `${place} ${subjectId} ${predicateId} ${objectId}`;
      this.#repeats.set(key, (this.#repeats.get(key) ?? 0) + 1);
    }
  }

  /** Takes back what {@link add} stated with the same document. */
  remove({ graph, audience, quads }: Pick<Document, "graph" | "audience" | "quads">): void {
    const inside = this.#inside;
    const place = inside._termToNumericId(this.#graphOf(audience));
    if (place === undefined) return;
    for (const { subject, predicate, object } of scopeBlankNodes(quads, graph)) {
      const subjectId = inside._termToNumericId(subject);
      const predicateId = inside._termToNumericId(predicate);
      const objectId = inside._termToNumericId(object);
      if (subjectId === undefined || predicateId === undefined || objectId === undefined) continue;
      if (this.#takeRepeat(`${place} ${subjectId} ${predicateId} ${objectId}`)) continue;
      if (!inside._removeQuad(subjectId, predicateId, objectId, place)) continue;
      if (audience === "public") this.index.removed(subjectId, predicateId, objectId);
      if (this.#hasQuotedTriples) continue;
      if (!this.#predicates.has(subject.value)) this.#release(subjectId);
      if (!this.#predicates.has(object.value)) this.#release(objectId);
    }
  }

  #release(number: number): void {
    if (releaseTerm(this.#inside, number)) this.#leaves.release(number);
  }

  #takeRepeat(key: string): boolean {
    const repeats = this.#repeats.get(key);
    if (repeats === undefined) return false;
    if (repeats === 1) this.#repeats.delete(key);
    else this.#repeats.set(key, repeats - 1);
    return true;
  }

  #predicateId(predicate: Term): number {
    let id = this.#predicates.get(predicate.value);
    if (id === undefined) {
      id = this.#inside._termToNewNumericId(predicate);
      if (this.#predicates.size < PREDICATES_MAX) this.#predicates.set(predicate.value, id);
    }
    return id;
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
