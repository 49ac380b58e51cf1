import { entryFromXml } from "../../atom/xml.ts";
import type { Account, AccountName } from "../../core/account.ts";
import { accountIris, accountNameIn, itemIdIn } from "../../core/hub-iris.ts";
import type { ItemId } from "../../core/item-id.ts";
import { type Post, postFromQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { entryOfPost } from "../posts/publish-post.ts";
import { commentPayload } from "./comment-entry.ts";
import { commentsNode } from "./comments-node.ts";
import { commentsUpstreamOf } from "./comments-place.ts";
import { type CommentsUpstream, isOld } from "./follow-comments.ts";
import { ancestors, descendants } from "./thread.ts";

/** LIMIT: answers in one thread that are looked through, and posts of one account whose threads are. */
const ANSWERS_MAX = 200;
const POSTS_MAX = 100;

/** An answer of an account of this hub, as it goes to the comments of what it answers. */
interface Answer {
  readonly id: ItemId;
  readonly account: Account;
  readonly post: Post;
  readonly document: Document;
}

/** Takes an answer that was deleted here out of the comments over there. What fails is logged, and stays there. */
export async function retractAnswer(hub: HubPorts, account: Account, post: Post, id: ItemId): Promise<void> {
  for (const answered of ancestors(hub.records.reader, post.replyOf)) {
    const place = commentsUpstreamOf(hub, answered);
    const no = place && (await hub.xmpp.retract(account.jid, place.service, place.node, id));
    if (no !== undefined) {
      hub.log.warn({ service: place?.service, id, code: no.code, reason: no.message }, "answer-not-retracted");
    }
  }
}

/**
 * Publishes the answers of this hub in the threads whose comments a node holds that are not there, or are older there:
 * so that who reads them with another program has the whole thread. Part of each catch-up, so that none stays behind.
 */
export async function sendComments(
  hub: HubPorts,
  upstream: CommentsUpstream,
  signal?: AbortSignal,
): Promise<undefined | Refusal> {
  const { post } = upstream.commentsOn;
  if (post !== undefined) return await sendAnswers(hub, upstream, upstream.node, post, signal);
  const author = hub.records.reader.upstream(upstream.commentsOn.author ?? upstream.account);
  const { container } = author ?? {};
  if (container === undefined) return undefined;
  const { documents } = hub.records.reader.list({ scope: { kind: "container", container }, limit: POSTS_MAX });
  for (const { graph, created } of documents) {
    const id = isOld(hub, created) ? undefined : itemIdIn(container, graph);
    const no = id && (await sendAnswers(hub, upstream, commentsNode(id), graph, signal));
    // The comments of one post may be closed, and those of the next open.
    if (no !== undefined) hub.log.warn({ post: graph, code: no.code, reason: no.message }, "answers-not-sent");
  }
  return undefined;
}

async function sendAnswers(
  hub: HubPorts,
  { service }: Pick<Upstream, "service">,
  node: NodeId,
  target: Iri,
  signal: AbortSignal | undefined,
): Promise<undefined | Refusal> {
  const answers = answersTo(hub, target);
  if (answers.length === 0) return undefined;
  const present = await hub.xmpp.items(service, node, { ids: answers.map(({ id }) => id) }, signal);
  if (isRefusal(present) && present.code !== "not-found") return present;
  const there = new Map((isRefusal(present) ? [] : present.items).map((item) => [item.id, updatedAt(item)]));
  for (const { id, account, post, document } of answers) {
    if ((there.get(id) ?? "") >= (post.modified ?? post.created)) continue;
    const payload = commentPayload(entryOfPost(hub, account, post, document.quads));
    const no = await hub.xmpp.publish(account.jid, service, node, { id, payload }, signal);
    if (no !== undefined) return no;
  }
  return undefined;
}

function answersTo(hub: HubPorts, target: Iri): readonly Answer[] {
  const { reader } = hub.records;
  return descendants(reader, target, ANSWERS_MAX).flatMap((document) => {
    if (document.origin.kind !== "own" || document.author === undefined) return [];
    const account = reader.account((accountNameIn(hub.identity.base, document.author) ?? "") as AccountName);
    const post = postFromQuads(document.quads, document.graph);
    if (account === undefined || isRefusal(post)) return [];
    const id = itemIdIn(accountIris(hub.identity.base, account.name).container, document.graph);
    return id === undefined ? [] : [{ id, account, post, document }];
  });
}

/** Nothing where it cannot be read: then it is written anew. */
function updatedAt({ payload }: InboundItem): string {
  const entry = payload === undefined ? undefined : entryFromXml(payload);
  return entry === undefined || isRefusal(entry) ? "" : entry.updated;
}
