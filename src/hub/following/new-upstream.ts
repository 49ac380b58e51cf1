import type { AccountProfile } from "../../core/account.ts";
import { authorityOf } from "../../core/authorship.ts";
import type { Instant } from "../../core/instant.ts";
import { parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE, parseNodeId } from "../../pubsub/configuration.ts";
import { isPlain, plainAuthority } from "../accounts/plain-account.ts";
import type { RemoteAccount } from "../accounts/resolve-account.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import { readPubsubIri } from "../pubsub/pubsub-iri.ts";

/** Whether an upstream brings an account's posts, and not what others say or feel about them. */
export function isMicroblog({ commentsOn, summaryOf }: Upstream): boolean {
  return commentsOn === undefined && summaryOf === undefined;
}

/** What every upstream begins with: nothing is subscribed to, and the first attempt is due. */
export function notSubscribed(
  now: Instant,
): Pick<Upstream, "state" | "backfill" | "attempts" | "nextAttempt" | "created"> {
  return { state: "subscribing", backfill: { done: false, fetched: 0 }, attempts: 0, nextAttempt: now, created: now };
}

/** How the posts of an account elsewhere come here; nothing is subscribed to yet. */
export function newUpstream(hub: HubPorts, { profile, document }: RemoteAccount): Upstream | Refusal {
  const place = nodeOf(profile);
  if (place === undefined) {
    return refuse(
      "not-implemented",
      `${profile.account} names no PubsubNode (sterna:pubsubNode or foaf:jabberID), so nothing can be pushed from it; following by feed comes later.`,
    );
  }
  const service = parseBareJid(place.jid);
  const node = parseNodeId(place.node ?? MICROBLOG_NODE);
  if (isRefusal(service)) return service;
  if (isRefusal(node)) return node;
  const now = hub.now();
  return {
    account: profile.account,
    profile: document,
    authority:
      profile.container !== undefined && isPlain({ account: profile.account, service })
        ? plainAuthority(profile.container)
        : authorityOf(document, profile.container).authority,
    ...(profile.container === undefined ? {} : { container: profile.container }),
    service,
    node,
    ...notSubscribed(now),
  };
}

function nodeOf(profile: AccountProfile): { readonly jid: string; readonly node?: string } | undefined {
  if (profile.pubsubNode !== undefined) return readPubsubIri(profile.pubsubNode);
  return profile.jid === undefined ? undefined : { jid: profile.jid };
}
