import { bareOf } from "../../core/jid.ts";
import { isError, ownedNode } from "../access.ts";
import { askOwners, lastItem, tellChange } from "../notify.ts";
import type { Notification, PubsubDecision } from "../reply.ts";
import type { PubsubContext, PubsubRequest } from "../request.ts";
import type { PubsubState, Subscription } from "../state.ts";
import { decision, refusedBy } from "./decision.ts";

type Decided = Extract<PubsubDecision, { readonly kind: "decision" }>;
type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/** LIMIT: requests sent to an owner at once; asking again after deciding on these brings the next. */
const REQUESTS_AT_ONCE_MAX = 100;

/** XEP-0060 §8.6: an owner admits a subscriber, or does not. */
export function decideAuthorize(state: PubsubState, request: Of<"authorize">, context: PubsubContext): PubsubDecision {
  const { service, node, jid, subid, allow } = request;
  const found = ownedNode(state, service, node, context.actor);
  if (isError(found)) return found;
  const waiting = state
    .subscriptionsOf(service, bareOf(jid))
    .find(
      (own) =>
        own.node === node && own.jid === jid && own.state === "pending" && (subid === undefined || own.subid === subid),
    );
  if (waiting === undefined) return refusedBy("item-not-found");
  if (!allow) {
    const removed = { kind: "subscription-removed", service, node, jid, subid: waiting.subid } as const;
    return decision({ kind: "done" }, [removed], tellChange(state, found, waiting, "none"));
  }
  const subscription: Subscription = { ...waiting, state: "subscribed" };
  return decision(
    { kind: "done" },
    [{ kind: "subscription-put", subscription }],
    [...tellChange(state, found, subscription, "subscribed"), ...lastItem(state, found, subscription, context.now)],
  );
}

/** XEP-0060 §12.18: ends a subscription whose lease ran out, and says so. */
export function endLease(state: PubsubState, subscription: Subscription): Omit<Decided, "kind" | "reply"> {
  const { service, node, jid, subid } = subscription;
  const found = state.node(service, node);
  return {
    changes: [{ kind: "subscription-removed", service, node, jid, subid }],
    notifications: found === undefined ? [] : tellChange(state, found, subscription, "none"),
  };
}

/** XEP-0060 §12.18: reminds a subscriber that its lease is almost over. */
export function remindOfLease({ service, node, jid, subid, state, options }: Subscription): readonly Notification[] {
  const expiry = options?.expire;
  if (expiry === undefined) return [];
  return [{ service, node, event: { kind: "subscription", jid, subid, state, expiry }, to: [{ jid, subid }] }];
}

/**
 * XEP-0060 §8.7: the asker's nodes that have requests to decide on; or, of one of them, each request once more to the
 * asker.
 */
export function decidePending(state: PubsubState, request: Of<"pending">, context: PubsubContext): PubsubDecision {
  const { service, node, session } = request;
  const actor = bareOf(context.actor);
  const pendingAt = (id: NonNullable<typeof node>) =>
    state.subscriptions(service, id).filter((each) => each.state === "pending");
  if (node === undefined) {
    const owned = state.affiliationsOf(service, actor).filter(({ affiliation }) => affiliation === "owner");
    if (owned.length === 0) return refusedBy("forbidden"); // §8.7.3.3
    const nodes = owned.map((each) => each.node).filter((id) => pendingAt(id).length > 0);
    return decision({ kind: "pending", session, nodes });
  }
  const found = ownedNode(state, service, node, context.actor); // §8.7.3.3, §8.7.3.4
  if (isError(found)) return found;
  const asked = pendingAt(node).slice(0, REQUESTS_AT_ONCE_MAX);
  return decision(
    { kind: "pending", session },
    [],
    asked.flatMap((subscription) => askOwners([actor], found, subscription)),
  );
}
