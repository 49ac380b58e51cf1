import type { Branch, GraphIndex, Leaf, QuadIndex, Root } from "../../hub/ports/quad-index.ts";

/**
 * Walks the triples of some graphs that match a pattern of numbers (0 for anything), each once though several graphs
 * hold it. The keys of a level are listed before they are walked, so that a Patch in between does no harm.
 */
export class TripleCursor {
  subject = 0;
  predicate = 0;
  object = 0;
  readonly #index: QuadIndex;
  #graphs: readonly GraphIndex[] = [];
  #graph = -1;
  #wanted: readonly [number, number, number] = [0, 0, 0];
  /** The levels that are walked, outermost first. */
  #root: Root | Branch | undefined;
  #outer: readonly number[] = NONE;
  #outerAt = 0;
  #middle: readonly number[] = NONE;
  #middleAt = 0;
  #inner: readonly number[] = NONE;
  #innerAt = 0;
  #branch: Branch | undefined;
  #order: Order = SPO;

  constructor(index: QuadIndex) {
    this.#index = index;
  }

  start(graphs: readonly GraphIndex[], subject: number, predicate: number, object: number): void {
    this.#graphs = graphs;
    this.#wanted = [subject, predicate, object];
    this.#graph = -1;
    this.#clear();
  }

  #clear(): void {
    this.#outer = this.#middle = this.#inner = NONE;
    this.#outerAt = this.#middleAt = this.#innerAt = 0;
  }

  /** The place of the graph that holds the present triple, the first of those that do. */
  get graph(): number {
    return this.#graph;
  }

  /** Goes on to the next triple; false at the end. */
  next(): boolean {
    for (;;) {
      while (this.#innerAt < this.#inner.length) {
        this.#set(2, this.#inner[this.#innerAt++] ?? 0);
        if (this.#graph === 0 || !this.#isKnown()) return true;
      }
      if (this.#middleAt < this.#middle.length) {
        const key = this.#middle[this.#middleAt++] ?? 0;
        this.#set(1, key);
        this.#inner = this.#keysOf(this.#branch?.[key]);
        this.#innerAt = 0;
        continue;
      }
      if (this.#outerAt < this.#outer.length) {
        const key = this.#outer[this.#outerAt++] ?? 0;
        this.#set(0, key);
        this.#branch = (this.#root as Root)[key];
        this.#middle = this.#keysOf(this.#branch);
        this.#middleAt = 0;
        continue;
      }
      if (++this.#graph >= this.#graphs.length) return false;
      this.#enter(this.#graphs[this.#graph]);
    }
  }

  /** Chooses the index whose first levels are given, and sets out the keys to walk. */
  #enter(graph: GraphIndex | undefined): void {
    if (graph === undefined) return;
    this.#clear();
    const [subject, predicate, object] = this.#wanted;
    [this.subject, this.predicate, this.object] = this.#wanted;
    if (subject !== 0 && predicate !== 0) {
      this.#order = SPO;
      const leaf = graph.subjects[subject]?.[predicate];
      if (object === 0) this.#inner = this.#keysOf(leaf);
      else if (leaf !== undefined && object in leaf) this.#inner = [object];
    } else if (predicate !== 0 && object !== 0) {
      this.#order = POS;
      this.#inner = this.#keysOf(graph.predicates[predicate]?.[object]);
    } else if (subject !== 0 && object !== 0) {
      this.#order = OSP;
      this.#inner = this.#keysOf(graph.objects[object]?.[subject]);
    } else if (subject !== 0) this.#walkBranch(SPO, graph.subjects[subject]);
    else if (predicate !== 0) this.#walkBranch(POS, graph.predicates[predicate]);
    else if (object !== 0) this.#walkBranch(OSP, graph.objects[object]);
    else {
      this.#order = SPO;
      this.#root = graph.subjects;
      this.#outer = this.#keysOf(graph.subjects);
    }
  }

  #walkBranch(order: Order, branch: Branch | undefined): void {
    this.#order = order;
    this.#branch = branch;
    this.#middle = this.#keysOf(branch);
  }

  #keysOf(level: Leaf | Branch | Root | undefined): readonly number[] {
    return level === undefined ? NONE : this.#index.keysOf(level);
  }

  #set(level: 0 | 1 | 2, key: number): void {
    const place = this.#order[level];
    if (place === 0) this.subject = key;
    else if (place === 1) this.predicate = key;
    else this.object = key;
  }

  /** Whether a graph before this one holds the triple too. */
  #isKnown(): boolean {
    for (let index = 0; index < this.#graph; index++) {
      const leaf = this.#graphs[index]?.subjects[this.subject]?.[this.predicate];
      if (leaf !== undefined && this.object in leaf) return true;
    }
    return false;
  }
}

const NONE: readonly number[] = [];

/** Which of subject (0), predicate (1) and object (2) stands on each level of an index. */
type Order = readonly [number, number, number];
const SPO: Order = [0, 1, 2];
const POS: Order = [1, 2, 0];
const OSP: Order = [2, 0, 1];
