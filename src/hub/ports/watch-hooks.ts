import type { Instant } from "../../core/instant.ts";
import type { Refusal } from "../../outcome/refusal.ts";
import type { WatchPlace } from "./standing.ts";

/** Where the answers of a watch are POSTed to as they come, change and go. */
export interface WatchHook extends WatchPlace {
  /** Names it among all hooks of the hub; no secret. */
  readonly id: string;
  /** `http` or `https`, without a user name. */
  readonly url: string;
  /** What its messages are signed with, as base64. Without one, as after an import, nothing is queued or sent. */
  readonly secret?: string;
  readonly created: Instant;
  /** How the last attempt ended, as a sentence. */
  readonly last?: { readonly at: Instant; readonly outcome: string };
  /** Since when no attempt was answered with 2xx, and how many there were. */
  readonly failingSince?: Instant;
  readonly attempts: number;
  readonly nextAttempt: Instant;
  /** Messages given up since the last that was taken. */
  readonly dropped: number;
}

/** A message that waits for its hook. */
export interface HookEvent {
  /** Grows; with the hook's id it makes the message's own. */
  readonly number: number;
  readonly created: Instant;
  /** JSON, as it is sent. */
  readonly body: string;
}

/** Reads of hooks and their queues. */
export interface HookReader {
  /** The hooks of a watch, of an account, or all, in order of account, watch and id. */
  hooks(of?: Partial<WatchPlace>): readonly WatchHook[];
  hook(id: string): WatchHook | undefined;
  /** Hooks for which something waits and whose time has come, longest due first. */
  hooksDue(now: Instant, limit: number): readonly WatchHook[];
  /** When the next hook falls due for which something waits. */
  nextHook(): Instant | undefined;
  /** What waits longest. */
  hookEvent(id: string): HookEvent | undefined;
  /** How many messages wait for a hook, and how many of them are older than `before`. */
  hookQueue(id: string, before?: Instant): { readonly queued: number; readonly old: number };
}

/** One change to the hooks. */
export type HookChange =
  | { readonly kind: "hook-put"; readonly hook: WatchHook }
  /** With what waits for it. */
  | { readonly kind: "hook-removed"; readonly id: string }
  | { readonly kind: "hook-event-queued"; readonly id: string; readonly created: Instant; readonly body: string }
  | { readonly kind: "hook-event-done"; readonly number: number }
  /** Takes out the oldest `count`. */
  | { readonly kind: "hook-events-dropped"; readonly id: string; readonly count: number };

/** One message on its way to a hook. */
export interface HookPost {
  readonly url: string;
  /** Base64. */
  readonly secret: string;
  /** The same at each attempt. */
  readonly id: string;
  readonly sent: Instant;
  readonly body: string;
  /** How many messages before it were given up. */
  readonly dropped: number;
  readonly signal: AbortSignal;
}

/** Sends messages to hooks. */
export interface HookSender {
  /** Why nothing can be sent to this address, as far as its text tells: `invalid`, or `forbidden` for private ones. */
  whyNot(url: string): Refusal | undefined;
  /**
   * Signs and sends one message. Follows no redirect and reads no answer but its status; refuses with `forbidden`
   * (a private address), `remote-unreachable` and `timed-out`.
   */
  post(message: HookPost): Promise<{ readonly status: number; readonly retryAfter_s?: number } | Refusal>;
}
