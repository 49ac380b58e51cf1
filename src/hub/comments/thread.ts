import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { sioc } from "../../vocab/sioc.ts";
import type { RecordReader } from "../ports/records.ts";

/** LIMIT: how far up a thread is looked for the posts whose comments an answer belongs to. */
const ANCESTORS_MAX = 10;

/** What the post of a document answers. */
export function answeredBy({ quads }: Document): Iri | undefined {
  const answered = quads.find((quad) => quad.predicate.value === sioc.reply_of.value)?.object.value;
  return answered !== undefined && isIri(answered) ? answered : undefined;
}

/** The post `iri` and what it answers, up to where the thread began, as far as these are here; the nearest first. */
export function ancestors(reader: RecordReader, iri: Iri | undefined): readonly Document[] {
  const found: Document[] = [];
  for (let next = iri; next !== undefined && found.length < ANCESTORS_MAX; ) {
    const stored = reader.document(next);
    if (stored?.kind !== "live" || stored.document.kind !== "post") break;
    // What answers itself, by whatever detour, goes round once.
    if (found.some(({ graph }) => graph === stored.document.graph)) break;
    found.push(stored.document);
    next = answeredBy(stored.document);
  }
  return found;
}

/** The answers to a post and to its answers, as far as these are here; LIMIT: at most `limit`. */
export function descendants(reader: RecordReader, post: Iri, limit: number): readonly Document[] {
  const found = new Map<Iri, Document>();
  const open = [post];
  for (let target = open.shift(); target !== undefined && found.size < limit; target = open.shift()) {
    const scope = { kind: "reference", reference: "reply-of", target } as const;
    for (const document of reader.list({ scope, limit: limit - found.size }).documents) {
      if (found.has(document.graph) || document.graph === post) continue;
      found.set(document.graph, document);
      open.push(document.graph);
      if (found.size >= limit) break;
    }
  }
  return [...found.values()];
}
