import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { readNTriples, type TermCache, writeNTriples } from "../../rdf/ntriples.ts";
import { audienceColumn, audienceOf, type HeldDocument } from "../tables/stored-document.ts";

/** What the query store is told of a document: as much as it needs to state its triples or to take them back. */
export type StatedDocument = Pick<Document, "graph" | "audience" | "quads">;

/** One step of a Patch: a document's triples go into the query store, or out of it. Plain JSON. */
export interface ReplicaStep {
  readonly op: "add" | "remove";
  readonly graph: Iri;
  /** As its column has it. */
  readonly audience: string;
  readonly nTriples: string;
}

/**
 * One commit as copies of the query store are told of it. Plain JSON. `steps` is what changed there, in order; `turns`
 * is what changed in `hub.db`, by which a copy that was just filled finds out whether it has the commit already.
 */
export interface ReplicaPatch {
  /** Grows by one with every commit that touched documents. */
  readonly sequence: number;
  readonly turns: readonly ReplicaTurn[];
  readonly steps: readonly ReplicaStep[];
}

/** How a document stood before a commit and stands after it. */
export interface ReplicaTurn {
  readonly graph: Iri;
  readonly before: string;
  readonly after: string;
}

/** How a document stands in `hub.db`, as one text; the time it came tells it from one that was dropped before. */
export function standingOf(held: HeldDocument | undefined): string {
  return held === undefined ? "gone" : `${held.version} ${held.heat} ${held.document.received}`;
}

/** A step as it is sent. */
export function replicaStep(op: ReplicaStep["op"], { graph, audience, quads }: StatedDocument): ReplicaStep {
  return { op, graph, audience: audienceColumn(audience), nTriples: writeNTriples(quads) };
}

/** The document of a step. */
export function statedDocument({ graph, audience, nTriples }: ReplicaStep, cache: TermCache): StatedDocument {
  return { graph, audience: audienceOf(audience), quads: readNTriples(nTriples, cache) };
}
