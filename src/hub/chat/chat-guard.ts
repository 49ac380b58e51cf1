import { epochMs } from "../../core/instant.ts";
import { type BareJid, domainOf } from "../../core/jid.ts";
import type { HubPorts } from "../ports/hub-ports.ts";

/** LIMIT: messages of one linked JID that are carried out in a minute; the first over it is told so, the others go. */
const TALKS_MAX = 30;
const TALKS_MS = 60_000;
/** LIMIT: a stranger is told once in a day, and the strangers of one domain so often together. */
const STRANGER_MS = 86_400_000;
const STRANGERS_OF_DOMAIN_MAX = 20;
/** LIMIT: JIDs and domains remembered; the one counted first goes first. */
const COUNTED_MAX = 10_000;

/** What is counted since when. */
interface Count {
  readonly since_ms: number;
  count: number;
}

interface Guard {
  readonly counts: Map<string, Count>;
  dropped: number;
}

// Gone with the process, which does no harm.
const guards = new WeakMap<HubPorts, Guard>();

function guardOf(hub: HubPorts): Guard {
  const guard = guards.get(hub) ?? { counts: new Map(), dropped: 0 };
  guards.set(hub, guard);
  return guard;
}

function countOf(hub: HubPorts, key: string, forget_ms: number): number {
  const { counts } = guardOf(hub);
  const now_ms = epochMs(hub.now());
  const present = counts.get(key);
  if (present !== undefined && now_ms - present.since_ms < forget_ms) return ++present.count;
  counts.delete(key);
  const [oldest] = counts.keys();
  if (counts.size >= COUNTED_MAX && oldest !== undefined) counts.delete(oldest);
  counts.set(key, { since_ms: now_ms, count: 1 });
  return 1;
}

/** Whether a linked JID's message is carried out (`yes`), answered by a sentence to wait (`told`) or dropped (`no`). */
export function mayTalk(hub: HubPorts, jid: BareJid): "yes" | "told" | "no" {
  const count = countOf(hub, `talk ${jid}`, TALKS_MS);
  return count <= TALKS_MAX ? "yes" : count === TALKS_MAX + 1 ? "told" : "no";
}

/** Whether somebody without an account here gets a sentence: once a day, and not a whole domain of them. */
export function mayTellChatStranger(hub: HubPorts, jid: BareJid): boolean {
  if (countOf(hub, `stranger ${jid}`, STRANGER_MS) > 1) return false;
  return countOf(hub, `strangers of ${domainOf(jid)}`, STRANGER_MS) <= STRANGERS_OF_DOMAIN_MAX;
}

/** Counts a message that got no answer; said in the log at the first and each hundredth. */
export function countDropped(hub: HubPorts, from: BareJid, why: string): void {
  const guard = guardOf(hub);
  guard.dropped++;
  if (guard.dropped % 100 === 1) hub.log.warn({ from, why, dropped: guard.dropped }, "chat-dropped");
}
