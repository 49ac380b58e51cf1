import type { Iri } from "../rdf/iri.ts";
import { namedNode, type Quad, quad } from "../rdf/term.ts";
import { sioc } from "../vocab/sioc.ts";

/** The quads of a follow's document: one account follows another. */
export function followToQuads(follower: Iri, followed: Iri): Quad[] {
  return [quad(namedNode(follower), sioc.follows, namedNode(followed))];
}

/** The account followed in a follow's document, or undefined. */
export function followedIn(quads: Iterable<Quad>): Iri | undefined {
  for (const { predicate, object } of quads) {
    if (predicate.value === sioc.follows.value && object.termType === "NamedNode") return object.value as Iri;
  }
  return undefined;
}
