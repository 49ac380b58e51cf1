import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { blankNode, type Quad, quad, type Term } from "../../rdf/term.ts";
import { sioc } from "../../vocab/sioc.ts";
import { followedBy } from "../following/list-follows.ts";
import { DATASET_TRIPLES_MAX } from "../graphs/graph-store.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { QueryAnswer } from "../ports/queries.ts";
import { datasetOf, type Requester } from "../ports/requester.ts";

/** LIMIT: hubs asked for one query, and milliseconds for each. */
export const NETWORK_HUBS_MAX = 16;
export const NETWORK_TIMEOUT_MS = 5_000;

/** A hub that did not help, and why, as a sentence. */
export interface NetworkWarning {
  readonly hub: string;
  readonly message: string;
}

/** An answer from several hubs; without what `warnings` tells of, it is what one store with everything would say. */
export interface NetworkAnswer {
  readonly kind: "network";
  readonly answer: QueryAnswer;
  /** The bases of the hubs that answered. */
  readonly hubs: readonly string[];
  readonly warnings: readonly NetworkWarning[];
}

/** How to ask the network. */
export interface NetworkWish {
  readonly signal?: AbortSignal;
  readonly from?: string;
  /** Whether a hub that does not answer makes all of it a Refusal. */
  readonly strict?: boolean;
}

/**
 * Answers a query over what the requester may see here and what the hubs of the accounts it follows show everybody, and
 * the hubs of those whom these follow, if the query asks about follows. Each hub gets one request, all of a round at
 * the same time. They are asked as a stranger would ask them, so that none asks others in turn.
 * Refuses with `unauthenticated` who has no account, and under `strict` with the first hub's reason.
 */
export async function queryNetwork(
  hub: HubPorts,
  by: Requester,
  text: string,
  { signal, from, strict = false }: NetworkWish = {},
): Promise<NetworkAnswer | Refusal> {
  if (by.kind !== "account") {
    return refuse("unauthenticated", "Expected an account to ask across the hubs it follows, but got nobody; log in.");
  }
  const question = hub.sparql.networkQuestion(text, hub.identity.base);
  if (isRefusal(question)) return question;
  const walk = new Walk(hub, question.construct, signal);
  await walk.ask(followedBy(hub, by.iri));
  await walk.ask(walk.followed());
  const { quads, warnings, hubs } = walk;
  const [first] = warnings;
  if (strict && first !== undefined) {
    return refuse(
      "remote-refused",
      `Expected an answer of every hub, but ${warnings.length} gave none: ${first.message}`,
      {
        hubs: warnings.map((warning) => warning.hub),
      },
    );
  }
  const answer = await hub.queries.adHoc(text, {
    dataset: datasetOf(by),
    baseIri: hub.identity.base,
    graphs: { quads, withDataset: true },
    ...(from === undefined ? {} : { requester: from }),
    ...(signal === undefined ? {} : { signal }),
  });
  return isRefusal(answer) ? answer : { kind: "network", answer, hubs, warnings };
}

/** What came of other hubs so far. */
class Walk {
  readonly quads: Quad[] = [];
  readonly warnings: NetworkWarning[] = [];
  readonly hubs: string[] = [];
  readonly #asked = new Set<string>();
  readonly #hub: HubPorts;
  readonly #construct: string | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(hub: HubPorts, construct: string | undefined, signal: AbortSignal | undefined) {
    this.#hub = hub;
    this.#construct = construct;
    this.#signal = signal;
    this.#asked.add(hub.identity.base);
  }

  /** Asks the hubs of these accounts that were not asked yet, at the same time. */
  async ask(accounts: readonly string[]): Promise<void> {
    const construct = this.#construct;
    if (construct === undefined) return;
    const bases = new Set(accounts.flatMap((account) => baseOf(account) ?? []));
    const next = [...bases].filter((base) => !this.#asked.has(base));
    const room = NETWORK_HUBS_MAX + 1 - this.#asked.size;
    for (const base of next.slice(room)) {
      this.warnings.push({
        hub: base,
        message: `${base} was not asked: a query asks at most ${NETWORK_HUBS_MAX} hubs.`,
      });
    }
    const now = next.slice(0, room);
    for (const base of now) this.#asked.add(base);
    const answers = await Promise.all(now.map((base) => this.#askOne(base, construct)));
    for (const [at, base] of now.entries()) this.#take(base, answers[at] ?? []);
  }

  /** Whom those follow whose hubs answered. */
  followed(): readonly string[] {
    return this.quads.filter(({ predicate }) => predicate.equals(sioc.follows)).map(({ object }) => object.value);
  }

  async #askOne(base: string, construct: string): Promise<readonly Quad[] | Refusal> {
    const url = `${base}sparql?query=${encodeURIComponent(construct)}` as Iri;
    const late = AbortSignal.timeout(NETWORK_TIMEOUT_MS);
    const signal = AbortSignal.any([late, ...(this.#signal === undefined ? [] : [this.#signal])]);
    const found = await this.#hub.remote.rdf(url, signal);
    if (!isRefusal(found)) return found.quads;
    return late.aborted
      ? refuse("timed-out", `${base} did not answer within ${NETWORK_TIMEOUT_MS / 1_000} seconds.`)
      : found;
  }

  #take(base: string, answer: readonly Quad[] | Refusal): void {
    if (isRefusal(answer)) {
      // The question stands in the address; whoever asked knows it.
      this.warnings.push({ hub: base, message: answer.message.replace(/(\/sparql)\?query=\S*/g, "$1") });
      return;
    }
    if (this.quads.length + answer.length > DATASET_TRIPLES_MAX) {
      const message = `${base} has more to say than fits: a query takes at most ${DATASET_TRIPLES_MAX} triples of other hubs; ask for less.`;
      this.warnings.push({ hub: base, message });
      return;
    }
    const place = this.hubs.push(base);
    for (const each of answer) {
      if (!maySay(base, each)) continue;
      this.quads.push(quad(apart(each.subject, place) as never, each.predicate, apart(each.object, place) as never));
    }
  }
}

/** Where the hub of an account is: what it says about itself starts so (`Upstream.authority`). */
function baseOf(account: string): string | undefined {
  const url = URL.parse(account);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:") || url.username !== "") return undefined;
  return new URL("..", url).href;
}

/** A hub speaks about what is its own, and does not put posts into the mouths of others. */
function maySay(base: string, { subject, predicate, object }: Quad): boolean {
  if (subject.termType === "NamedNode" && !subject.value.startsWith(base)) return false;
  return !predicate.equals(sioc.has_creator) || (object.termType === "NamedNode" && object.value.startsWith(base));
}

/** Blank nodes of different hubs are different, whatever they are called. */
function apart(term: Term, place: number): Term {
  return term.termType === "BlankNode" ? blankNode(`hub${place}.${term.value}`) : term;
}
