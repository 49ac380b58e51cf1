import type { Store } from "n3";
import type {
  Branch,
  DatasetIndex,
  GraphIndex,
  Leaf,
  OrderedList,
  QuadIndex,
  Root,
} from "../../hub/ports/quad-index.ts";
import type { Dataset } from "../../hub/ports/queries.ts";
import type { Iri } from "../../rdf/iri.ts";
import { namedNode, type Term } from "../../rdf/term.ts";
import { keysOf, type N3Inside, sizeOfLevel, termOfText } from "./n3-inside.ts";
import { OrderedLists } from "./ordered-lists.ts";
import type { DocumentSearch } from "./quad-store.ts";

/** Lists of keys that are kept: from this length on, and so many. */
const KEPT_KEYS_FROM = 512;
const KEPT_KEYS_MAX = 32;

const EMPTY: Root = Object.freeze({});

/** What is known of a predicate in the public graph. */
interface PredicateCount {
  triples: number;
  subjects: number;
}

/** The inside of the query store, as the query source reads it. */
export class StoreIndex implements QuadIndex {
  readonly #inside: N3Inside;
  readonly #graphOf: (audience: Iri) => number | undefined;
  readonly #search: DocumentSearch;
  readonly #lists: OrderedLists;
  readonly #counts = new Map<number, PredicateCount>();
  readonly #public: PublicGraph;
  readonly #keys = new Map<object, readonly number[]>();

  constructor(
    store: Store,
    inside: N3Inside,
    options: { readonly graphOf: (audience: Iri) => number | undefined; readonly search: DocumentSearch },
  ) {
    this.#inside = inside;
    this.#graphOf = options.graphOf;
    this.#search = options.search;
    this.#lists = new OrderedLists((number) => inside._entityIndex._entities[number]);
    this.#public = new PublicGraph(inside, this.#counts, this.#lists);
    this.termOf = (number) => {
      const text = inside._entityIndex._entities[number];
      return text === undefined ? undefined : termOfText(store, text);
    };
  }

  readonly termOf: (number: number) => Term | undefined;

  numberOf(term: Term): number | undefined {
    return this.#inside._termToNumericId(term);
  }

  textOf(number: number): string | undefined {
    return this.#inside._entityIndex._entities[number];
  }

  sizeOf(level: object): number {
    return sizeOfLevel(level);
  }

  of(dataset: Dataset): DatasetIndex {
    const merged: GraphIndex[] = [this.#public];
    const own = dataset.private === undefined ? undefined : this.#graphOf(dataset.private);
    if (own !== undefined && this.#inside._graphs[own] !== undefined) merged.push(new PlainGraph(this.#inside, own));
    return { merged, named: NO_GRAPHS };
  }

  /** Long lists of keys take long to make, so they are kept until the next change. */
  keysOf(level: Leaf | Branch | Root): readonly number[] {
    if (sizeOfLevel(level) < KEPT_KEYS_FROM) return keysOf(level);
    const kept = this.#keys.get(level);
    if (kept !== undefined) return kept;
    const keys = keysOf(level);
    if (this.#keys.size >= KEPT_KEYS_MAX) this.#keys.clear();
    this.#keys.set(level, keys);
    return keys;
  }

  /** Says that triples came or went. */
  changed(): void {
    this.#keys.clear();
  }

  search(words: string, dataset: Dataset): readonly number[] {
    return [...this.#search(words, dataset)].flatMap((iri) => this.numberOf(namedNode(iri)) ?? []);
  }

  /** A triple came into the public graph. */
  added(subject: number, predicate: number, object: number): void {
    if (this.#keys.size > 0) this.#keys.clear();
    let counts = this.#counts.get(predicate);
    if (counts === undefined) {
      counts = { triples: 0, subjects: 0 };
      this.#counts.set(predicate, counts);
    }
    counts.triples++;
    const leaf = this.#public.subjects[subject]?.[predicate];
    if (leaf !== undefined && sizeOfLevel(leaf) === 1) counts.subjects++;
    this.#lists.added(this.#public, subject, predicate, object);
  }

  /** A triple left the public graph. */
  removed(subject: number, predicate: number, object: number): void {
    if (this.#keys.size > 0) this.#keys.clear();
    const counts = this.#counts.get(predicate);
    if (counts !== undefined) {
      counts.triples--;
      if (this.#public.subjects[subject]?.[predicate] === undefined) counts.subjects--;
      if (counts.triples === 0) this.#counts.delete(predicate);
    }
    this.#lists.removed(this.#public, subject, predicate, object);
  }
}

const NO_GRAPHS: ReadonlyMap<number, GraphIndex> = new Map();

/** N3's number of the default graph. */
export const DEFAULT_GRAPH = 1;

/** The graph of an account's own triples: small, so that everything about it is found when it is asked for. */
export class PlainGraph implements GraphIndex {
  readonly #inside: N3Inside;
  readonly #number: number;

  constructor(inside: N3Inside, number: number) {
    this.#inside = inside;
    this.#number = number;
  }

  // N3 makes the indexes of a graph anew when it was empty for a while.
  get subjects(): Root {
    return (this.#inside._graphs[this.#number]?.subjects as Root | undefined) ?? EMPTY;
  }

  get predicates(): Root {
    return (this.#inside._graphs[this.#number]?.predicates as Root | undefined) ?? EMPTY;
  }

  get objects(): Root {
    return (this.#inside._graphs[this.#number]?.objects as Root | undefined) ?? EMPTY;
  }

  triplesOf(predicate: number): number {
    const branch = this.predicates[predicate];
    return branch === undefined ? 0 : sizeOfLevel(branch);
  }

  subjectsOf(predicate: number): number {
    return this.triplesOf(predicate);
  }

  inOrder(date: number, predicate: number, object: number): OrderedList | undefined {
    return new OrderedLists((number) => this.#inside._entityIndex._entities[number]).inOrder(
      this,
      date,
      predicate,
      object,
    );
  }
}

/** The graph of all public triples, whose counts and lists are kept up. */
class PublicGraph extends PlainGraph {
  readonly #counts: ReadonlyMap<number, PredicateCount>;
  readonly #lists: OrderedLists;

  constructor(inside: N3Inside, counts: ReadonlyMap<number, PredicateCount>, lists: OrderedLists) {
    super(inside, DEFAULT_GRAPH);
    this.#counts = counts;
    this.#lists = lists;
  }

  override triplesOf(predicate: number): number {
    return this.#counts.get(predicate)?.triples ?? 0;
  }

  override subjectsOf(predicate: number): number {
    return this.#counts.get(predicate)?.subjects ?? 0;
  }

  override inOrder(date: number, predicate: number, object: number): OrderedList | undefined {
    return this.#lists.inOrder(this, date, predicate, object);
  }
}
