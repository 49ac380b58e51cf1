import { accountIris } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { ownAccount } from "../accounts/authenticate.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import type { StandingShape, StandingWish, Watch, WatchDesk, WatchPlace } from "../ports/standing.ts";
import { queryOf, type WatchQuestion } from "./built-in-watches.ts";
import { ANSWERS_MAX, tooManyAnswers } from "./watch-changes.ts";
import { nodeChanges, nodeRemoval } from "./watch-node.ts";
import { noWatch, viewWatch, type WatchView, watchId } from "./watch-view.ts";

/** LIMIT: standing queries of one account. */
export const WATCHES_MAX = 200;
/** LIMIT: those of them that nearly every post has to be looked at for. */
export const BROAD_WATCHES_MAX = 5;
/** LIMIT: the longest name of one, in characters. */
export const WATCH_NAME_MAX = 64;

/** What to keep open under which name. */
export interface WatchWish extends WatchQuestion {
  readonly name: string;
  /** Whether everybody may read the answers; they then rest on what is public only. */
  readonly isPublic?: boolean;
  /** When it was first kept, of one that is put back. */
  readonly created?: Instant;
}

/**
 * Keeps a query open for the account `name`: makes its node, with the answers there are now. Refuses with `conflict` a
 * name in use, with `too-many`, with `too-large` more than ANSWERS_MAX answers, with `unavailable` where the query
 * store is another program, and as queries that cannot be kept open are refused.
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
  const question = queryOf(hub, desk, own.account, wish);
  if (isRefusal(question)) return question;
  const place = { account: own.account.name, name: wish.name.normalize("NFC") };
  const no = whyNoMore(hub.records.reader, place);
  if (no !== undefined) return no;
  const asked = { ...place, ...question, isPublic: wish.isPublic === true };
  const tried = await tryOut(hub, desk, asked);
  if (isRefusal(tried)) return tried;
  const { shape, answers } = tried;
  const watch: Watch = { ...asked, ...shape, created: wish.created ?? hub.now() };
  const added = await hub.records.transact((reader) => {
    const taken = whyNoMore(reader, place) ?? whyTooBroad(reader, watch);
    if (taken !== undefined) return taken;
    const changes = [{ kind: "watch-put", watch } as const, ...nodeChanges(hub, own.account, watch)];
    return { changes, result: viewWatch(hub, watch, by, answers) };
  });
  if (isRefusal(added)) return added;
  desk.standing.add(watchId(place), keptWish(hub, watch));
  await desk.refresh(place);
  return added;
}

/** A watch that goes on, and why it had stopped. */
export interface StartedWatch extends WatchView {
  readonly hadStopped?: string;
}

/**
 * Gives a watch another query, or lets one that was stopped go on with its own; its answers are compared with what is
 * known of them, and subscribers hear of the differences. Refuses with `not-found`, and as {@link addWatch} does.
 */
export async function changeWatch(
  hub: HubPorts,
  by: Requester,
  account: string,
  name: string,
  question: WatchQuestion = {},
): Promise<StartedWatch | Refusal> {
  const own = ownAccount(hub, by, account);
  if (isRefusal(own)) return own;
  const desk = deskOf(hub);
  if (isRefusal(desk)) return desk;
  const watch = hub.records.reader.watch({ account: own.account.name, name });
  if (watch === undefined) return noWatch(name);
  const isNew = question.query !== undefined || question.of !== undefined;
  const asked = isNew ? queryOf(hub, desk, own.account, question) : withoutState(watch);
  if (isRefusal(asked)) return asked;
  const going = await reopenWatch(hub, desk, watch, asked);
  if (isRefusal(going)) return going;
  const view = viewWatch(hub, going, by);
  return watch.problem === undefined ? view : { ...view, hadStopped: watch.problem };
}

/** Lets a watch go on with a query, its own or another, after it was tried. Refuses as {@link addWatch} does. */
export async function reopenWatch(
  hub: HubPorts,
  desk: WatchDesk,
  { account, name, isPublic }: Watch,
  { query, of, restarts }: Pick<Watch, "query" | "of" | "restarts">,
): Promise<Watch | Refusal> {
  const place = { account, name };
  const tried = await tryOut(hub, desk, { ...place, query, isPublic });
  if (isRefusal(tried)) return tried;
  const going = await hub.records.transact((reader) => {
    const present = reader.watch(place);
    // It may have been removed, and another made in its place.
    if (present === undefined || present.isPublic !== isPublic) return noWatch(name);
    const { created } = present;
    const kind = { ...(of === undefined ? {} : { of }), ...(restarts === undefined ? {} : { restarts }) };
    const watch: Watch = { ...place, query, isPublic, created, ...tried.shape, ...kind };
    const no = whyTooBroad(reader, watch);
    return no ?? { changes: [{ kind: "watch-put", watch }], result: watch };
  });
  if (isRefusal(going)) return going;
  desk.standing.add(watchId(place), keptWish(hub, going));
  await desk.refresh(place);
  return going;
}

function withoutState({ query, of }: Watch): Pick<Watch, "query" | "of"> {
  return of === undefined ? { query } : { query, of };
}

/** What of a watch is kept open. */
export function keptWish(hub: HubPorts, watch: Pick<Watch, "account" | "query" | "isPublic">): StandingWish {
  const { base } = hub.identity;
  const dataset = watch.isPublic ? {} : { private: accountIris(base, watch.account).account };
  return { text: watch.query, base, dataset };
}

/** Asks a query once under a name that nothing else has, before it is kept under its own. */
async function tryOut(
  hub: HubPorts,
  { standing }: WatchDesk,
  asked: Pick<Watch, "account" | "query" | "isPublic">,
): Promise<{ readonly shape: StandingShape; readonly answers: number } | Refusal> {
  const id = `trial ${hub.newSecret(12)}`;
  const shape = standing.add(id, keptWish(hub, asked));
  if (isRefusal(shape)) return shape;
  try {
    const answers = await standing.answers(id, { values: {}, onlyAdds: false });
    if (isRefusal(answers)) return answers;
    return answers.size > ANSWERS_MAX ? refuse("too-large", tooManyAnswers()) : { shape, answers: answers.size };
  } finally {
    standing.remove(id);
  }
}

function whyTooBroad(reader: RecordReader, { account, name, isBroad }: Watch): Refusal | undefined {
  const broad = reader.watches(account).filter((each) => each.isBroad && each.name !== name).length;
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
    const node = nodeRemoval(hub, reader, own.account, place, hub.now());
    return { changes: [{ kind: "watch-removed", place }, ...node], result: { name } };
  });
  if (!isRefusal(removed)) hub.watches?.standing.remove(watchId(place));
  return removed;
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

function whyNoMore(reader: RecordReader, place: WatchPlace): Refusal | undefined {
  if (reader.watch(place) !== undefined) {
    return refuse("conflict", `Expected a new name, but "${place.name}" is in use; remove that one first.`);
  }
  return reader.watches(place.account).length < WATCHES_MAX
    ? undefined
    : refuse("too-many", `Expected at most ${WATCHES_MAX} standing queries of one account; remove one first.`);
}
