import { documentToQuads, tombstoneToQuads } from "../../core/document-description.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad } from "../../rdf/term.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";

/**
 * Everything a requester owns as quads for TriG: the whole hub for its owner, what an account wrote for the account.
 * Each document stands in its own graph, described in the default graph, so that {@link importDocuments} makes an
 * equal store of it.
 */
export function exportQuads(hub: HubPorts, by: Requester): Iterable<Quad> | Refusal {
  if (by.kind === "anonymous") {
    return refuse("unauthenticated", "Expected a token to export with, but none was sent; log in with `sterna login`.");
  }
  return read(hub, by.kind === "owner" ? {} : { author: by.iri });
}

function* read(hub: HubPorts, filter: { readonly author?: Iri }): Generator<Quad> {
  for (const document of hub.records.reader.everyDocument(filter)) yield* documentToQuads(document);
  for (const tombstone of hub.records.reader.everyTombstone(filter)) yield* tombstoneToQuads(tombstone);
}
