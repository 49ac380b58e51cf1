import { epochMs } from "../../core/instant.ts";
import type { BareJid } from "../../core/jid.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";

/** LIMIT: comments on one post that are kept here, that come within an hour, and within an hour by one JID here. */
const COMMENTS_KEPT_MAX = 10_000;
const COMMENTS_HOUR_MAX = 1_000;
const COMMENTS_JID_HOUR_MAX = 120;
const HOUR_MS = 3_600_000;
/** LIMIT: posts and JIDs that are counted at a time. */
const COUNTED_MAX = 10_000;

/** How many came since when. Gone with the process, which does no harm. */
const counts = new WeakMap<HubPorts, Map<string, { readonly since_ms: number; count: number }>>();

/**
 * Why one more comment on a post is too many: its comments are a flood, or (where `publisher` is given) one JID's are.
 * What is left out elsewhere is found by a later catch-up. Counts the comment.
 */
export function whyTooMany(hub: HubPorts, reader: RecordReader, post: Iri, publisher?: BareJid): Refusal | undefined {
  if (reader.count({ kind: "reference", reference: "reply-of", target: post }) >= COMMENTS_KEPT_MAX) {
    return refuse("too-many", `There are ${COMMENTS_KEPT_MAX} comments on ${post}; no more are taken.`);
  }
  if (publisher !== undefined && counted(hub, `jid ${publisher}`) > COMMENTS_JID_HOUR_MAX) {
    return refuse(
      "too-many",
      `Expected at most ${COMMENTS_JID_HOUR_MAX} comments an hour by ${publisher}; wait a while.`,
    );
  }
  if (counted(hub, `post ${post}`) > COMMENTS_HOUR_MAX) {
    return refuse("too-many", `Expected at most ${COMMENTS_HOUR_MAX} comments an hour on ${post}; wait a while.`);
  }
  return undefined;
}

function counted(hub: HubPorts, key: string): number {
  const known = counts.get(hub) ?? new Map<string, { readonly since_ms: number; count: number }>();
  counts.set(hub, known);
  const now_ms = epochMs(hub.now());
  const present = known.get(key);
  if (present !== undefined && now_ms - present.since_ms < HOUR_MS) return ++present.count;
  // The one counted first goes first: a map keeps its order.
  known.delete(key);
  const [oldest] = known.keys();
  if (known.size >= COUNTED_MAX && oldest !== undefined) known.delete(oldest);
  known.set(key, { since_ms: now_ms, count: 1 });
  return 1;
}
