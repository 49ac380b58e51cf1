import type { Term } from "../../rdf/term.ts";
import type { Dataset } from "./queries.ts";

/** The last level of an index: its keys are term numbers; what stands behind them says nothing. */
export type Leaf = Readonly<Record<number, unknown>>;
/** The middle level of an index: leaves by term number. */
export type Branch = Readonly<Record<number, Leaf | undefined>>;
/** One index of a graph: branches by term number. */
export type Root = Readonly<Record<number, Branch | undefined>>;

/** A piece of an ordered list: two arrays side by side. */
export interface OrderedRun {
  /** Milliseconds since 1970. */
  readonly times: readonly number[];
  readonly subjects: readonly number[];
}

/** Subjects by the times of a date of theirs, oldest first, each time of a subject once. It never changes. */
export type OrderedList = readonly OrderedRun[];

/** One graph of the query store as three nested indexes of term numbers, to be read only. */
export interface GraphIndex {
  /** Subject, predicate, object. */
  readonly subjects: Root;
  /** Predicate, object, subject. */
  readonly predicates: Root;
  /** Object, subject, predicate. */
  readonly objects: Root;
  /** How many triples have this predicate; an estimate that is exact for the graph of public triples. */
  triplesOf(predicate: number): number;
  /** How many subjects have this predicate; as exact as {@link triplesOf}. */
  subjectsOf(predicate: number): number;
  /**
   * The subjects of `(?s, predicate, object)`, or of everything when both are 0, by the time of their `date`: one entry
   * for each date. Undefined when the order of one of the dates cannot be told from its time alone.
   */
  inOrder(date: number, predicate: number, object: number): OrderedList | undefined;
}

/** What a dataset holds: graphs that are read as one, and graphs that have names. */
export interface DatasetIndex {
  readonly merged: readonly GraphIndex[];
  readonly named: ReadonlyMap<number, GraphIndex>;
  /** Where the triples of each merged graph are from, if that is told; undefined for the dataset's own. */
  readonly origins?: readonly (string | undefined)[];
}

/** The inside of an embedded query store: terms as numbers from 1 up, quads as indexes of them. */
export interface QuadIndex {
  /** The number of a term, if a quad holds it. */
  numberOf(term: Term): number | undefined;
  /** The term of a number; undefined when it has gone meanwhile. */
  termOf(number: number): Term | undefined;
  /** The term as N3 writes it: an IRI as it stands, `_:label`, `"text"`, `"text"@language`, `"text"^^datatype`. */
  textOf(number: number): string | undefined;
  /** How many keys a level has, without counting them. */
  sizeOf(level: Leaf | Branch | Root): number;
  /** The keys of a level, in no order, as a list that never changes. */
  keysOf(level: Leaf | Branch | Root): readonly number[];
  of(dataset: Dataset): DatasetIndex;
  /** Numbers of the posts in the store whose text holds all these words, newest first. LIMIT: 100,000. */
  search(words: string, dataset: Dataset): readonly number[];
}
