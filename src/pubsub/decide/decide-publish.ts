import { bareOf } from "../../core/jid.ts";
import { isError, missing } from "../access.ts";
import { may, mayPublish } from "../capability.ts";
import { itemEvent, notify } from "../notify.ts";
import type { Notification, PubsubDecision, PubsubError } from "../reply.ts";
import type { PubsubContext, PubsubRequest } from "../request.ts";
import { configByOptions, whyUnmet } from "../settings/node-settings.ts";
import type { PubsubChange, PubsubItem, PubsubNode, PubsubState } from "../state.ts";
import { newNode } from "./decide-configure.ts";
import { decision, refusedBy, unsupported } from "./decision.ts";
import { countItems, expiredItems, oldestItems } from "./item-bounds.ts";

type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/**
 * XEP-0060 §7.1. An item of the same id is replaced and keeps the time it was first published; where strangers may
 * publish, each replaces only what is their own. Beyond `maxItems` the oldest items go, or the new one is refused, as
 * the node says. Where the context allows it, a node that is not there is made (§7.1.4).
 */
export function decidePublish(state: PubsubState, request: Of<"publish">, context: PubsubContext): PubsubDecision {
  const { service, node, options } = request;
  const found = state.node(service, node);
  if (found !== undefined) return publishTo(state, found, request, context);
  const creates = context.autoCreate === true && context.mayCreate !== false;
  if (!creates) return missing(state, service, node); // §7.1.3.3
  const config = configByOptions(options);
  if (isError(config)) return config;
  const made = newNode(service, node, config, context);
  const published = publishInto(state, { service, id: node, config, created: context.now }, request, context);
  return published.kind === "error" ? published : { ...published, changes: [...made, ...published.changes] };
}

function publishTo(
  state: PubsubState,
  found: PubsubNode,
  request: Of<"publish">,
  context: PubsubContext,
): PubsubDecision {
  const { service, node, item, options } = request;
  const actor = bareOf(context.actor);
  const affiliation = state.affiliation(service, node, actor);
  const subscribed = state
    .subscriptionsOf(service, actor)
    .some((own) => own.node === node && own.state === "subscribed");
  if (!mayPublish(affiliation, subscribed, found.config.publishModel)) return refusedBy("forbidden"); // §7.1.3.1
  const unmet = options === undefined ? undefined : whyUnmet(found.config, options);
  if (unmet !== undefined) return unmet; // §7.1.5
  const before = item === undefined ? undefined : state.item(service, node, item.id);
  if (before !== undefined && before.publisher !== actor && !may(affiliation, "retract")) return refusedBy("forbidden");
  return publishInto(state, found, request, context, before);
}

/** Publishes where that is allowed. */
function publishInto(
  state: PubsubState,
  node: PubsubNode,
  request: Of<"publish">,
  context: PubsubContext,
  before?: PubsubItem,
): PubsubDecision {
  const { service, id, config } = node;
  const no = whyNotThisItem(config, request);
  if (no !== undefined) return no;
  if (request.item === undefined) {
    return decision({ kind: "published", node: id }, [], notify(state, node, { kind: "touch" }, context.now)); // §7.1.3.6
  }
  const { now } = context;
  const full = before === undefined && config.maxItems !== undefined && countItems(state, node, now) >= config.maxItems;
  if (full && config.persistItems && config.nodeFull === "reject") return refusedBy("conflict", "node-full"); // §7.1.3.4
  const published = before?.published ?? request.item.published;
  const publisher = context.publisher ?? bareOf(context.actor);
  const item: PubsubItem = { ...request.item, service, node: id, publisher, published };
  const expired = config.persistItems ? expiredItems(state, node, now) : [];
  const gone = config.persistItems && before === undefined ? oldestItems(state, node, 1, now) : [];
  const others = gone.filter((each) => each !== item.id);
  const changes: readonly PubsubChange[] = config.persistItems
    ? [
        ...expired.filter((change) => change.kind !== "item-removed" || change.id !== item.id),
        { kind: "item-put", item },
        ...others.map((old) => ({ kind: "item-removed" as const, service, node: id, id: old })),
      ]
    : [];
  const retracted =
    config.nodeFull === "retract-oldest"
      ? others.flatMap((old): readonly Notification[] => notify(state, node, { kind: "retract", id: old }, now))
      : [];
  return decision({ kind: "published", node: id, id: item.id }, changes, [
    ...notify(state, node, itemEvent(state, node, item), now),
    ...retracted,
  ]); // §7.1.2
}

/** What kinds of nodes ask of what is published (XEP-0060 §7.1.3.5, §7.1.3.6). */
function whyNotThisItem(config: PubsubNode["config"], { item }: Of<"publish">): PubsubError | undefined {
  const { persistItems, deliverPayloads, payloadBytes_max } = config;
  if (item === undefined) {
    return persistItems || deliverPayloads ? refusedBy("bad-request", "item-required") : undefined;
  }
  if (!persistItems && !deliverPayloads) return refusedBy("bad-request", "item-forbidden");
  if (item.payload === "" && deliverPayloads) return refusedBy("bad-request", "payload-required");
  const tooBig = payloadBytes_max !== undefined && byteLength(item.payload) > payloadBytes_max;
  return tooBig ? refusedBy("not-acceptable", "payload-too-big") : undefined; // §7.1.3.5
}

/** Bytes as UTF-8. */
function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** XEP-0060 §7.2: by the item's publisher, or whom the node allows. */
export function decideRetract(state: PubsubState, request: Of<"retract">, context: PubsubContext): PubsubDecision {
  const { service, node, id } = request;
  const found = state.node(service, node);
  if (found === undefined) return missing(state, service, node); // §7.2.3.2
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
    told ? notify(state, found, { kind: "retract", id }, context.now) : [],
  );
}
