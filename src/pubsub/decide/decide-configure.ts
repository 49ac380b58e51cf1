import { bareOf } from "../../core/jid.ts";
import { isError, ownedNode, whyNotAdmitted } from "../access.ts";
import { parseNodeId } from "../configuration.ts";
import { notify, tellChange } from "../notify.ts";
import type { Notification, PubsubDecision } from "../reply.ts";
import type { PubsubContext, PubsubRequest } from "../request.ts";
import { configForm, configWith, DEFAULT_CONFIG } from "../settings/node-settings.ts";
import type { NodeConfig, NodeId, PubsubChange, PubsubNode, PubsubState } from "../state.ts";
import { decision, refusedBy, unsupported } from "./decision.ts";
import { excessItems } from "./item-bounds.ts";

type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };

/** LIMIT: PubsubNodes at one service. */
export const NODES_MAX = 10_000;

/** XEP-0060 §8.1: creates a node, configured (§8.1.3) or not, with an id of its own where none is given (§8.1.1). */
export function decideCreate(state: PubsubState, request: Of<"create">, context: PubsubContext): PubsubDecision {
  const { service, config } = request;
  if (context.mayCreate === false) return refusedBy("forbidden"); // §8.1.1
  const node = request.node ?? (parseNodeId(context.subid) as NodeId);
  if (state.node(service, node) !== undefined) return refusedBy("conflict");
  if (state.nodes(service).length >= NODES_MAX) return refusedBy("resource-constraint");
  const chosen = config === undefined || config.cancelled ? DEFAULT_CONFIG : configWith(DEFAULT_CONFIG, config);
  if (isError(chosen)) return chosen;
  return decision(
    { kind: "created", node, named: request.node === undefined },
    newNode(service, node, chosen, context),
  );
}

/** The changes that make a node of which the asker is the owner. */
export function newNode(
  service: PubsubNode["service"],
  id: NodeId,
  config: NodeConfig,
  { actor, now }: PubsubContext,
): readonly PubsubChange[] {
  const creator = bareOf(actor);
  return [
    { kind: "node-put", node: { service, id, config, created: now, creator } },
    { kind: "affiliation-put", service, node: id, jid: creator, affiliation: "owner" },
  ];
}

/** XEP-0060 §8.2: a node's configuration, asked for (§8.2.1) or set (§8.2.4). */
export function decideConfigure(state: PubsubState, request: Of<"configure">, context: PubsubContext): PubsubDecision {
  const { service, node, form } = request;
  const found = ownedNode(state, service, node, context.actor);
  if (isError(found)) return found;
  if (form === undefined) return decision({ kind: "configuration", node, form: configForm(found.config, true) });
  if (form.cancelled) return decision({ kind: "done" }); // §8.2.4
  const config = configWith(found.config, form);
  if (isError(config)) return config; // §8.2.5.3
  const changed = { ...found, config };
  const [admissions, told] = readmitted(state, found, changed);
  const removed: readonly PubsubChange[] = config.persistItems
    ? excessItems(state, changed, context.now)
    : [{ kind: "items-removed", service, node }];
  const event = config.deliverPayloads ? { form: configForm(config, false) } : {};
  return decision(
    { kind: "done" },
    [{ kind: "node-put", node: changed }, ...removed, ...admissions],
    [
      ...(config.notifyConfig === true ? notify(state, changed, { kind: "configuration", ...event }, context.now) : []),
      ...told,
    ],
  );
}

/**
 * What a new access model does to the subscriptions that are there: requests are approved where nobody has to be asked
 * any longer, and who would not be let in any longer is let go. Subscribers from before an owner had to approve stay.
 */
function readmitted(
  state: PubsubState,
  before: PubsubNode,
  after: PubsubNode,
): readonly [readonly PubsubChange[], readonly Notification[]] {
  const { accessModel, rosterGroups } = before.config;
  if (accessModel === after.config.accessModel && rosterGroups === after.config.rosterGroups) return [[], []];
  const changes: PubsubChange[] = [];
  const told: Notification[] = [];
  for (const subscription of state.subscriptions(after.service, after.id)) {
    const admitted = whyNotAdmitted(state, after, bareOf(subscription.jid), "subscribe", after.config);
    if (isError(admitted)) {
      const { service, node, jid, subid } = subscription;
      changes.push({ kind: "subscription-removed", service, node, jid, subid });
      told.push(...tellChange(state, after, subscription, "none"));
    } else if (admitted === undefined && subscription.state === "pending") {
      changes.push({ kind: "subscription-put", subscription: { ...subscription, state: "subscribed" } });
      told.push(...tellChange(state, after, subscription, "subscribed"));
    }
  }
  return [changes, told];
}

/** XEP-0060 §8.3: what nodes are like where nothing is asked for. */
export function decideDefaultConfiguration(): PubsubDecision {
  return decision({ kind: "default-configuration", form: configForm(DEFAULT_CONFIG, true) });
}

/** XEP-0060 §8.4: deletes a node with all that is in it, and tells also those who wait to be admitted. */
export function decideDelete(state: PubsubState, request: Of<"delete">, context: PubsubContext): PubsubDecision {
  const { service, node, redirect } = request;
  const found = ownedNode(state, service, node, context.actor);
  if (isError(found)) return found;
  const moved = redirect === undefined ? {} : { redirect };
  const told =
    found.config.notifyDelete === false
      ? []
      : notify(state, found, { kind: "delete", ...moved }, context.now, { pending: true });
  return decision({ kind: "done" }, [{ kind: "node-removed", service, node, ...moved }], told);
}

/** XEP-0060 §8.5: removes every item of a node. */
export function decidePurge(state: PubsubState, request: Of<"purge">, context: PubsubContext): PubsubDecision {
  const { service, node } = request;
  const found = ownedNode(state, service, node, context.actor);
  if (isError(found)) return found;
  if (!found.config.persistItems) return unsupported("persistent-items"); // §8.5.3.3
  const told = found.config.notifyRetract ? notify(state, found, { kind: "purge" }, context.now) : [];
  return decision({ kind: "done" }, [{ kind: "items-removed", service, node }], told);
}
