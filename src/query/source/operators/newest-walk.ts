import type { GraphIndex, OrderedList } from "../../../hub/ports/quad-index.ts";
import { exactTime } from "../../../rdf/date-time.ts";
import { xsd } from "../../../vocab/xsd.ts";
import { END, type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";

/** A date that has no exact time stands in a list: the order has to be made the ordinary way. */
export class NotInOrder extends Error {}

/** What is walked: subjects of `(?s, predicate, object)` by their `date`. */
export interface Walk {
  readonly subject: number;
  readonly date: number;
  /** The number of the date's predicate. */
  readonly datePredicate: number;
  /** The number of the list's predicate; 0 for everything that has the date. */
  readonly predicate: number;
  /** The list's object, or 0 when it is {@link objectSlot} of each of the leading solutions. */
  readonly object: number;
  readonly objectSlot: number;
  readonly newestFirst: boolean;
  /** What the leading solutions bind. */
  readonly leading: readonly number[];
}

/** Where the walk stands in one list. */
class Place {
  readonly rows: readonly (readonly number[])[];
  readonly #list: OrderedList;
  readonly #step: 1 | -1;
  #run: number;
  #at: number;

  constructor(list: OrderedList, rows: readonly (readonly number[])[], newestFirst: boolean) {
    this.#list = list;
    this.rows = rows;
    this.#step = newestFirst ? -1 : 1;
    this.#run = newestFirst ? list.length - 1 : 0;
    this.#at = newestFirst ? (list.at(-1)?.times.length ?? 0) - 1 : 0;
  }

  get time(): number {
    return this.#list[this.#run]?.times[this.#at] ?? 0;
  }

  get subject(): number {
    return this.#list[this.#run]?.subjects[this.#at] ?? 0;
  }

  /** Goes on; false at the end of the list. */
  advance(): boolean {
    this.#at += this.#step;
    if (this.#list[this.#run]?.times[this.#at] !== undefined) return true;
    this.#run += this.#step;
    const run = this.#list[this.#run];
    if (run === undefined) return false;
    this.#at = this.#step === 1 ? 0 : run.times.length - 1;
    return true;
  }
}

/**
 * The subjects of one list, or of the lists of all leading solutions merged, in the order of their dates: each step
 * takes as long as there are lists, however long they are.
 */
export class NewestWalk implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  given = 0;
  readonly #run: Run;
  readonly #input: Operator;
  readonly #walk: Walk;
  readonly #graphs: readonly GraphIndex[];
  readonly #leading = new Map<number, number[][]>();
  /** A heap by time, the next on top; undefined while the leading solutions are gathered. */
  #heap: Place[] | undefined;
  #rows: readonly (readonly number[])[] = [];
  #rowAt = 0;
  #dates: readonly number[] = [];
  #dateAt = 0;
  #subject = 0;
  #isWritten = false;

  constructor(input: Operator, walk: Walk, run: Run, label: string) {
    this.#run = run;
    this.#input = input;
    this.inputs = [input];
    this.#walk = walk;
    this.#graphs = run.dataset.merged;
    this.label = label;
  }

  open(): void {
    this.#takeBack();
    this.#leading.clear();
    this.#heap = undefined;
    this.#rows = [];
    this.#rowAt = 0;
    this.#input.open();
  }

  next(): Step {
    const { turn } = this.#run;
    this.#takeBack();
    if (this.#heap === undefined) {
      if (this.#gather() === PAUSE) return PAUSE;
      this.#heap = this.#start();
    }
    for (;;) {
      const values = this.#rows[this.#rowAt];
      if (values !== undefined) {
        this.#write(values, this.#dates[this.#dateAt] ?? 0);
        if (++this.#dateAt >= this.#dates.length) {
          this.#dateAt = 0;
          this.#rowAt++;
        }
        this.given++;
        return ROW;
      }
      if (!this.#advance(this.#heap)) return END;
      if (--turn.left < 0) return PAUSE;
    }
  }

  #gather(): typeof END | typeof PAUSE {
    const { row, turn } = this.#run;
    for (;;) {
      const step = this.#input.next();
      if (step !== ROW) return step;
      const { object, objectSlot, leading } = this.#walk;
      const key = objectSlot < 0 ? object : (row[objectSlot] ?? 0);
      const values = leading.map((slot) => row[slot] ?? 0);
      const beside = this.#leading.get(key);
      if (beside === undefined) this.#leading.set(key, [values]);
      else beside.push(values);
      if (--turn.left < 0) return PAUSE;
    }
  }

  #start(): Place[] {
    const heap: Place[] = [];
    const { newestFirst } = this.#walk;
    for (const [object, rows] of this.#leading) {
      if (object < 0) continue;
      for (const list of this.#listsOf(object)) if (list.length > 0) heap.push(new Place(list, rows, newestFirst));
    }
    for (let at = (heap.length >> 1) - 1; at >= 0; at--) this.#sink(heap, at);
    return heap;
  }

  /** The list of the first graph as it is kept, and what only the other graphs make true. */
  #listsOf(object: number): readonly OrderedList[] {
    const { datePredicate, predicate } = this.#walk;
    const [first, ...others] = this.#graphs;
    if (first === undefined) return [];
    const list = first.inOrder(datePredicate, predicate, object);
    if (list === undefined) throw new NotInOrder();
    const lists = [list];
    if (others.length > 0) lists.push(this.#pairsBeyondFirst(first, others, object));
    return lists;
  }

  #pairsBeyondFirst(first: GraphIndex, others: readonly GraphIndex[], object: number): OrderedList {
    const { datePredicate, predicate } = this.#walk;
    const subjects = new Set<number>();
    for (const graph of others) {
      if (predicate !== 0) for (const each in graph.predicates[predicate]?.[object]) subjects.add(Number(each));
      const dates = graph.predicates[datePredicate];
      for (const date in dates) for (const each in dates[Number(date)]) subjects.add(Number(each));
    }
    const entries: (readonly [number, number])[] = [];
    const isIn = (graph: GraphIndex, subject: number): boolean =>
      predicate === 0 || object in (graph.subjects[subject]?.[predicate] ?? {});
    for (const subject of subjects) {
      if (!this.#graphs.some((graph) => isIn(graph, subject))) continue;
      const known = new Set<number>();
      if (isIn(first, subject)) {
        for (const date in first.subjects[subject]?.[datePredicate]) known.add(this.#timeOf(Number(date)));
      }
      const times = new Set([...this.#datesOf(subject)].map((date) => this.#timeOf(date)));
      for (const time of times) if (!known.has(time)) entries.push([time, subject]);
    }
    if (entries.length === 0) return [];
    entries.sort((a, b) => a[0] - b[0]);
    return [{ times: entries.map(([time]) => time), subjects: entries.map(([, subject]) => subject) }];
  }

  #datesOf(subject: number): ReadonlySet<number> {
    const dates = new Set<number>();
    for (const graph of this.#graphs) {
      for (const each in graph.subjects[subject]?.[this.#walk.datePredicate]) dates.add(Number(each));
    }
    return dates;
  }

  #timeOf(date: number): number {
    const cell = this.#run.terms.cellOf(date);
    const time = cell?.kind === "literal" && cell.datatype === XSD_DATE_TIME ? exactTime(cell.value) : undefined;
    if (time === undefined) throw new NotInOrder();
    return time;
  }

  /** Takes the next subject off the heap. */
  #advance(heap: Place[]): boolean {
    const [place] = heap;
    if (place === undefined) return false;
    const { subject, time } = place;
    this.#subject = subject;
    this.#rows = place.rows;
    this.#rowAt = 0;
    this.#dateAt = 0;
    const dates = [...this.#datesOf(subject)];
    this.#dates = dates.length < 2 ? dates : dates.filter((date) => this.#timeOf(date) === time);
    // Gone since the walk began.
    if (this.#dates.length === 0) this.#rows = [];
    if (place.advance()) this.#sink(heap, 0);
    else this.#leave(heap);
    return true;
  }

  #leave(heap: Place[]): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    this.#sink(heap, 0);
  }

  #sink(heap: Place[], from: number): void {
    let at = from;
    for (;;) {
      let best = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#isBefore(heap[child], heap[best])) best = child;
      if (best === at) return;
      const [a, b] = [heap[at], heap[best]];
      if (a === undefined || b === undefined) return;
      heap[at] = b;
      heap[best] = a;
      at = best;
    }
  }

  #isBefore(a: Place | undefined, b: Place | undefined): boolean {
    if (a === undefined || b === undefined) return false;
    return this.#walk.newestFirst ? a.time > b.time : a.time < b.time;
  }

  #write(values: readonly number[], date: number): void {
    const { row } = this.#run;
    const { leading, subject } = this.#walk;
    for (const [index, slot] of leading.entries()) row[slot] = values[index] ?? 0;
    row[subject] = this.#subject;
    row[this.#walk.date] = date;
    this.#isWritten = true;
  }

  #takeBack(): void {
    if (!this.#isWritten) return;
    const { row } = this.#run;
    const { leading, subject, date } = this.#walk;
    for (const slot of leading) row[slot] = 0;
    row[subject] = 0;
    row[date] = 0;
    this.#isWritten = false;
  }
}

const XSD_DATE_TIME = xsd.dateTime.value;
