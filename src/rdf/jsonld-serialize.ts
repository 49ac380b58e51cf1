import jsonld from "jsonld";
import type { Iri } from "./iri.ts";
import { JSONLD_CONTEXT } from "./jsonld-context.ts";
import { contextLoader } from "./parse-jsonld.ts";
import type { Quad } from "./term.ts";

/**
 * Writes quads as JSON-LD, compacted with {@link JSONLD_CONTEXT}.
 * @param contextIri - where this hub publishes the context; without it the context stands in the text itself
 */
export async function writeJsonLd(quads: Iterable<Quad>, contextIri?: Iri): Promise<string> {
  const expanded = await jsonld.fromRDF([...quads]);
  const compacted = await jsonld.compact(expanded, JSONLD_CONTEXT, {
    documentLoader: contextLoader(undefined),
    skipExpansion: true,
    compactToRelative: false,
  });
  const { "@context": context, ...rest } = compacted;
  return JSON.stringify({ "@context": contextIri ?? context, ...rest }, undefined, 2);
}
