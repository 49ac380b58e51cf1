import type { Entry } from "../../atom/entry.ts";
import { entryFromXml } from "../../atom/xml.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";

/** LIMIT: items asked for in one request. */
export const ITEMS_PAGE = 50;

/** The entry that an item carries, if it can be read. */
export function entryOf(item: InboundItem): Entry | undefined {
  const entry = item.payload === undefined ? undefined : entryFromXml(item.payload);
  return entry === undefined || isRefusal(entry) ? undefined : entry;
}

/** Whether an item that is not here is no newer than what was let go. */
export function isLetGo(item: InboundItem, letGo: Upstream["letGo"]): boolean {
  const published = letGo === undefined ? undefined : entryOf(item)?.published;
  return letGo !== undefined && published !== undefined && published <= letGo.created;
}
