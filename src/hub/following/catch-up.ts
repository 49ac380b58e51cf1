import type { Entry } from "../../atom/entry.ts";
import { entryFromXml } from "../../atom/xml.ts";
import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { isPlain } from "../accounts/plain-account.ts";
import { plainProfile } from "../accounts/plain-profile.ts";
import { receivedProfile, resolveAccount } from "../accounts/resolve-account.ts";
import { compareSummaries, type SummaryUpstream, summariesSoon } from "../attachments/follow-summaries.ts";
import { sendComments } from "../comments/send-comments.ts";
import type { CatchUpReason, HubPorts } from "../ports/hub-ports.ts";
import type { StoredDocument, Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { graphOfItem, itemOfGraph } from "../posts/item-place.ts";
import { baseOfAccount } from "../queries/network/believed.ts";
import { descriptionsOf } from "../queries/network/hub-descriptions.ts";
import { readFollowList } from "./read-follow-list.ts";
import { takeIn, tombstoneOf } from "./receive-event.ts";
import { changeUpstream, noteFailure, subscribeUpstream } from "./subscribe-upstream.ts";

/** LIMIT: items asked for in one page of entries, and ids in one page of ids. */
const ITEMS_PAGE = 50;
const IDS_PAGE = 250;
/** LIMIT: pages of ids compared in one catch-up (50,000 posts). */
const ID_PAGES_MAX = 200;
/** How old a followed profile may be. */
const PROFILE_FRESH_MS = 24 * 3_600_000;

/** What one catch-up did. */
export interface CaughtUp {
  readonly fetched: number;
  readonly stored: number;
  readonly deleted: number;
}

/**
 * Makes what this hub holds of a followed account equal to what its hub has: makes sure of the Subscription, goes on
 * with the backfill, pages what was changed since the last time, and compares the ids for missed posts and deletes.
 * Every page is committed with its place, so that it goes on where it stopped.
 */
export async function catchUp(
  hub: HubPorts,
  account: Iri,
  why: CatchUpReason,
  signal?: AbortSignal,
): Promise<CaughtUp | Refusal> {
  const upstream = await subscribeUpstream(hub, account, signal);
  if (isRefusal(upstream)) return upstream;
  const { commentsOn, summaryOf } = upstream;
  if (summaryOf !== undefined) return await catchUpSummaries(hub, { ...upstream, summaryOf }, why, signal);
  const changed = await pageChanges(hub, upstream, signal);
  if (isRefusal(changed)) return await noteFailure(hub, account, changed);
  const compared = await compareIds(hub, changed.upstream, changed.remoteCount, signal);
  if (isRefusal(compared)) return await noteFailure(hub, account, compared);
  if (commentsOn === undefined) {
    await refreshProfile(hub, upstream, why, signal);
    if (isPlain(upstream)) await readFollowList(hub, upstream, signal);
    await summariesSoon(hub, upstream, changed.stored + compared.stored > 0);
    learnHub(hub, upstream);
  } else {
    const unsent = await sendComments(hub, { ...upstream, commentsOn }, signal);
    if (unsent !== undefined) return await noteFailure(hub, account, unsent);
  }
  return await caughtUp(hub, account, why, {
    fetched: changed.fetched + compared.fetched,
    stored: changed.stored + compared.stored,
    deleted: compared.deleted,
  });
}

/** Likes and reactions that are counted elsewhere are compared in their own way: their items have no times. */
async function catchUpSummaries(
  hub: HubPorts,
  upstream: SummaryUpstream,
  why: CatchUpReason,
  signal: AbortSignal | undefined,
): Promise<CaughtUp | Refusal> {
  const compared = await compareSummaries(hub, upstream, signal);
  if (isRefusal(compared)) return await noteFailure(hub, upstream.account, compared);
  return await caughtUp(hub, upstream.account, why, compared);
}

async function caughtUp(hub: HubPorts, account: Iri, why: CatchUpReason, sum: CaughtUp): Promise<CaughtUp | Refusal> {
  const next = instantOf(epochMs(hub.now()) + withJitter(hub, account));
  const kept = await changeUpstream(hub, account, (present) => ({ ...present, attempts: 0, nextAttempt: next }));
  if (isRefusal(kept)) return kept;
  hub.log.info({ account, why, ...sum }, "caught-up");
  return sum;
}

/**
 * Reads the followed profile again when what is here is old: people change their names and pictures. What an account
 * without a page says of itself is read here for the first time.
 */
async function refreshProfile(
  hub: HubPorts,
  upstream: Upstream,
  why: CatchUpReason,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stored = hub.records.reader.document(upstream.profile);
  const read_ms = stored?.kind === "live" ? epochMs(stored.document.received as Instant) : 0;
  const isUnread = why === "followed" && isPlain(upstream);
  if (!isUnread && epochMs(hub.now()) - read_ms < PROFILE_FRESH_MS) return;
  const found = isPlain(upstream)
    ? await plainProfile(hub, upstream.service, signal)
    : await resolveAccount(hub, upstream.account, signal);
  // A page that is down today, or names another JID, changes nothing.
  if (isRefusal(found) || found.kind === "local" || found.profile.jid !== upstream.service) return;
  if (found.profile.account !== upstream.account) return;
  const document = receivedProfile(hub, found);
  if (hub.shapes.check("profile", document.quads, upstream.account) !== undefined) return;
  await hub.records.transact(() => ({ changes: [{ kind: "document-put", document }], result: undefined }));
}

/** Hears what the account's hub has, so that the first question across hubs asks it once. */
function learnHub(hub: HubPorts, upstream: Upstream): void {
  const base = isPlain(upstream) ? undefined : baseOfAccount(upstream.account);
  if (base !== undefined) descriptionsOf(hub).learn(base);
}

// Spread by what the account is, not by chance: hubs that started together do not ask together for ever.
function withJitter(hub: HubPorts, account: Iri): number {
  const share = Number.parseInt(hub.hash(`${hub.identity.base} ${account}`).slice(0, 6), 16) / 0xffffff;
  return hub.options.catchUpEvery_ms * (0.75 + share / 2);
}

/** Pages entries: the backfill by creation until its bound, afterwards by modification down to the last time. */
async function pageChanges(
  hub: HubPorts,
  from: Upstream,
  signal: AbortSignal | undefined,
): Promise<
  | { readonly upstream: Upstream; readonly remoteCount?: number; readonly fetched: number; readonly stored: number }
  | Refusal
> {
  let upstream = from;
  const backfilling = !from.backfill.done;
  let after = backfilling ? from.backfill.after : undefined;
  let newest: Instant | undefined;
  let remoteCount: number | undefined;
  let [fetched, stored] = [0, 0];
  for (;;) {
    const order = backfilling ? "creation" : "modification";
    const page = { max: ITEMS_PAGE, order, ...(after === undefined ? {} : { after }) } as const;
    const answer = await hub.xmpp.items(upstream.service, upstream.node, { page }, signal);
    if (isRefusal(answer)) {
      if (answer.code !== "not-found" || after === undefined) return answer;
      // The item the last page ended with was deleted in the meantime: begin again; what came is only compared.
      after = undefined;
      continue;
    }
    remoteCount = answer.count ?? remoteCount;
    const since = from.caughtUpTo;
    const news = backfilling ? answer.items : answer.items.filter((item) => isNews(item, since, from.letGo));
    const taken = await takeIn(hub, upstream, news);
    fetched += answer.items.length;
    stored += taken.stored;
    const times = answer.items.map(updatedAt).filter((time) => time !== undefined);
    for (const time of times) if (newest === undefined || time > newest) newest = time;
    after = answer.items.at(-1)?.id;
    const got = upstream.backfill.fetched + answer.items.length;
    const end =
      answer.complete ||
      after === undefined ||
      (backfilling ? got >= hub.options.backfillPosts_max : since !== undefined && times.some((time) => time < since));
    const place = { after, newest, end, fetched: answer.items.length };
    const kept = await changeUpstream(hub, upstream.account, (present) => advanced(present, backfilling, place));
    if (isRefusal(kept)) return kept;
    upstream = kept;
    if (end) return { upstream, fetched, stored, ...(remoteCount === undefined ? {} : { remoteCount }) };
  }
}

/** The upstream after one page: where the backfill stands, or, at the end, up to when everything is here. */
function advanced(
  present: Upstream,
  backfilling: boolean,
  page: {
    readonly after: ItemId | undefined;
    readonly newest: Instant | undefined;
    readonly end: boolean;
    readonly fetched: number;
  },
): Upstream {
  const caughtUpTo =
    page.newest !== undefined && (present.caughtUpTo === undefined || page.newest > present.caughtUpTo)
      ? page.newest
      : present.caughtUpTo;
  // While paging by modification the mark must not move before the end, or a stop in between would hide the rest.
  const mark = (backfilling || page.end) && caughtUpTo !== undefined ? { caughtUpTo } : {};
  if (!backfilling) return { ...present, ...mark };
  return {
    ...present,
    ...mark,
    backfill: {
      done: page.end,
      fetched: present.backfill.fetched + page.fetched,
      ...(page.after === undefined || page.end ? {} : { after: page.after }),
    },
  };
}

/**
 * Whether an item may have changed after the mark: the page that reaches the mark goes on below it, where what is not
 * here was let go. At the very time of the mark there may be news too, or the last post that was let go.
 */
function isNews(item: InboundItem, since: Instant | undefined, letGo: Upstream["letGo"]): boolean {
  const updated = updatedAt(item);
  // What cannot be read is refused with its reason where it is taken in.
  if (since === undefined || updated === undefined || updated > since) return true;
  return updated === since && !isLetGo(item, letGo);
}

/** Whether an item that is not here is no newer than what was let go. */
function isLetGo(item: InboundItem, letGo: Upstream["letGo"]): boolean {
  const published = letGo === undefined ? undefined : entryOf(item)?.published;
  return letGo !== undefined && published !== undefined && published <= letGo.created;
}

function updatedAt(item: InboundItem): Instant | undefined {
  return entryOf(item)?.updated;
}

function entryOf(item: InboundItem): Entry | undefined {
  const entry = item.payload === undefined ? undefined : entryFromXml(item.payload);
  return entry === undefined || isRefusal(entry) ? undefined : entry;
}

/** Compares the ids there with the posts here, newest first and as far back as this hub goes. */
async function compareIds(
  hub: HubPorts,
  upstream: Upstream,
  remoteCount: number | undefined,
  signal: AbortSignal | undefined,
): Promise<CaughtUp | Refusal> {
  const { reader } = hub.records;
  const container = upstream.container;
  const nothing = { fetched: 0, stored: 0, deleted: 0 };
  if (container === undefined) return nothing;
  const scope = { kind: "container", container } as const;
  if (remoteCount !== undefined && remoteCount === reader.count(scope)) return nothing;
  const began = hub.now();
  const here = new Set<string>(reader.postIds(container));
  const oldestHere = [...here].at(-1);
  if (oldestHere === undefined) return nothing;
  const missing: ItemId[] = [];
  const there = new Set<string>();
  let after: ItemId | undefined;
  let whole = false;
  let belowMark = false;
  for (let pages = 0; pages < ID_PAGES_MAX && !whole; pages++) {
    const request = { max: IDS_PAGE, order: "creation", ...(after === undefined ? {} : { after }) } as const;
    const page = await hub.xmpp.discoverItems(upstream.service, upstream.node, request, signal);
    // COMPAT: Prosody and ejabberd list an account's items to its contacts alone; then only retracts tell of deletes.
    if (isRefusal(page))
      return (upstream.commentsOn !== undefined || isPlain(upstream)) &&
        page.code !== "unavailable" &&
        page.code !== "timed-out"
        ? nothing
        : page;
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
    whole = page.complete || there.has(oldestHere);
    if (after === undefined) break;
  }
  const unseen = whole ? ([...here].filter((graph) => !there.has(graph)) as Iri[]) : [];
  const deleted = await dropMissing(hub, upstream, unseen, began);
  const fetched = await fetchMissing(hub, upstream, withinBackfill(hub, missing, here.size), signal);
  return isRefusal(fetched) ? fetched : { ...fetched, deleted };
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
  if (graphs.length === 0) return 0;
  const dropped = await hub.records.transact((reader) => {
    const changes = graphs.flatMap((graph) => {
      const stored = reader.document(graph);
      // What was pushed while the ids were being read is not missing there.
      if (stored?.kind !== "live" || stored.document.received >= began) return [];
      const id = itemOfGraph(upstream, graph);
      const tombstone = id === undefined ? undefined : tombstoneOf(hub, reader, upstream, id);
      return tombstone === undefined ? [] : [{ kind: "document-deleted", tombstone } as const];
    });
    return { changes, result: changes.length };
  });
  return isRefusal(dropped) ? 0 : dropped;
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
