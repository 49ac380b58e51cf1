import { setTimeout as wait } from "node:timers/promises";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { type GuardedAnswer, type RequestGuard, sendGuarded } from "./guarded-request.ts";
import { retryAfterMs } from "./retry-after.ts";
import { type Robots, readRobots } from "./robots.ts";

/** What a robots.txt calls this program. */
const AGENT = "Sterna";
/** LIMIT: bytes of a robots.txt, and redirects to it (RFC 9309 §2.3.1.2). */
const ROBOTS_BYTES_MAX = 512 * 1_024;
const ROBOTS_REDIRECTS_MAX = 5;
/** LIMIT: milliseconds for reading a robots.txt. */
const ROBOTS_TIMEOUT_MS = 5_000;
/** How long a robots.txt is kept (RFC 9309 §2.4), and for how long it is not asked for again that did not come. */
const ROBOTS_FRESH_MS = 24 * 3_600_000;
const ROBOTS_FAILED_MS = 10 * 60_000;
/** The longest pause that a host may ask for, and the one of a host that does not say for how long. */
const PAUSE_MAX_MS = 3_600_000;
const PAUSE_MS = 5_000;
/** How far apart the requests of a walk to one host are. */
const EVERY_MS = 1_000;
/** LIMIT: hosts that something is remembered of. */
const HOSTS_MAX = 5_000;

/** What is remembered of a host. */
interface Host {
  /** Until when it wants to be left alone. */
  pauseUntil_ms: number;
  /** When its next turn may be. */
  nextTurn_ms: number;
  robots?: { readonly rules: Robots | Refusal; readonly until_ms: number };
}

/** How hosts are treated by everything that asks them: what one part of the program is told holds for all. */
export class Manners {
  readonly #guard: RequestGuard;
  readonly #every_ms: number;
  readonly #hosts = new Map<string, Host>();

  constructor(guard: RequestGuard, { every_ms = EVERY_MS }: { readonly every_ms?: number } = {}) {
    this.#guard = guard;
    this.#every_ms = every_ms;
  }

  /** Why an address is not asked at all, by what is known; `shown` is what the sentence calls it. */
  whyNot(address: string, shown: string): Refusal | undefined {
    if (!URL.canParse(address)) return refuse("invalid", `Expected an address, but got "${shown.slice(0, 120)}".`);
    const { pauseUntil_ms, robots } = this.#hostOf(address);
    const left_s = Math.ceil((pauseUntil_ms - Date.now()) / 1_000);
    if (left_s > 0) {
      return refuse("unavailable", `${shown} asked for a pause, which lasts ${left_s} seconds still.`, {
        retryAfter_s: left_s,
      });
    }
    const rules = robots?.rules;
    const { pathname, search } = new URL(address);
    if (typeof rules === "function" && !rules(pathname + search)) {
      return refuse("forbidden", `${shown} was not asked: its robots.txt does not allow it.`);
    }
    return undefined;
  }

  /** Reads a host's robots.txt, unless it is known. What is not there forbids nothing. */
  async readRobots(address: string, signal: AbortSignal): Promise<undefined | Refusal> {
    const host = this.#hostOf(address);
    if (host.robots === undefined || host.robots.until_ms <= Date.now()) {
      const rules = await this.#robotsOf(address, signal);
      if (signal.aborted) return refuse("timed-out", `${new URL(address).host} did not answer in time.`);
      const fresh_ms = isRefusal(rules) ? ROBOTS_FAILED_MS : ROBOTS_FRESH_MS;
      host.robots = { rules, until_ms: Date.now() + fresh_ms };
    }
    const { rules } = host.robots;
    return isRefusal(rules) ? rules : undefined;
  }

  /** Waits for a turn at a host: see `PoliteWeb.turn`. */
  async turn(address: string, signal: AbortSignal): Promise<undefined | Refusal> {
    const url = URL.parse(address);
    if (url === null) return refuse("invalid", `Expected an address, but got "${address.slice(0, 120)}".`);
    const unread = await this.readRobots(address, signal);
    if (unread !== undefined) return unread;
    const host = this.#hostOf(address);
    const now_ms = Date.now();
    const at_ms = Math.max(now_ms, host.nextTurn_ms);
    host.nextTurn_ms = at_ms + this.#every_ms;
    if (at_ms > now_ms) await wait(at_ms - now_ms, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) {
      // A turn that nobody takes is free again, unless somebody stands behind it already.
      if (host.nextTurn_ms === at_ms + this.#every_ms) host.nextTurn_ms = at_ms;
      return refuse("timed-out", `${url.host} was not asked any more.`);
    }
    return this.whyNot(address, url.host);
  }

  /** Why an answer's status is none; one that asks for a pause (RFC 9110 §10.2.3) is kept in mind. */
  refused({ status, headers, url }: GuardedAnswer, shown: string): Refusal {
    if (status === 429 || status === 503) {
      const pause_ms = Math.min(retryAfterMs(headers["retry-after"]) ?? PAUSE_MS, PAUSE_MAX_MS);
      this.#hostOf(url.href).pauseUntil_ms = Date.now() + pause_ms;
      const retryAfter_s = Math.ceil(pause_ms / 1_000);
      return refuse(
        "unavailable",
        `${shown} has too much to do (status ${status}); it is asked again after ${retryAfter_s} seconds.`,
        { status, retryAfter_s },
      );
    }
    return refuse("remote-refused", `${shown} answered with status ${status} instead of 200.`, { status });
  }

  #hostOf(address: string): Host {
    const { origin } = new URL(address);
    let host = this.#hosts.get(origin);
    if (host === undefined) {
      if (this.#hosts.size >= HOSTS_MAX) this.#hosts.clear();
      host = { pauseUntil_ms: 0, nextTurn_ms: 0 };
      this.#hosts.set(origin, host);
    }
    return host;
  }

  /** A robots.txt that cannot be reached forbids everything (RFC 9309 §2.3.1.4); one that is not there, nothing. */
  async #robotsOf(address: string, signal: AbortSignal): Promise<Robots | Refusal> {
    let next = new URL("/robots.txt", address).href;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ROBOTS_TIMEOUT_MS)]);
    for (let hops = 0; hops <= ROBOTS_REDIRECTS_MAX; hops++) {
      const answer = await sendGuarded(
        next,
        { accept: "text/plain", signal: limit, bytes_max: ROBOTS_BYTES_MAX, isCut: true },
        this.#guard,
      );
      if (isRefusal(answer)) return answer.code === "remote-refused" ? everything : answer;
      const { status, headers, mediaType, body } = answer;
      if (status >= 500 || status === 429) return this.refused(answer, answer.url.host);
      if (status >= 300 && status < 400 && headers.location !== undefined && URL.canParse(headers.location, next)) {
        next = new URL(headers.location, next).href;
      } else {
        // COMPAT: a site that has a page for every address has no rules either.
        return status === 200 && mediaType === "text/plain" ? readRobots(body, AGENT) : everything;
      }
    }
    return everything;
  }
}

const everything: Robots = () => true;
