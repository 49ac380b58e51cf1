import type { Notification, PubsubDecision, PubsubError, PubsubReply } from "../reply.ts";
import type { PubsubChange } from "../state.ts";

/** A decision in favour. */
export function decision(
  reply: PubsubReply | PubsubError,
  changes: readonly PubsubChange[] = [],
  notifications: readonly Notification[] = [],
): PubsubDecision {
  return { kind: "decision", reply, changes, notifications };
}

/** A decision against: a stanza condition (RFC 6120 §8.3.3) and, where XEP-0060 names one, its own. */
export function refusedBy(condition: PubsubError["condition"], pubsub?: string): PubsubError {
  return { kind: "error", condition, ...(pubsub === undefined ? {} : { pubsub }) };
}

/** A decision against, since the node or the service does not do `feature` (a name of XEP-0060 §10). */
export function unsupported(feature: string): PubsubError {
  return { kind: "error", condition: "feature-not-implemented", pubsub: "unsupported", feature };
}
