import type { PubsubDecision } from "../reply.ts";
import type { PubsubContext, PubsubRequest } from "../request.ts";
import type { PubsubState } from "../state.ts";
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

type Kind = PubsubRequest["kind"];
type Of<K extends Kind> = PubsubRequest & { readonly kind: K };
type Deciders = {
  readonly [K in Kind]: (state: PubsubState, request: Of<K>, context: PubsubContext) => PubsubDecision;
};

/** What handles each kind of request, by chapter of XEP-0060. What is advertised in disco is derived from this table. */
export const DECIDERS: Deciders = {
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
};

/**
 * Decides one request: a pure function of the state, who asks and when. Nothing has happened when it returns: the
 * changes are to be committed, then the reply given and the notifications sent.
 */
export function decide(state: PubsubState, request: PubsubRequest, context: PubsubContext): PubsubDecision {
  return decideOf(request.kind, state, request, context);
}

/** The table says which request each kind comes with; the compiler cannot follow that through a union. */
function decideOf<K extends Kind>(kind: K, state: PubsubState, request: PubsubRequest, context: PubsubContext) {
  return DECIDERS[kind](state, request as Of<K>, context);
}
