import { type Refusal, type RefusalCode, refuse } from "../../outcome/refusal.ts";
import type { PubsubError } from "../../pubsub/reply.ts";

const CODE_OF: Readonly<Record<PubsubError["condition"], RefusalCode>> = {
  "bad-request": "invalid",
  conflict: "conflict",
  "feature-not-implemented": "not-implemented",
  forbidden: "forbidden",
  gone: "gone",
  "internal-server-error": "unavailable",
  "item-not-found": "not-found",
  "jid-malformed": "invalid",
  "not-acceptable": "invalid",
  "not-allowed": "forbidden",
  "not-authorized": "forbidden",
  "payment-required": "forbidden",
  "policy-violation": "too-large",
  "resource-constraint": "too-many",
  "service-unavailable": "unavailable",
  "unexpected-request": "invalid",
};

const CONDITION_OF: Readonly<Record<RefusalCode, PubsubError["condition"]>> = {
  malformed: "bad-request",
  invalid: "bad-request",
  "shape-violated": "not-acceptable",
  "too-large": "policy-violation",
  unauthenticated: "forbidden",
  forbidden: "forbidden",
  "not-the-author": "forbidden",
  "not-found": "item-not-found",
  gone: "item-not-found",
  "method-not-allowed": "not-allowed",
  "not-acceptable": "not-acceptable",
  "unsupported-media-type": "not-acceptable",
  conflict: "conflict",
  "precondition-failed": "conflict",
  "not-implemented": "feature-not-implemented",
  "remote-refused": "service-unavailable",
  "remote-unreachable": "service-unavailable",
  "timed-out": "service-unavailable",
  "too-many": "resource-constraint",
  unavailable: "service-unavailable",
};

/** A PubSub error as the Refusal that the other doors understand. */
export function pubsubRefusal(error: PubsubError): Refusal {
  const named = error.pubsub === undefined ? error.condition : `${error.condition} (${error.pubsub})`;
  return refuse(CODE_OF[error.condition], error.text ?? `The PubSub service answered ${named}.`);
}

/** A Refusal as the PubSub error that an XMPP client understands (RFC 6120 §8.3.3). */
export function pubsubError(refusal: Refusal): PubsubError {
  return { kind: "error", condition: CONDITION_OF[refusal.code], text: refusal.message };
}
