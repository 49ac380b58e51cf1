import type { Iri } from "../../rdf/iri.ts";
import type { Term } from "../../rdf/term.ts";

/** A place of a pattern: a variable by name, or a term. Names are unique in a query: what a subquery hides differs. */
export type NetworkPlace = { readonly variable: string } | { readonly term: Term };

/** A triple pattern over the default graph. */
export interface NetworkPattern {
  readonly subject: NetworkPlace;
  readonly predicate: NetworkPlace;
  readonly object: NetworkPlace;
}

/** The terms that a variable can be, all of them. */
export interface NetworkValues {
  readonly variable: string;
  readonly terms: readonly Term[];
}

/** From when, and until when, the date of a pattern must be: instants as written, undefined where it does not matter. */
export interface NetworkPeriod {
  readonly variable: string;
  readonly from?: string;
  readonly until?: string;
}

/**
 * Patterns of which each solution needs all: so what one of them can match narrows the others. A group that is inside
 * of another one (an OPTIONAL, a branch of a UNION, what a MINUS or EXISTS looks for) is narrowed by that one too, but
 * only in the variables that both surely share.
 */
export interface NetworkGroup {
  readonly patterns: readonly NetworkPattern[];
  readonly values: readonly NetworkValues[];
  readonly periods: readonly NetworkPeriod[];
  /** The group around it, by its place in the question. */
  readonly within?: number;
  /** Through which variables that one narrows; without it, through all. */
  readonly through?: readonly string[];
}

/** What a query across hubs needs to know: each pattern stands in one group. */
export interface NetworkQuestion {
  readonly groups: readonly NetworkGroup[];
  /** Whether more triples can only add solutions, and whichever come first are as good as others. */
  readonly grows: boolean;
  /** How many solutions such a query wants. */
  readonly limit?: number;
}

/** Things of one hub that are wanted: triples of all patterns for subjects that match all of them. */
export interface NetworkBranch {
  readonly patterns: readonly NetworkPattern[];
  readonly values: readonly NetworkValues[];
  /** Posts of these accounts are not wanted: their copies are here. */
  readonly except: readonly Iri[];
}
