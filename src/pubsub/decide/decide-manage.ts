import { type BareJid, bareOf } from "../../core/jid.ts";
import { isError, isLive, ownedNode, whyNotAdmitted } from "../access.ts";
import { lastItem, ownersOf, tellChange } from "../notify.ts";
import type { NodeAffiliations, NodeSubscriptions, Notification, PubsubDecision } from "../reply.ts";
import type { PubsubContext, PubsubRequest } from "../request.ts";
import type { Subscription } from "../state.ts";
import { AFFILIATIONS, type Affiliation, type PubsubChange, type PubsubNode, type PubsubState } from "../state.ts";
import { decision, refusedBy } from "./decision.ts";
import { listPage } from "./list-page.ts";

type Of<K extends PubsubRequest["kind"]> = PubsubRequest & { readonly kind: K };
type Wish = NonNullable<Of<"node-subscriptions">["changes"]>[number];

/** What becomes of one row, or why nothing does. */
interface Outcome {
  readonly changes: readonly PubsubChange[];
  readonly told: readonly Notification[];
}

/** XEP-0060 §8.8: the subscriptions to a node, asked for (§8.8.1) or changed (§8.8.2). */
export function decideNodeSubscriptions(
  state: PubsubState,
  request: Of<"node-subscriptions">,
  context: PubsubContext,
): PubsubDecision {
  const { service, node, changes: wishes, page } = request;
  const found = ownedNode(state, service, node, context.actor);
  if (isError(found)) return found;
  const present = state.subscriptions(service, node).filter((each) => isLive(each, context.now));
  if (wishes === undefined) {
    const listed = listPage(present, ({ subid }) => subid, page);
    if (listed === undefined) return refusedBy("item-not-found"); // XEP-0059 §2.2
    const subscriptions = listed.rows.map(({ jid, subid, state: is }) => ({ jid, subid, state: is }));
    return decision({ kind: "node-subscriptions", node, subscriptions, ...listed.part });
  }
  const keys = wishes.map(({ jid, subid }) => `${jid}\n${subid ?? ""}`);
  if (new Set(keys).size < keys.length) return refusedBy("bad-request"); // §8.8.2.4
  const changes: PubsubChange[] = [];
  const told: Notification[] = [];
  const unchanged: NodeSubscriptions["subscriptions"][number][] = [];
  for (const [place, wish] of wishes.entries()) {
    const own = present.filter(({ jid, subid }) => jid === wish.jid && (wish.subid ?? subid) === subid);
    const outcome = changeSubscription(state, found, wish, own, {
      ...context,
      subid: `${context.subid}${place || ""}`,
    });
    changes.push(...(outcome?.changes ?? []));
    told.push(...(outcome?.told ?? []));
    if (outcome === undefined) unchanged.push(...asTheyAre(wish, own));
  }
  if (unchanged.length === 0) return decision({ kind: "done" }, changes, told);
  const refused = { kind: "node-subscriptions", node, subscriptions: unchanged } as const;
  return decision({ ...refusedBy("not-acceptable"), unchanged: refused }, changes, told); // §8.8.2.4
}

function asTheyAre(wish: Wish, own: readonly Subscription[]): NodeSubscriptions["subscriptions"] {
  if (own.length === 0) return [{ ...wish, state: "none" }];
  return own.map(({ jid, subid, state }) => ({ jid, subid, state }));
}

/** One row: undefined when it cannot be so. */
function changeSubscription(
  state: PubsubState,
  node: PubsubNode,
  wish: Wish,
  own: readonly Subscription[],
  context: PubsubContext,
): Outcome | undefined {
  const { service, id } = node;
  if (wish.state === undefined) return { changes: [], told: [] };
  if (wish.state === "none") {
    return {
      changes: own.map(({ jid, subid }) => ({ kind: "subscription-removed", service, node: id, jid, subid })),
      told: own.flatMap((each) => tellChange(state, node, each, "none")),
    };
  }
  const refused = isError(whyNotAdmitted(state, node, bareOf(wish.jid), "subscribe"));
  if (wish.state !== "subscribed" || refused || (own.length === 0 && wish.subid !== undefined)) return undefined;
  const fresh = { service, node: id, jid: wish.jid, subid: context.subid, created: context.now };
  const admitted = (own.length === 0 ? [{ ...fresh, state: "pending" as const }] : own)
    .filter((each) => each.state === "pending")
    .map((each): Subscription => ({ ...each, state: "subscribed" }));
  return {
    changes: admitted.map((subscription) => ({ kind: "subscription-put", subscription })),
    told: admitted.flatMap((each) => [
      ...tellChange(state, node, each, "subscribed"),
      ...lastItem(state, node, each, context.now),
    ]),
  };
}

/** XEP-0060 §8.9: the affiliations with a node, asked for (§8.9.1) or changed (§8.9.2). */
export function decideNodeAffiliations(
  state: PubsubState,
  request: Of<"node-affiliations">,
  context: PubsubContext,
): PubsubDecision {
  const { service, node, changes: wishes } = request;
  const found = ownedNode(state, service, node, context.actor);
  if (isError(found)) return found;
  if (wishes === undefined) {
    return decision({ kind: "node-affiliations", node, affiliations: state.affiliations(service, node) });
  }
  if (new Set(wishes.map(({ jid }) => jid)).size < wishes.length) return refusedBy("bad-request"); // §8.9.2.4
  const owners = new Set<BareJid>(ownersOf(state, found));
  for (const { jid, affiliation } of wishes) if (affiliation === "owner") owners.add(jid);
  const changes: PubsubChange[] = [];
  const told: Notification[] = [];
  const unchanged: NodeAffiliations["affiliations"][number][] = [];
  for (const { jid, affiliation: text } of wishes) {
    const before = state.affiliation(service, node, jid);
    const affiliation = AFFILIATIONS.find((each) => each === text);
    const lastOwner = affiliation !== "owner" && owners.has(jid) && owners.size === 1;
    if (affiliation === undefined || lastOwner) {
      unchanged.push({ jid, affiliation: before });
      continue;
    }
    if (affiliation !== "owner") owners.delete(jid);
    if (affiliation === before) continue;
    const outcome = changeAffiliation(state, found, jid, affiliation);
    changes.push(...outcome.changes);
    told.push(...outcome.told);
  }
  if (unchanged.length === 0) return decision({ kind: "done" }, changes, told);
  const refused = { kind: "node-affiliations", node, affiliations: unchanged } as const;
  return decision({ ...refusedBy("not-acceptable"), unchanged: refused }, changes, told); // §8.9.2.4
}

/** What follows from a new affiliation: who may read is admitted, who may not is let go (XEP-0060 §8.7.4). */
function changeAffiliation(state: PubsubState, node: PubsubNode, jid: BareJid, affiliation: Affiliation): Outcome {
  const { service, id } = node;
  const changed = {
    affiliation: () => affiliation,
    contact: (...asked: Parameters<PubsubState["contact"]>) => state.contact(...asked),
  };
  const changes: PubsubChange[] = [{ kind: "affiliation-put", service, node: id, jid, affiliation }];
  const told: Notification[] = [
    { service, node: id, event: { kind: "affiliation", jid, affiliation }, to: [{ jid, subid: "" }] },
  ];
  for (const own of state.subscriptionsOf(service, jid).filter((each) => each.node === id)) {
    const admitted = whyNotAdmitted(changed, node, jid, "subscribe");
    if (isError(admitted)) {
      changes.push({ kind: "subscription-removed", service, node: id, jid: own.jid, subid: own.subid });
      told.push(...tellChange(state, node, own, "none"));
    } else if (admitted === undefined && own.state === "pending") {
      changes.push({ kind: "subscription-put", subscription: { ...own, state: "subscribed" } });
      told.push(...tellChange(state, node, own, "subscribed"));
    }
  }
  return { changes, told };
}
