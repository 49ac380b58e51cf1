import { COMMENTS_NODE } from "../../atom/post-entry.ts";
import type { Account } from "../../core/account.ts";
import { postIri } from "../../core/hub-iris.ts";
import { parseItemId } from "../../core/item-id.ts";
import type { BareJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { Affiliation, NodeId, PubsubChange, PubsubNode, PubsubState } from "../../pubsub/state.ts";
import type { Document } from "../../rdf/document.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import { nodePut } from "../pubsub/hub-node.ts";
import { ALL_COMMENTS, allCommentsNode } from "./all-comments.ts";

/** LIMIT: comments and likes of one post, and bytes of one; everybody may publish them. */
const COMMENTS_MAX = 10_000;
const COMMENT_BYTES_MAX = 65_536;

/** The node of the comments on the item `id` (XEP-0277 §4). */
export function commentsNode(id: string): NodeId {
  return `${COMMENTS_NODE}${id}` as NodeId;
}

/** The post of `account` whose comments a node holds; undefined for other nodes, and when the post is gone. */
export function commentedPost(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  node: string | undefined,
): Document | undefined {
  if (node?.startsWith(COMMENTS_NODE) !== true) return undefined;
  const id = parseItemId(node.slice(COMMENTS_NODE.length));
  const found = isRefusal(id) ? undefined : reader.document(postIri(hub.identity.base, account.name, id));
  return found?.kind === "live" && found.document.kind === "post" ? found.document : undefined;
}

/**
 * The state with a comments node for every post of `account`, open to everybody, and the node of all comments. None
 * takes room until somebody comments or subscribes: then {@link madeNode} puts it.
 */
export function withComments<S extends PubsubState>(
  hub: HubPorts,
  reader: RecordReader,
  account: Account,
  state: S,
): S {
  const virtual = (service: BareJid, id: NodeId): PubsubNode | undefined => {
    if (service !== account.jid) return undefined;
    if (id === ALL_COMMENTS) return reader.node(service, id) === undefined ? allCommentsNode(account) : undefined;
    const post = commentedPost(hub, reader, account, id);
    return post === undefined || reader.node(service, id) !== undefined ? undefined : nodeOf(account, id, post);
  };
  return {
    ...state,
    node: (service, id) => state.node(service, id) ?? virtual(service, id),
    affiliation: (service, id, jid) =>
      jid === service && virtual(service, id) !== undefined ? "owner" : affiliationOf(state, account, service, id, jid),
    affiliations: (service, id) =>
      virtual(service, id) === undefined
        ? state.affiliations(service, id)
        : [{ jid: service, affiliation: "owner" as const }],
  };
}

/** Who is an outcast of an account's posts is one of the comments on them. */
function affiliationOf(
  state: PubsubState,
  { jid: own }: Account,
  service: BareJid,
  id: NodeId,
  jid: BareJid,
): Affiliation {
  const affiliation = state.affiliation(service, id, jid);
  if (affiliation !== "none" || service !== own) return affiliation;
  if (id !== ALL_COMMENTS && !id.startsWith(COMMENTS_NODE)) return affiliation;
  return state.affiliation(service, MICROBLOG_NODE, jid) === "outcast" ? "outcast" : "none";
}

/** What puts a node that was not kept before a decision that changes something in it. */
export function madeNode(
  reader: RecordReader,
  state: PubsubState,
  service: BareJid,
  id: NodeId | undefined,
): readonly PubsubChange[] {
  if (id === undefined || reader.node(service, id) !== undefined) return [];
  const node = state.node(service, id);
  return node === undefined ? [] : nodePut(node);
}

function nodeOf(account: Account, id: NodeId, post: Document): PubsubNode {
  return {
    service: account.jid,
    id,
    created: post.created as PubsubNode["created"],
    creator: account.jid,
    config: {
      title: "Comments",
      type: COMMENTS_NODE.slice(0, -1),
      accessModel: "open",
      publishModel: "open",
      deliverPayloads: true,
      notifyRetract: true,
      persistItems: true,
      maxItems: COMMENTS_MAX,
      nodeFull: "reject",
      payloadBytes_max: COMMENT_BYTES_MAX,
    },
  };
}
