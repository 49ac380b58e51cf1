import type { Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import type { QuadIndex } from "./quad-index.ts";
import type { ServiceRows } from "./sparql-syntax.ts";

/** The graphs a requester may see: public always, and one account's own. */
export interface Dataset {
  readonly private?: Iri;
}

/** The query store seen as quads: what a dataset holds, all in the default graph. */
export interface QuadSource {
  match(
    subject: Term | null | undefined,
    predicate: Term | null | undefined,
    object: Term | null | undefined,
    dataset: Dataset,
  ): Iterable<Quad>;
  count(
    subject: Term | null | undefined,
    predicate: Term | null | undefined,
    object: Term | null | undefined,
    dataset: Dataset,
  ): number;
  /**
   * The same count, where it takes a request to another program; `count` then gives the last one known. Undefined when
   * that program does not answer.
   */
  counted?(
    subject: Term | null | undefined,
    predicate: Term | null | undefined,
    object: Term | null | undefined,
    dataset: Dataset,
  ): Promise<number | undefined>;
  /** Quads in all graphs. */
  readonly size: number;
  /** Grows with every Patch; for ETags and caches. */
  readonly version: number;
  /** The store's inside, when it is an embedded one. */
  readonly index?: QuadIndex;
}

export type QueryAnswer =
  | {
      readonly kind: "bindings";
      readonly variables: readonly string[];
      readonly rows: AsyncIterable<ReadonlyMap<string, Term>>;
    }
  | { readonly kind: "quads"; readonly quads: AsyncIterable<Quad> }
  | { readonly kind: "boolean"; readonly value: boolean };

/** Graphs handed to one query, in the place of its dataset or beside it. */
export interface QueryGraphs {
  /** Triples of the default graph, and of named graphs under their names. Blank nodes are told apart already. */
  readonly quads: readonly Quad[];
  /** Whether the default graph also holds what the dataset does; else it holds these quads alone. */
  readonly withDataset: boolean;
  /** With the dataset: triples of it that the query does not see, as an earlier step of the same update took them out. */
  readonly without?: readonly Quad[];
  /** Where the quads are from, as many after each other; for {@link QueryOptions.provenance}. */
  readonly origins?: readonly { readonly hub: string; readonly count: number }[];
}

export interface QueryOptions {
  readonly dataset: Dataset;
  /** The query's graphs when they are not just the dataset; its FROM and FROM NAMED are then settled and passed over. */
  readonly graphs?: QueryGraphs;
  readonly signal?: AbortSignal;
  /** Base for relative IRIs in the query. */
  readonly baseIri?: Iri;
  /** Whoever asks, as one text: queries at once are bounded for each. */
  readonly requester?: string;
  /** What the SERVICE clauses of the query gave, where its text has their marks (`SparqlSyntax.serviceCalls`). */
  readonly services?: readonly ServiceRows[];
  /** Adds a variable to each row: the origins of the triples it was made of, `here` for the dataset's own. */
  readonly provenance?: { readonly variable: string; readonly here: string };
}

/** How the process stands that answers ad-hoc queries. */
export interface QueryWorkerStatus {
  readonly state: "off" | "filling" | "up";
  readonly running: number;
  readonly waiting: number;
  /** How many were started since the hub was. */
  readonly started: number;
  readonly rss_bytes?: number;
  /** Commits it was told and has not taken in yet. */
  readonly patchesBehind?: number;
}

/** One step of a plan, with what it takes from, how many solutions were thought to come and how many came. */
export interface QueryPlanStep {
  readonly step: string;
  readonly estimate?: number;
  readonly solutions: number;
  readonly inputs: readonly QueryPlanStep[];
}

/** How a query was answered. */
export interface QueryExplanation {
  /** The hub's own query source, the general engine, or that with parts evaluated by the source. */
  readonly answeredBy: "source" | "engine" | "both";
  /** What the source does not do. */
  readonly why?: string;
  /** What the source did. */
  readonly plans: readonly QueryPlanStep[];
  readonly solutions: number;
  readonly time_ms: number;
}

/** How a query store outside of this process stands. */
export interface QueryStoreStatus {
  readonly state: "connecting" | "filling" | "catching-up" | "following" | "down";
  /** Documents whose changes it has not taken in yet. */
  readonly pending: number;
  readonly filled?: { readonly done: number; readonly total: number };
  /** Why it is down, as a sentence. */
  readonly problem?: string;
}

/** The SPARQL engine. */
export interface QueryEngine {
  /**
   * Runs `sparql/NAME.rq` with variables bound to terms. These texts are ours, so a failure is a Fault.
   */
  prepared(name: string, bindings: Readonly<Record<string, Term>>, options: QueryOptions): Promise<QueryAnswer>;
  /**
   * Runs a query that somebody sent. Refuses with `malformed` (line and column), `forbidden` (SERVICE, updates,
   * remote sources), `timed-out`, `too-large`. Iterating may end with a thrown Fault of the same sentence.
   */
  adHoc(text: string, options: QueryOptions): Promise<QueryAnswer | Refusal>;
  /** Runs a query to its end and tells how it was answered instead of the answer. Refuses as {@link adHoc}. */
  explain?(text: string, options: QueryOptions): Promise<QueryExplanation | Refusal>;
  /** Where ad-hoc queries have a process of their own. */
  readonly worker?: QueryWorkerStatus;
  /** Where queries are answered by a store outside of this process. */
  readonly store?: QueryStoreStatus;
  /** Says that ad-hoc queries are likely to come soon. */
  warm?(): void;
}
