import { documentOf } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import type { BareJid } from "../../core/jid.ts";
import { type Candidate, type Ranked, rankCandidates } from "../../core/suggestions.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { Iri } from "../../rdf/iri.ts";
import { ownAccount } from "../accounts/authenticate.ts";
import { followedBy, localAccountAt } from "../following/list-follows.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";
import { candidatesOf } from "./candidates.ts";
import { KnownGraph, type KnownProfile } from "./known-graph.ts";
import { hostOf } from "./read-answers.ts";
import { GraphWalk, PROFILES_MAX, type WalkProgress, type WalkReport } from "./walk-graph.ts";

/** How many accounts are suggested unless more or fewer are wanted, and how far they may be. */
export const SUGGESTIONS = 20;
/** LIMIT: accounts that are suggested at once, and how far they may be. */
export const SUGGESTIONS_MAX = 100;
export const DEPTH_MAX = 4;
/** LIMIT: walks at the same time, for all accounts of the hub. */
const WALKS_MAX = 4;
/** How many of those who follow an account, and of its topics, are named. */
const NAMED_MAX = 2;
const TOPICS_NAMED_MAX = 3;

/** An account that might be followed, and why. */
export interface Suggestion {
  readonly account: Iri;
  readonly profile: Iri;
  readonly name: string;
  readonly jid?: BareJid;
  /** The hub it is on; `xmpp:` and a domain for an account without a page. */
  readonly hub: string;
  /** See `core/suggestions`. */
  readonly score: number;
  /** Those whom the asker follows, or who are near it, and follow this account. */
  readonly followedBy: readonly { readonly account: Iri; readonly name: string; readonly distance: number }[];
  readonly lastPost?: Instant;
  readonly topics: readonly string[];
  readonly sharedTopics: readonly string[];
  /** One line for people: `followed by carol, dan and 3 more; posts about terns`. */
  readonly why: string;
}

/** A hub where suggested accounts are. */
export interface SuggestedHub {
  readonly hub: string;
  /** How many accounts of it are known. */
  readonly accounts: number;
}

/** Accounts and hubs that might be followed, the best first. */
export interface Suggestions {
  readonly suggestions: readonly Suggestion[];
  readonly hubs: readonly SuggestedHub[];
  /** What the walk came to, where one was made for it. */
  readonly walk?: WalkReport;
}

/** What is wanted. */
export interface SuggestionWish {
  /** 2 to {@link DEPTH_MAX}. */
  readonly depth?: number;
  /** 1 to {@link SUGGESTIONS_MAX}. */
  readonly limit?: number;
}

/** Whom an account might follow by what is known here; nobody is asked. Refuses whoever is not that account. */
export function suggestionsFor(
  hub: HubPorts,
  by: Requester,
  name: string,
  wish: SuggestionWish = {},
): Suggestions | Refusal {
  const own = ownAccount(hub, by, name);
  return isRefusal(own) ? own : suggest(hub, new KnownGraph(hub), own.iris.account, wish);
}

const walking = new WeakMap<HubPorts, Set<Iri>>();

/**
 * Walks over the hubs of whom an account follows, and then suggests. Refuses whoever is not that account, with
 * `conflict` while another walk for it is under way, and with `too-many`.
 */
export async function discoverFor(
  hub: HubPorts,
  by: Requester,
  name: string,
  wish: SuggestionWish & {
    readonly refresh?: boolean;
    readonly signal: AbortSignal;
    readonly timeout_ms?: number;
    readonly onProgress?: (progress: WalkProgress) => void;
  },
): Promise<Suggestions | Refusal> {
  const own = ownAccount(hub, by, name);
  if (isRefusal(own)) return own;
  const { account } = own.iris;
  if (hub.politeWeb === undefined) return refuse("unavailable", "This hub walks nowhere; ask for what it knows.");
  const running = walking.get(hub) ?? new Set();
  walking.set(hub, running);
  if (running.has(account)) {
    return refuse("conflict", `A walk for "${name}" is under way; wait for its end, or ask for what is known by now.`);
  }
  if (running.size >= WALKS_MAX) {
    return refuse("too-many", `Expected at most ${WALKS_MAX} walks at once; try again in a minute.`);
  }
  running.add(account);
  try {
    const known = new KnownGraph(hub);
    const { depth = 2, refresh = false, signal, timeout_ms, onProgress } = wish;
    const walk = new GraphWalk(hub, hub.politeWeb, known, {
      depth,
      refresh,
      signal,
      ...(timeout_ms === undefined ? {} : { timeout_ms }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const barred = barredFor(hub, account);
    const report = await walk.run(account, followedBy(hub, account), (each) => !barred(each, known.profileOf(each)));
    hub.log.info({ account, ...report.hosts, accounts: report.accounts, problems: report.problems.length }, "walked");
    return { ...suggest(hub, known, account, wish), walk: report };
  } finally {
    running.delete(account);
  }
}

function suggest(hub: HubPorts, known: KnownGraph, account: Iri, { depth = 2, limit = SUGGESTIONS }: SuggestionWish) {
  const follows = followedBy(hub, account);
  const barred = barredFor(hub, account);
  const found = candidatesOf(known, account, follows, depth);
  const profiles = new Map<Iri, KnownProfile | undefined>();
  const candidates = found.slice(0, PROFILES_MAX + limit).flatMap((candidate) => {
    const profile = known.profileOf(candidate.account);
    if (barred(candidate.account, profile)) return [];
    profiles.set(candidate.account, profile);
    const { lastPost, topics = [] } = profile ?? {};
    return [{ ...candidate, topics, ...(lastPost === undefined ? {} : { lastPost }) }];
  });
  const ranked = rankCandidates(candidates, { topics: known.topicsOf(account), now: hub.now() });
  const suggestions = ranked
    .slice(0, limit)
    .map((each) => suggestionOf(known, each, profiles.get(each.candidate.account)));
  const all = [...follows, ...found.map((each) => each.account)];
  return { suggestions, hubs: hubsOf(hub, all) };
}

/** Whom an account does not want to see: whom it has shut out of its posts. And nobody who is not on this hub at all. */
function barredFor(hub: HubPorts, account: Iri): (candidate: Iri, profile: KnownProfile | undefined) => boolean {
  const { reader } = hub.records;
  const own = localAccountAt(hub, account);
  const listed = own === undefined ? [] : reader.affiliations(own.jid, MICROBLOG_NODE);
  const outcasts = new Set(
    listed.filter(({ affiliation }) => affiliation === "outcast").map(({ jid }) => jid as string),
  );
  return (candidate, profile) => {
    if (candidate.startsWith(hub.identity.base) && localAccountAt(hub, candidate) === undefined) return true;
    if (outcasts.size === 0) return false;
    // What an account says its JID is, is its own word: the address that goes with its page counts, too.
    const guessed = `${lastName(candidate)}@${URL.parse(candidate)?.hostname ?? ""}`;
    const jids = [profile?.jid, guessed].filter((jid) => jid !== undefined);
    return jids.some((jid) => outcasts.has(jid));
  };
}

function suggestionOf(
  known: KnownGraph,
  { candidate, score, followedBy: vouchers, sharedTopics }: Ranked<Candidate>,
  profile: KnownProfile | undefined,
): Suggestion {
  const { account, lastPost, topics } = candidate;
  const named = vouchers.map((voucher) => ({
    account: voucher.account,
    name: nameOf(voucher.account, known.profileOf(voucher.account)),
    distance: voucher.distance,
  }));
  const shown = [...sharedTopics, ...topics.filter((topic) => !sharedTopics.includes(topic))];
  return {
    account,
    profile: documentOf(account),
    name: nameOf(account, profile),
    ...(profile?.jid === undefined ? {} : { jid: profile.jid }),
    hub: hostOf(account) ?? "",
    score: Math.round(score * 1_000) / 1_000,
    followedBy: named,
    ...(lastPost === undefined ? {} : { lastPost }),
    topics: shown,
    sharedTopics,
    why: whyOf(named, shown),
  };
}

function whyOf(named: Suggestion["followedBy"], topics: readonly string[]): string {
  const [shown, more] = [named.slice(0, NAMED_MAX), named.length - NAMED_MAX];
  const names = shown.map(({ name }) => isolated(name));
  const who = more > 0 ? `${names.join(", ")} and ${more} more` : names.join(" and ");
  const about =
    topics.length === 0 ? "" : `; posts about ${topics.slice(0, TOPICS_NAMED_MAX).map(isolated).join(", ")}`;
  return `followed by ${who}${about}`;
}

/** A text from elsewhere within a sentence: where it may run the other way, the sentence does not (UAX #9 FSI … PDI). */
function isolated(text: string): string {
  return /[^\u0020-\u02AF]/.test(text) ? `\u2068${text}\u2069` : text;
}

function nameOf(account: Iri, profile: KnownProfile | undefined): string {
  return profile?.name ?? profile?.jid ?? (lastName(account) || account);
}

/** The name in an account's address: `carol` of `https://hub.example/carol#account`. */
function lastName(account: string): string {
  const last =
    documentOf(account as Iri)
      .split("/")
      .at(-1) ?? "";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** The other hubs of accounts, those with most of them first. */
function hubsOf(hub: HubPorts, accounts: readonly Iri[]): readonly SuggestedHub[] {
  const counts = new Map<string, number>();
  for (const account of accounts) {
    const host = hostOf(account);
    if (host !== undefined && host !== hub.identity.base) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  const hubs = Array.from(counts, ([host, count]) => ({ hub: host, accounts: count }));
  return hubs.sort((a, b) => b.accounts - a.accounts || (a.hub < b.hub ? -1 : 1)).slice(0, SUGGESTIONS);
}
