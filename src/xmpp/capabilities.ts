import { createHash } from "node:crypto";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import { CAPS_HASHES, type Caps, capsText } from "../pubsub/caps.ts";
import type { DiscoInfo } from "../pubsub/disco.ts";
import { NS } from "./namespaces.ts";

/** What this room itself answers, whatever the hub says of itself. */
const LINK_FEATURES: readonly string[] = [NS.ping, NS.receipts, NS.mam, NS.caps];
/** What names this program in what it says it can do (XEP-0115 §4). */
const CAPS_NODE = "https://w3id.org/sterna";

/** All that is handled at an address. */
export function wholeInfo(info: DiscoInfo): DiscoInfo {
  return { ...info, features: [...new Set([...info.features, ...LINK_FEATURES])] };
}

/** What our presence says of it; undefined for what cannot be said. */
export function capsOf(info: DiscoInfo): Caps | undefined {
  const text = capsText(wholeInfo(info));
  return text === undefined ? undefined : { hash: "sha-1", node: CAPS_NODE, ver: hashOf("sha1", text) };
}

/** The `ver` of ours that a disco#info request names by its node (XEP-0115 §6.2). */
export function askedVer(node: string | undefined): string | undefined {
  return node?.startsWith(`${CAPS_NODE}#`) === true ? node.slice(CAPS_NODE.length + 1) : undefined;
}

/**
 * An answer, if it has the hash that its entity's presence named (XEP-0115 §5.4). One of an algorithm that is not known
 * is taken as it is: it is good for that entity alone.
 */
export function checkedInfo(info: DiscoInfo, { hash = "", ver }: Caps): DiscoInfo | Refusal {
  const algorithm = CAPS_HASHES.get(hash);
  if (algorithm === undefined) return info;
  const text = capsText(info);
  if (text !== undefined && hashOf(algorithm, text) === ver) return info;
  return refuse(
    "remote-refused",
    `Expected what has the ${hash} "${ver.slice(0, 60)}", but the answer has another one.`,
  );
}

function hashOf(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest("base64");
}
