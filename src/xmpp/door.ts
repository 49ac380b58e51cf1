import { bareOf, domainOf, type Jid } from "../core/jid.ts";
import { TokenBuckets } from "../core/token-buckets.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import type { StanzaCounts } from "../hub/ports/xmpp-link.ts";

/** How many seconds' worth of stanzas may come at once. */
const BURST_S = 4;
/** How much more a whole domain may send than one JID of it, and how much more one that is followed or follows. */
const DOMAIN_FACTOR = 10;
const PEER_FACTOR = 100;
/** LIMIT: JIDs and domains whose sending is remembered. */
const JIDS_MAX = 10_000;
const DOMAINS_MAX = 2_000;
/** Seconds for which it is remembered whether a domain is a peer. */
const PEER_MS = 60_000;
/** What is kept out is said in the log at most so often, with how many there were. */
const SAID_MS = 10_000;

/** What keeps the door. */
export interface DoorOptions {
  /** Stanzas a second of one bare JID; undefined lets everything in. */
  readonly stanzasPerSecond: number | undefined;
  /** Whether accounts here follow somebody at a domain, or are followed from there. */
  readonly isPeer: (domain: string) => boolean;
  readonly log: Log;
}

/**
 * Says of each stanza whether it comes in. A bare JID has its rate, and its domain another for all its JIDs together,
 * of which one JID cannot take more than its own. Counts what is kept out.
 */
export class Door {
  readonly counts: { -readonly [K in keyof StanzaCounts]: StanzaCounts[K] } = { limited: 0, malformed: 0, ignored: 0 };
  readonly #options: DoorOptions;
  readonly #jids: TokenBuckets;
  readonly #domains: TokenBuckets;
  readonly #peers: TokenBuckets;
  readonly #isPeer = new Map<string, { readonly is: boolean; readonly at_ms: number }>();
  #said_ms = Number.NEGATIVE_INFINITY;

  constructor(options: DoorOptions) {
    this.#options = options;
    const buckets = (factor: number, buckets_max: number): TokenBuckets => {
      const perSecond = (options.stanzasPerSecond ?? 0) * factor;
      return new TokenBuckets({ perSecond, burst: perSecond * BURST_S, buckets_max });
    };
    this.#jids = buckets(1, JIDS_MAX);
    this.#domains = buckets(DOMAIN_FACTOR, DOMAINS_MAX);
    this.#peers = buckets(PEER_FACTOR, DOMAINS_MAX);
  }

  /** Whether a stanza of `from` is taken in. */
  admits(from: Jid, now_ms: number): boolean {
    if (this.#options.stanzasPerSecond === undefined) return true;
    const domain = domainOf(from);
    if (this.#jids.take(bareOf(from), now_ms) && this.#domains.take(domain, now_ms)) return true;
    // Asked of nobody who keeps within the ordinary rate.
    return this.#knows(domain, now_ms) && this.#peers.take(domain, now_ms);
  }

  /** Counts a stanza that is not taken in. */
  keepOut(why: keyof StanzaCounts, from: string | undefined, now_ms: number): void {
    this.counts[why]++;
    if (why === "ignored" || now_ms - this.#said_ms < SAID_MS) return;
    this.#said_ms = now_ms;
    this.#options.log.warn({ from: from?.slice(0, 200), why, ...this.counts }, "stanza-kept-out");
  }

  #knows(domain: string, now_ms: number): boolean {
    const known = this.#isPeer.get(domain);
    if (known !== undefined && now_ms - known.at_ms < PEER_MS) return known.is;
    this.#isPeer.delete(domain);
    const [oldest] = this.#isPeer.keys();
    if (this.#isPeer.size >= DOMAINS_MAX && oldest !== undefined) this.#isPeer.delete(oldest);
    const is = this.#options.isPeer(domain);
    this.#isPeer.set(domain, { is, at_ms: now_ms });
    return is;
  }
}
