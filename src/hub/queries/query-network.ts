import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Quad } from "../../rdf/term.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { QueryAnswer, QueryGraphs } from "../ports/queries.ts";
import { datasetOf, type Requester } from "../ports/requester.ts";
import type { NetworkHub } from "./network/asked-hub.ts";
import { gradualAnswer } from "./network/gradual-answer.ts";
import { descriptionsOf } from "./network/hub-descriptions.ts";
import { LateHubs } from "./network/late-hubs.ts";
import { sourcesOf } from "./network/network-sources.ts";
import { NETWORK_TIMEOUT_MS, NetworkWalk } from "./network/network-walk.ts";
import type { NetworkWarning } from "./network/walk-hubs.ts";

/** The variable that tells which hubs a row came from: their addresses in order, with a space between them. */
export const PROVENANCE_VARIABLE = "hub";

/** LIMIT: copies of other hubs' posts that give way to what these hubs say now. */
const FRESH_POSTS_MAX = 20_000;

/** An answer from several hubs; without what `warnings` tells of, it is what one store with everything would say. */
export interface NetworkAnswer {
  readonly kind: "network";
  readonly answer: QueryAnswer;
  /** What follows is whole once the answer was read to its end; at once, unless the answer was to come in parts. */
  readonly told: NetworkReport;
}

/** How the hubs stand. */
export interface NetworkReport {
  /** The bases of the hubs that answered. */
  readonly hubs: readonly string[];
  /** Those that were asked, with how often and what came. */
  readonly asked: readonly NetworkHub[];
  readonly warnings: readonly NetworkWarning[];
}

/** How to ask the network. */
export interface NetworkWish {
  readonly signal?: AbortSignal;
  readonly from?: string;
  /** Whether a hub that does not answer makes all of it a Refusal. */
  readonly strict?: boolean;
  /** Whether other hubs are asked for posts whose copies are here, too. */
  readonly fresh?: boolean;
  /** Whether each row tells which hubs it came from, as {@link PROVENANCE_VARIABLE}. */
  readonly provenance?: boolean;
  /** Whether rows may come while hubs are still being asked; only where more data can but add rows. */
  readonly gradual?: boolean;
  /** LIMIT: milliseconds for each request to another hub. */
  readonly timeout_ms?: number;
  /** Told after each answer of another hub. */
  readonly onProgress?: (told: NetworkReport) => void;
}

const lateHubs = new WeakMap<HubPorts, LateHubs>();

/** Which hubs were late of late, one collection for each hub. */
function lateHubsOf(hub: HubPorts): LateHubs {
  let late = lateHubs.get(hub);
  if (late === undefined) {
    late = new LateHubs();
    lateHubs.set(hub, late);
  }
  return late;
}

/**
 * Answers a query over what the requester may see here and what the hubs of the accounts it follows show everybody, and
 * the hubs of those whom these follow. Each hub gets at most two requests, as a stranger's, so that none asks others in
 * turn ({@link NetworkWalk}). The whole query runs over what they gave and what is here, so no join depends on a hub
 * that sees a part. Refuses with `unauthenticated` who has no account, and under `strict` with the first hub's reason.
 */
export async function queryNetwork(
  hub: HubPorts,
  by: Requester,
  text: string,
  wish: NetworkWish = {},
): Promise<NetworkAnswer | Refusal> {
  if (by.kind !== "account") {
    return refuse("unauthenticated", "Expected an account to ask across the hubs it follows, but got nobody; log in.");
  }
  const question = hub.sparql.networkQuestion(text, hub.identity.base);
  if (isRefusal(question)) return question;
  // It is needed at the end, and starts while other hubs are asked.
  if (hub.queries.worker?.state === "off") hub.queries.warm?.();
  const { base } = hub.identity;
  const sources = await sourcesOf(hub, by.iri, wish.signal);
  const enough = new AbortController();
  const signal = wish.signal === undefined ? enough.signal : AbortSignal.any([wish.signal, enough.signal]);
  const walk = new NetworkWalk(
    hub,
    by,
    question,
    { fresh: wish.fresh ?? false, timeout_ms: wish.timeout_ms ?? NETWORK_TIMEOUT_MS, ...askerOf({ ...wish, signal }) },
    { ...sources, descriptions: descriptionsOf(hub), late: lateHubsOf(hub) },
  );
  const evaluate = (): Promise<QueryAnswer | Refusal> =>
    hub.queries.adHoc(text, {
      dataset: datasetOf(by),
      baseIri: base,
      ...askerOf(wish),
      ...graphsOf(hub, walk, wish),
      ...(wish.provenance === true ? { provenance: { variable: PROVENANCE_VARIABLE, here: base } } : {}),
    });
  const told = reportOf(walk);
  const isGradual = wish.gradual === true && wish.strict !== true && wish.fresh !== true && question.grows;
  if (isGradual) {
    const given = await gradualAnswer(walk.steps(), evaluate, {
      limit: question.limit ?? Number.POSITIVE_INFINITY,
      onStep: () => wish.onProgress?.(told),
      stop: () => enough.abort(),
    });
    return isRefusal(given) ? given : { kind: "network", answer: given, told };
  }
  for await (const _ of walk.steps()) wish.onProgress?.(told);
  const [first] = walk.warnings;
  if (wish.strict === true && first !== undefined) return notAll(first, walk.warnings);
  const answer = await evaluate();
  return isRefusal(answer) ? answer : { kind: "network", answer, told };
}

function askerOf({ from, signal }: NetworkWish): {
  readonly requester?: string;
  readonly from?: string;
  readonly signal?: AbortSignal;
} {
  return {
    ...(from === undefined ? {} : { requester: from, from }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function notAll(first: NetworkWarning, warnings: readonly NetworkWarning[]): Refusal {
  return refuse(
    "remote-refused",
    `Expected an answer of every hub, but ${warnings.length} gave none: ${first.message}`,
    { hubs: warnings.map((warning) => warning.hub) },
  );
}

/** The report as it stands whenever it is read. */
function reportOf(walk: NetworkWalk): NetworkReport {
  return {
    get hubs() {
      return walk.answered;
    },
    get asked() {
      return walk.hubs;
    },
    warnings: walk.warnings,
  };
}

/** The triples of other hubs as graphs of the query; with `fresh`, in the place of the copies of them that are here. */
function graphsOf(
  hub: HubPorts,
  walk: NetworkWalk,
  { fresh, provenance }: NetworkWish,
): { readonly graphs?: QueryGraphs } {
  const { quads, origins } = walk.found;
  const without = fresh === true ? copiesOf(hub, walk.answered) : [];
  if (quads.length === 0 && without.length === 0 && provenance !== true) return {};
  return {
    graphs: {
      quads,
      withDataset: true,
      ...(provenance === true ? { origins } : {}),
      ...(without.length === 0 ? {} : { without }),
    },
  };
}

/** The copies here of posts of hubs that said what they have now. */
function copiesOf(hub: HubPorts, bases: readonly string[]): readonly Quad[] {
  const { reader } = hub.records;
  const containers = reader.upstreams().flatMap(({ account, container }) => {
    return container !== undefined && bases.some((base) => account.startsWith(base)) ? [container] : [];
  });
  const posts = containers.flatMap((container) => reader.postIds(container)).slice(0, FRESH_POSTS_MAX);
  return posts.flatMap((post) => {
    const stored = reader.document(post);
    return stored?.kind === "live" ? stored.document.quads : [];
  });
}
