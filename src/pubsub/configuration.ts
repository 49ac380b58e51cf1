import type { Instant } from "../core/instant.ts";
import type { BareJid } from "../core/jid.ts";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import { DEFAULT_CONFIG } from "./settings/node-settings.ts";
import type { NodeId, PubsubNode } from "./state.ts";

/** LIMIT: the longest node id in characters. */
export const NODE_ID_LENGTH_MAX = 1_023;

/** The PubsubNode of an account's posts (XEP-0277 §2, XEP-0472 §3). */
export const MICROBLOG_NODE = "urn:xmpp:microblog:0" as NodeId;

/** Reads a node id given by somebody else; refuses with `invalid` what is empty, too long or has control characters. */
export function parseNodeId(text: string): NodeId | Refusal {
  if (text !== "" && text.length <= NODE_ID_LENGTH_MAX && !/\p{C}/u.test(text)) return text as NodeId;
  return refuse(
    "invalid",
    `Expected a node id of 1 to ${NODE_ID_LENGTH_MAX} characters, but got "${text.slice(0, 80)}".`,
  );
}

/**
 * A new microblog node: everybody may subscribe, the account and its linked JIDs may publish (XEP-0472 §3); these are
 * told of new subscribers, which Movim asks of a node before it publishes there.
 */
export function microblogNode(service: BareJid, title: string, created: Instant): PubsubNode {
  return {
    service,
    id: MICROBLOG_NODE,
    created,
    config: { title, type: MICROBLOG_NODE, ...DEFAULT_CONFIG, sendLast: "on_sub_and_presence" },
  };
}
