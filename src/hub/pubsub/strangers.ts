import { epochMs } from "../../core/instant.ts";
import { type BareJid, domainOf } from "../../core/jid.ts";
import type { HubPorts } from "../ports/hub-ports.ts";

/** LIMIT: how often one domain that pushes unasked is told so, and how many such domains are remembered. */
const STRANGER_TOLD_MAX = 20;
const STRANGER_FORGOTTEN_MS = 3_600_000;
const STRANGERS_MAX = 1_000;

/** When each such domain was first told within the hour, and how often since. Gone with the process, which does no harm. */
const strangers = new WeakMap<HubPorts, Map<string, Told>>();

interface Told {
  readonly since_ms: number;
  told: number;
}

/**
 * Whether a service that pushes unasked is told once more. A forgotten Subscription ends with the first time, but who
 * pushes on purpose must not make this hub send a request for each event.
 */
export function mayTellStranger(hub: HubPorts, service: BareJid): boolean {
  const known = strangers.get(hub) ?? new Map<string, Told>();
  strangers.set(hub, known);
  const domain = domainOf(service);
  const now_ms = epochMs(hub.now());
  const present = known.get(domain);
  if (present !== undefined && now_ms - present.since_ms < STRANGER_FORGOTTEN_MS) {
    present.told++;
    return present.told <= STRANGER_TOLD_MAX;
  }
  // The one heard of first goes first: a map keeps its order.
  known.delete(domain);
  const [oldest] = known.keys();
  if (known.size >= STRANGERS_MAX && oldest !== undefined) known.delete(oldest);
  known.set(domain, { since_ms: now_ms, told: 1 });
  return true;
}
