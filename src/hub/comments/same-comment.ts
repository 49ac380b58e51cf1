import type { BareJid } from "../../core/jid.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader, Upstream } from "../ports/records.ts";
import { jidIri, pubsubIri } from "../pubsub/pubsub-iri.ts";
import { commentsPlaceOf } from "./comments-place.ts";
import { ancestors, answeredBy } from "./thread.ts";

/** LIMIT: how many of the newest comments of one JID are looked through. */
const NEWEST = 50;

/** Whether the same comment is here from another node: an answer stands in those of all posts that its thread goes through. */
export function isHereElsewhere(reader: RecordReader, publisher: BareJid, graph: Iri, id: string): boolean {
  if (reader.document(graph) !== undefined) return false;
  const scope = { kind: "authors", authors: [jidIri(publisher)], documentKind: "post" } as const;
  const end = `;item=${encodeURIComponent(id)}`;
  return reader
    .list({ scope, limit: NEWEST })
    .documents.some((each) => each.graph !== graph && each.graph.endsWith(end));
}

/**
 * The comments that a post of a followed account was here as, before it came from its author: they were by the bare
 * JID, and now there is one answer by one account.
 */
export function commentsThatWere(
  hub: HubPorts,
  reader: RecordReader,
  upstream: Upstream,
  id: string,
  post: Document,
): readonly Iri[] {
  const answered = upstream.commentsOn === undefined ? answeredBy(post) : undefined;
  return ancestors(reader, answered).flatMap(({ graph }) => {
    const place = commentsPlaceOf(hub, graph);
    const comment = place && pubsubIri(place.service, place.node, id);
    const stored = comment === undefined ? undefined : reader.document(comment);
    return stored?.kind === "live" && stored.document.author === jidIri(upstream.service)
      ? [stored.document.graph]
      : [];
  });
}
