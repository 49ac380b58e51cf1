import { entryToXml } from "../../atom/xml.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import { decide } from "../../pubsub/decide/decide.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import type { AnswerSeed, StandingAnswer, Watch, WatchAnswer } from "../ports/standing.ts";
import { queued } from "../posts/publish-post.ts";
import { type AnswerEvent, hookChanges } from "./hooks/hook-events.ts";
import { entryOfAnswer, postOfAnswer, watchNode, watchService } from "./watch-entry.ts";

/** LIMIT: answers of one standing query. */
export const ANSWERS_MAX = 5_000;

/** Answers of a watch as they are now, for those that a seed is about. */
export interface FreshAnswers {
  readonly seed: AnswerSeed;
  readonly answers: ReadonlyMap<string, StandingAnswer>;
}

/** What becomes of a watch: changes to its answers and its node, with the notifications; nothing when all is as it was. */
export function watchChanges(
  hub: HubPorts,
  reader: RecordReader,
  watch: Watch,
  fresh: readonly FreshAnswers[],
  changed: ReadonlySet<Iri> = new Set(),
): readonly RecordChange[] {
  const now = hub.now();
  const owner = accountIris(hub.identity.base, watch.account).account;
  const added = new Map<ItemId, WatchAnswer>();
  const gone = new Set<ItemId>();
  for (const { seed, answers } of fresh) {
    const found = new Map([...answers].map(([key, answer]) => [itemOf(hub, key), answer]));
    if (!seed.onlyAdds) for (const { item } of answersMeant(reader, watch, seed)) if (!found.has(item)) gone.add(item);
    for (const [item, answer] of found) {
      const told = { ...answer, item };
      // An answer that is known is told again when the post that it shows has changed.
      const known = reader.watchAnswer(watch, item);
      const isShown =
        known !== undefined && changed.has(postOfAnswer(reader, watch, told, owner)?.graph ?? ("" as Iri));
      if (known === undefined || isShown || !isSame(known, told)) added.set(item, told);
    }
  }
  const count =
    reader.watchAnswerCount(watch) +
    [...added.keys()].filter((item) => reader.watchAnswer(watch, item) === undefined).length -
    gone.size;
  if (count > ANSWERS_MAX) return [stoppedWatch(watch, tooManyAnswers(), now)];
  return [
    ...[...gone].flatMap((item) => retraction(hub, reader, watch, item, now)),
    ...[...added.values()].flatMap((answer) => publication(hub, reader, watch, answer, now)),
    ...hookChanges(hub, reader, watch, () => befell(reader, watch, gone, added)),
  ];
}

/** Whether two answers say the same: after a change of the query those with the same item may not. */
function isSame(known: WatchAnswer, { values, triples }: WatchAnswer): boolean {
  return known.triples === triples && JSON.stringify(known.values) === JSON.stringify(values);
}

function befell(
  reader: RecordReader,
  watch: Watch,
  gone: ReadonlySet<ItemId>,
  added: ReadonlyMap<ItemId, WatchAnswer>,
): readonly AnswerEvent[] {
  const lost = [...gone].flatMap((item) => reader.watchAnswer(watch, item) ?? []);
  return [
    ...lost.map((answer) => ({ type: "answer.retracted" as const, answer })),
    ...[...added.values()].map((answer) => {
      const isKnown = reader.watchAnswer(watch, answer.item) !== undefined;
      return { type: isKnown ? ("answer.changed" as const) : ("answer.added" as const), answer };
    }),
  ];
}

/** The change that stops a watch, and says why. */
export function stoppedWatch(watch: Watch, problem: string, stopped: Instant): RecordChange {
  return { kind: "watch-put", watch: { ...watch, problem, stopped } };
}

/** Why a watch cannot be kept, as a sentence. */
export function tooManyAnswers(): string {
  return `Expected a standing query with at most ${ANSWERS_MAX} answers, but it has more; ask for less, or add ORDER BY and LIMIT.`;
}

/** The item of an answer: the same for the same values. */
export function itemOf(hub: HubPorts, key: string): ItemId {
  return hub.hash(key).slice(0, 32) as ItemId;
}

/** What is known of the answers that a seed is about. */
function answersMeant(reader: RecordReader, watch: Watch, { values }: AnswerSeed): readonly WatchAnswer[] {
  const [first = ""] = watch.variables;
  return reader
    .watchAnswers(watch, values[first])
    .filter((answer) => Object.entries(values).every(([name, value]) => answer.values[name] === value));
}

function publication(
  hub: HubPorts,
  reader: RecordReader,
  watch: Watch,
  answer: WatchAnswer,
  now: Instant,
): readonly RecordChange[] {
  const payload = entryToXml(entryOfAnswer(hub, reader, watch, answer, now));
  const item = { id: answer.item, payload, published: now, updated: now };
  const request = { kind: "publish", service: watchService(hub), node: watchNode(watch), item } as const;
  return [{ kind: "watch-answer-put", watch, answer }, ...told(reader, watch, request, now)];
}

function retraction(
  hub: HubPorts,
  reader: RecordReader,
  watch: Watch,
  item: ItemId,
  now: Instant,
): readonly RecordChange[] {
  const place = { account: watch.account, name: watch.name };
  const request = {
    kind: "retract",
    service: watchService(hub),
    node: watchNode(watch),
    id: item,
    notify: true,
  } as const;
  return [{ kind: "watch-answer-removed", place, item }, ...told(reader, watch, request, now)];
}

/** What the node makes of it. An owner may have taken it away, or an item out of it: then nobody is told. */
function told(
  reader: RecordReader,
  watch: Watch,
  request: Parameters<typeof decide>[1],
  now: Instant,
): readonly RecordChange[] {
  const account = reader.account(watch.account);
  if (account === undefined) return [];
  const decision = decide(reader, request, { actor: account.jid, now, subid: "" });
  if (decision.kind === "error") return [];
  return [...decision.changes, ...decision.notifications.map((notification) => queued(notification, now))];
}
