import type { Entry } from "../../atom/entry.ts";
import { COMMENTS_NODE } from "../../atom/post-entry.ts";
import { entryFromXml } from "../../atom/xml.ts";
import { epochMs, instantOf } from "../../core/instant.ts";
import { domainOf, parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { parseNodeId } from "../../pubsub/configuration.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { isPlain, plainAuthority } from "../accounts/plain-account.ts";
import { notSubscribed } from "../following/new-upstream.ts";
import { bareJidIn } from "../following/read-plain-item.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader, Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { graphOfItem } from "../posts/item-place.ts";
import { pubsubIri, readPubsubIri } from "../pubsub/pubsub-iri.ts";
import { ALL_COMMENTS, commentOfAll } from "./all-comments.ts";
import { commentDocument } from "./comment-document.ts";
import { whyTooMany } from "./comment-flood.ts";

/** LIMIT: comments nodes of single posts that are subscribed to, of one account, and how old their posts may be. */
const COMMENTS_FOLLOWED_MAX = 500;
const COMMENTS_OF_ACCOUNT_MAX = 20;
const COMMENTS_FOLLOWED_MS = 30 * 86_400_000;

/**
 * What to subscribe to so that the thread of a received post is whole here. A hub has one node for the comments on all
 * posts of an account; where there is none (a microblog on any server), the node that the post names (XEP-0277 §4),
 * for the newest posts of each account. Nothing when that is done already, or past the bounds. `before` is what the
 * same commit changes already.
 */
export function commentsToFollow(
  hub: HubPorts,
  reader: RecordReader,
  upstream: Upstream,
  item: InboundItem,
  document: Document,
  before: readonly RecordChange[],
): readonly RecordChange[] {
  if (document.kind !== "post" || document.author !== upstream.account) return [];
  if (!isPlain(upstream)) {
    const all = reader.upstreamOf(upstream.service, ALL_COMMENTS);
    if (all === undefined) return allCommentsToFollow(hub, reader, upstream);
    if (all.state !== "refused") return [];
  }
  if (item.payload === undefined || isOld(hub, document.created)) return [];
  const entry = entryFromXml(item.payload);
  // A repost has the comments of what it passes on.
  const place = isRefusal(entry) || entry.links.some(({ rel }) => rel === "via") ? undefined : commentsPlace(entry);
  if (place === undefined || domainOf(place.service) === hub.identity.domain) return [];
  if (reader.upstreamOf(place.service, place.node) !== undefined) return [];
  const room = roomFor(reader, document, before);
  return room === undefined ? [] : [...room, ...followed(hub, place, document.author, document.graph)];
}

/** The comments on all posts of an account of a hub, unless they are followed already. */
export function allCommentsToFollow(
  hub: HubPorts,
  reader: RecordReader,
  upstream: Upstream,
): readonly (RecordChange & { readonly kind: "upstream-put" })[] {
  const { service, account } = upstream;
  if (isPlain(upstream) || reader.upstreamOf(service, ALL_COMMENTS) !== undefined) return [];
  return followed(hub, { service, node: ALL_COMMENTS }, account);
}

/** What is left so that the comments of one more post can be followed; undefined when there is no room for it. */
function roomFor(
  reader: RecordReader,
  { author, created }: Document,
  before: readonly RecordChange[],
): readonly RecordChange[] | undefined {
  const known = new Map(reader.upstreams().map((each) => [each.account, each]));
  const putNow = new Map<Iri, string>();
  for (const change of before) {
    if (change.kind === "upstream-put") known.set(change.upstream.account, change.upstream);
    else if (change.kind === "upstream-removed") known.delete(change.account);
    else if (change.kind === "document-put") putNow.set(change.document.graph, change.document.created);
  }
  const single = [...known.values()].filter(({ commentsOn }) => commentsOn?.post !== undefined);
  const own = single.filter(({ commentsOn }) => commentsOn?.author === author);
  if (own.length < COMMENTS_OF_ACCOUNT_MAX) return single.length < COMMENTS_FOLLOWED_MAX ? [] : undefined;
  const [oldest] = own
    .map(({ account, commentsOn: { post } = {} }) => ({
      account,
      created: (post && putNow.get(post)) ?? createdAt(reader, post),
    }))
    .sort((one, other) => (one.created < other.created ? -1 : 1));
  return oldest === undefined || created <= oldest.created
    ? undefined
    : [{ kind: "upstream-removed", account: oldest.account }];
}

function createdAt(reader: RecordReader, post: Iri | undefined): string {
  const stored = post === undefined ? undefined : reader.document(post);
  return stored?.kind === "live" ? stored.document.created : "";
}

function followed(
  hub: HubPorts,
  place: Pick<Upstream, "service" | "node">,
  author: Iri,
  post?: Iri,
): readonly (RecordChange & { readonly kind: "upstream-put" })[] {
  const iri = pubsubIri(place.service, place.node);
  if (!isIri(iri)) return [];
  const now = hub.now();
  const upstream: Upstream = {
    ...place,
    account: iri,
    profile: iri,
    container: iri,
    authority: plainAuthority(iri),
    commentsOn: { author, ...(post === undefined ? {} : { post }) },
    ...notSubscribed(now),
  };
  return [{ kind: "upstream-put", upstream }];
}

/** Whether a post is too old for its comments to be followed. */
export function isOld(hub: HubPorts, created: string): boolean {
  return created < instantOf(epochMs(hub.now()) - COMMENTS_FOLLOWED_MS);
}

function commentsPlace({ links }: Entry): Pick<Upstream, "service" | "node"> | undefined {
  const href = links.find((link) => link.rel === "replies" && /^xmpp:/i.test(link.href))?.href ?? "";
  const { jid = "", node: nodeText = "" } = readPubsubIri(href.replace(/\s+/g, "")) ?? {};
  const [service, node] = [parseBareJid(jid), parseNodeId(nodeText)];
  if (isRefusal(service) || isRefusal(node) || !node.startsWith(COMMENTS_NODE)) return undefined;
  return { service, node };
}

/** An upstream of comments. */
export type CommentsUpstream = Upstream & { readonly commentsOn: NonNullable<Upstream["commentsOn"]> };

/** The post that an item of such a node comments on. */
export function commentedPostOf(reader: RecordReader, { commentsOn }: CommentsUpstream, id: string): Iri | undefined {
  if (commentsOn.post !== undefined) return commentsOn.post;
  const author = commentsOn.author === undefined ? undefined : reader.upstream(commentsOn.author);
  const comment = commentOfAll(id);
  return author === undefined || comment === undefined ? undefined : graphOfItem(author, comment.post);
}

/** The item id that the one who commented gave. */
export function commentIdOf({ commentsOn }: CommentsUpstream, id: string): string {
  return commentsOn.post === undefined ? (commentOfAll(id)?.item ?? id) : id;
}

/**
 * The document of an item of such a node. Only the service can say who published it: an item that names no publisher,
 * or an author who is somebody else, is refused; so is one that takes the place of somebody else's, one on a post that
 * was deleted, and a flood.
 */
export function documentOfComment(
  hub: HubPorts,
  upstream: CommentsUpstream,
  item: InboundItem,
  entry: Entry,
): Document | Refusal {
  const { reader } = hub.records;
  const { container, service, node, commentsOn } = upstream;
  const iri = graphOfItem(upstream, item.id);
  const post = commentedPostOf(reader, upstream, item.id);
  const publisher = bareJidIn(item.publisher ?? "");
  const author = /^xmpp:/i.test(entry.authorUri) ? bareJidIn(entry.authorUri.slice(5)) : publisher;
  if (iri === undefined || post === undefined || publisher === undefined || author !== publisher) {
    return refuse(
      "not-the-author",
      `Expected an item of ${node} at ${service} to name its author as its publisher, but the publisher is "${item.publisher ?? ""}".`,
    );
  }
  const about = reader.document(post);
  if (about?.kind === "tombstone") return refuse("gone", `The post ${post} was deleted; comments on it are not taken.`);
  const place = { iri, post, postAuthor: commentsOn.author, ...(container === undefined ? {} : { container }) };
  const document = commentDocument(hub, reader, { ...place, entry, publisher });
  if (isRefusal(document)) return document;
  const present = reader.document(iri);
  if (present?.kind === "live" && present.document.author !== document.author) {
    return refuse("not-the-author", `The comment ${iri} is by somebody else; ${publisher} cannot replace it.`);
  }
  return (present === undefined ? whyTooMany(hub, reader, post) : undefined) ?? document;
}

/**
 * Ends the subscriptions to the comments of posts that are old, are gone, or are by an account nobody follows any more,
 * and to what is counted of such an account's posts.
 */
export async function endOldComments(hub: HubPorts): Promise<number> {
  const ended = await hub.records.transact((reader) => {
    const old = reader.upstreams().filter(({ commentsOn, summaryOf, created }) => {
      if (summaryOf !== undefined) return reader.upstream(summaryOf.author) === undefined;
      if (commentsOn === undefined) return false;
      const { author, post } = commentsOn;
      if (author === undefined || reader.upstream(author) === undefined) return true;
      return post !== undefined && (isOld(hub, created) || reader.document(post)?.kind !== "live");
    });
    return { changes: old.map(({ account }) => ({ kind: "upstream-removed", account }) as const), result: old };
  });
  if (isRefusal(ended)) return 0;
  for (const { service, node, subid } of ended) await hub.xmpp.unsubscribe(service, node, subid);
  return ended.length;
}
