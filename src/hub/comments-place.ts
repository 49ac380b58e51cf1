import type { BareJid } from "../core/jid.ts";
import { MICROBLOG_NODE } from "../pubsub/configuration.ts";
import type { NodeId } from "../pubsub/state.ts";
import type { Iri } from "../rdf/iri.ts";
import { commentsNode } from "./comments-node.ts";
import { itemPlaceOf } from "./item-place.ts";
import type { HubPorts } from "./ports.ts";

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
  const named = hub.records.reader.upstreams().find(({ commentsOn }) => commentsOn?.post === iri);
  if (named !== undefined) return { service: named.service, node: named.node };
  const place = itemPlaceOf(hub, iri);
  return place?.node === MICROBLOG_NODE ? { service: place.jid, node: commentsNode(place.id) } : undefined;
}
