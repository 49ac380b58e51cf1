import type { Account, AccountName } from "../../core/account.ts";
import { accountIris, accountNameIn, itemIdIn, postIri } from "../../core/hub-iris.ts";
import { epochMs, type Instant, instantOf } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { Refusal } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { CommittedDocuments } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { copyPost } from "./copy-post.ts";

/** How long after a refusal it is tried again: the last of them again and again. */
const RETRY_AFTER_MS = [15_000, 60_000, 300_000, 900_000, 3_600_000];
/** LIMIT: posts of one account looked through for those without a copy, the newest. */
const LOOKED_THROUGH_MAX = 1_000;
const PAGE = 200;
/** LIMIT: the longest sleep, so that a clock that was set back does not stop it. */
const SLEEP_MS = 600_000;

/** How the copies of one account stand. */
export interface CopiesStatus {
  readonly account: AccountName;
  readonly jid: string;
  readonly waiting: number;
  /** Why the last was not taken, as a sentence. */
  readonly problem?: string;
  readonly nextAttempt?: Instant;
}

interface Line {
  readonly waiting: Set<ItemId>;
  /** Posts that were not taken by themselves, which was said; they are tried with each new link. */
  readonly untaken: Set<ItemId>;
  attempts: number;
  next_ms: number;
  problem: string | undefined;
  running: boolean;
}

const loops = new WeakMap<HubPorts, CopyLoop>();

/** The copies of an account, for itself; of all accounts for the owner. */
export function copiesStatus(hub: HubPorts, by: Requester): readonly CopiesStatus[] {
  const { reader } = hub.records;
  const accounts = by.kind === "owner" ? reader.accounts() : by.kind === "account" ? [by.account] : [];
  return accounts.flatMap(({ name, alsoAt }) => {
    if (alsoAt === undefined) return [];
    const { waiting, problem, next_ms = 0 } = loops.get(hub)?.lines.get(name) ?? {};
    const failed = problem === undefined ? {} : { problem, nextAttempt: instantOf(next_ms) };
    return [{ account: name, jid: alsoAt.jid, waiting: waiting?.size ?? 0, ...failed }];
  });
}

/** Looks at an account whose posts are to stand elsewhere too. */
export function beginCopies(hub: HubPorts, account: Account): void {
  loops.get(hub)?.begin(account);
}

/**
 * Keeps the copies of posts in the microblogs of people's own JIDs: after each commit, and compared with what was
 * copied at each start and whenever the link comes up, so that none is lost. One account's go one after the other.
 */
export function startCopies(hub: HubPorts, signal: AbortSignal): void {
  loops.set(hub, new CopyLoop(hub, signal));
}

class CopyLoop {
  readonly lines = new Map<AccountName, Line>();
  readonly #hub: HubPorts;
  readonly #signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;

  constructor(hub: HubPorts, signal: AbortSignal) {
    this.#hub = hub;
    this.#signal = signal;
    const stops = [
      hub.records.onCommit((committed) => this.#note(committed)),
      hub.xmpp.onStatus((status) => {
        if (status.kind === "online") this.#beginAll();
      }),
    ];
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      for (const stop of stops) stop();
    });
    if (hub.xmpp.status.kind === "online") this.#beginAll();
  }

  /** Looks through an account's posts for what is not there as it is here, and begins anew with what was put off. */
  begin(account: Account): void {
    const line = this.#lineOf(account.name);
    for (const id of withoutCopy(this.#hub, account)) line.waiting.add(id);
    [line.attempts, line.next_ms, line.problem] = [0, 0, undefined];
    this.#look();
  }

  #beginAll(): void {
    for (const account of this.#hub.records.reader.accounts()) if (account.alsoAt !== undefined) this.begin(account);
  }

  /** Own posts that a commit has made, changed or taken out wait to be copied. */
  #note({ changes }: CommittedDocuments): void {
    const { identity, records } = this.#hub;
    for (const { before, after } of changes) {
      const post = after ?? before;
      if (post?.kind !== "post" || post.origin.kind !== "own") continue;
      const name = (accountNameIn(identity.base, post.graph) ?? "") as AccountName;
      const id = itemIdIn(accountIris(identity.base, name).container, post.graph);
      const isCopied = id !== undefined && records.reader.account(name)?.alsoAt !== undefined;
      if (isCopied) this.#lineOf(name).waiting.add(id);
    }
    this.#look();
  }

  #lineOf(name: AccountName): Line {
    const line = this.lines.get(name) ?? newLine();
    this.lines.set(name, line);
    return line;
  }

  /** Begins what is due, and looks again when the next is. */
  #look(): void {
    clearTimeout(this.#timer);
    if (this.#signal.aborted || this.#hub.xmpp.status.kind !== "online") return;
    const now_ms = epochMs(this.#hub.now());
    let sleep_ms = SLEEP_MS;
    for (const [name, line] of this.lines) {
      if (line.waiting.size === 0 || line.running) continue;
      if (line.next_ms <= now_ms) void this.#run(name, line);
      else sleep_ms = Math.min(sleep_ms, line.next_ms - now_ms);
    }
    this.#timer = setTimeout(() => this.#look(), sleep_ms);
    this.#timer.unref();
  }

  async #run(name: AccountName, line: Line): Promise<void> {
    line.running = true;
    try {
      await copyWaiting(this.#hub, name, line, this.#signal);
    } catch (fault) {
      putOff(this.#hub, line);
      this.#hub.log.error({ account: name, fault: String(fault) }, "copies-failed");
    } finally {
      line.running = false;
      this.#look();
    }
  }
}

function newLine(): Line {
  const [waiting, untaken] = [new Set<ItemId>(), new Set<ItemId>()];
  return { waiting, untaken, attempts: 0, next_ms: 0, problem: undefined, running: false };
}

/** Copies what waits, oldest first, until one is refused. */
async function copyWaiting(hub: HubPorts, name: AccountName, line: Line, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && hub.xmpp.status.kind === "online") {
    const account = hub.records.reader.account(name);
    // Whoever ended it meanwhile wants none of them any more.
    if (account?.alsoAt === undefined) line.waiting.clear();
    const [id] = [...line.waiting].sort();
    if (id === undefined || account?.alsoAt === undefined) return;
    // Before: what is edited meanwhile waits once more.
    line.waiting.delete(id);
    const no = await copyPost(hub, account, account.alsoAt, id).catch((fault: unknown) => {
      line.waiting.add(id);
      throw fault;
    });
    if (no === undefined) {
      line.untaken.delete(id);
      [line.attempts, line.problem] = [0, undefined];
      continue;
    }
    if (isAboutPost(no)) {
      hub.log.warn({ account: name, id, code: no.code, reason: no.message }, "post-not-copied");
      const isNews = !line.untaken.has(id);
      line.untaken.add(id);
      if (isNews) await tell(hub, account, `Your post ${id} was not taken at ${account.alsoAt.jid}: ${no.message}`);
      continue;
    }
    line.waiting.add(id);
    const isNew = line.problem === undefined;
    line.problem = no.message;
    putOff(hub, line);
    hub.log.warn({ account: name, attempts: line.attempts, code: no.code, reason: no.message }, "copies-put-off");
    if (isNew) {
      await tell(
        hub,
        account,
        `Your posts cannot be put into your own microblog at ${account.alsoAt.jid} at the moment; it is tried again. ${no.message}`,
      );
    }
    return;
  }
}

function putOff(hub: HubPorts, line: Line): void {
  const after_ms = RETRY_AFTER_MS[Math.min(line.attempts, RETRY_AFTER_MS.length - 1)] ?? SLEEP_MS;
  line.attempts++;
  line.next_ms = epochMs(hub.now()) + after_ms;
}

/** What an own server says to one post, and not to whoever publishes there. */
function isAboutPost({ code, detail }: Refusal): boolean {
  const conditions: readonly unknown[] = ["not-acceptable", "bad-request", "policy-violation"];
  return code === "too-large" || code === "shape-violated" || conditions.includes(detail?.["condition"]);
}

async function tell(hub: HubPorts, { jid, alsoAt }: Account, words: string): Promise<void> {
  if (alsoAt !== undefined) await hub.xmpp.say(jid, alsoAt.jid, words);
}

/** The posts whose copies are not as they are: new ones, edited ones, and copies of what was deleted. */
function withoutCopy(hub: HubPorts, { name, alsoAt }: Account): ReadonlySet<ItemId> {
  const found = new Set<ItemId>();
  if (alsoAt === undefined) return found;
  const { reader } = hub.records;
  const { container } = accountIris(hub.identity.base, name);
  const copied = reader.copiesOf(name, alsoAt.jid);
  for (const [id, version] of copied) {
    if (reader.versionOf(postIri(hub.identity.base, name, id)) !== version) found.add(id);
  }
  let olderThan: string | undefined;
  for (let looked = 0; looked < LOOKED_THROUGH_MAX; looked += PAGE) {
    const place = olderThan === undefined ? {} : { olderThan };
    const page = reader.list({ scope: { kind: "container", container }, limit: PAGE, ...place });
    const news = page.documents.filter(({ created }) => created >= alsoAt.since);
    for (const { graph } of news) {
      const id = itemIdIn(container, graph);
      if (id !== undefined && !copied.has(id)) found.add(id);
    }
    olderThan = page.older;
    if (olderThan === undefined || news.length < page.documents.length) break;
  }
  return found;
}
