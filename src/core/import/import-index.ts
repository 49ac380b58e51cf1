import type { Quad, QuadObject, Term } from "../../rdf/term.ts";
import { rdf } from "../../vocab/rdf.ts";

/** A subject as a key: its IRI, or `_:label` for a blank node. */
export function keyOf(term: Term): string {
  return term.termType === "BlankNode" ? `_:${term.value}` : term.value;
}

/** A term as text that two equal terms share (N-Triples without escapes; only compared, never parsed). */
export function termText(term: Term): string {
  if (term.termType !== "Literal") return `${term.termType === "BlankNode" ? "_:" : "<"}${term.value}`;
  return `"${term.value}"${term.language}^${term.datatype.value}`;
}

/** Triples grouped by subject, without duplicates, in order of arrival. */
export class SubjectIndex {
  readonly groups = new Map<string, Quad[]>();
  readonly #seen = new Map<string, Set<string>>();

  add(quad: Quad): void {
    const key = keyOf(quad.subject);
    const text = `${quad.predicate.value} ${termText(quad.object)}`;
    const group = this.groups.get(key);
    const seen = this.#seen.get(key);
    if (group === undefined || seen === undefined) {
      this.groups.set(key, [quad]);
      this.#seen.set(key, new Set([text]));
    } else if (!seen.has(text)) {
      seen.add(text);
      group.push(quad);
    }
  }

  /** Forgets a subject that has been dealt with. */
  remove(key: string): void {
    this.groups.delete(key);
    this.#seen.delete(key);
  }

  /** The triples of a subject; empty when there are none. */
  of(key: string): readonly Quad[] {
    return this.groups.get(key) ?? [];
  }

  /** The objects of one predicate of a subject. */
  objects(key: string, predicate: Term): QuadObject[] {
    return this.of(key)
      .filter((quad) => quad.predicate.value === predicate.value)
      .map((quad) => quad.object);
  }

  hasType(key: string, types: ReadonlySet<string>): boolean {
    return this.of(key).some((quad) => quad.predicate.value === rdf.type.value && types.has(quad.object.value));
  }
}
