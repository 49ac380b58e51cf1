import type { Branch, DatasetIndex, GraphIndex, Leaf, QuadIndex, Root } from "../hub/ports/quad-index.ts";
import type { Dataset, QueryGraphs } from "../hub/ports/queries.ts";
import type { Quad, Term } from "../rdf/term.ts";
import { termId } from "../rdf/term-id.ts";
import { sterna } from "../vocab/sterna.ts";

/** Numbers of terms that only the added triples have: above all of a store's, and still keys of an array. */
const OWN_FROM = 3_000_000_000;

/** A level that was made for one query, as opposed to the store's. */
class OwnLevel {
  readonly [key: number]: unknown;
}

type Level = Record<number, unknown>;

/** A new level, with what is in another one. */
function ownLevel(from: object = {}): Level {
  return Object.assign(new OwnLevel(), from);
}

/** Whether the graphs of a query are triples beside what its dataset holds, and nothing else. */
export function isOverlay({ quads, withDataset, without = [] }: QueryGraphs): boolean {
  return withDataset && [...quads, ...without].every(({ graph }) => graph.termType === "DefaultGraph");
}

/**
 * The inside of a query store with triples laid over it for one query: further graphs that are read as one with the
 * others, one for each hub that triples came from, so that it is known of each triple whose it is. What the query does
 * not see of the store is taken out of copies of those levels of its indexes that hold it.
 */
export class OverlayIndex implements QuadIndex {
  readonly #base: QuadIndex;
  readonly #numbers = new Map<string, number>();
  readonly #terms: Term[] = [];
  readonly #sizes = new WeakMap<object, number>();
  readonly #graphs: readonly AddedGraph[];
  readonly #origins: readonly string[];
  readonly #without: readonly (readonly [number, number, number])[];

  constructor(base: QuadIndex, { quads, origins = [], without = [] }: QueryGraphs) {
    this.#base = base;
    const parts: (readonly Quad[])[] = [];
    let from = 0;
    for (const { count } of origins) parts.push(quads.slice(from, (from += count)));
    if (from < quads.length) parts.push(quads.slice(from));
    this.#graphs = parts.map((part) => new AddedGraph(part, this));
    this.#origins = origins.map(({ hub }) => hub);
    this.#without = without.map(({ subject, predicate, object }) => [
      this.numberOf(subject) ?? 0,
      this.numberOf(predicate) ?? 0,
      this.numberOf(object) ?? 0,
    ]);
  }

  numberOf(term: Term): number | undefined {
    return (this.#numbers.size === 0 ? undefined : this.#numbers.get(termId(term))) ?? this.#base.numberOf(term);
  }

  /** The number of a term, which it gets if it has none. */
  addedNumberOf(term: Term): number {
    const known = this.numberOf(term);
    if (known !== undefined) return known;
    const number = OWN_FROM + this.#terms.push(term) - 1;
    this.#numbers.set(termId(term), number);
    return number;
  }

  termOf(number: number): Term | undefined {
    return number >= OWN_FROM ? this.#terms[number - OWN_FROM] : this.#base.termOf(number);
  }

  textOf(number: number): string | undefined {
    if (number < OWN_FROM) return this.#base.textOf(number);
    const term = this.#terms[number - OWN_FROM];
    return term === undefined ? undefined : termId(term);
  }

  sizeOf(level: Leaf | Branch | Root): number {
    if (!(level instanceof OwnLevel)) return this.#base.sizeOf(level);
    let size = this.#sizes.get(level);
    if (size === undefined) {
      size = this.keysOf(level).length;
      this.#sizes.set(level, size);
    }
    return size;
  }

  keysOf(level: Leaf | Branch | Root): readonly number[] {
    if (!(level instanceof OwnLevel)) return this.#base.keysOf(level);
    const keys: number[] = [];
    for (const key in level) keys.push(Number(key));
    return keys;
  }

  of(dataset: Dataset): DatasetIndex {
    const { merged, named } = this.#base.of(dataset);
    const seen = this.#without.length === 0 ? merged : merged.map((graph) => new LessGraph(graph, this.#without));
    const here = merged.map(() => undefined);
    return { merged: [...seen, ...this.#graphs], named, origins: [...here, ...this.#origins] };
  }

  search(words: string, dataset: Dataset): readonly number[] {
    const found = this.#base.search(words, dataset);
    const matches = this.numberOf(sterna.matches);
    if (matches === undefined) return found;
    const all = new Set(found);
    for (const { predicates } of this.#graphs) {
      const branch = predicates[matches];
      for (const object in branch) {
        if (this.termOf(Number(object))?.value !== words) continue;
        for (const subject in branch[Number(object)]) all.add(Number(subject));
      }
    }
    return [...all];
  }
}

/** A graph of triples that came with the query. */
class AddedGraph implements GraphIndex {
  readonly subjects: Root;
  readonly predicates: Root;
  #objects: Level | undefined;
  readonly #numbers: (readonly [number, number, number])[] = [];
  readonly #triples = new Map<number, number>();

  constructor(quads: readonly Quad[], index: OverlayIndex) {
    const [subjects, predicates] = [ownLevel(), ownLevel()];
    // Quads from another process share their terms: each is looked up once.
    const known = new Map<Term, number>();
    const numberOf = (term: Term): number => {
      let number = known.get(term);
      if (number === undefined) known.set(term, (number = index.addedNumberOf(term)));
      return number;
    };
    for (const { subject, predicate, object } of quads) {
      const [s, p, o] = [numberOf(subject), numberOf(predicate), numberOf(object)];
      if (!put(subjects, s, p, o)) continue;
      put(predicates, p, o, s);
      this.#numbers.push([s, p, o]);
      this.#triples.set(p, (this.#triples.get(p) ?? 0) + 1);
    }
    this.subjects = subjects as Root;
    this.predicates = predicates as Root;
  }

  /** Made when it is asked for: only patterns that leave the predicate open look here. */
  get objects(): Root {
    if (this.#objects === undefined) {
      this.#objects = ownLevel();
      for (const [s, p, o] of this.#numbers) put(this.#objects, o, s, p);
    }
    return this.#objects as Root;
  }

  triplesOf(predicate: number): number {
    return this.#triples.get(predicate) ?? 0;
  }

  subjectsOf(predicate: number): number {
    return this.triplesOf(predicate);
  }

  /** Its lists are made by whoever walks: they are short. */
  inOrder(): undefined {
    return undefined;
  }
}

/** Sets a key three levels down; false when it was there. */
function put(root: Level, a: number, b: number, c: number): boolean {
  const branch = (root[a] ??= new OwnLevel()) as Level;
  const leaf = (branch[b] ??= new OwnLevel()) as Level;
  if (c in leaf) return false;
  leaf[c] = null;
  return true;
}

/** A graph of the store without some of its triples. */
class LessGraph implements GraphIndex {
  readonly subjects: Root;
  readonly predicates: Root;
  readonly objects: Root;
  readonly #graph: GraphIndex;
  readonly #gone = new Map<number, number>();

  constructor(graph: GraphIndex, without: readonly (readonly [number, number, number])[]) {
    this.#graph = graph;
    const [subjects, predicates, objects] = [
      new LessRoot(graph.subjects),
      new LessRoot(graph.predicates),
      new LessRoot(graph.objects),
    ];
    for (const [s, p, o] of without) {
      if (!subjects.remove(s, p, o)) continue;
      predicates.remove(p, o, s);
      objects.remove(o, s, p);
      this.#gone.set(p, (this.#gone.get(p) ?? 0) + 1);
    }
    this.subjects = subjects.level;
    this.predicates = predicates.level;
    this.objects = objects.level;
  }

  triplesOf(predicate: number): number {
    return this.#graph.triplesOf(predicate) - (this.#gone.get(predicate) ?? 0);
  }

  subjectsOf(predicate: number): number {
    return this.#graph.subjectsOf(predicate);
  }

  /** The store's lists have what is gone here. */
  inOrder(): undefined {
    return undefined;
  }
}

/** One index of a graph, of which a level is copied before something is taken out of it. */
class LessRoot {
  readonly level: Root;
  readonly #copied = new Set<object>();

  constructor(root: Root) {
    this.level = ownLevel(root) as Root;
  }

  remove(a: number, b: number, c: number): boolean {
    const root = this.level as Level;
    if (this.level[a]?.[b] === undefined || !(c in (this.level[a]?.[b] ?? {}))) return false;
    const branch = this.#copyIn(root, a);
    const leaf = this.#copyIn(branch, b);
    delete leaf[c];
    if (isEmpty(leaf)) delete branch[b];
    if (isEmpty(branch)) delete root[a];
    return true;
  }

  #copyIn(parent: Level, key: number): Level {
    const before = parent[key] as Level;
    if (this.#copied.has(before)) return before;
    const copy = ownLevel(before);
    this.#copied.add(copy);
    parent[key] = copy;
    return copy;
  }
}

function isEmpty(level: Level): boolean {
  for (const _ in level) return false;
  return true;
}
