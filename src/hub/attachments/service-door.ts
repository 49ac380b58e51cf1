import { parseXml } from "../../atom/xml.ts";
import type { XmlElement } from "../../atom/xml-element.ts";
import type { Account } from "../../core/account.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { NodeId } from "../../pubsub/state.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { handlePubsub } from "../pubsub/handle-pubsub.ts";
import { pubsubRefusal } from "../pubsub/pubsub-refusal.ts";
import { isServiceHere } from "./attachments-node.ts";

/** How an account speaks to a PubSub service, be it of this hub or another: all "no" is a {@link Refusal}. */
export interface ServiceDoor {
  readonly isHere: boolean;
  publish(node: NodeId, item: { readonly id: ItemId; readonly payload: string }): Promise<Refusal | undefined>;
  retract(node: NodeId, id: ItemId): Promise<Refusal | undefined>;
  /** The payload of an item; undefined where there is none. */
  payload(node: NodeId, id: ItemId): Promise<XmlElement | Refusal | undefined>;
}

/** The way of `account` to `service`. */
export function doorTo(hub: HubPorts, account: Account, service: BareJid, signal?: AbortSignal): ServiceDoor {
  return isServiceHere(hub, service) ? doorHere(hub, account, service) : doorElsewhere(hub, account, service, signal);
}

function doorHere(hub: HubPorts, { jid }: Account, service: BareJid): ServiceDoor {
  const ask = async (request: PubsubRequest): Promise<Refusal | undefined> => {
    const reply = await handlePubsub(hub, request, jid);
    return reply.kind === "error" ? pubsubRefusal(reply) : undefined;
  };
  return {
    isHere: true,
    publish: async (node, { id, payload }) => {
      const now = hub.now();
      return await ask({ kind: "publish", service, node, item: { id, payload, published: now, updated: now } });
    },
    retract: async (node, id) => await ask({ kind: "retract", service, node, id, notify: true }),
    payload: async (node, id) => {
      const item = hub.records.reader.item(service, node, id);
      return item === undefined ? undefined : parseXml(item.payload);
    },
  };
}

function doorElsewhere(hub: HubPorts, { jid }: Account, service: BareJid, signal?: AbortSignal): ServiceDoor {
  const { xmpp } = hub;
  return {
    isHere: false,
    publish: async (node, item) => await xmpp.publish(jid, service, node, item, signal),
    retract: async (node, id) => await xmpp.retract(jid, service, node, id, signal),
    payload: async (node, id) => {
      const found = await xmpp.items(service, node, { ids: [id] }, signal);
      if (isRefusal(found)) return found.code === "not-found" ? undefined : found;
      return found.items.find((item) => item.id === id)?.payload;
    },
  };
}
