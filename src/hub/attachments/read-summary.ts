import { type Summary, summaryFromXml } from "../../atom/attachments.ts";
import { parseXml } from "../../atom/xml.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { PubsubState } from "../../pubsub/state.ts";
import { type AttachedItem, summaryNode } from "./attachments-node.ts";

/** The summary of what is attached to an item; undefined where nothing is. */
export function summaryAt(state: Pick<PubsubState, "item">, { jid, node, id }: AttachedItem): Summary | undefined {
  const item = state.item(jid, summaryNode(node), id);
  const element = item === undefined ? undefined : parseXml(item.payload);
  return element === undefined || isRefusal(element) ? undefined : summaryFromXml(element);
}
