import { bareOf } from "../../core/jid.ts";
import { isError, missing } from "../access.ts";
import type { PubsubDecision } from "../reply.ts";
import type { PubsubContext, PubsubRequest } from "../request.ts";
import { optionsForm, optionsWith } from "../settings/subscription-settings.ts";
import type { PubsubState, Subscription } from "../state.ts";
import { ownSubscription } from "./decide-subscribe.ts";
import { decision, refusedBy } from "./decision.ts";

type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/** XEP-0060 §6.3: a subscription's options, asked for (§6.3.2) or set (§6.3.5). */
export function decideOptions(state: PubsubState, request: Of<"options">, context: PubsubContext): PubsubDecision {
  const { service, node, jid, subid, form } = request;
  if (bareOf(jid) !== bareOf(context.actor)) return refusedBy("forbidden"); // §6.3.4.1
  if (state.node(service, node) === undefined) return missing(state, service, node); // §6.3.4.7
  const own = ownSubscription(state, request, context, "modify");
  if (isError(own)) return own;
  const named = subid === undefined ? {} : { subid };
  if (form === undefined) {
    return decision({ kind: "options", node, jid, ...named, form: optionsForm(own.options ?? {}, true) });
  }
  if (form.cancelled) return decision({ kind: "done" });
  const options = optionsWith(own.options ?? {}, form, context.now);
  if (isError(options)) return options; // §6.3.6
  const { options: _, ...bare } = own;
  const subscription: Subscription = Object.keys(options).length === 0 ? bare : { ...bare, options };
  return decision({ kind: "done" }, [{ kind: "subscription-put", subscription }]);
}

/** XEP-0060 §6.4: what subscriptions are like where nothing is asked for. */
export function decideDefaultOptions(state: PubsubState, { service, node }: Of<"default-options">): PubsubDecision {
  if (node !== undefined && state.node(service, node) === undefined) return missing(state, service, node);
  return decision({ kind: "default-options", ...(node === undefined ? {} : { node }), form: optionsForm({}, false) });
}
