import type { Audience } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad } from "../../rdf/term.ts";
import type { Dataset } from "./queries.ts";

/**
 * A place in the journal. `run` names the start of the hub in which it was written, so that a place in a `hub.db` that
 * was put back from a backup is not taken for the one that another store knows.
 */
export interface JournalMark {
  readonly run: string;
  readonly position: number;
}

/** One triple that comes into a graph or goes from it. Blank nodes are told apart already. */
export interface StatementChange {
  readonly op: "add" | "remove";
  /** Whose graph. */
  readonly audience: Audience;
  readonly triple: Quad;
}

/** What changed in the graphs between two places; each triple of a graph once. */
export interface JournalPart {
  readonly changes: readonly StatementChange[];
  /** The place that a store has reached which takes them in. */
  readonly upTo: JournalMark;
  /** How many changed documents went into it. */
  readonly documents: number;
}

/** A part of everything, for a store that has nothing yet. */
export interface FillPart {
  readonly changes: readonly StatementChange[];
  /** Where to go on; undefined when this was the last part. */
  readonly after: number | undefined;
  readonly documents: number;
}

/**
 * What changes in the documents of `hub.db`, written down with each commit, for a query store outside of this process:
 * public triples stand in one graph, each private audience has its own, without what is public anyway. A triple that
 * several documents state stays until the last of them goes.
 *
 * Taking in the same part twice, or a part again after later ones, ends in the same graphs as long as all parts up to
 * the present follow.
 */
export interface DocumentJournal {
  /** Where the journal stands: everything committed is at this place or before it. */
  mark(): JournalMark;
  /** Whether {@link after} can go on from a place. */
  knows(mark: JournalMark): boolean;
  /** What changed after a known place; undefined when nothing did. LIMIT: about `documents_max` documents. */
  after(mark: JournalMark, documents_max: number): JournalPart | undefined;
  /** How many changed documents stand after a place. */
  pending(mark: JournalMark): number;
  /** Forgets what is long before a place that the store has reached. */
  reached(mark: JournalMark): void;
  /** Begins to give everything; `after` is 0 at first. What changes meanwhile is in the journal. */
  fill(after: number, documents_max: number): FillPart;
  /** How many documents there are to give. */
  documents(): number;
  /** Calls back when there is more; returns the way to stop. */
  onMore(listener: () => void): () => void;
  /** Whether a triple is public by one of the documents. */
  isPublic(triple: Quad): boolean;
  /** Every triple that a dataset holds, from `hub.db` itself; one that many documents state may come again. */
  triples(dataset: Dataset): Iterable<Quad>;
  /** Documents that a dataset shows and whose text holds all these words, newest first. LIMIT: 10,000. */
  search(words: string, dataset: Dataset): readonly Iri[];
  /** Grows with every commit that changed documents. */
  readonly version: number;
}
