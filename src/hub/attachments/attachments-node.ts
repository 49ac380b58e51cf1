import { ATTACHMENTS_NS, SUMMARY_NS } from "../../atom/attachments.ts";
import type { ItemId } from "../../core/item-id.ts";
import { type BareJid, domainOf } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { parseNodeId } from "../../pubsub/configuration.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { NodeConfig, NodeId, PubsubNode, PubsubState } from "../../pubsub/state.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { jidIri, readPubsubIri } from "../pubsub/pubsub-iri.ts";

/** LIMIT: people who attach something to one item, and bytes of what one of them attaches. */
const PEOPLE_MAX = 10_000;
const ATTACHMENTS_BYTES_MAX = 16_384;

/** An item that something may be attached to. */
export interface AttachedItem {
  readonly jid: BareJid;
  readonly node: NodeId;
  readonly id: ItemId;
}

/** Whether a service is one of this hub's. */
export function isServiceHere(hub: HubPorts, service: BareJid): boolean {
  return domainOf(service) === hub.identity.domain;
}

/** What a node of XEP-0470 is about: an item, or, for a summary, all items of a node. */
export type AttachmentsNode =
  | { readonly kind: "attachments"; readonly target: AttachedItem }
  | { readonly kind: "summary"; readonly target: Pick<AttachedItem, "jid" | "node"> };

/** The node of what is attached to an item (XEP-0470 §4.1.1), its URI encoded as the specification has it. */
export function attachmentsNode({ jid, node, id }: AttachedItem): NodeId {
  const uri = `${jidIri(jid)}?;node=${encodeURIComponent(node)};item=${encodeURIComponent(id)}`;
  return `${ATTACHMENTS_NS}/${uri}` as NodeId;
}

/** The node of the summaries for the items of a node (XEP-0470 §4.6). */
export function summaryNode(node: NodeId): NodeId {
  return `${SUMMARY_NS}/${node}` as NodeId;
}

/** Whether a node's name is one that only the service may give (XEP-0470 §4.4). */
export function isReserved(node: string | undefined): boolean {
  return node?.startsWith(`${ATTACHMENTS_NS}/`) === true || node?.startsWith(`${SUMMARY_NS}/`) === true;
}

/** What a node at `service` is about; undefined for other nodes, and for what can have no attachments. */
export function readAttachmentsNode(service: BareJid, node: string | undefined): AttachmentsNode | undefined {
  if (node === undefined || !isReserved(node)) return undefined;
  if (node.startsWith(`${SUMMARY_NS}/`)) {
    const target = targetNode(node.slice(SUMMARY_NS.length + 1));
    return target === undefined ? undefined : { kind: "summary", target: { jid: service, node: target } };
  }
  const named = readPubsubIri(node.slice(ATTACHMENTS_NS.length + 1));
  const target = targetNode(named?.node ?? "");
  if (named?.jid !== service || target === undefined || !named.item) return undefined;
  return { kind: "attachments", target: { jid: service, node: target, id: named.item as ItemId } };
}

/** Nothing is attached to attachments. */
function targetNode(text: string): NodeId | undefined {
  const node = parseNodeId(text);
  return isRefusal(node) || isReserved(node) ? undefined : node;
}

/** The one name of a node: URIs of an item may be written in several ways. Other nodes' names as they are. */
export function canonicalNode(service: BareJid, node: NodeId): NodeId {
  const read = readAttachmentsNode(service, node);
  return read?.kind === "attachments" ? attachmentsNode(read.target) : node;
}

/** A request about the nodes of XEP-0470 by their one name, and without publish-options, which are ignored (§4.3). */
export function canonicalRequest(request: PubsubRequest): PubsubRequest {
  if (request.node === undefined || !isReserved(request.node)) return request;
  const named = { ...request, node: canonicalNode(request.service, request.node) };
  if (named.kind !== "publish") return named;
  const { options: _, ...rest } = named;
  return rest;
}

/**
 * The state with the nodes of XEP-0470 for every node and item of `state`. They take no room until something is
 * attached or somebody subscribes. Who may read and subscribe is as at the node they are about, whatever becomes of
 * that (§4.3), since it is read there.
 */
export function withAttachments<S extends PubsubState>(state: S): S {
  return {
    ...state,
    node: (service, id) => {
      if (!isReserved(id)) return state.node(service, id);
      const read = readAttachmentsNode(service, id);
      return read === undefined ? undefined : derivedNode(state, id, read);
    },
    affiliation: (service, id, jid) =>
      state.affiliation(service, readAttachmentsNode(service, id)?.target.node ?? id, jid),
    affiliations: (service, id) => state.affiliations(service, readAttachmentsNode(service, id)?.target.node ?? id),
  };
}

function derivedNode(state: PubsubState, id: NodeId, { kind, target }: AttachmentsNode): PubsubNode | undefined {
  const about = state.node(target.jid, target.node);
  if (about === undefined) return undefined;
  const { accessModel, rosterGroups } = about.config;
  const access = { accessModel, ...(rosterGroups === undefined ? {} : { rosterGroups }) };
  const config: NodeConfig = {
    ...access,
    type: kind === "summary" ? SUMMARY_NS : ATTACHMENTS_NS,
    // COMPAT: not the model of the node it is about, as XEP-0470 §4.3 has it: then only a blog's author could like it.
    // Libervia opens these nodes too.
    publishModel: kind === "summary" ? "publishers" : "open",
    deliverPayloads: true,
    notifyRetract: true,
    persistItems: true,
    ...(kind === "summary"
      ? {}
      : { maxItems: PEOPLE_MAX, nodeFull: "reject" as const, payloadBytes_max: ATTACHMENTS_BYTES_MAX }),
  };
  if (kind === "summary") return { service: target.jid, id, created: about.created, config };
  const item = state.item(target.jid, target.node, target.id);
  return item === undefined ? undefined : { service: target.jid, id, created: item.published, config };
}
