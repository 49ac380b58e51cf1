import { type Attachments, attachmentsFromXml, SUMMARY_REACTIONS_MAX } from "../../atom/attachments.ts";
import { parseXml } from "../../atom/xml.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { whyNotAdmitted } from "../../pubsub/access.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { PubsubRequest } from "../../pubsub/request.ts";
import type { PubsubState } from "../../pubsub/state.ts";
import { pubsubError } from "../pubsub/pubsub-refusal.ts";
import { isReserved, readAttachmentsNode } from "./attachments-node.ts";
import { summaryAt } from "./read-summary.ts";

/**
 * Why XEP-0470 keeps somebody from what they ask of its nodes, before all that XEP-0060 says: these nodes are the
 * service's to make, to configure and to delete (§4.4), nobody publishes in a summary (§4.6), and what is published
 * beside an item has the publisher's own JID as its id (§4.5). `state` is that of `withAttachments`.
 */
export function whyNotAttached(state: PubsubState, request: PubsubRequest, asker: BareJid): PubsubError | undefined {
  const { service, node } = request;
  if (node === undefined || !isReserved(node)) return undefined;
  if (request.kind === "create") return notAllowed("These nodes are made by the service; publish to them.");
  const read = readAttachmentsNode(service, node);
  if (read === undefined || state.node(service, node) === undefined)
    return { kind: "error", condition: "item-not-found" };
  switch (request.kind) {
    case "delete":
      return notAllowed("These nodes go with what they are about.");
    case "configure":
      return request.form === undefined ? undefined : notAllowed("These nodes are as the node they are about.");
    case "node-affiliations":
      return request.changes === undefined ? undefined : notAllowed("Who may do what is said at the node itself.");
    case "publish":
    case "retract":
    case "purge":
      if (read.kind === "summary") return error("forbidden", "A summary is written by the service alone.");
      return request.kind === "publish" ? whyNotPublished(state, request, asker) : undefined;
    default:
      return undefined;
  }
}

type Publish = PubsubRequest & { readonly kind: "publish" };

function whyNotPublished(
  state: PubsubState,
  { service, node, item }: Publish,
  asker: BareJid,
): PubsubError | undefined {
  const found = state.node(service, node);
  const closed = found === undefined ? undefined : whyNotAdmitted(state, found, asker, "retrieve");
  if (closed !== undefined) return closed === "pending" ? error("forbidden", "Only its subscribers may.") : closed;
  if (item === undefined || item.payload === "") return undefined; // XEP-0060 §7.1.3.6 says what then
  if ((item.id as string) !== asker)
    return error("bad-request", `The item's id has to be your own bare JID, ${asker}.`);
  const attachments = attachmentsIn(item.payload);
  if (isRefusal(attachments)) {
    const no = pubsubError(attachments);
    return no.condition === "bad-request" ? { ...no, pubsub: "invalid-payload" } : no;
  }
  return whyTooMany(state, { service, node }, attachments);
}

function whyTooMany(
  state: PubsubState,
  { service, node }: Pick<Publish, "service" | "node">,
  { reactions }: Attachments,
): PubsubError | undefined {
  const read = readAttachmentsNode(service, node);
  if (read?.kind !== "attachments" || reactions.length === 0) return undefined;
  const present = summaryAt(state, read.target)?.reactions;
  const all = new Set([...(present?.keys() ?? []), ...reactions]).size;
  if (present === undefined || all <= Math.max(SUMMARY_REACTIONS_MAX, present.size)) return undefined;
  return error("resource-constraint", `There are ${SUMMARY_REACTIONS_MAX} different reactions already; choose one.`);
}

/** What a payload attaches. */
export function attachmentsIn(payload: string): Attachments | Refusal {
  const element = parseXml(payload);
  return isRefusal(element) ? element : attachmentsFromXml(element);
}

function notAllowed(text: string): PubsubError {
  return error("not-allowed", text);
}

function error(condition: PubsubError["condition"], text: string): PubsubError {
  return { kind: "error", condition, text };
}
