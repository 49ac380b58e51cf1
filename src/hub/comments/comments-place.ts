import type { BareJid } from "../../core/jid.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import { itemPlaceOf } from "../posts/item-place.ts";
import { commentsNode } from "./comments-node.ts";

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
  const named = commentsOf(hub, iri);
  if (named !== undefined) return { service: named.service, node: named.node };
  const place = itemPlaceOf(hub, iri);
  return place?.node === MICROBLOG_NODE ? { service: place.jid, node: commentsNode(place.id) } : undefined;
}

/** The subscription to a post's comments elsewhere. */
export function commentsOf(hub: HubPorts, post: Iri): Upstream | undefined {
  return hub.records.reader.upstreams().find(({ commentsOn }) => commentsOn?.post === post);
}

/** Sees to it that an answer, or its edit, gets to the comments of what it answers: the catch-up of those sends it. */
export function answerSoon(hub: HubPorts, answered: Iri | undefined): void {
  const upstream = answered?.startsWith("xmpp:") === true ? commentsOf(hub, answered) : undefined;
  if (upstream !== undefined) hub.catchUpSoon(upstream.account, "gap");
}
