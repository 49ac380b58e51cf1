import { domainOf, parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { DATASET_TRIPLES_MAX } from "../graphs/graph-store.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { QueryAnswer } from "../ports/queries.ts";
import type { RemoteAnswer, RemoteQuestion } from "../ports/remote-queries.ts";
import type { Requester } from "../ports/requester.ts";
import { askableBy, FOLLOW_FIRST, isAskable } from "./askable-hubs.ts";
import { baseOfAccount } from "./network/believed.ts";

/** LIMIT: milliseconds for the answer, its bytes; what it is made of is bounded as for a question to several hubs. */
const ANSWER_TIMEOUT_MS = 30_000;
const ANSWER_BYTES_MAX = 16 * 1_024 * 1_024;

/** LIMIT: questions of one account at once that wait for an answer; the answers are held whole. */
const WAITING_MAX = 6;
const WAIT_S = 2;

/** How many questions of each account wait. */
const waiting = new WeakMap<HubPorts, Map<Iri, number>>();

/** How to ask one hub. */
export interface OneHubWish {
  readonly signal?: AbortSignal;
  /** LIMIT: milliseconds for its answer. */
  readonly timeout_ms?: number;
}

/**
 * Hands a query on to one other hub and gives what that one says, and nothing else: it sees the question as a
 * stranger's and answers from its own data. It is named by its base, its endpoint, an account or page of it, or its
 * domain as `xmpp:` IRI; over HTTP, and over XMPP where HTTP reaches nobody. Refuses with `unauthenticated` who has no
 * account, with `too-many` more than {@link WAITING_MAX} at once, with `forbidden` a hub that is not known to be one of
 * somebody the account follows nor allowed by the owner, with `timed-out`, and as `RemoteQueries.ask` does.
 */
export async function askOneHub(
  hub: HubPorts,
  by: Requester,
  text: string,
  named: string,
  { signal, timeout_ms = ANSWER_TIMEOUT_MS }: OneHubWish = {},
): Promise<QueryAnswer | Refusal> {
  if (by.kind !== "account") {
    return refuse("unauthenticated", "Expected an account to have another hub asked, but got nobody; log in.");
  }
  const to = placeOf(hub, askableBy(hub, by.iri), named);
  if (isRefusal(to)) return to;
  const kind = hub.sparql.formOf(text, hub.identity.base);
  if (isRefusal(kind)) return kind;
  return await counted(hub, by.iri, () => answerOf(hub, { to, query: text, kind }, named, { signal, timeout_ms }));
}

/** Does what an account waits for, unless it waits for as much as it may. */
async function counted<T>(hub: HubPorts, account: Iri, work: () => Promise<T>): Promise<T | Refusal> {
  const counts = waiting.get(hub) ?? new Map<Iri, number>();
  waiting.set(hub, counts);
  const count = counts.get(account) ?? 0;
  if (count >= WAITING_MAX) {
    const sentence = `Expected at most ${WAITING_MAX} questions of one account to other hubs at once, but there are as many; wait for one to end.`;
    return refuse("too-many", sentence, { retryAfter_s: WAIT_S });
  }
  counts.set(account, count + 1);
  try {
    return await work();
  } finally {
    const left = (counts.get(account) ?? 1) - 1;
    if (left > 0) counts.set(account, left);
    else counts.delete(account);
  }
}

async function answerOf(
  hub: HubPorts,
  question: Pick<RemoteQuestion, "to" | "query" | "kind">,
  named: string,
  { signal, timeout_ms }: { readonly signal: AbortSignal | undefined; readonly timeout_ms: number },
): Promise<QueryAnswer | Refusal> {
  const late = AbortSignal.timeout(timeout_ms);
  const answer = await hub.remoteQueries.ask({
    ...question,
    signal: signal === undefined ? late : AbortSignal.any([late, signal]),
    bytes_max: ANSWER_BYTES_MAX,
    rows_max: DATASET_TRIPLES_MAX,
  });
  if (!isRefusal(answer)) return asAnswer(answer);
  if (!late.aborted) return answer;
  return refuse("timed-out", `Expected an answer of ${named} within ${timeout_ms / 1_000} seconds, but none came.`);
}

/** Where to ask: the hub or endpoint that `named` means, if it may be asked. */
function placeOf(hub: HubPorts, askable: ReadonlySet<string>, named: string): RemoteQuestion["to"] | Refusal {
  const shown = named.slice(0, 200).toWellFormed();
  const candidates = /^xmpp:/i.test(named) ? xmppPlaces(named) : webPlaces(named);
  if (candidates.length === 0) {
    return refuse(
      "invalid",
      `Expected a hub such as https://far.example/ or xmpp:far.example, but got "${shown}"; name one by its address.`,
    );
  }
  const { base, domain } = hub.identity;
  if (candidates.some((each) => [base, `${base}sparql`, `xmpp:${domain}`].includes(each))) {
    return refuse("invalid", `Expected another hub, but ${shown} is this one; ask without naming a hub.`);
  }
  const found = candidates.find((each) => isAskable(askable, each));
  if (found === undefined) {
    return refuse(
      "forbidden",
      `Expected the hub of somebody you follow, or one that this hub's owner allows (STERNA_SERVICES), but got ${shown}; ${FOLLOW_FIRST}.`,
    );
  }
  return found.endsWith("/") ? { hub: found } : { endpoint: found };
}

/** The domain of a JID. */
function xmppPlaces(named: string): readonly Iri[] {
  const jid = parseBareJid(/^xmpp:([^/?#]+)/i.exec(named)?.[1] ?? "");
  return isRefusal(jid) ? [] : [`xmpp:${domainOf(jid)}` as Iri];
}

/** A hub's base with or without its last slash, an endpoint as it stands, or the hub of an account. */
function webPlaces(named: string): readonly Iri[] {
  const base = baseOfAccount(named);
  if (base === undefined || !isIri(named)) return [];
  return [...new Set([named, `${named}/`, base])].filter(isIri);
}

function asAnswer(answer: RemoteAnswer): QueryAnswer {
  switch (answer.kind) {
    case "boolean":
      return answer;
    case "quads":
      return { kind: "quads", quads: oneByOne(answer.quads) };
    case "bindings":
      return { ...answer, rows: oneByOne(answer.rows) };
  }
}

async function* oneByOne<T>(all: Iterable<T>): AsyncGenerator<T> {
  yield* all;
}
