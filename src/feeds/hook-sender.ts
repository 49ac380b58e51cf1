import { createHmac } from "node:crypto";
import { epochMs } from "../core/instant.ts";
import type { HookPost, HookSender } from "../hub/ports/watch-hooks.ts";
import { isRefusal } from "../outcome/refusal.ts";
import { addressToAsk, type RequestGuard, sendGuarded } from "./guarded-request.ts";
import { retryAfterMs } from "./retry-after.ts";

/** LIMIT: milliseconds that a hook may take, and bytes read of what it says beside its status. */
const HOOK_TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 4_096;

/** Sends messages to webhooks in the form of Standard Webhooks 1.0, guarded as every request ({@link sendGuarded}). */
export function createHookSender(guard: RequestGuard): HookSender {
  return {
    whyNot: (url) => {
      const asked = addressToAsk(url, guard);
      return isRefusal(asked) ? asked : undefined;
    },
    post: async (message) => {
      const signal = AbortSignal.any([message.signal, AbortSignal.timeout(HOOK_TIMEOUT_MS)]);
      const answer = await sendGuarded(
        message.url,
        {
          method: "POST",
          accept: "*/*",
          headers: headersOf(message),
          body: message.body,
          signal,
          bytes_max: ANSWER_BYTES_MAX,
          statusOnly: true,
        },
        guard,
      );
      if (isRefusal(answer)) return answer;
      const wait_ms = retryAfterMs(answer.headers["retry-after"]);
      return { status: answer.status, ...(wait_ms === undefined ? {} : { retryAfter_s: Math.ceil(wait_ms / 1_000) }) };
    },
  };
}

function headersOf({ id, sent, secret, body, dropped }: HookPost): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(epochMs(sent) / 1_000));
  const signature = createHmac("sha256", Buffer.from(secret, "base64"))
    .update(`${id}.${timestamp}.${body}`)
    .digest("base64");
  return {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
    ...(dropped === 0 ? {} : { "sterna-dropped": String(dropped) }),
  };
}
