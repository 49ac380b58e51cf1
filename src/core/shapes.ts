// TEMPORARY stand-in by the lead until the shapes engineer's file comes: overwrite it.
import type { Refusal } from "../outcome/refusal.ts";
import type { DocumentKind } from "../rdf/document.ts";
import type { Iri } from "../rdf/iri.ts";
import type { Quad } from "../rdf/term.ts";
export interface Shapes {
  check(kind: DocumentKind, quads: readonly Quad[], focus: Iri): Refusal | undefined;
}
export function compileShapes(_texts: readonly string[], _options?: { postCharacters_max?: number }): Shapes {
  return { check: () => undefined };
}
