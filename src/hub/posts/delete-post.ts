import type { Account } from "../../core/account.ts";
import { accountNameIn, itemIdIn } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { Iri } from "../../rdf/iri.ts";
import { ownAccount } from "../accounts/authenticate.ts";
import { withAttachments } from "../attachments/attachments-node.ts";
import { attachmentsGone } from "../attachments/take-attachments.ts";
import type { Outcome } from "../comments/all-comments.ts";
import { commentsNode, withComments } from "../comments/comments-node.ts";
import { commentsChanged, uncommentAtHome } from "../comments/home-comments.ts";
import { retractAnswer } from "../comments/send-comments.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { pubsubRefusal } from "../pubsub/pubsub-refusal.ts";
import { livePost } from "./edit-post.ts";
import { queued } from "./publish-post.ts";

/** Deletes the post `iri` with all its versions, keeps a tombstone, retracts its PubsubItem and tells the subscribers. */
export async function deletePost(
  hub: HubPorts,
  by: Requester,
  iri: Iri,
  wish: { readonly ifVersion?: number; readonly publisher?: BareJid } = {},
): Promise<{ readonly iri: Iri; readonly deleted: Instant } | Refusal> {
  const own = ownAccount(hub, by, accountNameIn(hub.identity.base, iri) ?? "");
  if (isRefusal(own)) return own;
  const id = itemIdIn(own.iris.container, iri);
  if (id === undefined) return refuse("not-found", `Expected a post of "${own.account.name}", but ${iri} is none.`);
  const before = livePost(hub.records.reader, iri, undefined);
  const deleted = await hub.records.transact((reader) => {
    const found = livePost(reader, iri, wish.ifVersion);
    if (isRefusal(found)) return found;
    const now = hub.now();
    const { account } = own;
    const request = { kind: "retract", service: account.jid, node: MICROBLOG_NODE, id, notify: true } as const;
    const decision = decide(reader, request, { actor: wish.publisher ?? account.jid, now, subid: "" });
    if (decision.kind === "error") return pubsubRefusal(decision);
    const { account: author, container } = own.iris;
    const tombstone = { graph: iri, deleted: now, kind: "post", author, container } as const;
    const answer = { account, id, replyOf: found.post.replyOf };
    const item = { jid: account.jid, node: MICROBLOG_NODE, id };
    return {
      changes: [
        { kind: "document-deleted", tombstone },
        ...toldOf(decision, now),
        ...commentsGone(hub, reader, account, id, now),
        ...toldOf(uncommentAtHome(hub, reader, answer, now), now),
        ...attachmentsGone(hub, reader, withAttachments(reader), item, now),
      ],
      result: { iri, deleted: now },
    };
  });
  if (!isRefusal(deleted) && !isRefusal(before)) void retractAnswer(hub, own.account, before.post, id);
  return deleted;
}

/** The node of the comments goes with its post, where anybody commented or subscribed; the comments stay theirs. */
function commentsGone(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  id: string,
  now: Instant,
): readonly RecordChange[] {
  const { jid } = account;
  const node = commentsNode(id);
  if (reader.node(jid, node) === undefined) return [];
  const decision = decide(reader, { kind: "delete", service: jid, node }, { actor: jid, now, subid: "" });
  if (decision.kind === "error") return [];
  const state = withComments(hub, reader, account, reader);
  return toldOf(commentsChanged(reader, state, jid, id, decision, now), now);
}

function toldOf({ changes, notifications }: Outcome, now: Instant): readonly RecordChange[] {
  return [...changes, ...notifications.map((notification) => queued(notification, now))];
}
