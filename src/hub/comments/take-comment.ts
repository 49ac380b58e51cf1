import type { Entry } from "../../atom/entry.ts";
import { entryFromXml, parseXml } from "../../atom/xml.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { NodeId, PubsubChange, PubsubItem } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import { pubsubIri } from "../pubsub/pubsub-iri.ts";
import { pubsubError } from "../pubsub/pubsub-refusal.ts";
import { commentDocument, commenterProfile, isHeart } from "./comment-document.ts";

/** LIMIT: items of a node that is emptied, read at a time. */
const ITEMS_PAGE = 1_000;

/**
 * What changes of a comments node's items change about documents: a comment is a post that answers `post`, by whoever
 * published it; a heart is a like of it, one for each JID; what is taken out goes with its item. An entry that cannot
 * be read is answered with an error, and nothing changes.
 */
export function commentChanges(
  hub: HubPorts,
  reader: RecordReader,
  post: Document,
  changes: readonly PubsubChange[],
): readonly RecordChange[] | PubsubError {
  const documents: RecordChange[] = [];
  for (const change of changes) {
    if (change.kind === "item-put") {
      const before = reader.item(change.item.service, change.item.node, change.item.id);
      const put = putsOf(hub, reader, post, change.item);
      if (isRefusal(put)) return { ...pubsubError(put), pubsub: "invalid-payload" };
      if (before !== undefined && isLike(before) !== isLike(change.item)) documents.push(...gone(hub, reader, before));
      documents.push(...put);
    } else if (change.kind === "item-removed") {
      const item = reader.item(change.service, change.node, change.id);
      if (item !== undefined) documents.push(...gone(hub, reader, item));
    } else if (change.kind === "items-removed" || change.kind === "node-removed") {
      for (const item of allItems(reader, change.service, change.node)) documents.push(...gone(hub, reader, item));
    }
  }
  return documents;
}

function* allItems(reader: RecordReader, service: BareJid, node: NodeId): Generator<PubsubItem, undefined> {
  for (let after: PubsubItem["id"] | undefined; ; ) {
    const page = { max: ITEMS_PAGE, order: "creation", ...(after === undefined ? {} : { after }) } as const;
    const items = reader.items(service, node, page)?.items ?? [];
    yield* items;
    after = items.at(-1)?.id;
    if (items.length < ITEMS_PAGE) return;
  }
}

function putsOf(
  hub: HubPorts,
  reader: RecordReader,
  post: Document,
  item: PubsubItem,
): readonly RecordChange[] | Refusal {
  const entry = entryOf(item);
  if (isRefusal(entry)) return entry;
  const { publisher } = item;
  const iri = isHeart(entry) ? likeGraph(hub, item) : pubsubIri(item.service, item.node, item.id);
  const comment = { iri, entry, publisher, post: post.graph, postAuthor: post.author };
  const document = commentDocument(hub, reader, comment);
  if (isRefusal(document)) return document;
  const profile = commenterProfile(hub, reader, comment);
  const documents = profile === undefined ? [document] : [document, profile];
  return documents.map((each) => ({ kind: "document-put", document: each }));
}

/** A like is named by who likes, so that one JID likes a post once. */
function likeGraph(hub: HubPorts, { service, node, publisher }: PubsubItem): Iri {
  return `${pubsubIri(service, node)}#like-${hub.hash(publisher).slice(0, 16)}` as Iri;
}

function gone(hub: HubPorts, reader: RecordReader, item: PubsubItem): readonly RecordChange[] {
  const heart = isLike(item);
  const graph = heart ? likeGraph(hub, item) : pubsubIri(item.service, item.node, item.id);
  const stored = reader.document(graph);
  if (stored?.kind !== "live") return [];
  if (heart) return [{ kind: "document-dropped", graph }];
  const { author } = stored.document;
  const tombstone = { graph, deleted: hub.now(), kind: "post", ...(author === undefined ? {} : { author }) } as const;
  return [{ kind: "document-deleted", tombstone }];
}

function isLike(item: PubsubItem): boolean {
  const entry = entryOf(item);
  return !isRefusal(entry) && isHeart(entry);
}

function entryOf({ payload }: PubsubItem): Entry | Refusal {
  const element = parseXml(payload);
  return isRefusal(element) ? element : entryFromXml(element);
}
