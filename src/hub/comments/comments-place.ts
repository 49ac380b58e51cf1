import { itemIdIn } from "../../core/hub-iris.ts";
import type { BareJid } from "../../core/jid.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import { itemPlaceOf } from "../posts/item-place.ts";
import { ALL_COMMENTS } from "./all-comments.ts";
import { commentsNode } from "./comments-node.ts";
import { ancestors } from "./thread.ts";

/** Where a post's comments are published. */
export interface CommentsPlace {
  readonly service: BareJid;
  readonly node: NodeId;
}

/**
 * Where comments on the post `iri` go: to the node it named, when this hub is subscribed to that, else to the node of
 * the usual name beside it. Undefined for a post that is not known to be on XMPP.
 */
export function commentsPlaceOf(hub: HubPorts, iri: Iri): CommentsPlace | undefined {
  const named = hub.records.reader.upstreamOfComments(iri);
  if (named !== undefined) return { service: named.service, node: named.node };
  const place = itemPlaceOf(hub, iri);
  return place?.node === MICROBLOG_NODE ? { service: place.jid, node: commentsNode(place.id) } : undefined;
}

/** Where a received post is commented on, and the upstream whose catch-up sends answers there. */
export function commentsUpstreamOf(
  hub: HubPorts,
  { graph, author, origin }: Document,
): (CommentsPlace & { readonly upstream: Upstream }) | undefined {
  if (origin.kind !== "received") return undefined;
  const { reader } = hub.records;
  const followed = author === undefined ? undefined : reader.upstream(author);
  const all = followed && reader.upstreamOf(followed.service, ALL_COMMENTS);
  const id = followed?.container === undefined ? undefined : itemIdIn(followed.container, graph);
  if (all !== undefined && all.state !== "refused" && id !== undefined) {
    return { upstream: all, service: all.service, node: commentsNode(id) };
  }
  const upstream = reader.upstreamOfComments(graph);
  return upstream && { upstream, service: upstream.service, node: upstream.node };
}

/** Sees to it that an answer, or its edit, gets to the comments of what it answers: the catch-up of those sends it. */
export function answerSoon(hub: HubPorts, answered: Iri | undefined): void {
  const found = ancestors(hub.records.reader, answered).map((post) => commentsUpstreamOf(hub, post)?.upstream.account);
  for (const account of new Set(found)) if (account !== undefined) hub.catchUpSoon(account, "gap");
}
