import { bareOf, type Jid } from "../../core/jid.ts";
import { isError, missing, subscriptionsAt, whyNotAdmitted } from "../access.ts";
import { askOwners, lastItem, ownersOf, tellChange } from "../notify.ts";
import type { PubsubDecision, PubsubError } from "../reply.ts";
import type { PubsubContext, PubsubRequest } from "../request.ts";
import { optionsForm, optionsWith } from "../settings/subscription-settings.ts";
import type { PubsubState, Subscription, SubscriptionOptions } from "../state.ts";
import { decision, refusedBy, unsupported } from "./decision.ts";

type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/** LIMIT: subscriptions of one bare JID, with whatever resources, to one PubsubNode. */
export const SUBSCRIPTIONS_PER_JID_MAX = 20;

/**
 * XEP-0060 §6.1, with options §6.3.7. Who asks again for what is there is answered with what is there; another
 * subscription of the same JID comes from asking with other options (§6.1.6).
 */
export function decideSubscribe(state: PubsubState, request: Of<"subscribe">, context: PubsubContext): PubsubDecision {
  const { service, node, jid } = request;
  const subscriber = bareOf(jid);
  if (subscriber !== bareOf(context.actor)) return refusedBy("bad-request", "invalid-jid"); // §6.1.3.1
  const found = state.node(service, node);
  if (found === undefined) return missing(state, service, node); // §6.1.3.11, §6.1.3.12
  const admitted = whyNotAdmitted(state, found, subscriber, "subscribe");
  if (isError(admitted)) return admitted;
  const wanted = request.options === undefined ? {} : optionsWith({}, request.options, context.now);
  if (isError(wanted)) return wanted; // §6.3.6
  const own = subscriptionsAt(state, service, node, subscriber, context.now);
  const same = own.filter((subscription) => subscription.jid === jid);
  const present = request.options === undefined ? same[0] : same.find((each) => isSame(each.options ?? {}, wanted));
  const shown = request.options === undefined ? {} : { options: optionsForm(wanted, false) };
  if (same.some((each) => each.state === "pending")) return refusedBy("not-authorized", "pending-subscription"); // §6.1.3.7
  if (present !== undefined) return decision({ kind: "subscribed", subscription: present, ...shown });
  if (found.config.subscribe === false) return unsupported("subscribe"); // §6.1.3.10
  if (own.length >= SUBSCRIPTIONS_PER_JID_MAX) return tooMany();
  const subscription: Subscription = {
    service,
    node,
    jid,
    subid: context.subid,
    state: admitted === "pending" ? "pending" : "subscribed", // §6.1.4
    created: context.now,
    ...(Object.keys(wanted).length === 0 ? {} : { options: wanted }),
  };
  const told =
    admitted === "pending"
      ? askOwners(ownersOf(state, found), found, subscription)
      : [
          ...tellChange(state, found, subscription, "subscribed", { subscriber: false }),
          ...lastItem(state, found, subscription, context.now),
        ];
  return decision({ kind: "subscribed", subscription, ...shown }, [{ kind: "subscription-put", subscription }], told);
}

function isSame(a: SubscriptionOptions, b: SubscriptionOptions): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as ReadonlySet<keyof SubscriptionOptions>;
  return [...keys].every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]));
}

function tooMany(): PubsubError {
  return { ...refusedBy("policy-violation", "too-many-subscriptions"), type: "wait" }; // §6.1.3.9
}

/** XEP-0060 §6.2. */
export function decideUnsubscribe(
  state: PubsubState,
  request: Of<"unsubscribe">,
  context: PubsubContext,
): PubsubDecision {
  const { service, node, jid } = request;
  if (bareOf(jid) !== bareOf(context.actor)) return refusedBy("forbidden"); // §6.2.3.3
  const found = state.node(service, node);
  if (found === undefined) return missing(state, service, node); // §6.2.3.4
  const ended = ownSubscription(state, request, context, "cancel");
  if (isError(ended)) return ended;
  const { subid } = ended;
  return decision(
    { kind: "unsubscribed", node, jid, subid },
    [{ kind: "subscription-removed", service, node, jid, subid }],
    tellChange(state, found, ended, "none", { subscriber: false }),
  );
}

/** The one subscription that a request means, by its JID and, where there are several, by its subid. */
export function ownSubscription(
  state: PubsubState,
  { service, node, jid, subid }: Pick<Of<"unsubscribe">, "service" | "node" | "subid"> & { readonly jid: Jid },
  context: PubsubContext,
  type: "cancel" | "modify",
): Subscription | PubsubError {
  const own = subscriptionsAt(state, service, node, bareOf(jid), context.now).filter((each) => each.jid === jid);
  const [first] = own;
  if (first === undefined) return { ...refusedBy("unexpected-request", "not-subscribed"), type }; // §6.2.3.2, §6.3.4.2
  if (subid === undefined) return own.length > 1 ? refusedBy("bad-request", "subid-required") : first; // §6.2.3.1, §6.3.4.4
  return own.find((each) => each.subid === subid) ?? refusedBy("not-acceptable", "invalid-subid"); // §6.2.3.5, §6.3.4.5
}
