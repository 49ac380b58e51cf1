import { decidePublish, decideRetract } from "./decide-publish.ts";
import { decideAffiliations, decideItems, decideSubscriptions } from "./decide-retrieve.ts";
import { decideSubscribe, decideUnsubscribe } from "./decide-subscribe.ts";
import type { PubsubDecision } from "./reply.ts";
import type { PubsubContext, PubsubRequest } from "./request.ts";
import type { PubsubState } from "./state.ts";

/** What handles each kind of request, by chapter of XEP-0060. What is advertised in disco is derived from this table. */
export const DECIDERS = {
  subscribe: decideSubscribe,
  unsubscribe: decideUnsubscribe,
  subscriptions: decideSubscriptions,
  affiliations: decideAffiliations,
  items: decideItems,
  publish: decidePublish,
  retract: decideRetract,
} as const satisfies {
  readonly [K in PubsubRequest["kind"]]: (
    state: PubsubState,
    request: PubsubRequest & { readonly kind: K },
    context: PubsubContext,
  ) => PubsubDecision;
};

/**
 * Decides one request: a pure function of the state, who asks and when. Nothing has happened when it returns: the
 * changes are to be committed, then the reply given and the notifications sent.
 */
export function decide(state: PubsubState, request: PubsubRequest, context: PubsubContext): PubsubDecision {
  switch (request.kind) {
    case "subscribe":
      return DECIDERS.subscribe(state, request, context);
    case "unsubscribe":
      return DECIDERS.unsubscribe(state, request, context);
    case "subscriptions":
      return DECIDERS.subscriptions(state, request, context);
    case "affiliations":
      return DECIDERS.affiliations(state, request, context);
    case "items":
      return DECIDERS.items(state, request, context);
    case "publish":
      return DECIDERS.publish(state, request, context);
    case "retract":
      return DECIDERS.retract(state, request, context);
  }
}
