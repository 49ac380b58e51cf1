import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { PoliteWeb } from "../ports/polite-web.ts";
import { type Asked, WalkedHub } from "./ask-hub.ts";
import { candidatesOf, LEVEL_ACCOUNTS_MAX } from "./candidates.ts";
import type { KnownGraph } from "./known-graph.ts";
import { hostOf } from "./read-answers.ts";

/** LIMIT: hosts, accounts and milliseconds of one walk, and hosts asked side by side. */
export const WALK_HOSTS_MAX = 32;
export const WALK_ACCOUNTS_MAX = 200;
export const WALK_TIMEOUT_MS = 120_000;
const SIDE_BY_SIDE = 4;
/** LIMIT: candidates of which a walk asks who they are. */
export const PROFILES_MAX = 60;

/** How far a walk is. */
export interface WalkProgress {
  /** Hosts that were asked, and that are still to be asked as far as is known. */
  readonly hosts: { readonly done: number; readonly left: number };
  /** Accounts that were read. */
  readonly accounts: number;
  /** The host that was asked last. */
  readonly host?: string;
}

/** What became of a walk. */
export interface WalkReport extends WalkProgress {
  /** Hosts that did not help, and why, each as a sentence. */
  readonly problems: readonly { readonly host: string; readonly message: string }[];
  /** Why it ended before everything was asked. */
  readonly stopped?: "time" | "left" | "bounds";
}

/** How to walk. */
export interface WalkWish {
  /** How far the accounts may be that are found: 2 is whom those follow whom the account follows. */
  readonly depth: number;
  /** Whether what is known fresh is asked for again. */
  readonly refresh: boolean;
  readonly signal: AbortSignal;
  readonly timeout_ms?: number;
  readonly onProgress?: (progress: WalkProgress) => void;
}

/** One walk over the follow graph, breadth first from an account of this hub. */
export class GraphWalk {
  readonly #hub: HubPorts;
  readonly #web: PoliteWeb;
  readonly #known: KnownGraph;
  readonly #wish: WalkWish;
  readonly #signal: AbortSignal;
  readonly #late: AbortSignal;
  readonly #hosts = new Map<string, WalkedHub>();
  readonly #done = new Set<string>();
  readonly #problems = new Map<string, string>();
  readonly #asked = new Set<Iri>();
  #left = 0;
  #accounts = 0;
  #isBounded = false;
  #last: string | undefined;

  constructor(hub: HubPorts, web: PoliteWeb, known: KnownGraph, wish: WalkWish) {
    this.#hub = hub;
    this.#web = web;
    this.#known = known;
    this.#wish = wish;
    this.#late = AbortSignal.timeout(wish.timeout_ms ?? WALK_TIMEOUT_MS);
    this.#signal = AbortSignal.any([wish.signal, this.#late]);
  }

  /** Walks from whom `account` follows. Never refuses: what does not help is told in the report. */
  async run(account: Iri, follows: readonly Iri[], isWanted: (candidate: Iri) => boolean): Promise<WalkReport> {
    const seen = new Set<Iri>([account]);
    let level = follows.slice(0, LEVEL_ACCOUNTS_MAX);
    for (let distance = 1; distance < this.#wish.depth && !this.#signal.aborted; distance++) {
      for (const each of level) seen.add(each);
      await this.#askHosts(
        level.filter((each) => this.#wish.refresh || this.#known.followsOf(each)?.isFresh !== true),
        (host, accounts) => host.readFollows(accounts),
      );
      const next = new Set(level.flatMap((each) => this.#known.followsOf(each)?.follows ?? []));
      level = [...next].filter((each) => !seen.has(each)).slice(0, LEVEL_ACCOUNTS_MAX);
    }
    if (!this.#signal.aborted) await this.#readProfiles(account, follows, isWanted);
    return this.#report();
  }

  async #readProfiles(account: Iri, follows: readonly Iri[], isWanted: (candidate: Iri) => boolean): Promise<void> {
    const found = candidatesOf(this.#known, account, follows, this.#wish.depth).filter((each) =>
      isWanted(each.account),
    );
    const first = found.slice(0, PROFILES_MAX).map((each) => each.account);
    this.#asked.clear();
    await this.#askHosts(
      first.filter((each) => this.#wish.refresh || this.#known.profileOf(each)?.isFresh !== true),
      (host, accounts) => host.readProfiles(accounts),
    );
  }

  /** Asks the hosts of accounts, some side by side. */
  async #askHosts(
    accounts: readonly Iri[],
    ask: (host: WalkedHub, accounts: readonly Iri[]) => Promise<Asked>,
  ): Promise<void> {
    const queue = [...this.#byHost(accounts)];
    this.#left = queue.length;
    if (queue.length > 0) this.#tell();
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined && !this.#signal.aborted; next = queue.shift()) {
        const [base, its] = next;
        this.#take(base, await ask(this.#hostAt(base), its));
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  }

  /** Accounts that may still be asked for, by their hosts. */
  #byHost(accounts: readonly Iri[]): ReadonlyMap<string, readonly Iri[]> {
    const hosts = new Map<string, Iri[]>();
    for (const account of accounts) {
      const host = hostOf(account);
      if (host === undefined || host === this.#hub.identity.base || this.#problems.has(host)) continue;
      if (this.#asked.has(account)) continue;
      const isNew = !hosts.has(host) && !this.#hosts.has(host);
      const news = [...hosts.keys()].filter((each) => !this.#hosts.has(each)).length;
      if (this.#asked.size >= WALK_ACCOUNTS_MAX || (isNew && this.#hosts.size + news >= WALK_HOSTS_MAX)) {
        this.#isBounded = true;
        continue;
      }
      this.#asked.add(account);
      const its = hosts.get(host) ?? [];
      its.push(account);
      hosts.set(host, its);
    }
    return hosts;
  }

  #hostAt(base: string): WalkedHub {
    let host = this.#hosts.get(base);
    if (host === undefined) {
      host = new WalkedHub(this.#hub, this.#web, this.#known, base, this.#signal);
      this.#hosts.set(base, host);
    }
    return host;
  }

  #take(base: string, asked: Asked | Refusal): void {
    this.#left--;
    this.#done.add(base);
    this.#last = base;
    if (!isRefusal(asked)) {
      this.#accounts += asked.read;
      this.#isBounded ||= asked.left > 0;
    } else if (!this.#signal.aborted) this.#problems.set(base, asked.message);
    this.#tell();
  }

  #tell(): void {
    this.#wish.onProgress?.(this.#progress());
  }

  #progress(): WalkProgress {
    const host = this.#last;
    return {
      hosts: { done: this.#done.size, left: this.#left },
      accounts: this.#accounts,
      ...(host === undefined ? {} : { host }),
    };
  }

  #report(): WalkReport {
    const stopped = this.#wish.signal.aborted
      ? "left"
      : this.#late.aborted
        ? "time"
        : this.#isBounded
          ? "bounds"
          : undefined;
    const problems = [...this.#problems].map(([host, message]) => ({ host, message }));
    return { ...this.#progress(), problems, ...(stopped === undefined ? {} : { stopped }) };
  }
}
