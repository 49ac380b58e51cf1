import { bareOf } from "../../core/jid.ts";
import { isError, isLive, missing, subscriptionsAt, whyNotAdmitted } from "../access.ts";
import { expiry } from "../notify.ts";
import type { PubsubDecision } from "../reply.ts";
import type { PubsubContext, PubsubRequest } from "../request.ts";
import type { PageRequest, PubsubState } from "../state.ts";
import { decision, refusedBy, unsupported } from "./decision.ts";
import { listPage } from "./list-page.ts";

type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/** XEP-0060 §6.5: by id (§6.5.8), or a page (§6.5.4, XEP-0059), newest first. What has expired is not there. */
export function decideItems(state: PubsubState, request: Of<"items">, context: PubsubContext): PubsubDecision {
  const { service, node, ids, page, subid } = request;
  const found = state.node(service, node);
  if (found === undefined) return missing(state, service, node); // §6.5.9.11
  const actor = bareOf(context.actor);
  const admitted = whyNotAdmitted(state, found, actor, "retrieve");
  if (isError(admitted)) return admitted;
  const own = subscriptionsAt(state, service, node, actor, context.now);
  if (admitted === "pending" && !own.some((each) => each.state === "subscribed")) {
    return refusedBy("not-authorized", "not-subscribed"); // §6.5.9.3
  }
  const asSelf = own.filter(({ jid }) => jid === actor);
  if (subid === undefined && asSelf.length > 1) return refusedBy("bad-request", "subid-required"); // §6.5.9.1
  if (subid !== undefined && !own.some((each) => each.subid === subid)) {
    return refusedBy("not-acceptable", "invalid-subid"); // §6.5.9.2
  }
  if (!found.config.persistItems) return unsupported("persistent-items"); // §6.5.9.4
  const { since } = expiry(found.config, context.now);
  if (ids.length > 0) {
    // Ids that are not there are left out, all of them if need be (§6.5.9.12): who asks learns which still are.
    const items = ids
      .map((id) => state.item(service, node, id))
      .filter((item) => item !== undefined)
      .filter((item) => since === undefined || item.updated > since);
    return decision({
      kind: "items",
      node,
      page: { items, firstIndex: 0, count: items.length, complete: true },
      paged: false,
    });
  }
  const items = state.items(service, node, later(page, since));
  if (items === undefined) return refusedBy("item-not-found"); // XEP-0059 §2.2
  return decision({ kind: "items", node, page: items, paged: true });
}

/** The page, from the later of both times on. */
function later(page: PageRequest, since: PageRequest["since"]): PageRequest {
  return since === undefined || (page.since !== undefined && page.since > since) ? page : { ...page, since };
}

/** XEP-0060 §5.6: the asker's own subscriptions. */
export function decideSubscriptions(
  state: PubsubState,
  request: Of<"subscriptions">,
  context: PubsubContext,
): PubsubDecision {
  const own = state
    .subscriptionsOf(request.service, bareOf(context.actor))
    .filter((each) => isLive(each, context.now) && (request.node === undefined || each.node === request.node));
  const listed = listPage(own, ({ subid }) => subid, request.page);
  if (listed === undefined) return refusedBy("item-not-found"); // XEP-0059 §2.2
  return decision({ kind: "subscriptions", ...about(request), subscriptions: listed.rows, ...listed.part });
}

/** XEP-0060 §5.7: the asker's own affiliations. */
export function decideAffiliations(
  state: PubsubState,
  request: Of<"affiliations">,
  context: PubsubContext,
): PubsubDecision {
  const affiliations = state
    .affiliationsOf(request.service, bareOf(context.actor))
    .filter(({ node }) => request.node === undefined || node === request.node);
  return decision({ kind: "affiliations", ...about(request), affiliations });
}

function about({ node }: Of<"subscriptions" | "affiliations">) {
  return node === undefined ? {} : { node };
}
