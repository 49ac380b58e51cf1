import { epochMs, instantOf } from "../../core/instant.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { isPlain, needsPresence } from "../accounts/plain-account.ts";
import { accountNamedBy } from "../accounts/resolve-account.ts";
import { askPresence } from "../people/own-presence.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import { isMicroblog } from "./new-upstream.ts";

const RETRY_DELAYS_MS = [10_000, 30_000, 120_000, 600_000, 3_600_000] as const;

/**
 * Subscribes this hub to the followed account's PubsubNode, after checking that the JID's disco names the account
 * whose page named the JID. Idempotent. What went wrong is kept with the upstream and tried again later.
 */
export async function subscribeUpstream(
  hub: HubPorts,
  account: Iri,
  signal?: AbortSignal,
): Promise<Upstream | Refusal> {
  const upstream = hub.records.reader.upstream(account);
  if (upstream === undefined) return refuse("not-found", `This hub is not subscribed to ${account}.`);
  const no = await verifyBinding(hub, upstream, signal);
  const subscribed = no ?? (await hub.xmpp.subscribe(upstream.service, upstream.node, signal));
  if (isRefusal(subscribed)) {
    if (needsPresence(subscribed)) await askPresence(hub, upstream.service);
    return await noteFailure(hub, account, subscribed);
  }
  const { problem: _, subid: __, ...rest } = upstream;
  return await changeUpstream(hub, account, () => ({
    ...rest,
    state: "subscribed",
    subid: subscribed.subid,
    attempts: 0,
  }));
}

async function verifyBinding(hub: HubPorts, upstream: Upstream, signal?: AbortSignal): Promise<undefined | Refusal> {
  if (upstream.state === "subscribed" || !isMicroblog(upstream) || isPlain(upstream)) {
    return undefined;
  }
  const named = await accountNamedBy(hub, upstream.service, signal);
  if (isRefusal(named)) return named;
  return named === upstream.account
    ? undefined
    : refuse(
        "not-the-author",
        `${upstream.account} names the JID ${upstream.service}, but that JID names ${named}; they do not belong together.`,
      );
}

/** Keeps why an upstream could not be reached, and when to try again. */
export async function noteFailure(hub: HubPorts, account: Iri, refusal: Refusal): Promise<Refusal> {
  hub.log.warn({ account, code: refusal.code, problem: refusal.message }, "upstream-failed");
  await changeUpstream(hub, account, (upstream) => {
    const delay_ms = RETRY_DELAYS_MS[Math.min(upstream.attempts, RETRY_DELAYS_MS.length - 1)] ?? 3_600_000;
    return {
      ...upstream,
      ...(isFinal(upstream, refusal) ? { state: "refused" as const } : {}),
      problem: refusal.message,
      attempts: upstream.attempts + 1,
      nextAttempt: instantOf(epochMs(hub.now()) + delay_ms),
    };
  });
  return refusal;
}

/** Whether to ask again would not help. A node beside the posts that is not there, or closed, is not asked for for ever. */
function isFinal(upstream: Upstream, { code }: Refusal): boolean {
  if (code === "not-the-author" || code === "not-implemented") return true;
  return !isMicroblog(upstream) && ["not-found", "forbidden", "gone", "remote-refused"].includes(code);
}

/** Changes an upstream as it stands in the records; refuses when nobody follows it any more. */
export async function changeUpstream(
  hub: HubPorts,
  account: Iri,
  change: (upstream: Upstream) => Upstream,
): Promise<Upstream | Refusal> {
  return await hub.records.transact((reader) => {
    const present = reader.upstream(account);
    if (present === undefined) return refuse("not-found", `This hub no longer follows ${account}.`);
    const upstream = change(present);
    return { changes: [{ kind: "upstream-put", upstream }], result: upstream };
  });
}
