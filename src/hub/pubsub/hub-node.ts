import type { BareJid } from "../../core/jid.ts";
import type { NodeConfig, PubsubChange, PubsubNode } from "../../pubsub/state.ts";

/** How a node stands whose items the hub alone writes: everybody may read it, and is told what changes. */
export const HUB_WRITTEN = {
  accessModel: "open",
  publishModel: "publishers",
  deliverPayloads: true,
  notifyRetract: true,
  persistItems: true,
} as const satisfies NodeConfig;

/** The changes that put a node, and say whose it is: the service's own unless told otherwise. */
export function nodePut(node: PubsubNode, owner: BareJid = node.service): readonly PubsubChange[] {
  const { service, id } = node;
  return [
    { kind: "node-put", node },
    { kind: "affiliation-put", service, node: id, jid: owner, affiliation: "owner" },
  ];
}
