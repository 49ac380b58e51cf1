import { isRefusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { CommittedDocuments, RecordChange } from "../ports/records.ts";
import type { AnswerSeed, StandingQueries, Watch, WatchDesk, WatchListener, WatchPlace } from "../ports/standing.ts";
import { type HookLoop, startHooks } from "./hooks/send-hooks.ts";
import { keptWish } from "./manage-watches.ts";
import { mayRestart, restartWatch } from "./restart-watch.ts";
import { type FreshAnswers, stoppedWatch, watchChanges } from "./watch-changes.ts";
import { watchId } from "./watch-view.ts";

/** LIMIT: watches whose answers are written down in one commit. */
const BATCH = 50;

/** LIMIT: documents of one commit that are looked at without a pause. */
const DOCUMENTS_AT_ONCE = 100;
/** LIMIT: commits that wait to be looked at; beyond, all watches are compared instead, as after a start. */
const WAITING_MAX = 1_000;

/** How often it is looked whether what was stopped may go on, and how many watches are tried then. */
const RESTART_LOOK_MS = 600_000;
const RESTARTS_AT_ONCE = 5;

const ALL: AnswerSeed = { values: {}, onlyAdds: false };

type Task = () => Promise<void>;

/** The answers of a watch as they are now, or why it cannot be kept. */
interface Evaluated {
  readonly place: WatchPlace;
  readonly answers: readonly FreshAnswers[];
  readonly problem?: string;
}

/** Lets other requests have their turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The loop that keeps the answers of standing queries. */
export interface WatchLoop extends Pick<WatchDesk, "refresh" | "listen"> {
  /** Says that a hook may have fallen due. */
  readonly wakeHooks: () => void;
  /** Tries again the watches that were stopped long enough ago; resolves when they go on or are put off. */
  readonly restartStopped: () => Promise<void>;
  /** Resolves when everything that was committed until now has been looked at, and hooks were told once. */
  readonly settled: () => Promise<void>;
}

/**
 * Starts keeping answers: each commit is looked at after it, in order, one at a time and never on the way of a post.
 * At first all watches are compared with what was known of them, as a hub may have died between a post and its answers.
 */
export function startWatches(hub: HubPorts, standing: StandingQueries, signal: AbortSignal): WatchLoop {
  return new Watches(hub, standing, signal);
}

class Watches implements WatchLoop {
  readonly #hub: HubPorts;
  readonly #standing: StandingQueries;
  readonly #signal: AbortSignal;
  readonly #hooks: HookLoop | undefined;
  readonly #listeners = new Map<string, Set<WatchListener>>();
  /** What is to be done, one after the other: commits to look at go before watches to compare. */
  readonly #commits: Task[] = [];
  readonly #comparisons: Task[] = [];
  #running: Promise<void> | undefined;
  #restarting: Promise<void> | undefined;

  constructor(hub: HubPorts, standing: StandingQueries, signal: AbortSignal) {
    this.#hub = hub;
    this.#standing = standing;
    this.#signal = signal;
    this.#hooks = hub.hookSender === undefined ? undefined : startHooks(hub, hub.hookSender, signal);
    const stop = hub.records.onCommit(({ changes }) => {
      if (this.#commits.length >= WAITING_MAX) {
        this.#commits.length = 0;
        this.#compareAll();
      }
      void this.#soon(this.#commits, () => this.#look(changes));
    });
    const looking = setInterval(() => void this.restartStopped(), RESTART_LOOK_MS).unref();
    signal.addEventListener(
      "abort",
      () => {
        clearInterval(looking);
        stop();
      },
      { once: true },
    );
    this.#compareAll();
  }

  #compareAll(): void {
    for (const watch of this.#hub.records.reader.watches()) {
      if (watch.problem === undefined) void this.#soon(this.#comparisons, () => this.#open(watch));
    }
  }

  readonly settled = async (): Promise<void> => {
    while (this.#running !== undefined) await this.#running;
    await this.#restarting;
    await this.#hooks?.settled();
  };

  readonly wakeHooks = (): void => this.#hooks?.wake();

  readonly restartStopped = (): Promise<void> => {
    this.#restarting ??= this.#restart()
      .catch((fault: unknown) => this.#hub.log.error({ fault: String(fault) }, "watches-not-restarted"))
      .finally(() => {
        this.#restarting = undefined;
      });
    return this.#restarting;
  };

  async #restart(): Promise<void> {
    const { records, watches: desk, log } = this.#hub;
    if (desk === undefined) return;
    const now = this.#hub.now();
    const due = records.reader.watches().filter((watch) => mayRestart(watch, now));
    for (const watch of due.slice(0, RESTARTS_AT_ONCE)) {
      if (this.#signal.aborted) return;
      const going = await restartWatch(this.#hub, desk, watch);
      log.info({ watch: watchId(watch), ...(isRefusal(going) ? { why: going.message } : {}) }, "watch-tried-again");
    }
  }

  readonly refresh = (place: WatchPlace): Promise<void> => {
    return this.#soon(this.#comparisons, () => this.#compare(place));
  };

  readonly listen = (place: WatchPlace, listener: WatchListener): (() => void) => {
    const id = watchId(place);
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id);
    };
  };

  #tell(changes: readonly RecordChange[]): void {
    for (const change of changes) {
      if (change.kind === "watch-answer-put") {
        for (const tell of this.#listeners.get(watchId(change.watch)) ?? [])
          tell({ kind: "answer", answer: change.answer });
      }
      if (change.kind === "watch-answer-removed") {
        for (const tell of this.#listeners.get(watchId(change.place)) ?? [])
          tell({ kind: "retracted", item: change.item });
      }
    }
  }

  #soon(queue: Task[], task: Task): Promise<void> {
    return new Promise((resolve) => {
      queue.push(async () => {
        await task().catch((fault: unknown) => this.#hub.log.error({ fault: String(fault) }, "watches-failed"));
        resolve();
      });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    for (;;) {
      await nextTurn();
      const task = this.#commits.shift() ?? this.#comparisons.shift();
      if (task === undefined) break;
      await task();
    }
    this.#running = undefined;
  }

  async #open(watch: Watch): Promise<void> {
    // It may have been removed while it waited.
    if (this.#signal.aborted || this.#hub.records.reader.watch(watch) === undefined) return;
    const added = this.#standing.add(watchId(watch), keptWish(this.#hub, watch));
    if (isRefusal(added)) await this.#write([{ place: watch, answers: [], problem: added.message }], new Set());
    else await this.#compare(watch);
  }

  async #compare(place: WatchPlace): Promise<void> {
    if (!this.#signal.aborted) await this.#bring([{ place, seeds: [ALL] }], new Set());
  }

  /** Brings up to date the answers that a commit may have changed. */
  async #look(changes: CommittedDocuments["changes"]): Promise<void> {
    const changed = new Set(changes.map(({ graph }) => graph));
    for (let from = 0; from < changes.length && !this.#signal.aborted; from += DOCUMENTS_AT_ONCE) {
      if (from > 0) await nextTurn();
      const touched = [...this.#standing.touched(changes.slice(from, from + DOCUMENTS_AT_ONCE))];
      for (let at = 0; at < touched.length && !this.#signal.aborted; at += BATCH) {
        if (at > 0) await nextTurn();
        const some = touched.slice(at, at + BATCH).map(([id, seeds]) => ({ place: placeOf(id), seeds }));
        await this.#bring(some, changed);
      }
    }
  }

  async #bring(
    touched: readonly { readonly place: WatchPlace; readonly seeds: readonly AnswerSeed[] }[],
    changed: ReadonlySet<Iri>,
  ): Promise<void> {
    const fresh: Evaluated[] = [];
    for (const { place, seeds } of touched) fresh.push({ place, ...(await this.#evaluate(place, seeds)) });
    await this.#write(fresh, changed);
  }

  async #write(fresh: readonly Evaluated[], changed: ReadonlySet<Iri>): Promise<void> {
    const { records } = this.#hub;
    const changesOf = (): readonly RecordChange[] =>
      fresh.flatMap(({ place, answers, problem }): readonly RecordChange[] => {
        const watch = records.reader.watch(place);
        if (watch === undefined) return [];
        if (problem !== undefined) return [stoppedWatch(watch, problem, this.#hub.now())];
        return watchChanges(this.#hub, records.reader, watch, answers, changed);
      });
    // Most of what may have changed has not: then there is nothing to commit.
    if (changesOf().length === 0) return;
    const done = await records.transact(() => {
      const changes = changesOf();
      return { changes, result: changes };
    });
    if (isRefusal(done)) return;
    this.#tell(done);
    if (done.some(({ kind }) => kind === "hook-event-queued")) this.wakeHooks();
    for (const change of done) {
      if (change.kind !== "watch-put") continue;
      const { watch } = change;
      this.#standing.remove(watchId(watch));
      this.#hub.log.warn({ watch: watchId(watch), why: watch.problem }, "watch-stopped");
    }
  }

  async #evaluate(place: WatchPlace, seeds: readonly AnswerSeed[]): Promise<Omit<Evaluated, "place">> {
    const found: FreshAnswers[] = [];
    for (const seed of seeds) {
      const answers = await this.#standing.answers(watchId(place), seed);
      // It was removed meanwhile.
      if (isRefusal(answers) && answers.code === "not-found") return { answers: [] };
      if (isRefusal(answers)) return { answers: [], problem: answers.message };
      found.push({ seed, answers });
    }
    return { answers: found };
  }
}

function placeOf(id: string): WatchPlace {
  const slash = id.indexOf("/");
  return { account: id.slice(0, slash) as WatchPlace["account"], name: id.slice(slash + 1) };
}
