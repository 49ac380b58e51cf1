import { createHash } from "node:crypto";
import type { Iri } from "./iri.ts";
import { type BlankNode, blankNode, type Quad, quad } from "./term.ts";

/**
 * Renames the blank nodes of a document so that they can meet no other document's in one store: each gets a label made
 * from the document's IRI and its place in `quads`. The same quads give the same labels, across restarts too.
 * Without blank nodes the quads come back as they are.
 */
export function scopeBlankNodes(quads: readonly Quad[], graph: Iri): readonly Quad[] {
  if (!quads.some(({ subject, object }) => subject.termType === "BlankNode" || object.termType === "BlankNode")) {
    return quads;
  }
  // 80 bits: two documents meet by chance at some 10^12 of them.
  const scope = `d${createHash("sha256").update(graph).digest("hex").slice(0, 20)}`;
  const renamed = new Map<string, BlankNode>();
  const rename = <T extends { readonly termType: string; readonly value: string }>(term: T): T | BlankNode => {
    if (term.termType !== "BlankNode") return term;
    let node = renamed.get(term.value);
    if (node === undefined) {
      node = blankNode(`${scope}-${renamed.size}`);
      renamed.set(term.value, node);
    }
    return node;
  };
  return quads.map((one) => quad(rename(one.subject), one.predicate, rename(one.object), one.graph));
}
