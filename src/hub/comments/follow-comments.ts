import type { Entry } from "../../atom/entry.ts";
import { COMMENTS_NODE } from "../../atom/post-entry.ts";
import { entryFromXml } from "../../atom/xml.ts";
import { epochMs, instantOf } from "../../core/instant.ts";
import { domainOf, parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { parseNodeId } from "../../pubsub/configuration.ts";
import type { Document } from "../../rdf/document.ts";
import { isIri } from "../../rdf/iri.ts";
import { plainAuthority } from "../accounts/plain-account.ts";
import { bareJidIn } from "../following/read-plain-item.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader, Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { graphOfItem } from "../posts/item-place.ts";
import { pubsubIri, readPubsubIri } from "../pubsub/pubsub-iri.ts";
import { commentDocument } from "./comment-document.ts";

/** LIMIT: comments nodes elsewhere that this hub is subscribed to, and how old their posts may be. */
const COMMENTS_FOLLOWED_MAX = 500;
const COMMENTS_FOLLOWED_MS = 30 * 86_400_000;

/**
 * The comments node that a received post names (XEP-0277 §4), as something to subscribe to so that the thread is whole
 * here. Undefined when it names none, is here already, or is past the bounds.
 */
export function commentsUpstream(
  hub: HubPorts,
  reader: RecordReader,
  item: InboundItem,
  document: Document,
): Upstream | undefined {
  if (document.kind !== "post" || item.payload === undefined || isOld(hub, document.created)) return undefined;
  const entry = entryFromXml(item.payload);
  const place = isRefusal(entry) ? undefined : commentsPlace(entry);
  if (place === undefined || domainOf(place.service) === hub.identity.domain) return undefined;
  if (reader.upstreamOf(place.service, place.node) !== undefined) return undefined;
  if (reader.upstreams().filter(({ commentsOn }) => commentsOn !== undefined).length >= COMMENTS_FOLLOWED_MAX)
    return undefined;
  const iri = pubsubIri(place.service, place.node);
  if (!isIri(iri)) return undefined;
  const now = hub.now();
  return {
    ...place,
    account: iri,
    profile: iri,
    container: iri,
    authority: plainAuthority(iri),
    commentsOn: { post: document.graph, ...(document.author === undefined ? {} : { author: document.author }) },
    state: "subscribing",
    backfill: { done: false, fetched: 0 },
    attempts: 0,
    nextAttempt: now,
    created: now,
  };
}

function isOld(hub: HubPorts, created: string): boolean {
  return created < instantOf(epochMs(hub.now()) - COMMENTS_FOLLOWED_MS);
}

function commentsPlace({ links }: Entry): Pick<Upstream, "service" | "node"> | undefined {
  const href = links.find((link) => link.rel === "replies" && /^xmpp:/i.test(link.href))?.href ?? "";
  const { jid = "", node: nodeText = "" } = readPubsubIri(href.replace(/\s+/g, "")) ?? {};
  const [service, node] = [parseBareJid(jid), parseNodeId(nodeText)];
  if (isRefusal(service) || isRefusal(node) || !node.startsWith(COMMENTS_NODE)) return undefined;
  return { service, node };
}

/**
 * The document of an item of such a node. Only the service can say who published it: an item that names no publisher,
 * or an author who is somebody else, is refused.
 */
export function documentOfComment(
  hub: HubPorts,
  upstream: Upstream & { readonly commentsOn: NonNullable<Upstream["commentsOn"]> },
  item: InboundItem,
  entry: Entry,
): Document | Refusal {
  const { commentsOn, container, service, node } = upstream;
  const iri = graphOfItem(upstream, item.id);
  const publisher = bareJidIn(item.publisher ?? "");
  const author = /^xmpp:/i.test(entry.authorUri) ? bareJidIn(entry.authorUri.slice(5)) : publisher;
  if (iri === undefined || publisher === undefined || author !== publisher) {
    return refuse(
      "not-the-author",
      `Expected an item of ${node} at ${service} to name its author as its publisher, but the publisher is "${item.publisher ?? ""}".`,
    );
  }
  return commentDocument(hub, hub.records.reader, {
    iri,
    entry,
    publisher,
    post: commentsOn.post,
    postAuthor: commentsOn.author,
    ...(container === undefined ? {} : { container }),
  });
}

/** Ends the subscriptions to the comments of posts that are old, are gone, or are by an account nobody follows any more. */
export async function endOldComments(hub: HubPorts): Promise<number> {
  const ended = await hub.records.transact((reader) => {
    const old = reader.upstreams().filter(({ commentsOn, created }) => {
      if (commentsOn === undefined) return false;
      const followed = commentsOn.author !== undefined && reader.upstream(commentsOn.author) !== undefined;
      return !followed || isOld(hub, created) || reader.document(commentsOn.post)?.kind !== "live";
    });
    return { changes: old.map(({ account }) => ({ kind: "upstream-removed", account }) as const), result: old };
  });
  if (isRefusal(ended)) return 0;
  for (const { service, node, subid } of ended) await hub.xmpp.unsubscribe(service, node, subid);
  return ended.length;
}
