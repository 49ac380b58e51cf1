import type { Entry } from "../atom/entry.ts";
import { postFromEntry } from "../atom/entry-post.ts";
import { entryFromXml, parseXml } from "../atom/xml.ts";
import type { AccountName } from "../core/account.ts";
import { accountIris } from "../core/hub-iris.ts";
import type { Instant } from "../core/instant.ts";
import { type BareJid, localOf } from "../core/jid.ts";
import { isRefusal, type Refusal } from "../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../pubsub/configuration.ts";
import type { PubsubError } from "../pubsub/reply.ts";
import type { NodeId, PubsubChange, PubsubItem } from "../pubsub/state.ts";
import type { Document } from "../rdf/document.ts";
import type { Iri } from "../rdf/iri.ts";
import { literal, namedNode, quad } from "../rdf/term.ts";
import { as } from "../vocab/as.ts";
import { foaf } from "../vocab/foaf.ts";
import { rdf } from "../vocab/rdf.ts";
import { sioc } from "../vocab/sioc.ts";
import { xsd } from "../vocab/xsd.ts";
import type { HubPorts, RecordChange, RecordReader } from "./ports.ts";
import { jidIri, pubsubIri } from "./pubsub-iri.ts";
import { pubsubError } from "./pubsub-refusal.ts";
import { entryPlace, receivedPost } from "./read-plain-item.ts";

/** COMPAT: a like of Movim's is a comment that says this and nothing else. */
const HEART = /^(?:♥|❤)\uFE0F?$/u;
/** LIMIT: items of a node that is emptied, read at a time. */
const ITEMS_PAGE = 1_000;
/** LIMIT: characters of a name that a comment gives its author. */
const NAME_LENGTH_MAX = 100;

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
      if (before !== undefined && isHeart(before) !== isHeart(change.item))
        documents.push(...gone(hub, reader, before));
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
  const author = accountOfJid(hub, reader, item.publisher);
  const profile = reader.document(author)?.kind === "live" ? undefined : profileOf(hub, author, item, entry);
  const profiles = profile === undefined ? [] : [{ kind: "document-put", document: profile } as const];
  if (isHeart(item)) return [{ kind: "document-put", document: likeOf(hub, post, author, item) }, ...profiles];
  const iri = pubsubIri(item.service, item.node, item.id);
  const place = entryPlace(hub, { iri, creator: author, replyOf: post.graph });
  const comment = postFromEntry({ ...entry, ...timesOf(hub, entry) }, place);
  if (isRefusal(comment)) return comment;
  const addressedTo = post.author === undefined || post.author === author ? [] : [post.author];
  const document = receivedPost(hub, { ...comment, addressedTo }, item.publisher);
  return isRefusal(document) ? document : [{ kind: "document-put", document }, ...profiles];
}

/** A clock that goes ahead must not put a comment before all to come. */
function timesOf(
  hub: HubPorts,
  { published, updated }: Entry,
): { readonly published: Instant; readonly updated: Instant } {
  const now = hub.now();
  return { published: published > now ? now : published, updated: updated > now ? now : updated };
}

/** The account behind a JID: one of this hub, one that is followed and bound to its page, else the JID itself. */
function accountOfJid(hub: HubPorts, reader: RecordReader, jid: BareJid): Iri {
  const local = reader.account((localOf(jid) ?? "") as AccountName);
  if (local?.jid === jid) return accountIris(hub.identity.base, local.name).account;
  const upstream = reader.upstreamOf(jid, MICROBLOG_NODE);
  return upstream?.state === "subscribed" ? upstream.account : jidIri(jid);
}

/** What is known of somebody who comments: their JID, which the servers vouch for, and the name they give themselves. */
function profileOf(hub: HubPorts, author: Iri, { publisher }: PubsubItem, entry: Entry): Document | undefined {
  if (author !== jidIri(publisher)) return undefined;
  const name = entry.authorName.trim().slice(0, NAME_LENGTH_MAX).toWellFormed();
  const self = namedNode(author);
  const quads = [
    quad(self, rdf.type, sioc.UserAccount),
    quad(self, sioc.name, literal(name === "" ? publisher : name)),
    quad(self, foaf.jabberID, literal(publisher)),
  ];
  const now = hub.now();
  const origin = { kind: "received", from: publisher } as const;
  return { graph: author, kind: "profile", audience: "public", origin, author, created: now, received: now, quads };
}

/** A like is named by who likes, so that one JID likes a post once. */
function likeGraph(hub: HubPorts, { service, node, publisher }: PubsubItem): Iri {
  return `${pubsubIri(service, node)}#like-${hub.hash(publisher).slice(0, 16)}` as Iri;
}

function likeOf(hub: HubPorts, post: Document, author: Iri, item: PubsubItem): Document {
  const graph = likeGraph(hub, item);
  const now = hub.now();
  const self = namedNode(graph);
  return {
    graph,
    kind: "other",
    audience: "public",
    origin: { kind: "received", from: item.publisher },
    author,
    created: now,
    received: now,
    quads: [
      quad(self, rdf.type, as.Like),
      quad(self, as.actor, namedNode(author)),
      quad(self, as.object, namedNode(post.graph)),
      quad(self, as.published, literal(now, xsd.dateTime)),
    ],
  };
}

function gone(hub: HubPorts, reader: RecordReader, item: PubsubItem): readonly RecordChange[] {
  const heart = isHeart(item);
  const graph = heart ? likeGraph(hub, item) : pubsubIri(item.service, item.node, item.id);
  const stored = reader.document(graph);
  if (stored?.kind !== "live") return [];
  if (heart) return [{ kind: "document-dropped", graph }];
  const { author } = stored.document;
  const tombstone = { graph, deleted: hub.now(), kind: "post", ...(author === undefined ? {} : { author }) } as const;
  return [{ kind: "document-deleted", tombstone }];
}

function isHeart(item: PubsubItem): boolean {
  const entry = entryOf(item);
  return !isRefusal(entry) && HEART.test(entry.title.trim()) && !entry.text?.replace(HEART, "").trim();
}

function entryOf({ payload }: PubsubItem): Entry | Refusal {
  const element = parseXml(payload);
  return isRefusal(element) ? element : entryFromXml(element);
}
