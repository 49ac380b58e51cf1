import type { Instant } from "../../core/instant.ts";
import type { Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import type { NetworkBranch, NetworkPattern, NetworkQuestion, NetworkValues } from "./network-plan.ts";
import type { QueryAnswer } from "./queries.ts";

/** The graphs that FROM and FROM NAMED, USING and USING NAMED, or the protocol's parameters name. */
export interface NamedDataset {
  readonly default: readonly Iri[];
  readonly named: readonly Iri[];
}

/** Which graphs CLEAR, DROP, CREATE, COPY, MOVE and ADD mean. */
export type GraphTarget = Iri | "default" | "named" | "all";

/** One operation of a SPARQL Update request, its names resolved. */
export type UpdateStep =
  /** INSERT DATA and DELETE DATA: quads without variables. */
  | { readonly kind: "insert-data" | "delete-data"; readonly quads: readonly Quad[] }
  /** DELETE/INSERT … WHERE: patterns whose variables the solutions of `where` fill in. */
  | {
      readonly kind: "modify";
      readonly delete: readonly Quad[];
      readonly insert: readonly Quad[];
      /** The WHERE as a SELECT of the variables that the patterns use. */
      readonly where: string;
      /** WITH: the graph that WHERE takes for the default graph (the patterns have it already). */
      readonly with?: Iri;
      readonly using?: NamedDataset;
      /** Graphs that WHERE names by GRAPH, and whether it asks for any with a variable. */
      readonly graphs: { readonly named: readonly Iri[]; readonly any: boolean };
    }
  | { readonly kind: "clear" | "drop" | "create"; readonly target: GraphTarget; readonly silent: boolean }
  | {
      readonly kind: "copy" | "move" | "add";
      readonly from: GraphTarget;
      readonly to: GraphTarget;
      readonly silent: boolean;
    }
  | { readonly kind: "load"; readonly source: Iri; readonly silent: boolean };

/** One SERVICE clause. */
export interface ServiceCall {
  readonly endpoint: Iri;
  readonly silent: boolean;
  readonly variables: readonly string[];
  /** A SELECT of these variables, to which a VALUES clause can be added. */
  readonly select: string;
  /** What stands for its terms in the rest of the query. */
  readonly mark: Term;
}

/** A query with VALUES in the places of its SERVICE clauses, of one row of marks each, and the clauses in order. */
export interface ServiceCalls {
  readonly text: string;
  readonly calls: readonly ServiceCall[];
}

/** The rows that a SERVICE clause gave: ids of terms (`rdf/term-id`) row by row, null for what is not bound. */
export interface ServiceRows {
  readonly variables: readonly string[];
  readonly terms: readonly (string | null)[];
}

/** Reads SPARQL texts without running them. */
export interface SparqlSyntax {
  /** The dataset that a query names with FROM and FROM NAMED, undefined when it names none. Refuses as `adHoc` does. */
  datasetIn(text: string, baseIri: Iri): NamedDataset | undefined | Refusal;
  /** What a query is answered with: rows, triples, or yes or no. Refuses as `adHoc` does, but not SERVICE and FROM. */
  formOf(text: string, baseIri: Iri): QueryAnswer["kind"] | Refusal;
  /** Reads a SPARQL 1.1 Update request. Refuses with `malformed` (line and column), `too-large`, `forbidden` (SERVICE). */
  readUpdate(text: string, baseIri: Iri): readonly UpdateStep[] | Refusal;
  /** A query without its SERVICE clauses, and what these ask. Refuses as `adHoc` does. */
  serviceCalls(text: string, baseIri: Iri): ServiceCalls | Refusal;
  /** What a query needs of other hubs. Refuses as `adHoc` does, and what is not asked across hubs. */
  networkQuestion(text: string, baseIri: Iri): NetworkQuestion | Refusal;
  /** One CONSTRUCT of everything that is wanted of a hub. */
  networkRequest(branches: readonly NetworkBranch[]): string;
  /** A SELECT of the terms (`?value`) that a variable can be where all patterns match, `limit` of them at most. */
  networkBindings(
    patterns: readonly NetworkPattern[],
    values: readonly NetworkValues[],
    variable: string,
    limit: number,
  ): string;
  /** A CONSTRUCT of one document of another hub. */
  documentRequest(document: Iri): string;
  /** A SELECT of whom accounts follow (`?account ?followed`), `each_max` of each at most. */
  followsRequest(accounts: readonly Iri[], each_max: number): string;
  /**
   * A SELECT of who accounts are (`?account ?name ?jid`), when they posted last (`?last`), and labels of what they post
   * about (`?topic`) with how often (`?posts`), `topics_max` of each, by their posts since a time.
   */
  profilesRequest(accounts: readonly Iri[], since: Instant, topics_max: number): string;
}
