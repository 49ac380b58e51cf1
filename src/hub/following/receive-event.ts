import { entryFromXml } from "../../atom/xml.ts";
import { type BareJid, bareOf, domainOf } from "../../core/jid.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Document, Tombstone } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { sioc } from "../../vocab/sioc.ts";
import { isPlain } from "../accounts/plain-account.ts";
import { takeSummaries } from "../attachments/follow-summaries.ts";
import { ownPostOf, postsOfComment, settleClaim } from "../comments/claimed-post.ts";
import { commenterProfile } from "../comments/comment-document.ts";
import { commentedPostOf, commentIdOf, commentsToFollow } from "../comments/follow-comments.ts";
import { commentsThatWere, isHereElsewhere } from "../comments/same-comment.ts";
import { isOwnCopy } from "../copies/copy-post.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader, Upstream } from "../ports/records.ts";
import type { InboundEvent, InboundItem } from "../ports/xmpp-link.ts";
import { graphOfItem } from "../posts/item-place.ts";
import { mayTellStranger } from "../pubsub/strangers.ts";
import { fetchOriginals } from "./fetch-post.ts";
import { documentOfItem } from "./read-item.ts";
import { bareJidIn } from "./read-plain-item.ts";

/** What became of what was taken in. */
export interface TakenIn {
  readonly stored: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly refused: readonly Refusal[];
}

/**
 * Takes in a pushed event: only from a service this hub is subscribed to, only about posts of the account bound to
 * it. The receipt goes out once everything is durable (or refused for good, which sending again would not change).
 * A predecessor that is not here shows a gap and asks for a catch-up.
 */
export async function receiveEvent(hub: HubPorts, event: InboundEvent): Promise<void> {
  const service = bareOf(event.from);
  const upstream = hub.records.reader.upstreamOf(service, event.node);
  if (upstream === undefined) {
    await answer(hub, event);
    if (!mayTellStranger(hub, service)) return;
    hub.log.warn({ from: service, node: event.node }, "event-unknown");
    await hub.xmpp.unsubscribe(service, event.node, undefined);
    return;
  }
  if (event.unnamed !== undefined) {
    hub.log.warn({ from: service, node: event.node, items: event.unnamed }, "items-unnamed");
  }
  // Catching up compares what is there with what is here.
  if (event.emptied === true) hub.catchUpSoon(upstream.account, "gap");
  const { summaryOf } = upstream;
  if (summaryOf !== undefined) {
    await takeSummaries(hub, { ...upstream, summaryOf }, event.items, event.retracted);
    await answer(hub, event);
    return;
  }
  const taken = await takeIn(hub, upstream, event.items, event.retracted);
  await answer(hub, event);
  if (event.items.some((item) => item.payload === undefined)) hub.catchUpSoon(upstream.account, "header-only");
  // COMPAT: Prosody names who published in what it pushes, and not in what is read; where the person lets somebody else
  // publish in their own microblog (as a hub with copies of their posts), what is read is theirs.
  const isByAnother = taken.refused.some(({ code }) => code === "not-the-author");
  if (isByAnother && isPlain(upstream) && upstream.commentsOn === undefined) hub.catchUpSoon(upstream.account, "gap");
  for (const refusal of taken.refused) {
    hub.log.warn({ from: service, code: refusal.code, reason: refusal.message }, "item-refused");
  }
}

async function answer(hub: HubPorts, event: InboundEvent): Promise<void> {
  if (event.receiptWanted === undefined) return;
  await hub.xmpp.sendReceipt(hub.identity.domain as BareJid, event.from, event.receiptWanted);
}

/** An item and what it says. */
interface ReadItem {
  readonly item: InboundItem;
  readonly document: Document;
}

/** Stores what items of an upstream say and deletes what it retracted, in one commit. */
export async function takeIn(
  hub: HubPorts,
  upstream: Upstream,
  items: readonly InboundItem[],
  retracted: readonly string[] = [],
): Promise<TakenIn> {
  const read: ReadItem[] = [];
  const elsewhere: InboundItem[] = [];
  const refused: Refusal[] = [];
  for (const item of items) {
    if (item.payload === undefined) continue;
    if (isElsewhere(hub, upstream, item)) {
      elsewhere.push(item);
      continue;
    }
    const document = await documentOfItem(hub, upstream, item);
    if (isRefusal(document)) refused.push(document);
    else read.push({ item, document });
  }
  const committed = await hub.records.transact((reader) => taking(hub, reader, upstream, read, retracted));
  if (isRefusal(committed)) return { stored: 0, unchanged: 0, deleted: 0, refused: [...refused, committed] };
  const { gap, comments, news, ...taken } = committed;
  if (gap && upstream.backfill.done) hub.catchUpSoon(upstream.account, "gap");
  for (const account of comments) hub.catchUpSoon(account, "followed");
  void fetchOriginals(hub, news);
  for (const item of [...elsewhere, ...read.map((each) => each.item)]) {
    const comment = commentIn(upstream, item);
    if (comment !== undefined && domainOf(comment.publisher) !== hub.identity.domain) settleClaim(hub, comment);
  }
  return { ...taken, refused };
}

/** What changes by it, and what is to be done then. */
function taking(
  hub: HubPorts,
  reader: RecordReader,
  upstream: Upstream,
  read: readonly ReadItem[],
  retracted: readonly string[],
) {
  const news = read.filter(({ document }) => isNews(reader, document));
  const changes: RecordChange[] = [];
  for (const { item, document } of news) {
    changes.push({ kind: "document-put", document });
    changes.push(...commentsThatWere(hub, reader, upstream, item.id, document).map(dropped));
    changes.push(...besides(hub, reader, upstream, item, document, changes));
  }
  const tombstones = retracted
    .map((id) => tombstoneOf(hub, reader, upstream, id))
    .filter((tombstone) => tombstone !== undefined);
  return {
    changes: [
      ...changes,
      ...retracted.flatMap((id) => fetchedAs(reader, upstream, id)).map(dropped),
      ...tombstones.map((tombstone) => ({ kind: "document-deleted", tombstone }) as const),
    ],
    result: {
      stored: news.length,
      unchanged: read.length - news.length,
      deleted: tombstones.length,
      gap: news.some(({ document }) => showsGap(reader, upstream, document)),
      comments: changes.flatMap((each) => (each.kind === "upstream-put" ? [each.upstream.account] : [])),
      news,
    },
  };
}

const dropped = (graph: Iri): RecordChange => ({ kind: "document-dropped", graph });

/** An item of an upstream of comments, as who published it says what it is. */
function commentIn(upstream: Upstream, { id: itemId, publisher: jid, payload }: InboundItem) {
  const { commentsOn } = upstream;
  const publisher = commentsOn === undefined ? undefined : bareJidIn(jid ?? "");
  const graph = graphOfItem(upstream, itemId);
  if (commentsOn === undefined || publisher === undefined || graph === undefined) return undefined;
  const entry = payload === undefined ? undefined : entryFromXml(payload);
  if (entry === undefined || isRefusal(entry)) return undefined;
  return { graph, publisher, id: commentIdOf({ ...upstream, commentsOn }, itemId), entry };
}

/**
 * Whether a comment is a post that comes by another way: what an account of this hub commented elsewhere is its own
 * post here, that of an account elsewhere comes from its author, and an answer may stand among the comments of several
 * posts.
 */
function isElsewhere(hub: HubPorts, upstream: Upstream, item: InboundItem): boolean {
  if (isOwnCopy(hub, upstream, item)) return true;
  const comment = commentIn(upstream, item);
  if (comment === undefined) return false;
  const { graph, publisher, id } = comment;
  if (domainOf(publisher) === hub.identity.domain) return true;
  const { reader } = hub.records;
  return ownPostOf(reader, comment) !== undefined || isHereElsewhere(reader, publisher, graph, id);
}

/** The posts that were fetched from their authors in the place of a comment. */
function fetchedAs(reader: RecordReader, upstream: Upstream, id: string): readonly Iri[] {
  const { commentsOn } = upstream;
  if (commentsOn === undefined) return [];
  const comments = { ...upstream, commentsOn };
  const post = commentedPostOf(reader, comments, id);
  return post === undefined ? [] : postsOfComment(reader, post, commentIdOf(comments, id));
}

/** What comes with a document that is news: where its comments are, or who wrote the comment. */
function besides(
  hub: HubPorts,
  reader: RecordReader,
  upstream: Upstream,
  item: InboundItem,
  document: Document,
  before: readonly RecordChange[],
): readonly RecordChange[] {
  if (upstream.commentsOn === undefined) return commentsToFollow(hub, reader, upstream, item, document, before);
  const entry = item.payload === undefined ? undefined : entryFromXml(item.payload);
  const publisher = bareJidIn(item.publisher ?? "");
  if (entry === undefined || isRefusal(entry) || publisher === undefined) return [];
  const profile = commenterProfile(hub, reader, { publisher, entry });
  return profile === undefined ? [] : [{ kind: "document-put", document: profile }];
}

/** Whether a received document is neither deleted here nor already here as new or newer. */
function isNews(reader: RecordReader, document: Document): boolean {
  const present = reader.document(document.graph);
  if (present === undefined) return true;
  if (present.kind === "tombstone") return false;
  return changedAt(document) > changedAt(present.document);
}

function changedAt(document: Document): string {
  return document.modified ?? document.created;
}

function showsGap(reader: RecordReader, upstream: Upstream, document: Document): boolean {
  const previous = document.quads.find((q) => q.predicate.value === sioc.previous_by_date.value)?.object.value;
  if (previous === undefined || !isIri(previous) || !previous.startsWith(upstream.authority)) return false;
  return previous !== upstream.letGo?.graph && reader.document(previous) === undefined;
}

/** The tombstone for a retracted item, or undefined when it is gone already. */
export function tombstoneOf(
  hub: HubPorts,
  reader: RecordReader,
  upstream: Upstream,
  id: string,
): Tombstone | undefined {
  const graph = graphOfItem(upstream, id);
  if (graph === undefined || reader.document(graph)?.kind === "tombstone") return undefined;
  return {
    graph,
    deleted: hub.now(),
    kind: "post",
    author: upstream.account,
    ...(upstream.container === undefined ? {} : { container: upstream.container }),
  };
}
