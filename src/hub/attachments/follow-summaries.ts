import { SUMMARY_NS, type Summary, summaryFromXml } from "../../atom/attachments.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { notSubscribed } from "../following/new-upstream.ts";
import { changeUpstream } from "../following/subscribe-upstream.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader, Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { graphOfItem } from "../posts/item-place.ts";
import { pubsubIri, readPubsubIri } from "../pubsub/pubsub-iri.ts";
import { summaryNode } from "./attachments-node.ts";
import { countsDocument, countsIn, liveAt } from "./counts-elsewhere.ts";

/** LIMIT: summaries of one account that are paged in one catch-up, and of a page; the newest changed ones. */
const SUMMARIES_MAX = 1_000;
const PAGE = 50;

/** An upstream of summaries. */
export type SummaryUpstream = Upstream & { readonly summaryOf: NonNullable<Upstream["summaryOf"]> };

/** What one page, or one push, changed. */
export interface TakenSummaries {
  readonly stored: number;
  readonly deleted: number;
}

/**
 * Follows how many like the posts of an account elsewhere and react to them (the summary node of XEP-0470 §4.6), for
 * what strangers attach there is told in no other way. One subscription for all posts of the account.
 */
function summariesToFollow(
  hub: HubPorts,
  reader: RecordReader,
  { service, node, account }: Upstream,
): readonly (RecordChange & { readonly kind: "upstream-put" })[] {
  const summaries = summaryNode(node);
  const iri = pubsubIri(service, summaries);
  if (!isIri(iri) || reader.upstreamOf(service, summaries) !== undefined) return [];
  const now = hub.now();
  const upstream: Upstream = {
    account: iri,
    profile: iri,
    container: iri,
    authority: `${iri};item=`,
    summaryOf: { author: account, passedOver: 0 },
    service,
    node: summaries,
    ...notSubscribed(now),
  };
  return [{ kind: "upstream-put", upstream }];
}

/** The upstream of the summaries of an account's posts, where its service has them. */
export function summariesOf(reader: RecordReader, { service, node }: Upstream): Upstream | undefined {
  return reader.upstreamOf(service, summaryNode(node));
}

/** Keeps what items of a summary say of posts that are here; what says nothing any more, or is retracted, goes. */
export async function takeSummaries(
  hub: HubPorts,
  upstream: SummaryUpstream,
  items: readonly InboundItem[],
  retracted: readonly string[] = [],
): Promise<TakenSummaries> {
  const committed = await hub.records.transact((reader) => {
    const puts = items.flatMap((item): readonly RecordChange[] => put(hub, reader, upstream, item));
    const drops = retracted.flatMap((id) => {
      const graph = graphOfItem(upstream, id);
      return graph !== undefined && liveAt(reader, graph) !== undefined ? [dropped(graph)] : [];
    });
    const changes = [...puts, ...drops];
    const stored = changes.filter(({ kind }) => kind === "document-put").length;
    return { changes, result: { stored, deleted: changes.length - stored } };
  });
  return isRefusal(committed) ? { stored: 0, deleted: 0 } : committed;
}

const dropped = (graph: Iri): RecordChange => ({ kind: "document-dropped", graph });

function put(
  hub: HubPorts,
  reader: RecordReader,
  upstream: SummaryUpstream,
  { id, payload }: InboundItem,
): readonly RecordChange[] {
  const graph = graphOfItem(upstream, id);
  if (payload?.is("summary", SUMMARY_NS) !== true || graph === undefined) return [];
  const author = reader.upstream(upstream.summaryOf.author);
  const post = author && graphOfItem(author, id);
  const before = liveAt(reader, graph);
  const summary = summaryFromXml(payload);
  // Of what is not here nothing is counted: whatever a service names, this hub keeps no more than it has posts.
  if (post === undefined || liveAt(reader, post) === undefined || isNothing(summary)) {
    return before === undefined ? [] : [dropped(graph)];
  }
  const document = countsDocument(hub, { upstream, graph, post, summary });
  const same = before !== undefined && isSame(countsIn(before), countsIn(document));
  return same ? [] : [{ kind: "document-put", document }];
}

function isNothing({ noticed, reactions }: Summary): boolean {
  return noticed === 0 && [...reactions.values()].every((count) => count === 0);
}

function isSame(one: Summary, other: Summary): boolean {
  if (one.noticed !== other.noticed || one.reactions.size !== other.reactions.size) return false;
  return [...one.reactions].every(([emoji, count]) => other.reactions.get(emoji) === count);
}

/**
 * Makes what is counted here equal to what is counted there: pages by modification down to a page without news, or
 * through all where the numbers of items differ, which shows what was taken back unheard. What is counted of a post that
 * is gone from here goes too.
 */
export async function compareSummaries(
  hub: HubPorts,
  upstream: SummaryUpstream,
  signal?: AbortSignal,
): Promise<(TakenSummaries & { readonly fetched: number }) | Refusal> {
  const began = hub.now();
  const paged = await pageSummaries(hub, upstream, signal);
  if (isRefusal(paged)) return paged;
  const { seen, whole, stored, deleted } = paged;
  const unseen = heldBut(hub, upstream, seen, began);
  const gone = await takeSummaries(hub, upstream, [], whole ? unseen : withoutPost(hub, upstream, unseen));
  if (whole) {
    const passedOver = Math.max(0, seen.size - countHere(hub, upstream));
    const kept = await changeUpstream(hub, upstream.account, (present) => ({
      ...present,
      summaryOf: { ...upstream.summaryOf, passedOver },
    }));
    if (isRefusal(kept)) return kept;
  }
  return { fetched: seen.size, stored, deleted: deleted + gone.deleted };
}

async function pageSummaries(
  hub: HubPorts,
  upstream: SummaryUpstream,
  signal: AbortSignal | undefined,
): Promise<(TakenSummaries & { readonly seen: ReadonlySet<string>; readonly whole: boolean }) | Refusal> {
  const seen = new Set<string>();
  let [stored, deleted] = [0, 0];
  for (let after: ItemId | undefined; seen.size < SUMMARIES_MAX; ) {
    const page = { max: PAGE, order: "modification", ...(after === undefined ? {} : { after }) } as const;
    const answer = await hub.xmpp.items(upstream.service, upstream.node, { page }, signal);
    if (isRefusal(answer)) {
      // What the last page ended with is gone: the next catch-up goes on.
      if (answer.code !== "not-found" || after === undefined) return answer;
      break;
    }
    const fresh = answer.items.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    const taken = await takeSummaries(hub, upstream, fresh);
    stored += taken.stored;
    deleted += taken.deleted;
    after = answer.items.at(-1)?.id;
    if (answer.complete || after === undefined) return { seen, whole: true, stored, deleted };
    const isNews = taken.stored + taken.deleted > 0;
    const isEven = answer.count === countHere(hub, upstream) + upstream.summaryOf.passedOver;
    if (fresh.length === 0 || (!isNews && isEven)) break;
  }
  return { seen, whole: false, stored, deleted };
}

function countHere({ records }: HubPorts, { account }: Upstream): number {
  return records.reader.count({ kind: "container", container: account });
}

/** The ids of what is counted here and is none of `seen`; what was pushed while pages were read may be on none of them. */
function heldBut(
  { records }: HubPorts,
  { account }: Upstream,
  seen: ReadonlySet<string>,
  began: Instant,
): readonly string[] {
  const scope = { kind: "container", container: account } as const;
  return records.reader.list({ scope, limit: SUMMARIES_MAX }).documents.flatMap(({ graph, received }) => {
    const id = readPubsubIri(graph)?.item;
    return id === undefined || seen.has(id) || received >= began ? [] : [id];
  });
}

function withoutPost({ records: { reader } }: HubPorts, { summaryOf }: SummaryUpstream, ids: readonly string[]) {
  const author = reader.upstream(summaryOf.author);
  return ids.filter((id) => {
    const post = author && graphOfItem(author, id);
    return post === undefined || liveAt(reader, post) === undefined;
  });
}

/**
 * Sees to it that the summaries of a followed account are followed and compared: they are of posts, so after those have
 * come. Where the service has none that was found out by trying, and is not tried again.
 */
export async function summariesSoon(hub: HubPorts, followed: Upstream, news: boolean): Promise<void> {
  const present = summariesOf(hub.records.reader, followed);
  if (present !== undefined) {
    if (news && present.state !== "refused") hub.catchUpSoon(present.account, "followed");
    return;
  }
  const put = await hub.records.transact((reader) => {
    // Nobody may follow the account any more by now.
    const changes = reader.upstream(followed.account) === undefined ? [] : summariesToFollow(hub, reader, followed);
    return { changes, result: changes };
  });
  if (isRefusal(put)) return;
  for (const { upstream } of put) hub.catchUpSoon(upstream.account, "followed");
}
