import type { RecordReader } from "../../ports/records.ts";
import type { WatchPlace } from "../../ports/standing.ts";
import type { WatchHook } from "../../ports/watch-hooks.ts";

/** A hook as its account sees it, without its secret. */
export interface HookView extends Pick<WatchHook, "id" | "url" | "created" | "last" | "failingSince"> {
  /** Whether it needs a secret before anything is sent. */
  readonly needsSecret?: true;
  /** Messages that wait, and those given up since the last that was taken. */
  readonly queued: number;
  readonly dropped: number;
  /** When it is tried again, while it fails. */
  readonly nextAttempt?: string;
}

/** The hooks of a watch, for its account. */
export function hookViews(reader: RecordReader, place: WatchPlace): readonly HookView[] {
  return reader.hooks(place).map((hook) => viewHook(reader, hook));
}

/** One of them. */
export function viewHook(reader: RecordReader, hook: WatchHook): HookView {
  const { id, url, created, last, failingSince, nextAttempt, dropped, secret } = hook;
  return {
    id,
    url,
    created,
    ...(secret === undefined ? { needsSecret: true } : {}),
    queued: reader.hookQueue(id).queued,
    dropped,
    ...(last === undefined ? {} : { last }),
    ...(failingSince === undefined ? {} : { failingSince, nextAttempt }),
  };
}
