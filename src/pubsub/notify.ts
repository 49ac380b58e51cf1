import { epochMs, type Instant, instantOf } from "../core/instant.ts";
import { type BareJid, bareOf, type Jid, localOf } from "../core/jid.ts";
import { isLive, whyNotAdmitted } from "./access.ts";
import type { Notification, NotifiedEvent } from "./reply.ts";
import type { NodeConfig, PresenceView, PubsubItem, PubsubNode, PubsubState, Subscription } from "./state.ts";

/** What a node's subscribers are told, before it is known how each wants it. */
export type NodeEvent = Extract<
  NotifiedEvent,
  { readonly kind: "items" | "touch" | "retract" | "purge" | "delete" | "configuration" }
>;

/**
 * Tells a node's subscribers. Who holds several subscriptions is told once (XEP-0060 §6.1.6), and twice only where one
 * of them wants a text to read and another does not. Also those whose request is not decided where `pending` says so.
 */
export function notify(
  state: PubsubState,
  node: PubsubNode,
  event: NodeEvent,
  now: Instant,
  { pending = false }: { readonly pending?: boolean } = {},
): readonly Notification[] {
  if (node.config.deliverNotifications === false) return [];
  const all = state
    .subscriptions(node.service, node.id)
    .filter((own) => (pending || own.state === "subscribed") && isLive(own, now));
  const wanting = all.filter((own) => own.options?.deliver !== false && isThereFor(state.presence, node, own));
  return notifications(node, event, wanting, interested(state, node, all));
}

/**
 * Whether a subscriber is in a presence in which it wants to be told (XEP-0060 §12.1). What is a server, not a person,
 * is always there; nobody is passed over because nothing was heard of them, unless the node tells only who is there.
 */
function isThereFor(presence: PresenceView | undefined, { service, config }: PubsubNode, own: Subscription): boolean {
  const wanted = own.options?.showValues;
  if ((wanted === undefined && config.presenceBased !== true) || localOf(own.jid) === undefined) return true;
  const shown = presence?.shown(service, bareOf(own.jid));
  if (shown === undefined) return config.presenceBased !== true;
  return shown
    .filter(({ jid }) => own.jid === bareOf(own.jid) || jid === own.jid)
    .some(({ show }) => wanted === undefined || wanted.includes(show));
}

/**
 * Who is told without having subscribed: the resources that say they want to (XEP-0163 §4.3), if they may. Those of
 * a JID that has subscribed are told by its subscription, once.
 */
function interested(state: PubsubState, node: PubsubNode, subscribed: readonly Subscription[]): readonly Jid[] {
  const wanting = state.presence?.interested(node.service, node.id) ?? [];
  if (wanting.length === 0) return [];
  const told = new Set(subscribed.map(({ jid }) => jid));
  return wanting.filter(
    (jid) =>
      !told.has(jid) && !told.has(bareOf(jid)) && whyNotAdmitted(state, node, bareOf(jid), "subscribe") === undefined,
  );
}

function notifications(
  node: PubsubNode,
  event: NodeEvent,
  to: readonly Subscription[],
  unasked: readonly Jid[] = [],
): readonly Notification[] {
  const common = node.config.notificationType === "normal" ? ({ normal: true } as const) : {};
  const plain = to.filter((own) => own.options?.includeBody !== true);
  const withBody = to.filter((own) => own.options?.includeBody === true);
  return [
    { event: { ...event, ...common }, to: [...recipients(plain), ...unasked.map((jid) => ({ jid, subid: "" }))] },
    { event: { ...event, ...common, body: true as const }, to: recipients(withBody) },
  ]
    .filter((each) => each.to.length > 0)
    .map((each) => ({ service: node.service, node: node.id, ...each }));
}

/** Each JID once, with all its subids, in the order of the first. */
function recipients(subscriptions: readonly Subscription[]): Notification["to"] {
  const subids = new Map<Subscription["jid"], string>();
  for (const { jid, subid } of subscriptions) {
    const others = subids.get(jid);
    subids.set(jid, others === undefined ? subid : `${others} ${subid}`);
  }
  return [...subids].map(([jid, subid]) => ({ jid, subid }));
}

/** What is told of an item. */
export function itemEvent(state: PubsubState, { service, id: node, config }: PubsubNode, item: PubsubItem): NodeEvent {
  const { id, publisher, payload } = item;
  return {
    kind: "items",
    id,
    publisher,
    ...(config.deliverPayloads && payload !== "" ? { payload } : {}),
    // Whom to answer is else the publisher, who is named: an address more would keep the event from being multicast.
    ...(config.itemReply === "owner" ? { replyTo: ownersOf(state, { service, id: node }) } : {}),
  };
}

/** The last published item for who has just been admitted, when the node sends it (XEP-0060 §6.1.7). */
export function lastItem(
  state: PubsubState,
  node: PubsubNode,
  subscription: Subscription,
  now: Instant,
): readonly Notification[] {
  const { config, service, id } = node;
  const wanted = config.sendLast !== undefined && config.sendLast !== "never" && config.persistItems;
  if (!wanted || config.deliverNotifications === false || subscription.options?.deliver === false) return [];
  const page = { max: 1, order: "modification", ...expiry(config, now) } as const;
  const [last] = state.items(service, id, page)?.items ?? [];
  if (last === undefined) return [];
  return notifications(node, { ...itemEvent(state, node, last), delay: last.updated } as NodeEvent, [subscription]);
}

/**
 * The last published item for a resource that has just come, of each node it is told of: those in `nodes` that it wants
 * to be told of by what it can do, and those its person has subscribed to (XEP-0060 §12.11, XEP-0163 §4.3.4).
 */
export function lastItemsOnPresence(
  state: PubsubState,
  service: BareJid,
  jid: Jid,
  { nodes, isNew, now }: { readonly nodes: ReadonlySet<string>; readonly isNew: boolean; readonly now: Instant },
): readonly Notification[] {
  const own = state.subscriptionsOf(service, bareOf(jid)).filter((each) => isLive(each, now));
  return state.nodes(service).flatMap((node) => {
    if (node.config.sendLast !== "on_sub_and_presence") return [];
    const subscribed = own.find((each) => each.node === node.id && (each.jid === jid || each.jid === bareOf(each.jid)));
    if (subscribed === undefined) {
      if (!nodes.has(node.id) || whyNotAdmitted(state, node, bareOf(jid), "subscribe") !== undefined) return [];
      return lastItem(state, node, { service, node: node.id, jid, subid: "", state: "subscribed", created: now }, now);
    }
    const isWanted = isNew && subscribed.state === "subscribed" && isThereFor(state.presence, node, subscribed);
    return isWanted ? lastItem(state, node, { ...subscribed, jid }, now) : [];
  });
}

/** Tells a subscriber, and owners where the node says so, what has become of a subscription (XEP-0060 §8.8.4). */
export function tellChange(
  state: PubsubState,
  node: PubsubNode,
  subscription: Subscription,
  become: Subscription["state"] | "none",
  { subscriber = true }: { readonly subscriber?: boolean } = {},
): readonly Notification[] {
  const { jid, subid } = subscription;
  const event = { kind: "subscription", jid, subid, state: become } as const;
  const owners = node.config.notifySub === true ? ownersOf(state, node).filter((owner) => owner !== jid) : [];
  const to = [...(subscriber ? [{ jid, subid }] : []), ...owners.map((owner) => ({ jid: owner, subid: "" }))];
  return to.length === 0 ? [] : [{ service: node.service, node: node.id, event, to }];
}

/** Asks a node's owners to decide on a subscription (XEP-0060 §8.6). */
export function askOwners(
  owners: readonly BareJid[],
  node: PubsubNode,
  { jid, subid }: Subscription,
): readonly Notification[] {
  const to = owners.map((owner) => ({ jid: owner, subid: "" }));
  const event = { kind: "authorization", jid, subid } as const;
  return to.length === 0 ? [] : [{ service: node.service, node: node.id, event, to }];
}

/** The owners of a node. */
export function ownersOf(state: PubsubState, { service, id }: Pick<PubsubNode, "service" | "id">): readonly BareJid[] {
  return state
    .affiliations(service, id)
    .filter(({ affiliation }) => affiliation === "owner")
    .map(({ jid }) => jid);
}

/** The bound below which a node's items have expired, as part of a page asked for. */
export function expiry(config: NodeConfig, now: Instant): { readonly since?: Instant } {
  if (config.itemExpire_s === undefined) return {};
  // An instant begins with the year 0; nothing was published before.
  return { since: instantOf(Math.max(0, epochMs(now) - config.itemExpire_s * 1_000)) };
}
