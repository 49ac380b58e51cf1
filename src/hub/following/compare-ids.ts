import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { isPlain } from "../accounts/plain-account.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { StoredDocument, Upstream } from "../ports/records.ts";
import { graphOfItem, itemOfGraph } from "../posts/item-place.ts";
import { ITEMS_PAGE, isLetGo } from "./item-entry.ts";
import { takeIn, tombstoneOf } from "./receive-event.ts";
import { changeUpstream } from "./subscribe-upstream.ts";

/** LIMIT: ids asked for in one request, and pages of them compared at a time (50,000 posts). */
const IDS_PAGE = 250;
const ID_PAGES_MAX = 200;
/** LIMIT: posts that go in one commit. */
const DROPPED_AT_ONCE = 200;

/** What comparing did. */
interface ComparedIds {
  readonly fetched: number;
  readonly stored: number;
  readonly deleted: number;
}

/**
 * Compares the ids there with the posts here, newest first and as far back as this hub goes, where the numbers differ:
 * what is missing here is fetched, and what is missing there goes.
 */
export async function compareIds(
  hub: HubPorts,
  upstream: Upstream,
  remoteCount: number | undefined,
  signal: AbortSignal | undefined,
): Promise<ComparedIds | Refusal> {
  const { reader } = hub.records;
  const { container } = upstream;
  const nothing = { fetched: 0, stored: 0, deleted: 0 };
  if (container === undefined) return nothing;
  if (remoteCount !== undefined && remoteCount === reader.count({ kind: "container", container })) return nothing;
  const began = hub.now();
  const here = new Set<string>(reader.postIds(container));
  const oldestHere = [...here].at(-1);
  if (oldestHere === undefined) return nothing;
  const ids = await readIds(hub, upstream, oldestHere, signal);
  if (isRefusal(ids)) return isUnlisted(upstream, ids) ? nothing : ids;
  const unseen = ids.isWhole ? ([...here].filter((graph) => !ids.there.has(graph)) as Iri[]) : [];
  const deleted = await dropMissing(hub, upstream, unseen, began);
  const fetched = await fetchMissing(hub, upstream, withinBackfill(hub, ids.missing, here.size), signal);
  return isRefusal(fetched) ? fetched : { ...fetched, deleted };
}

/** COMPAT: Prosody and ejabberd list an account's items to its contacts alone; then only retracts tell of deletes. */
function isUnlisted(upstream: Upstream, { code }: Refusal): boolean {
  return (upstream.commentsOn !== undefined || isPlain(upstream)) && code !== "unavailable" && code !== "timed-out";
}

/** The ids of a node as far as they matter: down to the oldest post that is here. */
interface IdList {
  readonly there: ReadonlySet<string>;
  /** Those that are not here, and were never let go. */
  readonly missing: readonly ItemId[];
  /** Whether none was left out. */
  readonly isWhole: boolean;
}

async function readIds(
  hub: HubPorts,
  upstream: Upstream,
  oldestHere: string,
  signal: AbortSignal | undefined,
): Promise<IdList | Refusal> {
  const { reader } = hub.records;
  const missing: ItemId[] = [];
  const there = new Set<string>();
  let after: ItemId | undefined;
  let isWhole = false;
  let belowMark = false;
  for (let pages = 0; pages < ID_PAGES_MAX && !isWhole; pages++) {
    const request = { max: IDS_PAGE, order: "creation", ...(after === undefined ? {} : { after }) } as const;
    const page = await hub.xmpp.discoverItems(upstream.service, upstream.node, request, signal);
    if (isRefusal(page)) return page;
    for (const { name = "" } of page.items) {
      const graph = graphOfItem(upstream, name);
      if (graph === undefined) continue;
      there.add(graph);
      // What is older was never here, or was let go: it is not missed.
      if (graph === oldestHere) break;
      const stored = reader.document(graph);
      belowMark ||= isBelowMark(graph, stored, upstream.letGo);
      if (stored === undefined && !belowMark) missing.push(name as ItemId);
    }
    after = page.items.at(-1)?.name as ItemId | undefined;
    // A service may give shorter pages than were asked for: what stands on the next one is not deleted.
    isWhole = page.complete || there.has(oldestHere);
    if (after === undefined) break;
  }
  return { there, missing, isWhole };
}

/** Whether the walk from the newest id to older ones has come to what was let go. */
function isBelowMark(graph: Iri, stored: StoredDocument | undefined, letGo: Upstream["letGo"]): boolean {
  if (letGo === undefined) return false;
  return graph === letGo.graph || (stored?.kind === "live" && stored.document.created <= letGo.created);
}

function withinBackfill(hub: HubPorts, missing: readonly ItemId[], held: number): readonly ItemId[] {
  return missing.slice(0, Math.max(ITEMS_PAGE, hub.options.backfillPosts_max - held));
}

async function dropMissing(hub: HubPorts, upstream: Upstream, graphs: readonly Iri[], began: Instant): Promise<number> {
  let sum = 0;
  for (let at = 0; at < graphs.length; at += DROPPED_AT_ONCE) {
    const dropped = await hub.records.transact((reader) => {
      const changes = graphs.slice(at, at + DROPPED_AT_ONCE).flatMap((graph) => {
        const stored = reader.document(graph);
        // What was pushed while the ids were being read is not missing there.
        if (stored?.kind !== "live" || stored.document.received >= began) return [];
        const id = itemOfGraph(upstream, graph);
        const tombstone = id === undefined ? undefined : tombstoneOf(hub, reader, upstream, id);
        return tombstone === undefined ? [] : [{ kind: "document-deleted", tombstone } as const];
      });
      return { changes, result: changes.length };
    });
    if (!isRefusal(dropped)) sum += dropped;
  }
  return sum;
}

async function fetchMissing(
  hub: HubPorts,
  upstream: Upstream,
  ids: readonly ItemId[],
  signal: AbortSignal | undefined,
): Promise<{ readonly fetched: number; readonly stored: number } | Refusal> {
  let [fetched, stored] = [0, 0];
  for (let at = 0; at < ids.length; at += ITEMS_PAGE) {
    const wanted = { ids: ids.slice(at, at + ITEMS_PAGE) };
    const answer = await hub.xmpp.items(upstream.service, upstream.node, wanted, signal);
    if (isRefusal(answer)) return answer;
    const old = new Set(answer.items.filter((item) => isLetGo(item, upstream.letGo)).map(({ id }) => id));
    const taken = await takeIn(
      hub,
      upstream,
      answer.items.filter(({ id }) => !old.has(id)),
    );
    fetched += answer.items.length;
    stored += taken.stored;
    const first = wanted.ids.find((id) => old.has(id));
    if (first === undefined) continue;
    // The ids go from newest to oldest: all the rest was let go too.
    await placeMark(hub, upstream, first);
    break;
  }
  return { fetched, stored };
}

/** The post that stood for the mark was deleted over there: from now on the next older one does. */
async function placeMark(hub: HubPorts, upstream: Upstream, id: ItemId): Promise<void> {
  const { letGo } = upstream;
  const graph = graphOfItem(upstream, id);
  if (graph === undefined || letGo === undefined) return;
  await changeUpstream(hub, upstream.account, (present) =>
    present.letGo?.graph === letGo.graph ? { ...present, letGo: { ...letGo, graph } } : present,
  );
}
