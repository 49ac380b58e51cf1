import type { Entry } from "../../atom/entry.ts";
import { postToEntry } from "../../atom/post-entry.ts";
import { entryToXml } from "../../atom/xml.ts";
import type { Account, AccountIris } from "../../core/account.ts";
import { accountIris, documentOf, itemIdIn, postIri } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { localOf } from "../../core/jid.ts";
import { composePost } from "../../core/posts/compose.ts";
import type { Draft } from "../../core/posts/draft.ts";
import { type Post, postToQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { writeTurtle } from "../../rdf/serialize.ts";
import { ownAccount } from "../accounts/authenticate.ts";
import { resolveMention } from "../accounts/resolve-mention.ts";
import type { Outcome } from "../comments/all-comments.ts";
import { answerSoon } from "../comments/comments-place.ts";
import { commentAtHome } from "../comments/home-comments.ts";
import { withOriginal } from "../following/fetch-post.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { LastWord, RecordChange, RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { pubsubRefusal } from "../pubsub/pubsub-refusal.ts";
import { itemPlaceOf, withNamed } from "./item-place.ts";
import { originalOf, whyNotPassedOn } from "./original-post.ts";

/** What the author of a post is told. */
export interface PublishedPost {
  readonly iri: Iri;
  readonly id: ItemId;
  readonly version: number;
  readonly created: Instant;
  readonly modified?: Instant;
}

/**
 * Publishes a Draft as a new post of the account `name`: composed, checked against its shape, made durable together
 * with its PubsubItem and the Deliveries to its subscribers. `wish.id` is an item id chosen by an XMPP client.
 */
export async function publishPost(
  hub: HubPorts,
  by: Requester,
  name: string,
  typed: Draft,
  wish: { readonly id?: ItemId; readonly publisher?: BareJid } = {},
): Promise<PublishedPost | Refusal> {
  const own = ownAccount(hub, by, name);
  if (isRefusal(own)) return own;
  const draft = await withOriginal(hub, withNamed(hub, typed));
  const published = await hub.records.transact((reader) => {
    const now = hub.now();
    const id = wish.id ?? hub.newItemId();
    const iri = postIri(hub.identity.base, own.account.name, id);
    const present = reader.document(iri);
    if (present !== undefined) {
      return refuse(
        "conflict",
        `Expected a new item id, but "${id}" ${present.kind === "live" ? "is in use" : "was deleted"}.`,
      );
    }
    const no = whyNotPassedOn(reader, own.iris.account, draft);
    if (no !== undefined) return no;
    const latest = reader.newestIn(own.iris.container);
    const post = composePost(draft, {
      ...composeContext(hub, reader, own.account, own.iris, draft.replyOf, now),
      iri,
      ...(latest === undefined ? {} : { previousByDate: latest }),
    });
    if (isRefusal(post)) return post;
    const changes = postChanges(hub, reader, own.account, post, now, wish.publisher);
    if (isRefusal(changes)) return changes;
    return { changes, result: { iri, id, version: 1, created: post.created } };
  });
  if (!isRefusal(published)) answerSoon(hub, draft.replyOf);
  return published;
}

/** What composing needs to know of this hub. */
export function composeContext(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  author: AccountIris,
  replyOf: Iri | undefined,
  now: Instant,
) {
  const replied = replyOf === undefined ? undefined : reader.document(replyOf);
  const repliedAuthor = replied?.kind === "live" ? replied.document.author : undefined;
  return {
    author,
    base: hub.identity.base,
    now,
    characters_max: hub.options.postCharacters_max,
    resolveMention: (name: string, domain: string | undefined) => resolveMention(hub, reader, name, domain),
    ...(account.language === undefined ? {} : { language: account.language }),
    ...(repliedAuthor === undefined ? {} : { repliedAuthor }),
  };
}

/** The changes that put a post of `account`: its document, its PubsubItem and the queued notifications. */
export function postChanges(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  post: Post,
  now: Instant,
  publisher: BareJid = account.jid,
): readonly RecordChange[] | Refusal {
  const quads = postToQuads(post);
  const bad = hub.shapes.check("post", quads, post.iri);
  if (bad !== undefined) return bad;
  // COMPAT: Movim and Libervia believe an entry's author only where the item's publisher is the same JID.
  const context = { actor: publisher, publisher: account.jid, now, subid: "" };
  const decision = decide(reader, publishRequest(hub, account, post, quads), context);
  if (decision.kind === "error") return pubsubRefusal(decision);
  const comment = commentOf(hub, reader, account, post, quads, now);
  return [
    { kind: "document-put", document: postDocument(post, quads, now) },
    ...decision.changes,
    ...comment.changes,
    ...[...decision.notifications, ...comment.notifications].map((notification) => queued(notification, now)),
  ];
}

/** An answer stands among the comments of what it answers too. */
function commentOf(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  post: Post,
  quads: Document["quads"],
  now: Instant,
): Outcome {
  if (post.replyOf === undefined) return { changes: [], notifications: [] };
  const entry = entryOfPost(hub, account, post, quads);
  return commentAtHome(hub, reader, { account, id: itemIdOf(hub, account, post), replyOf: post.replyOf, entry }, now);
}

/** The document of one of this hub's own posts. */
export function postDocument(post: Post, quads: Document["quads"], now: Instant): Document {
  return {
    graph: post.iri,
    kind: "post",
    audience: "public",
    origin: { kind: "own" },
    author: post.creator,
    ...(post.container === undefined ? {} : { container: post.container }),
    created: post.created,
    ...(post.modified === undefined ? {} : { modified: post.modified }),
    received: now,
    quads,
  };
}

/** The id of the item that carries a post; a post that was imported under an IRI of its own is named by that. */
function itemIdOf(hub: HubPorts, account: Account, { iri }: Post): ItemId {
  return itemIdIn(accountIris(hub.identity.base, account.name).container, iri) ?? (iri as string as ItemId);
}

/** The entry of a post of `account`, with the quads of its document as the RDF inside. The same for pushes and feeds. */
export function entryOfPost(
  hub: HubPorts,
  account: Account,
  post: Post,
  quads: Document["quads"],
  copyAt?: BareJid,
): Entry {
  const replyTo = post.replyOf === undefined ? undefined : itemPlaceOf(hub, post.replyOf);
  const original = originalOf(hub, post);
  return postToEntry(post, {
    name: account.displayName,
    jid: account.jid,
    node: MICROBLOG_NODE,
    id: itemIdOf(hub, account, post),
    turtle: writeTurtle(quads, { baseIri: documentOf(post.iri) }),
    ...(copyAt === undefined ? {} : { copyAt }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(original === undefined ? {} : { original }),
  });
}

/** The XEP-0060 request that publishes a post at its account's node, its entry and RDF inside. */
export function publishRequest(hub: HubPorts, account: Account, post: Post, quads: Document["quads"]) {
  const updated = post.modified ?? post.created;
  const payload = entryToXml(entryOfPost(hub, account, post, quads));
  return {
    kind: "publish" as const,
    service: account.jid,
    node: MICROBLOG_NODE,
    item: { id: itemIdOf(hub, account, post), payload, published: post.created, updated },
  };
}

/**
 * Queues a notification; subscribers that are a bare domain are hubs, which answer with a receipt what they take in:
 * what befell a node's items.
 */
export function queued(
  notification: Extract<RecordChange, { kind: "notification-queued" }>["notification"],
  now: Instant,
  lastWord?: LastWord,
): RecordChange {
  const answered = ["items", "retract", "purge", "delete"].includes(notification.event.kind);
  return {
    kind: "notification-queued",
    notification,
    now,
    receiptFrom: (jid) => answered && localOf(jid) === undefined,
    ...(lastWord === undefined ? {} : { lastWord }),
  };
}
