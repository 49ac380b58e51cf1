import {
  type Attachments,
  attachmentsFromXml,
  attachmentsToXml,
  isEmpty,
  NO_ATTACHMENTS,
  REACTIONS_MAX,
} from "../../atom/attachments.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import type { Emoji } from "../../core/posts/emoji.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type AttachedItem, attachmentsNode } from "./attachments-node.ts";
import type { ServiceDoor } from "./service-door.ts";

/** What somebody wants to be attached, or no longer: an emoji, or, without one, that they have noticed the item. */
export interface Wish {
  readonly emoji: Emoji | undefined;
  readonly wanted: boolean;
}

/**
 * Changes what `jid` attaches to an item and keeps all else of it (XEP-0470 §4.1.1). To attach what is attached
 * already changes nothing; refuses with `not-found` to take back what is not, and with `too-many` one emoji more than
 * anybody may.
 */
export async function attach(
  door: ServiceDoor,
  target: AttachedItem,
  jid: BareJid,
  wish: Wish,
  now: Instant,
): Promise<Refusal | undefined> {
  const node = attachmentsNode(target);
  const id = jid as string as ItemId;
  const payload = await door.payload(node, id);
  if (isRefusal(payload)) return payload;
  const read = payload === undefined ? NO_ATTACHMENTS : attachmentsFromXml(payload);
  // What another service keeps there that is none: it is replaced.
  const before = isRefusal(read) ? NO_ATTACHMENTS : read;
  const has = wish.emoji === undefined ? before.noticed !== undefined : before.reactions.includes(wish.emoji);
  if (has === wish.wanted) {
    return has ? undefined : refuse("not-found", `Expected something that ${jid} attached, but there is nothing.`);
  }
  const after = changed(before, wish, now);
  if (after.reactions.length > REACTIONS_MAX) {
    return refuse("too-many", `Expected at most ${REACTIONS_MAX} reactions to one post; take one back first.`);
  }
  return isEmpty(after)
    ? await door.retract(node, id)
    : await door.publish(node, { id, payload: attachmentsToXml(after) });
}

function changed(before: Attachments, { emoji, wanted }: Wish, now: Instant): Attachments {
  if (emoji === undefined) {
    const { noticed: _, ...rest } = before;
    return wanted ? { ...rest, noticed: { timestamp: now } } : rest;
  }
  const others = before.reactions.filter((each) => each !== emoji);
  return { ...before, reactions: wanted ? [...others, emoji] : others, reactionsTimestamp: now };
}
