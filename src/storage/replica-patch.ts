import type { Document } from "../rdf/document.ts";
import type { Iri } from "../rdf/iri.ts";
import { readNTriples, type TermCache, writeNTriples } from "../rdf/ntriples.ts";
import { audienceColumn, audienceOf, type Heat } from "./stored-document.ts";

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
 * One commit as copies of the query store are told of it: what changed there, in order. Plain JSON. `mark` is how one
 * document of the commit stands in `hub.db` after it, by which a copy that was just filled knows whether it has the
 * commit already.
 */
export interface ReplicaPatch {
  /** Grows by one with every commit that touched documents. */
  readonly sequence: number;
  readonly mark: ReplicaMark;
  readonly steps: readonly ReplicaStep[];
}

/** How a document stands after a commit, which is never how it stood before: without a version it is gone. */
export interface ReplicaMark {
  readonly graph: Iri;
  readonly version?: number;
  readonly heat?: Heat;
}

/** A step as it is sent. */
export function replicaStep(op: ReplicaStep["op"], { graph, audience, quads }: StatedDocument): ReplicaStep {
  return { op, graph, audience: audienceColumn(audience), nTriples: writeNTriples(quads) };
}

/** The document of a step. */
export function statedDocument({ graph, audience, nTriples }: ReplicaStep, cache: TermCache): StatedDocument {
  return { graph, audience: audienceOf(audience), quads: readNTriples(nTriples, cache) };
}
