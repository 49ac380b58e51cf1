import type { Branch, GraphIndex, Leaf, QuadIndex, Root } from "../../hub/quad-index.ts";

/**
 * Walks the triples of some graphs that match a pattern of numbers (0 for anything), each once though several graphs
 * hold it. The keys of a level are copied before they are walked, so that a Patch in between does no harm.
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
  readonly #outer: number[] = [];
  #outerAt = 0;
  readonly #middle: number[] = [];
  #middleAt = 0;
  readonly #inner: number[] = [];
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
    this.#outer.length = this.#middle.length = this.#inner.length = 0;
    this.#outerAt = this.#middleAt = this.#innerAt = 0;
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
        this.#fill(this.#inner, this.#branch?.[key]);
        this.#innerAt = 0;
        continue;
      }
      if (this.#outerAt < this.#outer.length) {
        const key = this.#outer[this.#outerAt++] ?? 0;
        this.#set(0, key);
        this.#branch = (this.#root as Root)[key];
        this.#fill(this.#middle, this.#branch);
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
      if (object === 0) this.#fill(this.#inner, leaf);
      else if (leaf !== undefined && object in leaf) this.#inner.push(object);
    } else if (predicate !== 0 && object !== 0) {
      this.#order = POS;
      this.#fill(this.#inner, graph.predicates[predicate]?.[object]);
    } else if (subject !== 0 && object !== 0) {
      this.#order = OSP;
      this.#fill(this.#inner, graph.objects[object]?.[subject]);
    } else if (subject !== 0) this.#walkBranch(SPO, graph.subjects[subject]);
    else if (predicate !== 0) this.#walkBranch(POS, graph.predicates[predicate]);
    else if (object !== 0) this.#walkBranch(OSP, graph.objects[object]);
    else {
      this.#order = SPO;
      this.#root = graph.subjects;
      this.#fill(this.#outer, graph.subjects);
    }
  }

  #walkBranch(order: Order, branch: Branch | undefined): void {
    this.#order = order;
    this.#branch = branch;
    this.#fill(this.#middle, branch);
  }

  #fill(keys: number[], level: Leaf | Branch | Root | undefined): void {
    keys.length = 0;
    if (level === undefined) return;
    for (const key in level) keys.push(Number(key));
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

  /** How many triples match, if that can be told without walking them. */
  count(graphs: readonly GraphIndex[], subject: number, predicate: number, object: number): number | undefined {
    const [graph] = graphs;
    if (graphs.length !== 1 || graph === undefined) return undefined;
    const leaf =
      subject !== 0 && predicate !== 0 && object === 0
        ? graph.subjects[subject]?.[predicate]
        : subject === 0 && predicate !== 0 && object !== 0
          ? graph.predicates[predicate]?.[object]
          : null;
    return leaf === null ? undefined : leaf === undefined ? 0 : this.#index.sizeOf(leaf);
  }
}

/** Which of subject (0), predicate (1) and object (2) stands on each level of an index. */
type Order = readonly [number, number, number];
const SPO: Order = [0, 1, 2];
const POS: Order = [1, 2, 0];
const OSP: Order = [2, 0, 1];
