import { DataFactory, termFromId as fromN3Id, termToId as toN3Id } from "n3";
import type { Term } from "./term.ts";

/** What marks another kind of term in an id; an IRI that starts so is wrapped in angle brackets. */
const MARKED = /^[_"?[<]/;

/**
 * A term as one short text, to be sent between processes: an IRI as it is, `_:label`, `"text"`, `"text"@language`,
 * `"text"^^datatype`, a quoted triple as JSON of its parts. Nothing is escaped, and N3's own terms have it ready.
 */
export function termId(term: Term): string {
  if (term.termType !== "NamedNode") return toN3Id(term);
  return MARKED.test(term.value) ? `<${term.value}>` : term.value;
}

/** The term of a {@link termId}. */
export function termOfId(id: string): Term {
  return id.startsWith("<") ? DataFactory.namedNode(id.slice(1, -1)) : fromN3Id(id);
}
