import { ATTACHMENTS_NS } from "../../atom/attachments.ts";
import { entryToXml } from "../../atom/xml.ts";
import type { Account } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { ItemId } from "../../core/item-id.ts";
import { type Emoji, parseEmoji } from "../../core/posts/emoji.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { sterna } from "../../vocab/sterna.ts";
import { onlyAccounts } from "../accounts/authenticate.ts";
import { attach } from "../attachments/attach.ts";
import { reactionQuads } from "../attachments/attachment-documents.ts";
import { type AttachedItem, isServiceHere } from "../attachments/attachments-node.ts";
import { doorTo } from "../attachments/service-door.ts";
import { likeQuads } from "../comments/comment-document.ts";
import { type CommentsPlace, commentsPlaceOf } from "../comments/comments-place.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { maySee, type Requester } from "../ports/requester.ts";
import { itemPlaceOf, postAt } from "./item-place.ts";
import { likesOf, type ReactionCount, reactionsTo } from "./reactions.ts";

/** What became of a like. */
export interface LikedPost {
  readonly post: Iri;
  /** How many accounts like the post, as far as this hub knows. */
  readonly likes: number;
  /** Left out where nobody reacted. */
  readonly reactions?: readonly ReactionCount[];
}

/** With which emoji: then it is a reaction and no like. */
export interface LikeWish {
  readonly with?: string;
}

/**
 * Makes the requester's account like a post that is here, or react to it with an emoji. A like goes to the post's
 * comments as a heart (as Movim sends and shows it) or, where another service than a hub has attachments or the comments
 * are not open, beside the post as noticed (XEP-0470); a reaction always goes there. It is kept as `as:Like` or
 * `sterna:Reaction`. To like twice changes nothing.
 */
export async function likePost(
  hub: HubPorts,
  by: Requester,
  target: string,
  wish: LikeWish = {},
  signal?: AbortSignal,
): Promise<LikedPost | Refusal> {
  return await change(hub, by, target, wish, true, signal);
}

/** Takes a like or a reaction back, here and where it was sent. Refuses with `not-found` when there is none. */
export async function unlikePost(
  hub: HubPorts,
  by: Requester,
  target: string,
  wish: LikeWish = {},
  signal?: AbortSignal,
): Promise<LikedPost | Refusal> {
  return await change(hub, by, target, wish, false, signal);
}

type Liker = Requester & { readonly kind: "account" };

/** One like or reaction, wanted or no longer. */
interface Like {
  readonly by: Liker;
  readonly post: Iri;
  readonly emoji: Emoji | undefined;
  readonly wanted: boolean;
}

async function change(
  hub: HubPorts,
  by: Requester,
  target: string,
  wish: LikeWish,
  wanted: boolean,
  signal: AbortSignal | undefined,
): Promise<LikedPost | Refusal> {
  if (by.kind !== "account") return onlyAccounts(by, "like posts");
  const found = likedPost(hub, by, target);
  if (isRefusal(found)) return found;
  const emoji = wish.with === undefined ? undefined : parseEmoji(wish.with);
  if (isRefusal(emoji)) return emoji;
  const post = found.graph;
  const like = { by, post, emoji, wanted };
  const item = itemPlaceOf(hub, post) as AttachedItem | undefined;
  const none = refuse("not-found", `Expected a post that "${by.account.name}" likes, but ${post} is none.`);
  if (item !== undefined && isServiceHere(hub, item.jid)) {
    // What is published here becomes its document by that.
    const no = await tell(hub, like, item, signal);
    if (no !== undefined) return !wanted && no.code === "not-found" ? none : no;
    return liked(hub, post);
  }
  const document = documentOf(hub, like);
  if (!wanted && hub.records.reader.document(document.graph)?.kind !== "live") return none;
  const no = item === undefined ? undefined : await tell(hub, like, item, signal);
  // What is gone over there is what was wanted.
  if (no !== undefined && (wanted || no.code !== "not-found")) return no;
  const kept = await hub.records.transact(() => ({
    changes: [wanted ? { kind: "document-put", document } : { kind: "document-dropped", graph: document.graph }],
    result: undefined,
  }));
  return kept ?? liked(hub, post);
}

/** Codes after which another way to say it would not be heard either. */
const UNHEARD: ReadonlySet<Refusal["code"]> = new Set(["unavailable", "timed-out", "remote-unreachable", "too-many"]);

/** Says a like where the post is: in the first way that is heard; takes it back in all ways it may have been said. */
async function tell(hub: HubPorts, like: Like, item: AttachedItem, signal?: AbortSignal): Promise<Refusal | undefined> {
  const refusals: Refusal[] = [];
  let done = false;
  for (const way of await waysTo(hub, like, item, signal)) {
    const no = await way();
    if (no !== undefined) refusals.push(no);
    done ||= no === undefined;
    if ((done && like.wanted) || (no !== undefined && UNHEARD.has(no.code))) break;
  }
  if (done) return undefined;
  return refusals.find(({ code }) => like.wanted || code !== "not-found") ?? refusals[0];
}

async function waysTo(hub: HubPorts, { by, post, emoji, wanted }: Like, item: AttachedItem, signal?: AbortSignal) {
  const { account } = by;
  const door = doorTo(hub, account, item.jid, signal);
  const attached = async () => await attach(door, item, account.jid, { emoji, wanted }, hub.now());
  const comments = emoji === undefined ? commentsPlaceOf(hub, post) : undefined;
  if (comments === undefined) return [attached];
  const heart = async () => await sayHeart(hub, account, post, comments, wanted, signal);
  if (door.isHere) return [heart, attached];
  const info = await hub.xmpp.discover(item.jid, undefined, signal);
  // A hub counts a heart as noticed too, and it is seen by those who read the comments alone, as Movim does.
  const isHub = !isRefusal(info) && info.forms.some(({ formType }) => formType === sterna.namespace);
  const isNoticed = !isRefusal(info) && !isHub && info.features.includes(ATTACHMENTS_NS);
  return isNoticed ? [attached, heart] : [heart, attached];
}

async function sayHeart(
  hub: HubPorts,
  account: Account,
  post: Iri,
  { service, node }: CommentsPlace,
  wanted: boolean,
  signal?: AbortSignal,
): Promise<Refusal | undefined> {
  const door = doorTo(hub, account, service, signal);
  const id = heartId(hub, account, post);
  if (wanted) return await door.publish(node, { id, payload: heart(hub, account, id) });
  const isThere = !door.isHere || (await door.payload(node, id)) !== undefined;
  return isThere
    ? await door.retract(node, id)
    : refuse("not-found", `There is no heart of ${account.jid} in ${node}.`);
}

/** The post that is meant, by its IRI or the `xmpp:` URI of its item. */
function likedPost(hub: HubPorts, by: Requester, target: string): Document | Refusal {
  const iri = isIri(target) ? postAt(hub, target) : undefined;
  const stored = iri === undefined ? undefined : hub.records.reader.document(iri);
  if (stored?.kind === "live" && stored.document.kind === "post" && maySee(by, stored.document)) return stored.document;
  return refuse(
    "not-found",
    `Expected the IRI of a post that this hub has, but there is none at "${target.slice(0, 200)}".`,
  );
}

function liked(hub: HubPorts, post: Iri): LikedPost {
  const reactions = reactionsTo(hub, post);
  return {
    post,
    likes: likesOf(hub, post),
    ...(reactions.length === 0 ? {} : { reactions }),
  };
}

/** The same for the same post, so that a like that is sent twice is one. */
function heartId(hub: HubPorts, account: Account, post: Iri): ItemId {
  return `like-${hub.hash(`${account.jid} ${post}`).slice(0, 24)}` as ItemId;
}

function heart(hub: HubPorts, account: Account, id: ItemId): string {
  const now = hub.now();
  const author = { authorName: account.displayName, authorUri: `xmpp:${account.jid}` };
  return entryToXml({ id, title: "♥", published: now, updated: now, ...author, categories: [], links: [] });
}

/** What is kept here of what is said elsewhere. */
function documentOf(hub: HubPorts, { by, post, emoji }: Like): Document {
  const likes = `${accountIris(hub.identity.base, by.account.name).profile}/likes`;
  const name = hub.hash(emoji === undefined ? post : `${post} ${emoji}`).slice(0, 16);
  const graph = `${likes}/${name}` as Iri;
  const now = hub.now();
  return {
    graph,
    kind: "other",
    audience: "public",
    origin: { kind: "own" },
    author: by.iri,
    container: likes as Iri,
    created: now,
    received: now,
    quads: emoji === undefined ? likeQuads(graph, by.iri, post, now) : reactionQuads(graph, by.iri, post, emoji, now),
  };
}
