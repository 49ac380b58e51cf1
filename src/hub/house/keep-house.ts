import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { endLease } from "../../pubsub/decide-pending.ts";
import { expiredItems } from "../../pubsub/item-bounds.ts";
import type { Iri } from "../../rdf/iri.ts";
import { endOldComments } from "../comments/follow-comments.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader, Upstream } from "../ports/records.ts";
import { queued } from "../posts/publish-post.ts";

/** LIMIT: documents dropped in one commit. */
const BATCH = 500;
const EVERY_MS = 3_600_000;

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
    Promise.all([dropExpired(hub), endLeases(hub), endOldComments(hub)]).catch((fault: unknown) =>
      hub.log.error({ fault: String(fault) }, "housekeeping-failed"),
    );
  };
  const timer = setInterval(keep, EVERY_MS);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  keep();
}
