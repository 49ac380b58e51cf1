import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { isPlain } from "../accounts/plain-account.ts";
import { plainProfile } from "../accounts/plain-profile.ts";
import { receivedProfile, resolveAccount } from "../accounts/resolve-account.ts";
import { compareSummaries, type SummaryUpstream, summariesSoon } from "../attachments/follow-summaries.ts";
import { sendComments } from "../comments/send-comments.ts";
import type { CatchUpReason, HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import { baseOfAccount } from "../queries/network/believed.ts";
import { descriptionsOf } from "../queries/network/hub-descriptions.ts";
import { compareIds } from "./compare-ids.ts";
import { pageChanges } from "./page-changes.ts";
import { readFollowList } from "./read-follow-list.ts";
import { changeUpstream, noteFailure, subscribeUpstream } from "./subscribe-upstream.ts";

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
