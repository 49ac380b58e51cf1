import { entryToXml } from "../../atom/xml.ts";
import type { Account } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { ItemId } from "../../core/item-id.ts";
import { domainOf } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { onlyAccounts } from "../accounts/authenticate.ts";
import { likeQuads } from "../comments/comment-document.ts";
import { type CommentsPlace, commentsPlaceOf } from "../comments/comments-place.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { maySee, type Requester } from "../ports/requester.ts";
import { handlePubsub } from "../pubsub/handle-pubsub.ts";
import { pubsubRefusal } from "../pubsub/pubsub-refusal.ts";
import { postAt } from "./item-place.ts";

/** What became of a like. */
export interface LikedPost {
  readonly post: Iri;
  /** How many accounts like the post, as far as this hub knows. */
  readonly likes: number;
}

/**
 * Makes the requester's account like a post that is here. The like goes to the post's comments as a heart (as Movim
 * sends and shows it) and is kept as `as:Like`. To like twice changes nothing.
 */
export async function likePost(
  hub: HubPorts,
  by: Requester,
  target: string,
  signal?: AbortSignal,
): Promise<LikedPost | Refusal> {
  if (by.kind !== "account") return onlyAccounts(by, "like posts");
  const post = likedPost(hub, by, target);
  if (isRefusal(post)) return post;
  const place = commentsPlaceOf(hub, post.graph);
  const id = likeId(hub, by.account, post.graph);
  const payload = heart(hub, by.account, id);
  if (place !== undefined && isHere(hub, place)) {
    const now = hub.now();
    const item = { id, payload, published: now, updated: now };
    const no = await atHome(hub, by.account, { kind: "publish", ...place, item });
    return no ?? liked(hub, post.graph);
  }
  const no = place && (await hub.xmpp.publish(by.account.jid, place.service, place.node, { id, payload }, signal));
  if (no !== undefined) return no;
  const document = likeOf(hub, by, post.graph);
  const kept = await hub.records.transact(() => ({ changes: [{ kind: "document-put", document }], result: undefined }));
  return kept ?? liked(hub, post.graph);
}

/** Takes a like back, here and where it was sent. Refuses with `not-found` when there is none. */
export async function unlikePost(
  hub: HubPorts,
  by: Requester,
  target: string,
  signal?: AbortSignal,
): Promise<LikedPost | Refusal> {
  if (by.kind !== "account") return onlyAccounts(by, "like posts");
  const post = likedPost(hub, by, target);
  if (isRefusal(post)) return post;
  const place = commentsPlaceOf(hub, post.graph);
  const id = likeId(hub, by.account, post.graph);
  const none = refuse("not-found", `Expected a post that "${by.account.name}" likes, but ${post.graph} is none.`);
  if (place !== undefined && isHere(hub, place)) {
    if (hub.records.reader.item(place.service, place.node, id) === undefined) return none;
    const no = await atHome(hub, by.account, { kind: "retract", ...place, id, notify: true });
    return no ?? liked(hub, post.graph);
  }
  const { graph } = likeOf(hub, by, post.graph);
  if (hub.records.reader.document(graph)?.kind !== "live") return none;
  const no = place && (await hub.xmpp.retract(by.account.jid, place.service, place.node, id, signal));
  // What is gone over there is what was wanted.
  if (no !== undefined && no.code !== "not-found") return no;
  const kept = await hub.records.transact(() => ({
    changes: [{ kind: "document-dropped", graph }],
    result: undefined,
  }));
  return kept ?? liked(hub, post.graph);
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

function isHere(hub: HubPorts, { service }: CommentsPlace): boolean {
  return domainOf(service) === hub.identity.domain;
}

async function atHome(hub: HubPorts, account: Account, request: PubsubRequest): Promise<Refusal | undefined> {
  const reply = await handlePubsub(hub, request, account.jid);
  return reply.kind === "error" ? pubsubRefusal(reply) : undefined;
}

function liked(hub: HubPorts, post: Iri): LikedPost {
  return { post, likes: hub.records.reader.count({ kind: "reference", reference: "like-of", target: post }) };
}

/** The same for the same post, so that a like that is sent twice is one. */
function likeId(hub: HubPorts, account: Account, post: Iri): ItemId {
  return `like-${hub.hash(`${account.jid} ${post}`).slice(0, 24)}` as ItemId;
}

function heart(hub: HubPorts, account: Account, id: ItemId): string {
  const now = hub.now();
  const author = { authorName: account.displayName, authorUri: `xmpp:${account.jid}` };
  return entryToXml({ id, title: "♥", published: now, updated: now, ...author, categories: [], links: [] });
}

function likeOf(hub: HubPorts, by: Requester & { readonly kind: "account" }, post: Iri): Document {
  const likes = `${accountIris(hub.identity.base, by.account.name).profile}/likes`;
  const graph = `${likes}/${hub.hash(post).slice(0, 16)}` as Iri;
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
    quads: likeQuads(graph, by.iri, post, now),
  };
}
