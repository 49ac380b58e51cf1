import type { Iri } from "../rdf/iri.ts";
import { tagKey } from "./hub-iris.ts";
import { epochMs, type Instant } from "./instant.ts";

/** How long a post stays half as telling of its author: older ones count less and less. */
const RECENT_HALF_DAYS = 30;
const DAY_MS = 86_400_000;
/** How many shared topics are worth half of what any number of them is. */
const TOPICS_HALF = 2;

/** Somebody who follows a candidate. */
export interface Voucher {
  readonly account: Iri;
  /** How many it follows in all. */
  readonly follows: number;
  /** How far it is from who asks: 1 for an account that they follow themselves. */
  readonly distance: number;
}

/** An account that might be followed, as far as it is known. */
export interface Candidate {
  readonly account: Iri;
  readonly followedBy: readonly Voucher[];
  readonly lastPost?: Instant;
  /** Labels, most often first. */
  readonly topics: readonly string[];
}

/** A candidate with what speaks for it. */
export interface Ranked<C extends Candidate> {
  readonly candidate: C;
  readonly score: number;
  /** Those of `followedBy` that count most first. */
  readonly followedBy: readonly Voucher[];
  readonly sharedTopics: readonly string[];
}

/**
 * Candidates, the best first; equal ones in order of their IRIs.
 *
 *     score   = follows · (1 + recency + topics)
 *     follows = Σ over those who follow the candidate: 4^(1 − distance) / log2(1 + how many they follow)
 *     recency = 2^(−days since its last post / 30), 0 when no post is known
 *     topics  = shared / (shared + 2), shared: topics of its posts that the asker's posts have too
 *
 * Who follows few says more by each follow than who follows a million (Adamic and Adar, 2003), and no hub can raise an
 * account but through those whom the asker follows.
 */
export function rankCandidates<C extends Candidate>(
  candidates: Iterable<C>,
  asker: { readonly topics: Iterable<string>; readonly now: Instant },
): readonly Ranked<C>[] {
  const own = new Set(Array.from(asker.topics, tagKey));
  const ranked = Array.from(candidates, (candidate): Ranked<C> => {
    const followedBy = candidate.followedBy.toSorted(
      (a, b) => weightOf(b) - weightOf(a) || compare(a.account, b.account),
    );
    const sharedTopics = candidate.topics.filter((label) => own.has(tagKey(label)));
    const follows = followedBy.reduce((sum, voucher) => sum + weightOf(voucher), 0);
    const score = follows * (1 + recencyOf(candidate.lastPost, asker.now) + shareOf(sharedTopics.length));
    return { candidate, score, followedBy, sharedTopics };
  });
  return ranked.sort((a, b) => b.score - a.score || compare(a.candidate.account, b.candidate.account));
}

function weightOf({ follows, distance }: Voucher): number {
  return 4 ** (1 - Math.max(1, distance)) / Math.log2(1 + Math.max(1, follows));
}

function recencyOf(lastPost: Instant | undefined, now: Instant): number {
  if (lastPost === undefined) return 0;
  // A clock that goes ahead over there is no merit.
  const days = Math.max(0, epochMs(now) - epochMs(lastPost)) / DAY_MS;
  return 2 ** (-days / RECENT_HALF_DAYS);
}

function shareOf(shared: number): number {
  return shared / (shared + TOPICS_HALF);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
