import { bareOf } from "../core/jid.ts";
import { whyNoAccess } from "./capability.ts";
import { decision, refusedBy, unsupported } from "./decision.ts";
import type { PubsubDecision } from "./reply.ts";
import type { PubsubContext, PubsubRequest } from "./request.ts";
import type { PubsubState } from "./state.ts";

type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/** XEP-0060 §6.5: by id (§6.5.8), or a page (§6.5.4, XEP-0059), newest first. */
export function decideItems(state: PubsubState, request: Of<"items">, context: PubsubContext): PubsubDecision {
  const { service, node, ids, page } = request;
  const found = state.node(service, node);
  if (found === undefined) return refusedBy("item-not-found"); // §6.5.9.11
  const actor = bareOf(context.actor);
  switch (whyNoAccess(state.affiliation(service, node, actor), "retrieve", found.config.accessModel)) {
    case "outcast":
      return refusedBy("forbidden"); // §6.5.9.10
    case "closed-node":
      return refusedBy("not-allowed", "closed-node"); // §6.5.9.8
    case "presence-subscription-required":
      return refusedBy("not-authorized", "presence-subscription-required"); // §6.5.9.6
    case "not-in-roster-group":
      return refusedBy("not-authorized", "not-in-roster-group"); // §6.5.9.7
    case "pending": {
      const own = state.subscriptionsOf(service, actor);
      const admitted = own.some((subscription) => subscription.node === node && subscription.state === "subscribed");
      if (!admitted) return refusedBy("not-authorized", "not-subscribed"); // §6.5.9.3
      break;
    }
    case undefined:
      break;
  }
  if (!found.config.persistItems) return unsupported("persistent-items"); // §6.5.9.4
  if (ids.length > 0) {
    // Ids that are not there are left out, all of them if need be (§6.5.9.12): who asks learns which still are.
    const items = ids.map((id) => state.item(service, node, id)).filter((item) => item !== undefined);
    return decision({
      kind: "items",
      node,
      page: { items, firstIndex: 0, count: items.length, complete: true },
      paged: false,
    });
  }
  const items = state.items(service, node, page);
  if (items === undefined) return refusedBy("item-not-found"); // XEP-0059 §2.2
  return decision({ kind: "items", node, page: items, paged: true });
}

/** XEP-0060 §5.6: the asker's own subscriptions. */
export function decideSubscriptions(
  state: PubsubState,
  request: Of<"subscriptions">,
  context: PubsubContext,
): PubsubDecision {
  const own = state.subscriptionsOf(request.service, bareOf(context.actor));
  const subscriptions = own.filter(({ node }) => request.node === undefined || node === request.node);
  return decision({ kind: "subscriptions", ...about(request), subscriptions });
}

/** XEP-0060 §5.7: the asker's own affiliations. */
export function decideAffiliations(
  state: PubsubState,
  request: Of<"affiliations">,
  context: PubsubContext,
): PubsubDecision {
  const actor = bareOf(context.actor);
  const affiliations = state
    .nodes(request.service)
    .filter(({ id }) => request.node === undefined || id === request.node)
    .map(({ id }) => ({ node: id, affiliation: state.affiliation(request.service, id, actor) }))
    .filter(({ affiliation }) => affiliation !== "none");
  return decision({ kind: "affiliations", ...about(request), affiliations });
}

function about({ node }: Of<"subscriptions" | "affiliations">) {
  return node === undefined ? {} : { node };
}
