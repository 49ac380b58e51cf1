import { draftFromEntry } from "../../atom/post-entry.ts";
import { entryFromXml, parseXml } from "../../atom/xml.ts";
import type { Account } from "../../core/account.ts";
import { accountIris, itemIdIn, postIri } from "../../core/hub-iris.ts";
import { parseItemId } from "../../core/item-id.ts";
import { type BareJid, bareOf, type Jid, localOf } from "../../core/jid.ts";
import type { Draft } from "../../core/posts/draft.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { isError } from "../../pubsub/access.ts";
import { may } from "../../pubsub/capability.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { PubsubError, PubsubReply } from "../../pubsub/reply.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import { whyUnmet } from "../../pubsub/settings/node-settings.ts";
import type { NodeId, PubsubChange, PubsubState } from "../../pubsub/state.ts";
import { canonicalRequest } from "../attachments/attachments-node.ts";
import { attachmentChanges, heartChanges } from "../attachments/take-attachments.ts";
import { whyNotAttached } from "../attachments/why-not-attached.ts";
import { settlePublished } from "../comments/claimed-post.ts";
import { commentedPost } from "../comments/comments-node.ts";
import { whole } from "../comments/home-comments.ts";
import { commentChanges } from "../comments/take-comment.ts";
import { isProfileNode } from "../people/profile-nodes.ts";
import { changesProfile, publishProfile } from "../people/publish-profile.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { deletePost } from "../posts/delete-post.ts";
import { editPost } from "../posts/edit-post.ts";
import { publishPost, queued } from "../posts/publish-post.ts";
import { askWatchNode } from "../watches/watch-node-door.ts";
import { whyNotByHand } from "./kept-list.ts";
import { nodesOf } from "./nodes-of.ts";
import { publicSubscribers } from "./public-subscribers.ts";
import { standing, toPeople, whyNotHere } from "./pubsub-policy.ts";
import { pubsubError } from "./pubsub-refusal.ts";

/**
 * Answers a XEP-0060 request. Publishing and retracting at an account's microblog go the way of every other post;
 * all else is decided by the PubSub core and committed before it is answered. The JIDs linked to an account own what
 * the account owns, within the rules of its microblog.
 */
export async function handlePubsub(
  hub: HubPorts,
  asked: PubsubRequest,
  actor: Jid,
): Promise<PubsubReply | PubsubError> {
  const request = canonicalRequest(asked);
  const account = accountAt(hub, request.service);
  if (account === undefined && localOf(request.service) !== undefined)
    return { kind: "error", condition: "item-not-found" };
  const watched = await askWatchNode(hub, request, actor);
  if (watched !== undefined) return watched;
  if (account !== undefined && request.node === MICROBLOG_NODE) {
    if (request.kind === "publish") return await publishByXmpp(hub, account, request, bareOf(actor));
    if (request.kind === "retract") return await retractByXmpp(hub, account, request, bareOf(actor));
  }
  if (account !== undefined && isProfileNode(request.node) && changesProfile(request)) {
    return await publishProfile(hub, account, request, actor);
  }
  const decided = await hub.records.transact<PubsubReply | PubsubError>((reader) => {
    const now = hub.now();
    const context = { ...standing(reader, account, request, actor), now, subid: hub.newSecret(9) };
    const state = nodesOf(hub, reader, account);
    const before = whyNotByHand(request) ?? whyNotAttached(state, request, bareOf(actor));
    if (before !== undefined) return { changes: [], result: before };
    const decision = decide(state, request, context);
    if (decision.kind === "error") return { changes: [], result: decision };
    const no = whyNotHere(reader, account, request, decision.changes);
    if (no !== undefined) return { changes: [], result: no };
    const documents = itemsMean(hub, reader, state, account, request.node, decision.changes);
    if (isError(documents)) return { changes: [], result: documents };
    const outcome = whole(reader, state, request.service, request.node, decision, now);
    const listed = publicSubscribers(hub, reader, request, decision.changes, now);
    const notifications = [...outcome.notifications, ...listed.notifications]
      .map((notification) => toPeople(reader, notification))
      .map((notification) => queued(notification, now));
    return { changes: [...outcome.changes, ...listed.changes, ...documents, ...notifications], result: decision.reply };
  });
  if (isRefusal(decided)) return pubsubError(decided);
  if (decided.kind === "published" && request.kind === "publish") settlePublished(hub, request, bareOf(actor));
  return decided;
}

/** What else changes with the items of a node: comments are posts and likes, attachments are likes and reactions. */
function itemsMean(
  hub: HubPorts,
  reader: RecordReader,
  state: PubsubState,
  account: Account | undefined,
  node: NodeId | undefined,
  changes: readonly PubsubChange[],
): readonly RecordChange[] | PubsubError {
  const attached = attachmentChanges(hub, reader, state, changes);
  const post = account === undefined ? undefined : commentedPost(hub, reader, account, node);
  if (account === undefined || post === undefined) return attached;
  const comments = commentChanges(hub, reader, post, changes);
  if (isError(comments)) return comments;
  const id = itemIdIn(accountIris(hub.identity.base, account.name).container, post.graph);
  const hearts =
    id === undefined
      ? []
      : heartChanges(hub, reader, state, { jid: account.jid, node: MICROBLOG_NODE, id }, comments.hearts);
  return [...comments.documents, ...hearts, ...attached];
}

function accountAt(hub: HubPorts, service: BareJid): Account | undefined {
  const name = localOf(service);
  const account = name === undefined ? undefined : hub.records.reader.account(name as Account["name"]);
  return account?.jid === service ? account : undefined;
}

type Publish = PubsubRequest & { readonly kind: "publish" };
type Retract = PubsubRequest & { readonly kind: "retract" };

async function publishByXmpp(
  hub: HubPorts,
  account: Account,
  request: Publish,
  publisher: BareJid,
): Promise<PubsubReply | PubsubError> {
  const no = mayNot(hub, account, publisher, "publish") ?? whyNotPublished(hub, request);
  if (no !== undefined) return no;
  const { item } = request;
  if (item === undefined) return { kind: "error", condition: "bad-request", pubsub: "item-required" };
  if (item.payload === "") return { kind: "error", condition: "bad-request", pubsub: "payload-required" };
  const draft = readDraft(item.payload);
  if (isRefusal(draft)) return { ...pubsubError(draft), pubsub: "invalid-payload" };
  const id = parseItemId(item.id);
  if (isRefusal(id)) return pubsubError(id);
  const by = requesterOf(hub, account);
  const iri = postIri(hub.identity.base, account.name, id);
  const edits = hub.records.reader.document(iri)?.kind === "live";
  const published = edits
    ? await editPost(hub, by, iri, draft, { publisher })
    : await publishPost(hub, by, account.name, draft, { id, publisher });
  return isRefusal(published) ? pubsubError(published) : { kind: "published", node: request.node, id };
}

async function retractByXmpp(
  hub: HubPorts,
  account: Account,
  request: Retract,
  publisher: BareJid,
): Promise<PubsubReply | PubsubError> {
  const no = mayNot(hub, account, publisher, "retract");
  if (no !== undefined) return no;
  const id = parseItemId(request.id);
  // No post has such an id.
  if (isRefusal(id)) return { kind: "error", condition: "item-not-found" };
  const iri = postIri(hub.identity.base, account.name, id);
  const deleted = await deletePost(hub, requesterOf(hub, account), iri, { publisher });
  return isRefusal(deleted) ? pubsubError(deleted) : { kind: "done" };
}

/** Options of a publication are preconditions (XEP-0060 §7.1.5). */
function whyNotPublished(hub: HubPorts, { service, node, options }: Publish): PubsubError | undefined {
  const config = hub.records.reader.node(service, node)?.config;
  return options === undefined || config === undefined ? undefined : whyUnmet(config, options);
}

/** Asked before the payload is read, so that a stranger learns nothing from it. */
function mayNot(hub: HubPorts, account: Account, jid: BareJid, action: "publish" | "retract"): PubsubError | undefined {
  const affiliation = hub.records.reader.affiliation(account.jid, MICROBLOG_NODE, jid);
  if (may(affiliation, action)) return undefined;
  return {
    kind: "error",
    condition: "forbidden",
    text: `Only ${account.jid} and the JIDs linked to it may ${action} here; link yours with \`sterna account set --jid\`.`,
  };
}

function requesterOf(hub: HubPorts, account: Account): Requester {
  return { kind: "account", account, iri: accountIris(hub.identity.base, account.name).account };
}

function readDraft(payload: string): Draft | Refusal {
  const element = parseXml(payload);
  if (isRefusal(element)) return element;
  const entry = entryFromXml(element);
  return isRefusal(entry) ? entry : draftFromEntry(entry);
}
