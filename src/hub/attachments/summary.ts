import { type Summary, summaryToXml } from "../../atom/attachments.ts";
import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import { itemEvent, notify } from "../../pubsub/notify.ts";
import type { Notification } from "../../pubsub/reply.ts";
import type { PubsubItem, PubsubState } from "../../pubsub/state.ts";
import { madeNode } from "../comments/comments-node.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import { queued } from "../posts/publish-post.ts";
import { objectOf, type Tally } from "./attachment-documents.ts";
import { type AttachedItem, summaryNode } from "./attachments-node.ts";
import { summaryAt } from "./read-summary.ts";

/** LIMIT: hubs are told of the counts of one item at most this often; what changes in between goes together. */
const HUBS_PAUSE_MS = 5_000;

/** What brings the summary of an item up to date and tells its subscribers; it goes when nothing is attached any more. */
export function summaryChanges(
  hub: HubPorts,
  reader: RecordReader,
  state: PubsubState,
  target: AttachedItem,
  tally: Tally,
  now: Instant,
): readonly RecordChange[] {
  if (tally.noticed === 0 && [...tally.reactions.values()].every((count) => count === 0)) return [];
  const { noticed, reactions } = added(summaryAt(reader, target) ?? likedBefore(hub, reader, target), tally);
  if (noticed === 0 && reactions.size === 0) return summaryGone(reader, state, target, now);
  const id = summaryNode(target.node);
  const node = state.node(target.jid, id);
  if (node === undefined) return [];
  const before = reader.item(target.jid, id, target.id);
  const item: PubsubItem = {
    service: target.jid,
    node: id,
    id: target.id,
    publisher: target.jid,
    payload: summaryToXml({ noticed, reactions }),
    published: before?.published ?? now,
    updated: now,
  };
  const notifications = notify(state, node, itemEvent(state, node, item), now);
  return [...madeNode(reader, state, target.jid, id), { kind: "item-put", item }, ...told(notifications, before, now)];
}

/** Takes out the summary of an item. */
export function summaryGone(
  reader: RecordReader,
  state: PubsubState,
  { jid, node: about, id }: AttachedItem,
  now: Instant,
): readonly RecordChange[] {
  const node = summaryNode(about);
  const found = state.node(jid, node);
  const before = reader.item(jid, node, id);
  if (found === undefined || before === undefined) return [];
  const notifications = notify(state, found, { kind: "retract", id }, now);
  return [{ kind: "item-removed", service: jid, node, id }, ...told(notifications, before, now)];
}

/** Only the last count of an item counts: a post that very many like at once is told of every few seconds. */
function told(
  notifications: readonly Notification[],
  before: PubsubItem | undefined,
  now: Instant,
): readonly RecordChange[] {
  const soon = instantOf(epochMs(now) + HUBS_PAUSE_MS);
  const isRecent = before !== undefined && epochMs(now) - epochMs(before.updated) < HUBS_PAUSE_MS;
  return notifications.map((notification) => {
    const { service, node, event } = notification;
    // With and without a text to read are two notifications, each to its own recipients.
    const about = `${service} ${node} ${"id" in event ? event.id : ""} ${"body" in event}`;
    return queued(notification, now, { about, hubsDue: isRecent ? soon : now });
  });
}

/** Hearts in comments from before there were attachments. */
function likedBefore(hub: HubPorts, reader: RecordReader, target: AttachedItem): Summary {
  const scope = { kind: "reference", reference: "like-of", target: objectOf(hub, target) } as const;
  return { noticed: reader.count(scope), reactions: new Map() };
}

function added({ noticed, reactions }: Summary, tally: Tally): Summary {
  const counts = new Map(reactions);
  for (const [emoji, more] of tally.reactions) {
    const count = (counts.get(emoji) ?? 0) + more;
    if (count > 0) counts.set(emoji, count);
    else counts.delete(emoji);
  }
  return { noticed: Math.max(0, noticed + tally.noticed), reactions: counts };
}
