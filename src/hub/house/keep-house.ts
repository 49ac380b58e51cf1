import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { endLease, remindOfLease } from "../../pubsub/decide/decide-pending.ts";
import { expiredItems } from "../../pubsub/decide/item-bounds.ts";
import type { Iri } from "../../rdf/iri.ts";
import { endOldComments } from "../comments/follow-comments.ts";
import { checkOriginals } from "../following/check-originals.ts";
import { keepFollowLists } from "../following/follow-lists.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader, Upstream } from "../ports/records.ts";
import { queued } from "../posts/publish-post.ts";
import { endMissedReposts } from "../posts/repost-post.ts";
import { dropUnreadAnswers } from "../queries/xmpp/answer-iq.ts";

/** LIMIT: documents dropped in one commit. */
const BATCH = 500;
const EVERY_MS = 3_600_000;
/** How long before the end of its lease a subscriber is reminded (XEP-0060 §12.18). */
const REMINDED_MS = 86_400_000;
/** Up to which end of lease subscribers were reminded. */
const REMINDED_KEY = "leases-reminded";

/**
 * Drops other people's posts that are past the retention time, neither answered nor starred. Returns how many. Each
 * upstream remembers up to where its posts were let go, in the same commit, so that catch-up does not fetch them again.
 */
export async function dropExpired(hub: HubPorts): Promise<number> {
  if (hub.options.retention_days === 0) return 0;
  const before = instantOf(epochMs(hub.now()) - hub.options.retention_days * 86_400_000);
  let dropped = 0;
  for (;;) {
    const count = await hub.records.transact((reader) => {
      const graphs = reader.expired(before, BATCH);
      return {
        changes: [...graphs.map((graph) => ({ kind: "document-dropped", graph }) as const), ...marksOf(reader, graphs)],
        result: graphs.length,
      };
    });
    if (isRefusal(count) || count === 0) break;
    dropped += count;
  }
  if (dropped > 0) hub.log.info({ dropped, before }, "retention-kept");
  return dropped;
}

/** Ends subscriptions whose lease ran out, and takes out the items of nodes where they expire. Returns how many. */
export async function endLeases(hub: HubPorts): Promise<number> {
  let ended = 0;
  for (;;) {
    const count = await hub.records.transact((reader) => {
      const now = hub.now();
      const { subscriptions, nodes } = reader.expiring(now, BATCH);
      const leases = subscriptions.map((subscription) => endLease(reader, subscription));
      const items = nodes.flatMap((node) => expiredItems(reader, node, now));
      const told = leases
        .flatMap(({ notifications }) => notifications)
        .map((notification) => queued(notification, now));
      return {
        changes: [...leases.flatMap(({ changes }) => changes), ...items, ...told],
        result: leases.length + items.length,
      };
    });
    if (isRefusal(count) || count === 0) break;
    ended += count;
  }
  return ended;
}

/**
 * Reminds subscribers a day before their lease ends, once for each lease; one that was shorter gets no reminder.
 * Returns how many. LIMIT: of more than {@link BATCH} leases that end in the same millisecond, the others get none.
 */
export async function remindOfLeases(hub: HubPorts): Promise<number> {
  let reminded = 0;
  for (;;) {
    const count = await hub.records.transact((reader) => {
      const now = hub.now();
      const until = instantOf(epochMs(now) + REMINDED_MS);
      const before = reader.meta(REMINDED_KEY) as Instant | undefined;
      const ending = reader.leasesEnding(before !== undefined && before > now ? before : now, until, BATCH);
      const mark = ending.length < BATCH ? until : (ending.at(-1)?.options?.expire ?? until);
      const told = ending.flatMap(remindOfLease).map((notification) => queued(notification, now));
      return { changes: [{ kind: "meta-put", key: REMINDED_KEY, value: mark }, ...told], result: ending.length };
    });
    if (isRefusal(count)) break;
    reminded += count;
    if (count < BATCH) break;
  }
  return reminded;
}

/** The upstreams of what is let go, with their marks moved to the newest of it. */
function marksOf(reader: RecordReader, graphs: readonly Iri[]): readonly RecordChange[] {
  const marked = new Map<Iri, Upstream>();
  for (const graph of graphs) {
    const stored = reader.document(graph);
    if (stored?.kind !== "live" || stored.document.author === undefined) continue;
    const { author } = stored.document;
    const created = stored.document.created as Instant;
    const upstream = marked.get(author) ?? reader.upstream(author);
    if (upstream === undefined || !graph.startsWith(upstream.authority)) continue;
    const { letGo } = upstream;
    if (letGo === undefined || created > letGo.created) marked.set(author, { ...upstream, letGo: { created, graph } });
  }
  return [...marked.values()].map((upstream) => ({ kind: "upstream-put", upstream }));
}

/** Keeps house once an hour until the signal is aborted. */
export function startHousekeeping(hub: HubPorts, signal: AbortSignal): void {
  const keep = (): void => {
    dropUnreadAnswers(hub);
    Promise.all([
      dropExpired(hub),
      remindOfLeases(hub),
      endLeases(hub),
      endOldComments(hub),
      keepFollowLists(hub),
      endMissedReposts(hub),
      checkOriginals(hub),
    ]).catch((fault: unknown) => hub.log.error({ fault: String(fault) }, "housekeeping-failed"));
  };
  const timer = setInterval(keep, EVERY_MS);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  keep();
}
