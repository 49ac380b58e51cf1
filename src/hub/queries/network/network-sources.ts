import type { Iri } from "../../../rdf/iri.ts";
import { followedBy } from "../../following/list-follows.ts";
import type { HubPorts } from "../../ports/hub-ports.ts";

/** How long follows are read before others have their turn, in milliseconds; one account's are read at once. */
const TURN_MS = 4;

/** Where a question across hubs goes. */
export interface NetworkSources {
  /** Whom the asker follows. */
  readonly followed: readonly Iri[];
  /** Of those whom these follow in turn, as far as this hub knows it and the asker may: one account a hub. */
  readonly beyond: readonly Iri[];
}

/** Reads whom an account follows, and whom those of them follow that are accounts of this hub. */
export async function sourcesOf(hub: HubPorts, asker: Iri, signal?: AbortSignal): Promise<NetworkSources> {
  const followed = followedBy(hub, asker);
  const beyond = new Map<string, Iri>();
  let turn_ms = performance.now();
  for (const account of followed) {
    if (!account.startsWith(hub.identity.base)) continue;
    for (const other of followedBy(hub, account, asker)) {
      const place = placeOf(other);
      if (!beyond.has(place)) beyond.set(place, other);
    }
    if (performance.now() - turn_ms < TURN_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    turn_ms = performance.now();
  }
  return { followed, beyond: [...beyond.values()] };
}

/** What accounts of one hub have in common (`baseOfAccount`), told without reading a hundred thousand addresses. */
function placeOf(account: Iri): string {
  const end = account.search(/[?#]/);
  const path = end < 0 ? account : account.slice(0, end);
  const last = path.lastIndexOf("/");
  return last > path.indexOf("//") + 1 ? path.slice(0, last + 1) : path;
}
