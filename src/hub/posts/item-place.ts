import { COMMENTS_NODE, type ItemPlace } from "../../atom/post-entry.ts";
import { type AccountName, parseAccountName } from "../../core/account.ts";
import { accountIris, accountNameIn, itemIdIn, postIri } from "../../core/hub-iris.ts";
import type { ItemId } from "../../core/item-id.ts";
import { localOf, parseBareJid } from "../../core/jid.ts";
import type { Draft } from "../../core/posts/draft.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE, parseNodeId } from "../../pubsub/configuration.ts";
import type { NodeId } from "../../pubsub/state.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { ALL_COMMENTS, allCommentsId, commentOfAll } from "../comments/all-comments.ts";
import { commentsNode } from "../comments/comments-node.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import { pubsubIri, readPubsubIri } from "../pubsub/pubsub-iri.ts";

/**
 * Where the post `iri` is published on XMPP: at an account of this hub, or where it was read; else undefined. For an
 * own post its form says it: an import may put an answer before the account whose post it answers.
 */
export function itemPlaceOf(hub: HubPorts, iri: Iri): ItemPlace | undefined {
  const { reader } = hub.records;
  const own = ownPlaceOf(hub, iri) ?? namedPlace(iri);
  if (own !== undefined) return own;
  const stored = reader.document(iri);
  if (stored?.kind !== "live") return undefined;
  const { author, container, origin } = stored.document;
  const upstream = author === undefined ? undefined : reader.upstream(author);
  const id = itemIdIn(upstream?.container ?? container ?? iri, iri);
  if (id === undefined) return undefined;
  if (upstream !== undefined) return { jid: upstream.service, node: upstream.node, id };
  // Of an account that nobody here follows only its microblog is read.
  const from = origin.kind === "received" ? parseBareJid(origin.from) : undefined;
  return from === undefined || isRefusal(from) ? undefined : { jid: from, node: MICROBLOG_NODE, id };
}

/** The IRI of the post that an upstream's item carries: below its container, named by the item id. */
export function graphOfItem(upstream: Upstream, id: string): Iri | undefined {
  if (upstream.node === ALL_COMMENTS) {
    const comment = commentOfAll(id);
    const graph = comment && pubsubIri(upstream.service, commentsNode(comment.post), comment.item);
    return graph !== undefined && isIri(graph) ? graph : undefined;
  }
  const graph = `${upstream.authority}${encodeURIComponent(id)}`;
  return isIri(graph) ? graph : undefined;
}

/** The id of the item that carries a post of an upstream. */
export function itemOfGraph(upstream: Upstream, graph: Iri): string | undefined {
  if (upstream.node !== ALL_COMMENTS) return decodeURIComponent(graph.slice(upstream.authority.length));
  const { node = "", item } = readPubsubIri(graph) ?? {};
  return item === undefined ? undefined : allCommentsId(node.slice(COMMENTS_NODE.length), item);
}

/** The place that an `xmpp:` IRI of an item names. */
export function namedPlace(iri: string): ItemPlace | undefined {
  const { jid = "", node = "", item } = readPubsubIri(iri.replace(/\s+/g, "")) ?? {};
  const [service, nodeId] = [parseBareJid(jid), parseNodeId(node)];
  if (isRefusal(service) || isRefusal(nodeId) || item === undefined) return undefined;
  return { jid: service, node: nodeId, id: item as ItemId };
}

/**
 * The post at an address, by the name it has here: the IRI of its own page for what is published by this hub or by an
 * account whose page binds it; the item's `xmpp:` IRI in one form for all else on XMPP; other IRIs as they are.
 */
export function postAt(hub: HubPorts, address: string): Iri | undefined {
  const place = namedPlace(address);
  if (place === undefined) return isIri(address) && !/^xmpp:/i.test(address) ? address : undefined;
  const { jid, node, id } = place;
  const account = hub.records.reader.account((localOf(jid) ?? "") as AccountName);
  if (account?.jid === jid && node === MICROBLOG_NODE) return postIri(hub.identity.base, account.name, id);
  const upstream = hub.records.reader.upstreamOf(jid, node as NodeId);
  if (upstream !== undefined) return graphOfItem(upstream, id);
  const iri = pubsubIri(jid, node as NodeId, id);
  return isIri(iri) ? iri : undefined;
}

function ownPlaceOf(hub: HubPorts, iri: Iri): ItemPlace | undefined {
  const name = parseAccountName(accountNameIn(hub.identity.base, iri) ?? "");
  if (isRefusal(name)) return undefined;
  const jid = parseBareJid(`${name}@${hub.identity.domain}`);
  const id = itemIdIn(accountIris(hub.identity.base, name).container, iri);
  return isRefusal(jid) || id === undefined ? undefined : { jid, node: MICROBLOG_NODE, id };
}

/** A draft that names the posts it is about as they are named here, by whichever address they came. */
export function withNamed(hub: HubPorts, draft: Draft): Draft {
  const named = (["replyOf", "repostOf", "quoteOf"] as const).flatMap((key) => {
    const given = draft[key];
    const iri = given === undefined ? undefined : postAt(hub, given);
    return iri === undefined ? [] : [[key, iri] as const];
  });
  return { ...draft, ...Object.fromEntries(named) };
}
