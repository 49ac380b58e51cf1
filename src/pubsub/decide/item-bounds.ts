import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import { expiry } from "../notify.ts";
import type { PubsubChange, PubsubNode, PubsubState } from "../state.ts";

/** LIMIT: expired items taken out by one decision; the next one goes on. */
const EXPIRED_AT_ONCE_MAX = 100;

/** How many items a node has that have not expired. */
export function countItems(state: PubsubState, { service, id, config }: PubsubNode, now: Instant): number {
  return state.items(service, id, { max: 0, order: "creation", ...expiry(config, now) })?.count ?? 0;
}

/** The ids of the oldest items beyond `maxItems`, when `added` more come in; what has expired is not counted. */
export function oldestItems(state: PubsubState, node: PubsubNode, added: number, now: Instant): readonly ItemId[] {
  const { service, id, config } = node;
  if (config.maxItems === undefined) return [];
  const here = countItems(state, node, now);
  const excess = Math.min(here, here + added - config.maxItems);
  if (excess <= 0) return [];
  const page = { max: excess, before: "", order: "creation", ...expiry(config, now) } as const;
  return (state.items(service, id, page)?.items ?? []).map((item) => item.id);
}

/** The changes that take out what has expired: the longest expired first. */
export function expiredItems(
  state: PubsubState,
  { service, id, config }: PubsubNode,
  now: Instant,
): readonly PubsubChange[] {
  const { since } = expiry(config, now);
  if (since === undefined) return [];
  const oldest = state.items(service, id, { max: EXPIRED_AT_ONCE_MAX, before: "", order: "modification" })?.items ?? [];
  return oldest
    .filter((item) => item.updated <= since)
    .map((item) => ({ kind: "item-removed", service, node: id, id: item.id }));
}

/** The changes that bring a node within the bounds of its configuration. */
export function excessItems(state: PubsubState, node: PubsubNode, now: Instant): readonly PubsubChange[] {
  const { service, id } = node;
  return [
    ...expiredItems(state, node, now),
    ...oldestItems(state, node, 0, now).map((item) => ({ kind: "item-removed" as const, service, node: id, id: item })),
  ];
}
