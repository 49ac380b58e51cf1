import { type BareJid, bareOf } from "../core/jid.ts";
import { whyNoAccess } from "./capability.ts";
import { decision, refusedBy } from "./decision.ts";
import type { PubsubDecision } from "./reply.ts";
import type { PubsubContext, PubsubRequest } from "./request.ts";
import type { NodeId, PubsubState, Subscription } from "./state.ts";

type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/** LIMIT: subscriptions of one bare JID, with whatever resources, to one PubsubNode. */
export const SUBSCRIPTIONS_PER_JID_MAX = 20;

/** XEP-0060 §6.1. A second subscription of the same JID is answered with the first (§6.1.6). */
export function decideSubscribe(state: PubsubState, request: Of<"subscribe">, context: PubsubContext): PubsubDecision {
  const { service, node, jid } = request;
  const subscriber = bareOf(jid);
  if (subscriber !== bareOf(context.actor)) return refusedBy("bad-request", "invalid-jid"); // §6.1.3.1
  const found = state.node(service, node);
  if (found === undefined) return refusedBy("item-not-found"); // §6.1.3.12
  const why = whyNoAccess(state.affiliation(service, node, subscriber), "subscribe", found.config.accessModel);
  switch (why) {
    case "outcast":
      return refusedBy("forbidden"); // §6.1.3.8
    case "closed-node":
      return refusedBy("not-allowed", "closed-node"); // §6.1.3.4
    case "presence-subscription-required":
    case "not-in-roster-group":
      return refusedBy("not-authorized", why); // §6.1.3.2, §6.1.3.3
    case "pending":
    case undefined:
      break;
  }
  const own = subscriptionsAt(state, service, node, subscriber);
  const present = own.find((subscription) => subscription.jid === jid);
  if (present?.state === "pending") return refusedBy("not-authorized", "pending-subscription"); // §6.1.3.7
  if (present !== undefined) return decision({ kind: "subscribed", subscription: present });
  if (own.length >= SUBSCRIPTIONS_PER_JID_MAX) return refusedBy("policy-violation", "too-many-subscriptions"); // §6.1.3.9
  const subscription: Subscription = {
    service,
    node,
    jid,
    subid: context.subid,
    state: why === "pending" ? "pending" : "subscribed", // §6.1.4
    created: context.now,
  };
  return decision({ kind: "subscribed", subscription }, [{ kind: "subscription-put", subscription }]);
}

/** XEP-0060 §6.2. */
export function decideUnsubscribe(
  state: PubsubState,
  request: Of<"unsubscribe">,
  context: PubsubContext,
): PubsubDecision {
  const { service, node, jid, subid } = request;
  const subscriber = bareOf(jid);
  if (subscriber !== bareOf(context.actor)) return refusedBy("forbidden"); // §6.2.3.3
  if (state.node(service, node) === undefined) return refusedBy("item-not-found"); // §6.2.3.4
  const own = subscriptionsAt(state, service, node, subscriber).filter((subscription) => subscription.jid === jid);
  const [first] = own;
  if (first === undefined) return refusedBy("unexpected-request", "not-subscribed"); // §6.2.3.2
  if (subid === undefined && own.length > 1) return refusedBy("bad-request", "subid-required"); // §6.2.3.1
  const ended = subid === undefined ? first : own.find((subscription) => subscription.subid === subid);
  if (ended === undefined) return refusedBy("not-acceptable", "invalid-subid"); // §6.2.3.5
  return decision({ kind: "done" }, [{ kind: "subscription-removed", service, node, jid, subid: ended.subid }]);
}

/** One JID's own, found by its JID: a node may have very many subscribers. */
function subscriptionsAt(state: PubsubState, service: BareJid, node: NodeId, jid: BareJid): readonly Subscription[] {
  return state.subscriptionsOf(service, jid).filter((subscription) => subscription.node === node);
}
