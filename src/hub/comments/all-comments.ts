import type { Account } from "../../core/account.ts";
import type { Instant } from "../../core/instant.ts";
import { type ItemId, parseItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { Notification } from "../../pubsub/reply.ts";
import type { NodeId, PubsubChange, PubsubNode, PubsubState } from "../../pubsub/state.ts";
import { sterna } from "../../vocab/sterna.ts";

/**
 * The node of the comments on all posts of an account. A hub that follows the account subscribes to this one node: to
 * the node of each post it would be one Subscription for each post and each hub.
 */
export const ALL_COMMENTS = `${sterna.namespace}comments` as NodeId;

/** LIMIT: comments kept in it; older ones are in the nodes of their posts. */
const ALL_COMMENTS_MAX = 10_000;

/** What changes, and who is told. */
export interface Outcome {
  readonly changes: readonly PubsubChange[];
  readonly notifications: readonly Notification[];
}

/** The node as it is before anything is in it: open to readers, written by the hub alone. */
export function allCommentsNode({ jid, created }: Account): PubsubNode {
  return {
    service: jid,
    id: ALL_COMMENTS,
    created,
    creator: jid,
    config: {
      title: "Comments on all posts",
      accessModel: "open",
      publishModel: "publishers",
      deliverPayloads: true,
      notifyRetract: true,
      persistItems: true,
      maxItems: ALL_COMMENTS_MAX,
    },
  };
}

/** How the comment `item` on the post of the item `post` is called there; undefined where both together are too long. */
export function allCommentsId(post: string, item: string): ItemId | undefined {
  const id = parseItemId(`${encodeURIComponent(post)}/${item}`);
  return isRefusal(id) ? undefined : id;
}

/** The post and the comment that an item of that node is about. */
export function commentOfAll(id: string): { readonly post: string; readonly item: string } | undefined {
  const slash = id.indexOf("/");
  if (slash < 1 || slash === id.length - 1) return undefined;
  try {
    return { post: decodeURIComponent(id.slice(0, slash)), item: id.slice(slash + 1) };
  } catch {
    return undefined;
  }
}

/**
 * What changes of the comments on the item `post` change of the node of all comments. A node that goes with its post
 * takes its comments along in silence: who follows is told that the post is gone.
 */
export function inAllComments(
  state: PubsubState,
  jid: BareJid,
  post: string,
  changes: readonly PubsubChange[],
  now: Instant,
): Outcome {
  const outcomes = changes.flatMap((change): readonly Outcome[] => {
    if (change.kind === "item-put") return [put(state, jid, allCommentsId(post, change.item.id), change.item, now)];
    if (change.kind === "item-removed") return [removed(state, jid, allCommentsId(post, change.id), now)];
    if (change.kind !== "node-removed" && change.kind !== "items-removed") return [];
    return [goneWith(state, jid, post, change.node)];
  });
  return {
    changes: outcomes.flatMap(({ changes }) => changes),
    notifications: outcomes.flatMap(({ notifications }) => notifications),
  };
}

const NOTHING: Outcome = { changes: [], notifications: [] };

function put(
  state: PubsubState,
  jid: BareJid,
  id: ItemId | undefined,
  { payload, published, updated, publisher }: (PubsubChange & { kind: "item-put" })["item"],
  now: Instant,
): Outcome {
  if (id === undefined) return NOTHING;
  const request = {
    kind: "publish",
    service: jid,
    node: ALL_COMMENTS,
    item: { id, payload, published, updated },
  } as const;
  // The hub writes, but whose comment it is does not change by that.
  const decision = decide(state, request, { actor: jid, publisher, now, subid: "" });
  return decision.kind === "error" ? NOTHING : decision;
}

function removed(state: PubsubState, jid: BareJid, id: ItemId | undefined, now: Instant): Outcome {
  if (id === undefined) return NOTHING;
  const request = { kind: "retract", service: jid, node: ALL_COMMENTS, id, notify: true } as const;
  const decision = decide(state, request, { actor: jid, now, subid: "" });
  return decision.kind === "error" ? NOTHING : decision;
}

function goneWith(state: PubsubState, jid: BareJid, post: string, node: NodeId): Outcome {
  const page = { max: ALL_COMMENTS_MAX, order: "creation" } as const;
  const changes = (state.items(jid, node, page)?.items ?? []).flatMap((item): readonly PubsubChange[] => {
    const id = allCommentsId(post, item.id);
    return id === undefined ? [] : [{ kind: "item-removed", service: jid, node: ALL_COMMENTS, id }];
  });
  return { changes, notifications: [] };
}
