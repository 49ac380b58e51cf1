import { isRefusal, type Refusal, refuse } from "../../../outcome/refusal.ts";
import type { Iri } from "../../../rdf/iri.ts";
import type { Quad, Term } from "../../../rdf/term.ts";
import { sioc } from "../../../vocab/sioc.ts";
import { DATASET_TRIPLES_MAX } from "../../graphs/graph-store.ts";
import type { HubPorts } from "../../ports/hub-ports.ts";
import type { NetworkBranch, NetworkQuestion } from "../../ports/network-plan.ts";
import type { QueryOptions } from "../../ports/queries.ts";
import { datasetOf, type Requester } from "../../ports/requester.ts";
import type { AskedHub, NetworkHub } from "./asked-hub.ts";
import type { HubDescriptions } from "./hub-descriptions.ts";
import { type HubWish, wishOf } from "./hub-wish.ts";
import { annotated, isKeptPost, keptAccounts } from "./kept-copies.ts";
import { KnownTerms } from "./known-terms.ts";
import type { LateHubs } from "./late-hubs.ts";
import { type Unit, unitsOf } from "./question-units.ts";
import { type NetworkWarning, WalkHubs } from "./walk-hubs.ts";

/** LIMIT: requests to each hub, milliseconds for each request, bytes of each answer. */
export const NETWORK_REQUESTS_MAX = 2;
export const NETWORK_TIMEOUT_MS = 5_000;
export const NETWORK_BYTES_MAX = 4 * 1_024 * 1_024;
/** How a question is walked through the network. */
export interface WalkWish {
  readonly signal?: AbortSignal;
  readonly from?: string;
  /** Whether posts are asked for whose copies are here. */
  readonly fresh: boolean;
  readonly timeout_ms: number;
}

/** What is still wanted of a hub. */
interface Plan {
  readonly hub: AskedHub;
  readonly wishes: ReadonlyMap<Unit, HubWish>;
}

/**
 * One question on its way through the hubs: those of the accounts that the requester follows, and of those whom these
 * follow. Each gets what only it can know, in one request, and in a second one what the answers of others narrow first.
 * Nothing is asked of it that its description says it has not, or whose copies are here.
 */
export class NetworkWalk {
  readonly #hub: HubPorts;
  readonly #question: NetworkQuestion;
  readonly #wish: WalkWish;
  readonly #units: readonly Unit[];
  readonly #hubs: WalkHubs;
  readonly #followed: ReadonlySet<string>;
  readonly #kept: ReadonlySet<Iri>;
  readonly #annotated: readonly string[] | undefined;
  readonly #descriptions: HubDescriptions;
  readonly #late: LateHubs;
  readonly #known: KnownTerms;
  readonly #pending = new Set<Promise<void>>();
  #answers = 0;

  constructor(
    hub: HubPorts,
    by: Requester,
    question: NetworkQuestion,
    wish: WalkWish,
    sources: {
      readonly followed: readonly string[];
      readonly beyond: readonly string[];
      readonly descriptions: HubDescriptions;
      readonly late: LateHubs;
    },
  ) {
    this.#hub = hub;
    this.#question = question;
    this.#wish = wish;
    this.#units = unitsOf(question);
    this.#followed = new Set(sources.followed);
    this.#kept = wish.fresh ? new Set() : keptAccounts(hub);
    this.#annotated = annotated(hub, by);
    this.#descriptions = sources.descriptions;
    this.#late = sources.late;
    const options: QueryOptions = {
      dataset: datasetOf(by),
      baseIri: hub.identity.base,
      ...(wish.from === undefined ? {} : { requester: wish.from }),
      ...(wish.signal === undefined ? {} : { signal: wish.signal }),
    };
    this.#known = new KnownTerms(hub, question, this.#units, options);
    this.#hubs = new WalkHubs(hub.identity.base);
    this.#hubs.add([...sources.followed, ...sources.beyond]);
  }

  /** The believed triples of other hubs that came so far, and whose they are: as many after each other. */
  get found(): {
    readonly quads: readonly Quad[];
    readonly origins: readonly { readonly hub: string; readonly count: number }[];
  } {
    const hubs = this.#hubs.all.filter(({ quads }) => quads.length > 0);
    return {
      quads: hubs.flatMap(({ quads }) => quads),
      origins: hubs.map(({ base, quads }) => ({ hub: base, count: quads.length })),
    };
  }

  readonly #quads = (): readonly Quad[] => this.found.quads;

  /** The hubs that gave no answer, or were not asked, and why. */
  get warnings(): readonly NetworkWarning[] {
    return this.#hubs.warnings;
  }

  /** The hubs that were asked, and what became of it. */
  get hubs(): readonly NetworkHub[] {
    const asked = this.#hubs.all.filter(({ requests }) => requests > 0);
    return asked.map(({ report }) => report);
  }

  /** The hubs that answered what they were asked. */
  get answered(): readonly string[] {
    return this.#hubs.all
      .filter(({ requests, isLost, isPending }) => requests > 0 && !isLost && !isPending)
      .map(({ base }) => base);
  }

  /** Asks until there is nothing left to ask; gives after each answer that brought something. */
  async *steps(): AsyncGenerator<undefined> {
    for (;;) {
      await this.#send();
      if (this.#pending.size === 0) return;
      await Promise.race(this.#pending);
      this.#wish.signal?.throwIfAborted();
      yield undefined;
    }
  }

  /** Sends what can be sent now; what may still be narrowed waits as long as anything is on its way. */
  async #send(): Promise<void> {
    const plans = await this.#plans();
    for (const { hub, wishes } of plans) {
      const [now, later] = [ofKind(wishes, "now"), ofKind(wishes, "later")];
      // The last request waits for all that may narrow it.
      if (now.length === 0 || (hub.requests + 1 === NETWORK_REQUESTS_MAX && later.length > 0)) continue;
      this.#ask(hub, now, wishes);
    }
    if (this.#pending.size > 0) return;
    for (const { hub, wishes } of plans) {
      const rest = [...ofKind(wishes, "now"), ...ofKind(wishes, "later")];
      if (rest.length > 0) this.#ask(hub, rest, wishes);
    }
  }

  /** What each hub that can be asked now should be; thought over again when an answer comes meanwhile. */
  async #plans(): Promise<readonly Plan[]> {
    for (;;) {
      const before = this.#answers;
      const free = this.#hubs.all.filter(
        (hub) =>
          !hub.isLost &&
          !hub.isPending &&
          hub.requests < NETWORK_REQUESTS_MAX &&
          this.#units.some(({ at }) => !hub.done.has(at)),
      );
      if (free.length === 0) return [];
      const closed = await this.#closed();
      const plans: Plan[] = [];
      for (const hub of free) plans.push({ hub, wishes: await this.#wishes(hub, closed) });
      if (before === this.#answers) return plans;
    }
  }

  /** What a hub should still be asked. */
  async #wishes(hub: AskedHub, closed: ReadonlySet<number>): Promise<ReadonlyMap<Unit, HubWish>> {
    const wishes = new Map<Unit, HubWish>();
    for (const unit of this.#units) {
      if (!hub.done.has(unit.at)) wishes.set(unit, await this.#wishOf(unit, hub, closed));
    }
    return wishes;
  }

  async #wishOf(unit: Unit, hub: AskedHub, closed: ReadonlySet<number>): Promise<HubWish> {
    const terms = new Map<string, readonly Term[]>();
    const before = without(closed, unit.at);
    for (const variable of unit.variables) {
      const found = await this.#known.of(unit.group, variable, before, this.#quads);
      if (found !== undefined) terms.set(variable, found);
    }
    return wishOf(unit, {
      base: hub.base,
      facts: this.#wish.fresh ? {} : this.#descriptions.factsOf(hub.base),
      periods: this.#question.groups[unit.group]?.periods ?? [],
      kept: this.#kept,
      isHere: this.#isHere,
      annotated: this.#annotated,
      terms,
      blanks: hub.blanks,
      mayNarrow: this.#units.some(
        (other) => other.at !== unit.at && !closed.has(other.at) && this.#isNear(other, unit),
      ),
    });
  }

  /** Whether a unit stands in the group of another one, or in one around it. */
  #isNear(other: Unit, unit: Unit): boolean {
    for (let at: number | undefined = unit.group; at !== undefined; at = this.#question.groups[at]?.within) {
      if (other.group === at) return true;
    }
    return false;
  }

  /** The units of which all is at hand that matters: no hub has, or may have, more. */
  async #closed(): Promise<ReadonlySet<number>> {
    const closed = new Set<number>();
    for (let isNew = true; isNew; ) {
      isNew = false;
      for (const unit of this.#units) {
        if (closed.has(unit.at) || !(await this.#isClosed(unit, closed))) continue;
        closed.add(unit.at);
        isNew = true;
      }
    }
    return closed;
  }

  async #isClosed(unit: Unit, closed: ReadonlySet<number>): Promise<boolean> {
    for (const hub of this.#hubs.all) {
      if (hub.isLost || hub.done.has(unit.at)) continue;
      if (hub.requests >= NETWORK_REQUESTS_MAX && !hub.isPending) continue;
      if ((await this.#wishOf(unit, hub, closed)).kind !== "none") return false;
    }
    return this.#areHubsKnown() || (await this.#isPlaced(unit, closed));
  }

  /** Whether no further hub can come up: whom the followed accounts follow is asked of all of them, or of none. */
  #areHubsKnown(): boolean {
    const asking = this.#units.filter(({ patterns }) =>
      patterns.some(({ predicate }) => !("term" in predicate) || predicate.term.equals(sioc.follows)),
    );
    return this.#hubs.all.every(
      (hub) => hub.isLost || (!hub.isPending && asking.every((unit) => hub.done.has(unit.at))),
    );
  }

  /** Whether it is known which things a unit is about, and all of them belong to hubs that are known. */
  async #isPlaced({ at, group, subject }: Unit, closed: ReadonlySet<number>): Promise<boolean> {
    const all =
      "term" in subject
        ? [subject.term]
        : await this.#known.of(group, subject.variable, without(closed, at), this.#quads);
    const bases = [this.#hub.identity.base, ...this.#hubs.bases];
    return (
      all?.every(({ termType, value }) => termType !== "NamedNode" || bases.some((base) => value.startsWith(base))) ??
      false
    );
  }

  #ask(hub: AskedHub, units: readonly Unit[], wishes: ReadonlyMap<Unit, HubWish>): void {
    const branches = hub.begin(
      units.flatMap((unit) => {
        const wish = wishes.get(unit);
        return wish === undefined || wish.kind === "none" ? [] : wish.branches;
      }),
    );
    const start_ms = performance.now();
    const pending = this.#answerOf(hub, branches).then((answer) => {
      hub.isPending = false;
      this.#answers++;
      hub.time_ms += performance.now() - start_ms;
      this.#pending.delete(pending);
      for (const unit of units) hub.done.add(unit.at);
      // What was not wanted of it while it was asked is not wanted later either.
      for (const [unit, wish] of wishes) if (wish.kind === "none") hub.done.add(unit.at);
      this.#take(hub, answer);
    });
    this.#pending.add(pending);
  }

  async #answerOf(hub: AskedHub, branches: readonly NetworkBranch[]): Promise<readonly Quad[] | Refusal> {
    const { signal } = this.#wish;
    const timeout_ms = this.#late.timeFor(hub.base, this.#wish.timeout_ms);
    const late = AbortSignal.timeout(timeout_ms);
    const answer = await this.#hub.remoteQueries.ask({
      to: { hub: hub.base as Iri },
      query: this.#hub.sparql.networkRequest(branches),
      kind: "quads",
      signal: AbortSignal.any([late, ...(signal === undefined ? [] : [signal])]),
      bytes_max: NETWORK_BYTES_MAX,
      rows_max: DATASET_TRIPLES_MAX,
    });
    // What was given up says nothing of the hub.
    if (late.aborted || signal?.aborted !== true) this.#late.note(hub.base, late.aborted);
    if (late.aborted) return refuse("timed-out", `${hub.base} did not answer within ${timeout_ms / 1_000} seconds.`);
    if (isRefusal(answer)) return answer;
    return answer.kind === "quads" ? answer.quads : [];
  }

  #take(hub: AskedHub, answer: readonly Quad[] | Refusal): void {
    if (isRefusal(answer)) return this.#lose(hub, answer.message);
    if (this.#hubs.triples + answer.length > DATASET_TRIPLES_MAX) {
      const limit = `a query takes at most ${DATASET_TRIPLES_MAX} triples of other hubs`;
      return this.#lose(hub, `${hub.base} has more to say than fits: ${limit}; ask for less.`);
    }
    const news = hub.take(answer, this.#isHere);
    // Those whom the followed accounts follow have hubs, too.
    const follows = news.filter(
      ({ subject, predicate }) => predicate.equals(sioc.follows) && this.#followed.has(subject.value),
    );
    this.#hubs.add(follows.map(({ object }) => object.value));
  }

  #lose(hub: AskedHub, why: string): void {
    hub.isLost = true;
    // That it was given up is not its fault.
    if (this.#wish.signal?.aborted !== true) this.#hubs.warn(hub.base, why);
  }

  /** Whether a thing is a post whose copy here stands for it. */
  readonly #isHere = (iri: string): boolean => !this.#wish.fresh && isKeptPost(this.#hub, iri);
}

function ofKind(wishes: ReadonlyMap<Unit, HubWish>, kind: HubWish["kind"]): readonly Unit[] {
  return [...wishes].filter(([, wish]) => wish.kind === kind).map(([unit]) => unit);
}

function without(all: ReadonlySet<number>, one: number): ReadonlySet<number> {
  if (!all.has(one)) return all;
  const rest = new Set(all);
  rest.delete(one);
  return rest;
}
