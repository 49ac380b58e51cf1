import type { XmlElement } from "../../atom/xml-element.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { PageRequest } from "../../pubsub/state.ts";
import { NS } from "../namespaces.ts";

/** LIMIT: rows of one page, ids asked for at once. */
export const PAGE_ITEMS_MAX = 250;
const PAGE_ITEMS_DEFAULT = 50;

/** The page asked for by XEP-0059, or by `max_items` alone; or the condition of what cannot be had. */
export function pageOf(parent: XmlElement, maxItems: string | undefined): PageRequest | PubsubError["condition"] {
  const set = parent.getChild("set", NS.rsm);
  const order = parent.getChild("order", NS.order)?.attrs;
  if (set?.getChild("index", NS.rsm) !== undefined) return "feature-not-implemented"; // XEP-0059 §2.6
  // COMPAT: without `desc` XEP-0413 means oldest first; its earlier version, and clients still, newest first.
  const oldestFirst = order?.["desc"] === "false" || order?.["desc"] === "0";
  const text = set?.getChildText("max", NS.rsm) ?? maxItems;
  if (text !== undefined && text !== null && text !== "max" && !/^-?\d{1,10}$/.test(text)) return "bad-request";
  // COMPAT: older Libervia asks for `-1` where it means all.
  const wanted = text === undefined || text === null ? PAGE_ITEMS_DEFAULT : Number(text === "max" ? -1 : text);
  const after = set?.getChildText("after", NS.rsm);
  const before = set?.getChildText("before", NS.rsm);
  const asksForLast = set?.getChild("before", NS.rsm) !== undefined;
  return {
    max: wanted < 0 ? PAGE_ITEMS_MAX : Math.min(wanted, PAGE_ITEMS_MAX),
    ...(after ? { after: after as ItemId } : {}),
    ...(asksForLast ? { before: (before ?? "") as ItemId | "" } : {}),
    order: order?.["by"] === "modification" ? "modification" : "creation",
    ...(oldestFirst ? { oldestFirst } : {}),
  };
}

/** The page of a list that is given whole where none is asked for. */
export function pageIfAsked(parent: XmlElement): PageRequest | PubsubError["condition"] | undefined {
  return parent.getChild("set", NS.rsm) === undefined ? undefined : pageOf(parent, undefined);
}
