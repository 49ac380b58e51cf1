import type { Entry } from "../../atom/entry.ts";
import type { BareJid } from "../../core/jid.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { isPlain } from "../accounts/plain-account.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader, Upstream } from "../ports/records.ts";
import { graphOfItem } from "../posts/item-place.ts";
import { jidIri, pubsubIri } from "../pubsub/pubsub-iri.ts";
import { commentsPlaceOf } from "./comments-place.ts";
import { ancestors, answeredBy } from "./thread.ts";

/** LIMIT: how many of the newest comments of one JID are looked through. */
const NEWEST = 50;

/**
 * The post that an entry among comments is, when it is one of its publisher's own microblog, which this hub follows
 * and has bound to the publisher's JID. Who keeps the comments may say anything, so such a post is taken from there.
 */
export function ownPostOf(
  reader: RecordReader,
  publisher: BareJid,
  id: string,
  entry: Pick<Entry, "id">,
): Iri | undefined {
  const upstream = reader.upstreamOf(publisher, MICROBLOG_NODE);
  if (upstream === undefined || upstream.state !== "subscribed" || isPlain(upstream)) return undefined;
  const graph = graphOfItem(upstream, id);
  return graph === entry.id ? graph : undefined;
}

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
