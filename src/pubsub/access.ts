import { type BareJid, bareOf, type Jid } from "../core/jid.ts";
import { may, whyNoAccess } from "./capability.ts";
import { refusedBy } from "./decide/decision.ts";
import type { PubsubError } from "./reply.ts";
import type { NodeConfig, NodeId, PubsubNode, PubsubState, Subscription } from "./state.ts";

/**
 * Why a node's access model keeps somebody from subscribing or reading; `pending` where an owner has to approve.
 * `config` is the node's own unless another is asked about.
 */
export function whyNotAdmitted(
  state: Pick<PubsubState, "affiliation" | "contact">,
  { service, id, config: present }: PubsubNode,
  jid: BareJid,
  action: "subscribe" | "retrieve",
  config: NodeConfig = present,
): PubsubError | "pending" | undefined {
  const { accessModel, rosterGroups } = config;
  const asksContact = accessModel === "presence" || accessModel === "roster";
  const contact = asksContact ? state.contact(service, jid) : undefined;
  const why = whyNoAccess(state.affiliation(service, id, jid), action, accessModel, contact, rosterGroups);
  switch (why) {
    case "outcast":
      return refusedBy("forbidden"); // §6.1.3.8, §6.5.9.10
    case "closed-node":
      return refusedBy("not-allowed", "closed-node"); // §6.1.3.4, §6.5.9.8
    case "presence-subscription-required":
    case "not-in-roster-group":
      return refusedBy("not-authorized", why); // §6.1.3.2, §6.1.3.3, §6.5.9.6, §6.5.9.7
    case "pending":
    case undefined:
      return why;
  }
}

/** The node that an owner asks about; an error when it is not there or somebody else asks. */
export function ownedNode(state: PubsubState, service: BareJid, node: NodeId, actor: Jid): PubsubNode | PubsubError {
  const found = state.node(service, node);
  if (found === undefined) return missing(state, service, node); // §8.2.3.5 and its like
  const affiliation = state.affiliation(service, node, bareOf(actor));
  return may(affiliation, "configure") ? found : refusedBy("forbidden"); // §8.2.3.2 and its like
}

/** What is said of a node that is not there: `gone`, and where to, when its owner left that behind (§6.1.3.11). */
export function missing(state: PubsubState, service: BareJid, node: NodeId): PubsubError {
  const uri = state.redirect(service, node);
  return uri === undefined ? refusedBy("item-not-found") : { ...refusedBy("gone"), type: "modify", uri };
}

/** Tells an error from what was asked for. */
export function isError(value: unknown): value is PubsubError {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "error";
}

/** One JID's own subscriptions to a node, found by its JID: a node may have very many subscribers. */
export function subscriptionsAt(
  state: PubsubState,
  service: BareJid,
  node: NodeId,
  jid: BareJid,
  now: string,
): readonly Subscription[] {
  return state.subscriptionsOf(service, jid).filter((own) => own.node === node && isLive(own, now));
}

/** Whether a subscription has not ended by itself (§12.18). */
export function isLive({ options }: Subscription, now: string): boolean {
  return options?.expire === undefined || options.expire > now;
}
