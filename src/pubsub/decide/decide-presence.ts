import type { BareJid } from "../../core/jid.ts";
import { whyNotAdmitted } from "../access.ts";
import { tellChange } from "../notify.ts";
import type { Notification } from "../reply.ts";
import type { PubsubChange, PubsubState } from "../state.ts";

/**
 * Somebody is no contact any more, and the state is without them: with that end the subscriptions that only contacts
 * may have (XEP-0163 §8), of which they and the owners are told.
 */
export function decideContactGone(
  state: PubsubState,
  service: BareJid,
  jid: BareJid,
): { readonly changes: readonly PubsubChange[]; readonly notifications: readonly Notification[] } {
  const ended = state.subscriptionsOf(service, jid).flatMap((subscription) => {
    const node = state.node(service, subscription.node);
    const { accessModel } = node?.config ?? {};
    if (node === undefined || (accessModel !== "presence" && accessModel !== "roster")) return [];
    return whyNotAdmitted(state, node, jid, "subscribe") === undefined ? [] : [{ node, subscription }];
  });
  const removed = ended.map(({ subscription: { node, jid: of, subid } }) => ({
    kind: "subscription-removed" as const,
    service,
    node,
    jid: of,
    subid,
  }));
  return {
    changes: [{ kind: "contact-removed", service, jid }, ...removed],
    notifications: ended.flatMap(({ node, subscription }) => tellChange(state, node, subscription, "none")),
  };
}
