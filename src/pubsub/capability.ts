import type { AccessModel, Affiliation, Contact, PublishModel } from "./state.ts";

/** What an affiliation may allow (XEP-0060 §4.1). */
export const ACTIONS = [
  "subscribe",
  "retrieve",
  "publish",
  "retract",
  "configure",
  "delete",
  "purge",
  "affiliate",
] as const;
export type Action = (typeof ACTIONS)[number];

/** The one table: what each affiliation may do by itself (XEP-0060 table 4). */
const CAPABILITIES: Readonly<Record<Affiliation, ReadonlySet<Action>>> = {
  owner: new Set(ACTIONS),
  publisher: new Set(["subscribe", "retrieve", "publish", "retract"]),
  "publish-only": new Set(["publish"]),
  member: new Set(["subscribe", "retrieve"]),
  none: new Set(),
  outcast: new Set(),
};

/** The one question: whether `affiliation` may do `action` by itself, before the node's models are asked. */
export function may(affiliation: Affiliation, action: Action): boolean {
  return CAPABILITIES[affiliation].has(action);
}

/**
 * Why somebody may not subscribe to, or read, a node with this access model; undefined when they may. `contact` is
 * what they are to the node's owner, `groups` those of the owner's roster groups that may.
 */
export function whyNoAccess(
  affiliation: Affiliation,
  action: "subscribe" | "retrieve",
  model: AccessModel,
  contact?: Contact,
  groups: readonly string[] = [],
): "outcast" | "closed-node" | "presence-subscription-required" | "not-in-roster-group" | "pending" | undefined {
  if (may(affiliation, action)) return undefined;
  // A publish-only entity knows what it was told: that it may publish, and nothing more (XEP-0060 §4.1).
  if (affiliation === "outcast" || affiliation === "publish-only") return "outcast";
  switch (model) {
    case "open":
      return undefined;
    case "presence":
      return contact === undefined ? "presence-subscription-required" : undefined;
    case "roster":
      return contact?.groups.some((group) => groups.includes(group)) === true ? undefined : "not-in-roster-group";
    case "authorize":
      return "pending";
    case "whitelist":
      return "closed-node";
  }
}

/** Whether somebody may publish under this publish model (XEP-0060 §4.5). */
export function mayPublish(affiliation: Affiliation, subscribed: boolean, model: PublishModel): boolean {
  if (affiliation === "outcast") return false;
  if (may(affiliation, "publish")) return true;
  return model === "open" || (model === "subscribers" && subscribed);
}
