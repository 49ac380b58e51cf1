import { publicSubscriberToXml } from "../../atom/public-lists.ts";
import type { Instant } from "../../core/instant.ts";
import { type BareJid, bareOf, type Jid } from "../../core/jid.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { NodeId, PubsubChange } from "../../pubsub/state.ts";
import type { Outcome } from "../comments/all-comments.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import { endList, listId, NOTHING, putListed, subscribersOf, takeListed, together } from "./kept-list.ts";

/** LIMIT: public subscribers of one node that are listed. */
const SUBSCRIBERS_MAX = 10_000;

/** Lists somebody as publicly subscribed to a node, or no longer (XEP-0465 §4.4). */
export function listSubscriber(
  hub: HubPorts,
  reader: RecordReader,
  place: { readonly service: BareJid; readonly node: NodeId; readonly jid: BareJid; readonly listed: boolean },
  now: Instant,
): Outcome {
  const { service, node, jid, listed } = place;
  const list = subscribersOf(service, node);
  const id = listId(hub, jid);
  if (!listed) return takeListed(reader, list, id, now);
  if (reader.item(service, list.id, id) !== undefined) return NOTHING;
  const count = reader.items(service, list.id, { max: 1, order: "creation" })?.count ?? 0;
  if (count >= SUBSCRIBERS_MAX || reader.node(service, node)?.config.accessModel !== "open") return NOTHING;
  return putListed(reader, list, { id, payload: publicSubscriberToXml(jid) }, now);
}

/**
 * What a change of subscriptions changes of who is known to be subscribed: those who asked for it (`<public/>`), until
 * they subscribe again without it, or their subscription ends. Of open nodes only: who may read others is not for all.
 */
export function publicSubscribers(
  hub: HubPorts,
  reader: RecordReader,
  request: PubsubRequest,
  changes: readonly PubsubChange[],
  now: Instant,
): Outcome {
  const { service } = request;
  const list = (node: NodeId, jid: Jid, listed: boolean): Outcome =>
    listSubscriber(hub, reader, { service, node, jid: bareOf(jid), listed }, now);
  const ended = changes.flatMap((change) => {
    if (change.kind === "subscription-removed") return [list(change.node, change.jid, false)];
    return change.kind === "node-removed" ? [endList(reader, subscribersOf(service, change.node), now)] : [];
  });
  if (request.kind !== "subscribe") return together(ended);
  return together([...ended, list(request.node, request.jid, request.public === true)]);
}
