import {
  decideConfigure,
  decideCreate,
  decideDefaultConfiguration,
  decideDelete,
  decidePurge,
} from "./decide-configure.ts";
import { decideNodeAffiliations, decideNodeSubscriptions } from "./decide-manage.ts";
import { decideDefaultOptions, decideOptions } from "./decide-options.ts";
import { decideAuthorize, decidePending } from "./decide-pending.ts";
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
  options: decideOptions,
  "default-options": decideDefaultOptions,
  subscriptions: decideSubscriptions,
  affiliations: decideAffiliations,
  items: decideItems,
  publish: decidePublish,
  retract: decideRetract,
  create: decideCreate,
  configure: decideConfigure,
  "default-configuration": decideDefaultConfiguration,
  delete: decideDelete,
  purge: decidePurge,
  authorize: decideAuthorize,
  pending: decidePending,
  "node-subscriptions": decideNodeSubscriptions,
  "node-affiliations": decideNodeAffiliations,
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
    case "options":
      return DECIDERS.options(state, request, context);
    case "default-options":
      return DECIDERS["default-options"](state, request);
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
    case "create":
      return DECIDERS.create(state, request, context);
    case "configure":
      return DECIDERS.configure(state, request, context);
    case "default-configuration":
      return DECIDERS["default-configuration"]();
    case "delete":
      return DECIDERS.delete(state, request, context);
    case "purge":
      return DECIDERS.purge(state, request, context);
    case "authorize":
      return DECIDERS.authorize(state, request, context);
    case "pending":
      return DECIDERS.pending(state, request, context);
    case "node-subscriptions":
      return DECIDERS["node-subscriptions"](state, request, context);
    case "node-affiliations":
      return DECIDERS["node-affiliations"](state, request, context);
  }
}
