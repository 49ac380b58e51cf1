import { bareOf } from "../core/jid.ts";
import { may, mayPublish } from "./capability.ts";
import { decision, refusedBy, unsupported } from "./decision.ts";
import type { Notification, PubsubDecision } from "./reply.ts";
import type { PubsubContext, PubsubRequest } from "./request.ts";
import type { PubsubChange, PubsubItem, PubsubNode, PubsubState } from "./state.ts";

type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/**
 * XEP-0060 §7.1. An item of the same id is replaced and keeps the time it was first published; where strangers may
 * publish, each replaces only what is their own. Beyond `maxItems` the oldest items go, without notice.
 */
export function decidePublish(state: PubsubState, request: Of<"publish">, context: PubsubContext): PubsubDecision {
  const { service, node } = request;
  const found = state.node(service, node);
  if (found === undefined) return refusedBy("item-not-found"); // §7.1.3.3
  const actor = bareOf(context.actor);
  const affiliation = state.affiliation(service, node, actor);
  const subscribed = state
    .subscriptionsOf(service, actor)
    .some((own) => own.node === node && own.state === "subscribed");
  if (!mayPublish(affiliation, subscribed, found.config.publishModel)) return refusedBy("forbidden"); // §7.1.3.1
  const before = state.item(service, node, request.item.id);
  if (before !== undefined && before.publisher !== actor && !may(affiliation, "retract")) return refusedBy("forbidden");
  const item: PubsubItem = {
    service,
    node,
    id: request.item.id,
    publisher: actor,
    payload: request.item.payload,
    published: before?.published ?? request.item.published,
    updated: request.item.updated,
  };
  const changes: PubsubChange[] = found.config.persistItems
    ? [{ kind: "item-put", item }, ...(before === undefined ? overflow(state, found, item) : [])]
    : [];
  const payload = found.config.deliverPayloads ? { payload: item.payload } : {};
  const event = { kind: "items", id: item.id, publisher: actor, ...payload } as const;
  return decision({ kind: "published", node, id: item.id }, changes, notify(state, found, event)); // §7.1.2
}

/** The oldest items that have to go for a new one to fit in. The new one itself stays, whatever time it bears. */
function overflow(state: PubsubState, node: PubsubNode, added: PubsubItem): readonly PubsubChange[] {
  const { service, id, config } = node;
  if (config.maxItems === undefined) return [];
  const { count = 0 } = state.items(service, id, { max: 0, order: "creation" }) ?? {};
  const excess = Math.min(count, count + 1 - config.maxItems);
  if (excess <= 0) return [];
  const oldest = state.items(service, id, { max: excess, before: "", order: "creation" })?.items ?? [];
  return oldest
    .filter((item) => item.id !== added.id)
    .map((item) => ({ kind: "item-removed", service, node: id, id: item.id }));
}

/** XEP-0060 §7.2: by the item's publisher, or whom the node allows. */
export function decideRetract(state: PubsubState, request: Of<"retract">, context: PubsubContext): PubsubDecision {
  const { service, node, id } = request;
  const found = state.node(service, node);
  if (found === undefined) return refusedBy("item-not-found"); // §7.2.3.2
  const actor = bareOf(context.actor);
  const affiliation = state.affiliation(service, node, actor);
  const item = state.item(service, node, id);
  const own = affiliation !== "outcast" && item?.publisher === actor;
  if (!may(affiliation, "retract") && !own) return refusedBy("forbidden"); // §7.2.3.1
  if (!found.config.persistItems) return unsupported("persistent-items"); // §7.2.3.5
  if (item === undefined) return refusedBy("item-not-found"); // §7.2.3.2
  const told = request.notify || found.config.notifyRetract;
  return decision(
    { kind: "done" },
    [{ kind: "item-removed", service, node, id }],
    told ? notify(state, found, { kind: "retract", id }) : [],
  );
}

function notify(state: PubsubState, node: PubsubNode, event: Notification["event"]): readonly Notification[] {
  const to = state
    .subscriptions(node.service, node.id)
    .filter((subscription) => subscription.state === "subscribed")
    .map(({ jid, subid }) => ({ jid, subid }));
  return to.length === 0 ? [] : [{ service: node.service, node: node.id, event, to }];
}
