import { type Attachments, attachmentsToXml, isEmpty, NO_ATTACHMENTS } from "../../atom/attachments.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { itemEvent, notify } from "../../pubsub/notify.ts";
import type { PubsubChange, PubsubItem, PubsubState } from "../../pubsub/state.ts";
import { madeNode } from "../comments/comments-node.ts";
import { allItems, type Heart } from "../comments/take-comment.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import { queued } from "../posts/publish-post.ts";
import { documentChanges, nothingSaid, type Saying, type Tally } from "./attachment-documents.ts";
import {
  type AttachedItem,
  attachmentsNode,
  isReserved,
  readAttachmentsNode,
  summaryNode,
} from "./attachments-node.ts";
import { summaryChanges, summaryGone } from "./summary.ts";
import { attachmentsIn } from "./why-not-attached.ts";

/**
 * What follows from changes of items, in the same commit: what is attached to an item becomes documents and counts
 * in its summary; what is attached to an item that goes, goes with it. `state` is that of `withAttachments`, before
 * the changes.
 */
export function attachmentChanges(
  hub: HubPorts,
  reader: RecordReader,
  state: PubsubState,
  changes: readonly PubsubChange[],
): readonly RecordChange[] {
  const now = hub.now();
  const sayings: Saying[] = [];
  const gone: RecordChange[] = [];
  for (const change of changes) {
    if (change.kind === "item-put") {
      const { service, node, id, payload } = change.item;
      const read = readAttachmentsNode(service, node);
      if (read?.kind !== "attachments") continue;
      const before = attachmentsOf(reader, read.target, id as string as BareJid);
      sayings.push({ target: read.target, jid: id as string as BareJid, before, after: readOr(payload) });
    } else if (change.kind === "item-removed" || change.kind === "items-removed" || change.kind === "node-removed") {
      const { service, node } = change;
      const read = readAttachmentsNode(service, node);
      const only = change.kind === "item-removed" ? change.id : undefined;
      if (read?.kind === "attachments") sayings.push(...silenced(reader, read.target, only));
      if (isReserved(node)) continue;
      const ids = only === undefined ? [...allItems(reader, service, summaryNode(node))].map(({ id }) => id) : [only];
      gone.push(...ids.flatMap((id) => attachmentsGone(hub, reader, state, { jid: service, node, id }, now)));
    }
  }
  return [...said(hub, reader, state, sayings, now), ...gone];
}

/** What hearts in a post's comments attach to it, or no longer do: as Movim and others like (noticed, XEP-0470 §4.7). */
export function heartChanges(
  hub: HubPorts,
  reader: RecordReader,
  state: PubsubState,
  target: AttachedItem,
  hearts: readonly Heart[],
): readonly RecordChange[] {
  const now = hub.now();
  const changes: RecordChange[] = [];
  const sayings: Saying[] = [];
  for (const { jid, liked } of hearts) {
    const before = attachmentsOf(reader, target, jid);
    const { noticed, ...rest } = before;
    const after: Attachments = liked === undefined ? rest : { ...rest, noticed: noticed ?? { timestamp: liked } };
    sayings.push({ target, jid, before, after });
    if ((noticed === undefined) !== (after.noticed === undefined))
      changes.push(...attached(reader, state, target, jid, after, now));
  }
  return [...changes, ...said(hub, reader, state, sayings, now)];
}

/** Takes out all that is attached to an item, and the node it is in. */
export function attachmentsGone(
  hub: HubPorts,
  reader: RecordReader,
  state: PubsubState,
  target: AttachedItem,
  now: Instant,
): readonly RecordChange[] {
  const id = attachmentsNode(target);
  const node = reader.node(target.jid, id);
  if (node === undefined) return [];
  const tally = noTally();
  const documents = silenced(reader, target).flatMap((saying) => documentChanges(hub, reader, saying, tally));
  const told = notify(state, node, { kind: "delete" }, now).map((notification) => queued(notification, now));
  const removed = { kind: "node-removed", service: target.jid, node: id } as const;
  return [...documents, removed, ...told, ...summaryGone(reader, state, target, now)];
}

/** What somebody has attached to an item. */
export function attachmentsOf(reader: Pick<PubsubState, "item">, target: AttachedItem, jid: BareJid): Attachments {
  const item = reader.item(target.jid, attachmentsNode(target), jid as string as ItemId);
  return item === undefined ? NO_ATTACHMENTS : readOr(item.payload);
}

function readOr(payload: string): Attachments {
  const read = attachmentsIn(payload);
  return isRefusal(read) ? NO_ATTACHMENTS : read;
}

/** Everybody's words about an item taken back, or one person's. */
function silenced(reader: RecordReader, target: AttachedItem, only?: ItemId): readonly Saying[] {
  const node = attachmentsNode(target);
  const one = only === undefined ? undefined : reader.item(target.jid, node, only);
  const items = only === undefined ? allItems(reader, target.jid, node) : one === undefined ? [] : [one];
  return [...items].map(({ id, payload }) => nothingSaid(target, id as string as BareJid, readOr(payload)));
}

function said(
  hub: HubPorts,
  reader: RecordReader,
  state: PubsubState,
  sayings: readonly Saying[],
  now: Instant,
): readonly RecordChange[] {
  const byTarget = Map.groupBy(sayings, ({ target }) => attachmentsNode(target));
  return [...byTarget.values()].flatMap((about) => {
    const tally = noTally();
    const documents = about.flatMap((saying) => documentChanges(hub, reader, saying, tally));
    const target = about[0]?.target;
    return target === undefined ? [] : [...documents, ...summaryChanges(hub, reader, state, target, tally, now)];
  });
}

function noTally(): Tally {
  return { noticed: 0, reactions: new Map() };
}

/** Puts, or takes out, the item of what somebody attaches, where they said it in another way. */
function attached(
  reader: RecordReader,
  state: PubsubState,
  target: AttachedItem,
  jid: BareJid,
  after: Attachments,
  now: Instant,
): readonly RecordChange[] {
  const [service, node, id] = [target.jid, attachmentsNode(target), jid as string as ItemId];
  const found = state.node(service, node);
  const before = reader.item(service, node, id);
  if (found === undefined) return [];
  const item: PubsubItem = {
    service,
    node,
    id,
    publisher: jid,
    payload: attachmentsToXml(after),
    published: before?.published ?? now,
    updated: now,
  };
  const empty = isEmpty(after);
  const event = empty ? ({ kind: "retract", id } as const) : itemEvent(state, found, item);
  return [
    ...madeNode(reader, state, service, node),
    empty ? { kind: "item-removed", service, node, id } : { kind: "item-put", item },
    ...notify(state, found, event, now).map((notification) => queued(notification, now)),
  ];
}
