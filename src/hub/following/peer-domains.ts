import { epochMs } from "../../core/instant.ts";
import { type BareJid, domainOf } from "../../core/jid.ts";
import type { HubPorts } from "../ports/hub-ports.ts";

/** For how long the domains of followed accounts are remembered. */
const REMEMBERED_MS = 60_000;

/**
 * Tells whether a domain is a peer: somebody here follows an account there, or it follows one here as a hub. Those may
 * send more than others. What is followed is read at most once a minute.
 */
export function peerDomains(hub: HubPorts): (domain: string) => boolean {
  let followed: ReadonlySet<string> = new Set();
  let read_ms = Number.NEGATIVE_INFINITY;
  return (domain) => {
    const now_ms = epochMs(hub.now());
    const { reader } = hub.records;
    if (now_ms - read_ms >= REMEMBERED_MS) {
      followed = new Set(reader.upstreams().map(({ service }) => domainOf(service)));
      read_ms = now_ms;
    }
    return followed.has(domain) || reader.subscriptionsHeldBy(domain as BareJid).length > 0;
  };
}
