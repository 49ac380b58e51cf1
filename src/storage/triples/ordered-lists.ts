import type { GraphIndex, Leaf, OrderedList, OrderedRun } from "../../hub/ports/quad-index.ts";
import { exactTime } from "../../rdf/date-time.ts";
import { xsd } from "../../vocab/xsd.ts";

/** Shorter lists are made each time they are asked for; from this length on they are kept and follow each change. */
const KEPT_FROM = 2;

const DATE_TIME_END = `"^^${xsd.dateTime.value}`;

/** LIMIT: entries of one run, beyond which it is split; a change copies one run and the list of runs. */
const RUN_MAX = 1_024;

/** The lists of one predicate by object. */
type Lists = Map<number, OrderedList>;

/**
 * Newest-first walks of a graph: lists of subjects by time, for everything that has a date and for what has a certain
 * object too (the posts of a container, of a topic, to an account). A list is made when it is first asked for and kept
 * up with every triple since.
 */
export class OrderedLists {
  /** By predicate of the date, then predicate (0 for everything), then object. */
  readonly #dates = new Map<number, Map<number, Lists>>();
  readonly #textOf: (number: number) => string | undefined;

  constructor(textOf: (number: number) => string | undefined) {
    this.#textOf = textOf;
  }

  /** The list, or undefined when a date in it has no exact time. */
  inOrder(graph: GraphIndex, date: number, predicate: number, object: number): OrderedList | undefined {
    const kept = this.#dates.get(date)?.get(predicate)?.get(object);
    if (kept !== undefined) return kept;
    const list = this.#make(graph, date, predicate, object);
    if (list === undefined || (list.length < 2 && (list[0]?.times.length ?? 0) < KEPT_FROM)) return list;
    const predicates = entryOf(this.#dates, date, () => new Map<number, Lists>());
    entryOf(predicates, predicate, (): Lists => new Map()).set(object, list);
    return list;
  }

  #make(graph: GraphIndex, date: number, predicate: number, object: number): OrderedList | undefined {
    const entries: (readonly [number, number])[] = [];
    const add = (subject: number, dates: Leaf | undefined): boolean => {
      for (const each in dates) {
        const time = this.#timeOf(Number(each));
        if (time === undefined) return false;
        entries.push([time, subject]);
      }
      return true;
    };
    if (predicate === 0) {
      const dates = graph.predicates[date];
      for (const each in dates) {
        const time = this.#timeOf(Number(each));
        if (time === undefined) return undefined;
        for (const subject in dates[Number(each)]) entries.push([time, Number(subject)]);
      }
    } else {
      for (const each in graph.predicates[predicate]?.[object]) {
        const subject = Number(each);
        if (!add(subject, graph.subjects[subject]?.[date])) return undefined;
      }
    }
    return runsOf(entries);
  }

  #timeOf(number: number): number | undefined {
    const text = this.#textOf(number);
    return text?.endsWith(DATE_TIME_END) === true ? exactTime(text.slice(1, -DATE_TIME_END.length)) : undefined;
  }

  /** A triple came into the graph; it holds it already. */
  added(graph: GraphIndex, subject: number, predicate: number, object: number): void {
    if (this.#dates.size > 0) this.#follow(graph, subject, predicate, object, insert);
  }

  /** A triple left the graph; it no longer holds it. */
  removed(graph: GraphIndex, subject: number, predicate: number, object: number): void {
    if (this.#dates.size > 0) this.#follow(graph, subject, predicate, object, remove);
  }

  /**
   * A list holds a pair of a date and another triple of one subject; the pair comes with the later of the two and goes
   * with the first that goes.
   */
  #follow(graph: GraphIndex, subject: number, predicate: number, object: number, change: Change): void {
    const asDate = this.#dates.get(predicate);
    if (asDate !== undefined) this.#followDate(asDate, graph, subject, predicate, object, change);
    for (const [date, predicates] of this.#dates) {
      const lists = predicates.get(predicate);
      if (lists?.has(object) !== true) continue;
      for (const each in graph.subjects[subject]?.[date]) {
        changeList(lists, object, this.#timeOf(Number(each)), subject, change);
      }
    }
  }

  #followDate(
    predicates: ReadonlyMap<number, Lists>,
    graph: GraphIndex,
    subject: number,
    date: number,
    object: number,
    change: Change,
  ): void {
    const time = this.#timeOf(object);
    const dates = graph.subjects[subject]?.[date];
    // Another way to write the same time keeps the entry.
    for (const each in dates) if (Number(each) !== object && this.#timeOf(Number(each)) === time) return;
    for (const [other, lists] of predicates) {
      if (other === 0) changeList(lists, 0, time, subject, change);
      else for (const each in graph.subjects[subject]?.[other]) changeList(lists, Number(each), time, subject, change);
    }
  }
}

type Change = (list: OrderedList, time: number, subject: number) => OrderedList;

function changeList(lists: Lists, object: number, time: number | undefined, subject: number, change: Change): void {
  const list = lists.get(object);
  if (list === undefined) return;
  // Made again when it is asked for, which then finds whether it can be.
  if (time === undefined) lists.delete(object);
  else lists.set(object, change(list, time, subject));
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Sorted runs of entries of time and subject, each once. */
function runsOf(entries: (readonly [number, number])[]): OrderedList {
  entries.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const runs: { times: number[]; subjects: number[] }[] = [];
  let [last, length] = [undefined as readonly [number, number] | undefined, RUN_MAX];
  for (const entry of entries) {
    if (last !== undefined && last[0] === entry[0] && last[1] === entry[1]) continue;
    // Half full, so that what comes later has room.
    if (length >= RUN_MAX / 2) {
      runs.push({ times: [], subjects: [] });
      length = 0;
    }
    const run = runs.at(-1);
    run?.times.push(entry[0]);
    run?.subjects.push(entry[1]);
    length++;
    last = entry;
  }
  return runs;
}

/** The last run that begins at or before an entry, and the entry's place in it. */
function placeOf(list: OrderedList, time: number, subject: number): readonly [run: number, at: number] {
  const isBefore = ({ times, subjects }: OrderedRun, at: number): boolean => {
    const other = times[at] ?? 0;
    return other < time || (other === time && (subjects[at] ?? 0) < subject);
  };
  let [low, high] = [0, list.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const run = list[middle];
    const isSame = run !== undefined && run.times[0] === time && run.subjects[0] === subject;
    if (run !== undefined && (isSame || isBefore(run, 0))) low = middle;
    else high = middle - 1;
  }
  const run = list[low];
  let [from, to] = [0, run?.times.length ?? 0];
  while (run !== undefined && from < to) {
    const middle = (from + to) >>> 1;
    if (isBefore(run, middle)) from = middle + 1;
    else to = middle;
  }
  return [low, from];
}

function insert(list: OrderedList, time: number, subject: number): OrderedList {
  const [index, at] = placeOf(list, time, subject);
  const run = list[index];
  if (run === undefined) return [{ times: [time], subjects: [subject] }];
  if (run.times[at] === time && run.subjects[at] === subject) return list;
  const [times, subjects] = [run.times.toSpliced(at, 0, time), run.subjects.toSpliced(at, 0, subject)];
  if (times.length <= RUN_MAX) return list.with(index, { times, subjects });
  // At the end of the list the old run stays full: posts mostly come in order.
  const half = index === list.length - 1 && at === times.length - 1 ? at : RUN_MAX / 2;
  return list.toSpliced(
    index,
    1,
    { times: times.slice(0, half), subjects: subjects.slice(0, half) },
    { times: times.slice(half), subjects: subjects.slice(half) },
  );
}

function remove(list: OrderedList, time: number, subject: number): OrderedList {
  const [index, at] = placeOf(list, time, subject);
  const run = list[index];
  if (run === undefined || run.times[at] !== time || run.subjects[at] !== subject) return list;
  if (run.times.length === 1) return list.toSpliced(index, 1);
  return list.with(index, { times: run.times.toSpliced(at, 1), subjects: run.subjects.toSpliced(at, 1) });
}
