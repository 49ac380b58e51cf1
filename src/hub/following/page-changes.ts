import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { entryOf, ITEMS_PAGE, isLetGo } from "./item-entry.ts";
import { takeIn } from "./receive-event.ts";
import { changeUpstream } from "./subscribe-upstream.ts";

/** LIMIT: how often paging begins again because the item that a page ended with was deleted. */
const RESTARTS_MAX = 3;

/** What paging did, how the upstream stands after it, and how many items there are over there. */
export interface PagedChanges {
  readonly upstream: Upstream;
  readonly remoteCount?: number;
  readonly fetched: number;
  readonly stored: number;
}

/**
 * Pages entries: the backfill by creation until its bound, afterwards by modification down to the last time. Each page is
 * committed before the place after it, so that a stop in between asks for it again.
 */
export async function pageChanges(
  hub: HubPorts,
  from: Upstream,
  signal: AbortSignal | undefined,
): Promise<PagedChanges | Refusal> {
  let upstream = from;
  const backfilling = !from.backfill.done;
  let after = backfilling ? from.backfill.after : undefined;
  let newest: Instant | undefined;
  let remoteCount: number | undefined;
  let [fetched, stored, restarts] = [0, 0, 0];
  for (;;) {
    const order = backfilling ? "creation" : "modification";
    const page = { max: ITEMS_PAGE, order, ...(after === undefined ? {} : { after }) } as const;
    const answer = await hub.xmpp.items(upstream.service, upstream.node, { page }, signal);
    if (isRefusal(answer)) {
      if (answer.code !== "not-found" || after === undefined || ++restarts > RESTARTS_MAX) return answer;
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

function updatedAt(item: InboundItem): Instant | undefined {
  return entryOf(item)?.updated;
}
