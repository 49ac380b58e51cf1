import { entryFromXml, entryToXml } from "../../atom/xml.ts";
import type { Account, AccountName } from "../../core/account.ts";
import { accountIris, accountNameIn, itemIdIn } from "../../core/hub-iris.ts";
import type { ItemId } from "../../core/item-id.ts";
import { type Post, postFromQuads } from "../../core/post.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { entryOfPost } from "../posts/publish-post.ts";
import { commentsOf } from "./comments-place.ts";

/** LIMIT: answers of this hub to one post that are sent to its comments. */
const ANSWERS_MAX = 200;

type CommentsUpstream = Upstream & { readonly commentsOn: NonNullable<Upstream["commentsOn"]> };

/** An answer of an account of this hub, as it goes to the comments of what it answers. */
interface Answer {
  readonly id: ItemId;
  readonly account: Account;
  readonly post: Post;
  readonly document: Document;
}

/** Takes an answer that was deleted here out of the comments over there. What fails is logged, and stays there. */
export async function retractAnswer(hub: HubPorts, account: Account, post: Post, id: ItemId): Promise<void> {
  const upstream = post.replyOf === undefined ? undefined : commentsOf(hub, post.replyOf);
  if (upstream === undefined) return;
  const { service, node } = upstream;
  const no = await hub.xmpp.retract(account.jid, service, node, id);
  if (no !== undefined) hub.log.warn({ service, id, code: no.code, reason: no.message }, "answer-not-retracted");
}

/**
 * Publishes the answers of this hub to the post whose comments a node holds that are not in it, or are older there: so
 * that who reads it with another program has the whole thread. Part of each catch-up, so that none stays behind.
 */
export async function sendComments(
  hub: HubPorts,
  upstream: CommentsUpstream,
  signal?: AbortSignal,
): Promise<undefined | Refusal> {
  const answers = answersTo(hub, upstream.commentsOn.post);
  if (answers.length === 0) return undefined;
  const { service, node } = upstream;
  const present = await hub.xmpp.items(service, node, { ids: answers.map(({ id }) => id) }, signal);
  if (isRefusal(present) && present.code !== "not-found") return present;
  const there = new Map((isRefusal(present) ? [] : present.items).map((item) => [item.id, updatedAt(item)]));
  for (const { id, account, post, document } of answers) {
    if ((there.get(id) ?? "") >= (post.modified ?? post.created)) continue;
    const { text: _, xhtml: __, ...entry } = entryOfPost(hub, account, post, document.quads);
    // COMPAT: Movim reads a comment's title as its text.
    const payload = entryToXml({ ...entry, title: post.text });
    const no = await hub.xmpp.publish(account.jid, service, node, { id, payload }, signal);
    if (no !== undefined) return no;
  }
  return undefined;
}

function answersTo(hub: HubPorts, target: Iri): readonly Answer[] {
  const { reader } = hub.records;
  const scope = { kind: "reference", reference: "reply-of", target } as const;
  return reader.list({ scope, limit: ANSWERS_MAX }).documents.flatMap((document) => {
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
