import type { Account } from "../../core/account.ts";
import { accountIris, tagIri } from "../../core/hub-iris.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { PubsubNode } from "../../pubsub/state.ts";
import { type Iri, parseIri } from "../../rdf/iri.ts";
import { ownAccount } from "../accounts/authenticate.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange } from "../ports/records.ts";
import { maySee, type Requester } from "../ports/requester.ts";
import type { StandingShape, StandingWish, Watch, WatchDesk, WatchPlace } from "../ports/standing.ts";
import { ANSWERS_MAX, tooManyAnswers } from "./watch-changes.ts";
import { watchIri, watchNode, watchService } from "./watch-entry.ts";

/** LIMIT: standing queries of one account. */
export const WATCHES_MAX = 200;
/** LIMIT: those of them that nearly every post has to be looked at for. */
export const BROAD_WATCHES_MAX = 5;
/** LIMIT: the longest name of one, in characters. */
export const WATCH_NAME_MAX = 64;

/** The program's own standing queries, and what some of them need to be told. */
const BUILT_IN: Readonly<Record<string, { readonly query: string; readonly about?: "topic" | "start" }>> = {
  mentions: { query: "watch-mentions" },
  replies: { query: "watch-replies" },
  home: { query: "watch-home" },
  topic: { query: "watch-topic", about: "topic" },
  thread: { query: "watch-thread", about: "start" },
};

/** What to keep open: a query, or one of the program's own with what it is about. */
export interface WatchWish {
  readonly name: string;
  readonly query?: string;
  /** `mentions`, `replies`, `home`, `topic` or `thread`. */
  readonly of?: string;
  /** The tag or IRI of a topic, the IRI of a post of a thread. */
  readonly about?: string;
  /** Whether everybody may read the answers; they then rest on what is public only. */
  readonly isPublic?: boolean;
}

/** A watch as people see it. */
export interface WatchView extends Pick<Watch, "name" | "query" | "isPublic" | "created" | "problem"> {
  /** Its address: a feed. */
  readonly iri: Iri;
  readonly service: string;
  readonly node: string;
  readonly answers: number;
}

/**
 * Keeps a query open for the account `name`: makes its node, with the answers there are now. Refuses with `conflict` a name in use, with `too-many`, with `too-large` more than ANSWERS_MAX answers, with
 * `unavailable` where the query store is another program, and as queries that cannot be kept open are refused.
 */
export async function addWatch(
  hub: HubPorts,
  by: Requester,
  account: string,
  wish: WatchWish,
): Promise<WatchView | Refusal> {
  const own = ownAccount(hub, by, account);
  if (isRefusal(own)) return own;
  const desk = deskOf(hub);
  if (isRefusal(desk)) return desk;
  if (!/^[\p{L}\p{N}_-]+$/u.test(wish.name) || wish.name.length > WATCH_NAME_MAX) {
    const sentence = `Expected a name of at most ${WATCH_NAME_MAX} letters, digits, "-" and "_", but got "${wish.name.slice(0, 80)}".`;
    return refuse("invalid", sentence);
  }
  const query = queryOf(hub, desk, own.account, wish);
  if (isRefusal(query)) return query;
  const place = { account: own.account.name, name: wish.name.normalize("NFC") };
  const no = whyNoMore(hub, place);
  if (no !== undefined) return no;
  const isPublic = wish.isPublic === true;
  const kept: StandingWish = {
    text: query,
    base: hub.identity.base,
    dataset: isPublic ? {} : { private: own.iris.account },
  };
  const tried = await tryOut(hub, desk, kept);
  if (isRefusal(tried)) return tried;
  const { shape, answers } = tried;
  const watch: Watch = { ...place, query, isPublic, ...shape, created: hub.now() };
  const added = await hub.records.transact(() => {
    const taken = whyNoMore(hub, place) ?? whyTooBroad(hub, watch);
    if (taken !== undefined) return taken;
    const changes: RecordChange[] = [{ kind: "watch-put", watch }, ...nodeChanges(hub, own.account, watch)];
    return { changes, result: viewOf(hub, watch, answers) };
  });
  if (isRefusal(added)) return added;
  desk.standing.add(watchId(place), kept);
  await desk.refresh(place);
  return added;
}

/** Asks a query once under a name that nothing else has, before it is kept under its own. */
async function tryOut(
  hub: HubPorts,
  { standing }: WatchDesk,
  kept: StandingWish,
): Promise<{ readonly shape: StandingShape; readonly answers: number } | Refusal> {
  const id = `trial ${hub.newSecret(12)}`;
  const shape = standing.add(id, kept);
  if (isRefusal(shape)) return shape;
  try {
    const answers = await standing.answers(id, { values: {}, onlyAdds: false });
    if (isRefusal(answers)) return answers;
    return answers.size > ANSWERS_MAX ? refuse("too-large", tooManyAnswers()) : { shape, answers: answers.size };
  } finally {
    standing.remove(id);
  }
}

function whyTooBroad(hub: HubPorts, { account, isBroad }: Watch): Refusal | undefined {
  const broad = hub.records.reader.watches(account).filter((each) => each.isBroad).length;
  if (!isBroad || broad < BROAD_WATCHES_MAX) return undefined;
  return refuse(
    "too-many",
    `Expected at most ${BROAD_WATCHES_MAX} standing queries that name no account, topic, post or word, as each post has to be looked at for them; say more of what this one is about, or remove one.`,
  );
}

/** Ends a watch, with its node and its answers. Refuses with `not-found`. */
export async function removeWatch(
  hub: HubPorts,
  by: Requester,
  account: string,
  name: string,
): Promise<{ readonly name: string } | Refusal> {
  const own = ownAccount(hub, by, account);
  if (isRefusal(own)) return own;
  const place = { account: own.account.name, name };
  const removed = await hub.records.transact((reader) => {
    if (reader.watch(place) === undefined) return noWatch(name);
    const node = { kind: "node-removed", service: watchService(hub), node: watchNode(place) } as const;
    return { changes: [{ kind: "watch-removed", place }, node], result: { name } };
  });
  if (!isRefusal(removed)) hub.watches?.standing.remove(watchId(place));
  return removed;
}

/** The account's own watches, by name. */
export function listWatches(hub: HubPorts, by: Requester, account: string): readonly WatchView[] | Refusal {
  const own = ownAccount(hub, by, account);
  if (isRefusal(own)) return own;
  const { reader } = hub.records;
  return reader.watches(own.account.name).map((watch) => viewOf(hub, watch, reader.watchAnswerCount(watch)));
}

/** A watch that the requester may read. Refuses with `not-found`. */
export function readableWatch(hub: HubPorts, by: Requester, account: string, name: string): Watch | Refusal {
  const found = hub.records.reader.account(account as Account["name"]);
  const watch = found === undefined ? undefined : hub.records.reader.watch({ account: found.name, name });
  if (found === undefined || watch === undefined) return noWatch(name);
  const audience = watch.isPublic ? "public" : { only: accountIris(hub.identity.base, found.name).account };
  return maySee(by, { audience }) ? watch : noWatch(name);
}

/** A watch as text, for the index of standing queries. */
export function watchId({ account, name }: WatchPlace): string {
  return `${account}/${name}`;
}

function deskOf(hub: HubPorts): WatchDesk | Refusal {
  return (
    hub.watches ??
    refuse(
      "unavailable",
      "Expected a hub that answers queries itself, but its query store is another program, which tells of no changes; watch on another hub.",
    )
  );
}

function queryOf(hub: HubPorts, desk: WatchDesk, account: Account, { query, of, about }: WatchWish): string | Refusal {
  if (query !== undefined && of === undefined) return query;
  const names = Object.keys(BUILT_IN).join(", ");
  const found = of === undefined || query !== undefined || !Object.hasOwn(BUILT_IN, of) ? undefined : BUILT_IN[of];
  if (found === undefined) {
    return refuse("invalid", `Expected either a query, or one of ${names}; give one of them.`);
  }
  const iris: Record<string, Iri> = { me: accountIris(hub.identity.base, account.name).account };
  const { about: parameter } = found;
  if (parameter !== undefined) {
    if (about === undefined)
      return refuse("invalid", `Expected which ${String(of)} to watch, but it is missing; name it in about.`);
    const isTag = parameter === "topic" && !/^https?:/i.test(about);
    const iri = isTag ? tagIri(hub.identity.base, about.replace(/^#/, "")) : parseIri(about);
    if (isRefusal(iri)) return iri;
    iris[parameter] = iri;
  }
  return desk.standing.builtIn(found.query, iris);
}

function whyNoMore(hub: HubPorts, place: WatchPlace): Refusal | undefined {
  const { reader } = hub.records;
  if (reader.watch(place) !== undefined) {
    return refuse("conflict", `Expected a new name, but "${place.name}" is in use; remove that one first.`);
  }
  return reader.watches(place.account).length < WATCHES_MAX
    ? undefined
    : refuse("too-many", `Expected at most ${WATCHES_MAX} standing queries of one account; remove one first.`);
}

function noWatch(name: string): Refusal {
  return refuse("not-found", `Expected a standing query, but there is none with the name "${name.slice(0, 80)}" here.`);
}

function nodeChanges(hub: HubPorts, account: Account, watch: Watch): readonly RecordChange[] {
  const at = { service: watchService(hub), node: watchNode(watch) };
  const node: PubsubNode = {
    service: at.service,
    id: at.node,
    created: watch.created,
    creator: account.jid,
    config: {
      title: `${watch.name} (${account.displayName})`,
      type: "http://www.w3.org/2005/Atom",
      accessModel: watch.isPublic ? "open" : "whitelist",
      publishModel: "publishers",
      deliverPayloads: true,
      notifyRetract: true,
      persistItems: true,
    },
  };
  return [
    { kind: "node-put", node },
    { kind: "affiliation-put", ...at, jid: account.jid, affiliation: "owner" },
    ...account.linkedJids.map((jid) => ({
      kind: "affiliation-put" as const,
      ...at,
      jid,
      affiliation: "member" as const,
    })),
  ];
}

function viewOf(hub: HubPorts, watch: Watch, answers: number): WatchView {
  const { name, query, isPublic, created, problem } = watch;
  return {
    name,
    query,
    isPublic,
    created,
    iri: watchIri(hub, watch),
    service: watchService(hub),
    node: watchNode(watch),
    answers,
    ...(problem === undefined ? {} : { problem }),
  };
}
