import { epochMs, type Instant, instantOf } from "../../../core/instant.ts";
import type { HubPorts } from "../../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../../ports/records.ts";
import type { Watch, WatchAnswer } from "../../ports/standing.ts";
import { watchIri } from "../watch-entry.ts";
import { answerToJson } from "../watch-feed.ts";

/** LIMIT: messages that wait for one hook, and how long one waits; the oldest are given up first. */
export const HOOK_EVENTS_MAX = 1_000;
const HOOK_EVENT_AGE_MAX_MS = 3 * 86_400_000;
/** LIMIT: bytes of one message; of a larger one the answer's values alone are sent, or only its name. */
export const HOOK_BODY_BYTES_MAX = 1_024 * 1_024;

/** What befell an answer, as hooks are told. */
export interface AnswerEvent {
  readonly type: "answer.added" | "answer.changed" | "answer.retracted";
  readonly answer: WatchAnswer;
}

/** The changes that queue what befell answers of a watch for its hooks, and give up what is too much. */
export function hookChanges(
  hub: HubPorts,
  reader: RecordReader,
  watch: Watch,
  befell: () => readonly AnswerEvent[],
): readonly RecordChange[] {
  const hooks = reader.hooks(watch).filter(({ secret }) => secret !== undefined);
  const events = hooks.length === 0 ? [] : befell();
  if (events.length === 0) return [];
  const created = hub.now();
  const bodies = events.slice(-HOOK_EVENTS_MAX).map((event) => bodyOf(hub, watch, event, created));
  return hooks.flatMap((hook): readonly RecordChange[] => {
    const { queued } = reader.hookQueue(hook.id);
    const over = Math.min(queued, Math.max(0, queued + bodies.length - HOOK_EVENTS_MAX));
    const dropped = over + events.length - bodies.length;
    return [
      ...(over === 0 ? [] : [{ kind: "hook-events-dropped" as const, id: hook.id, count: over }]),
      ...(dropped === 0 ? [] : [{ kind: "hook-put" as const, hook: { ...hook, dropped: hook.dropped + dropped } }]),
      ...bodies.map((body) => ({ kind: "hook-event-queued" as const, id: hook.id, created, body })),
    ];
  });
}

/** Before when a message was queued that is given up now. */
export function oldestWaiting(now: Instant): Instant {
  return instantOf(epochMs(now) - HOOK_EVENT_AGE_MAX_MS);
}

/** A message as Standard Webhooks 1.0 would have it: a type, a time, and the answer as the page's events tell it. */
function bodyOf(hub: HubPorts, watch: Watch, { type, answer }: AnswerEvent, timestamp: Instant): string {
  const head = { watch: watchIri(hub, watch), name: watch.name };
  const { item, values } = answer;
  const full = type === "answer.retracted" ? { item, values } : answerToJson(hub, watch, answer);
  for (const data of [full, { item, values, isShortened: true }]) {
    const body = JSON.stringify({ type, timestamp, data: { ...head, ...data } });
    if (new TextEncoder().encode(body).length <= HOOK_BODY_BYTES_MAX) return body;
  }
  return JSON.stringify({ type, timestamp, data: { ...head, item, isShortened: true } });
}
