import type { AccountName } from "../../core/account.ts";
import { documentToQuads, tombstoneToQuads } from "../../core/import/document-description.ts";
import { watchToQuads } from "../../core/import/watch-description.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad } from "../../rdf/term.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";
import { watchFacts } from "../watches/restore-watch.ts";

/**
 * Everything a requester owns as quads for TriG: the whole hub for its owner, what an account wrote for the account.
 * Each document stands in its own graph, described in the default graph, so that {@link importDocuments} makes an
 * equal store of it. Standing queries come last, in the default graph, with the addresses of their webhooks.
 */
export function exportQuads(hub: HubPorts, by: Requester): Iterable<Quad> | Refusal {
  if (by.kind === "anonymous") {
    return refuse("unauthenticated", "Expected a token to export with, but none was sent; log in with `sterna login`.");
  }
  return by.kind === "owner" ? read(hub, {}) : read(hub, { author: by.iri }, by.account.name);
}

function* read(hub: HubPorts, filter: { readonly author?: Iri }, account?: AccountName): Generator<Quad> {
  for (const document of hub.records.reader.everyDocument(filter)) yield* documentToQuads(document);
  for (const tombstone of hub.records.reader.everyTombstone(filter)) yield* tombstoneToQuads(tombstone);
  for (const watch of hub.records.reader.watches(account)) yield* watchToQuads(watchFacts(hub, watch));
}
