import type { Entry } from "../../atom/entry.ts";
import { entryFromXml, parseXml } from "../../atom/xml.ts";
import type { Instant } from "../../core/instant.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { NodeId, PubsubChange, PubsubItem } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import { pubsubIri } from "../pubsub/pubsub-iri.ts";
import { pubsubError } from "../pubsub/pubsub-refusal.ts";
import { ownPostOf, postsOfComment } from "./claimed-post.ts";
import { commentDocument, commenterProfile, isHeart } from "./comment-document.ts";
import { whyTooMany } from "./comment-flood.ts";

/** LIMIT: items of a node that is emptied, read at a time. */
const ITEMS_PAGE = 1_000;

/** A JID that likes a post with a heart in its comments, or no longer does. */
export interface Heart {
  readonly jid: BareJid;
  /** When; absent where the heart was taken back. */
  readonly liked?: Instant;
}

/**
 * What changes of a comments node's items mean: a comment is a post that answers `post`, by whoever published it; a
 * heart likes it; what is taken out goes with its item. An entry that cannot be read is answered with an error, and
 * nothing changes.
 */
export function commentChanges(
  hub: HubPorts,
  reader: RecordReader,
  post: Document,
  changes: readonly PubsubChange[],
): { readonly documents: readonly RecordChange[]; readonly hearts: readonly Heart[] } | PubsubError {
  const documents: RecordChange[] = [];
  // One word for each JID, the last.
  const hearts = new Map<BareJid, Heart>();
  const takeOut = (item: PubsubItem): void => {
    if (isLike(item)) hearts.set(item.publisher, { jid: item.publisher });
    else documents.push(...gone(hub, reader, post, item));
  };
  for (const change of changes) {
    if (change.kind === "item-put") {
      const { item } = change;
      const before = reader.item(item.service, item.node, item.id);
      const entry = entryOf(item);
      const flood = before === undefined ? whyTooMany(hub, reader, post.graph, item.publisher) : undefined;
      if (flood !== undefined) return pubsubError(flood);
      const put = isRefusal(entry) || isHeart(entry) ? entry : putsOf(hub, reader, post, item, entry);
      if (isRefusal(put)) return { ...pubsubError(put), pubsub: "invalid-payload" };
      if (before !== undefined && isLike(before) !== isLike(item)) takeOut(before);
      if ("published" in put) hearts.set(item.publisher, { jid: item.publisher, liked: put.published });
      else documents.push(...put);
    } else if (change.kind === "item-removed") {
      const item = reader.item(change.service, change.node, change.id);
      if (item !== undefined) takeOut(item);
    } else if (change.kind === "items-removed" || change.kind === "node-removed") {
      for (const item of allItems(reader, change.service, change.node)) takeOut(item);
    }
  }
  return { documents, hearts: [...hearts.values()] };
}

/** The items of a node, all of them. */
export function* allItems(reader: RecordReader, service: BareJid, node: NodeId): Generator<PubsubItem, undefined> {
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
  entry: Entry,
): readonly RecordChange[] | Refusal {
  const { publisher } = item;
  // What the publisher posted on a hub comes from there.
  if (ownPostOf(reader, { publisher, id: item.id, entry }) !== undefined) return [];
  const iri = pubsubIri(item.service, item.node, item.id);
  const comment = { iri, entry, publisher, post: post.graph, postAuthor: post.author };
  const document = commentDocument(hub, reader, comment);
  if (isRefusal(document)) return document;
  const profile = commenterProfile(hub, reader, comment);
  const documents = profile === undefined ? [document] : [document, profile];
  return documents.map((each) => ({ kind: "document-put", document: each }));
}

function gone(hub: HubPorts, reader: RecordReader, post: Document, item: PubsubItem): readonly RecordChange[] {
  const graph = pubsubIri(item.service, item.node, item.id);
  const stored = reader.document(graph);
  if (stored?.kind !== "live") {
    const fetched = postsOfComment(reader, post.graph, item.id, item.publisher);
    return fetched.map((each) => ({ kind: "document-dropped", graph: each }));
  }
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
