import type { ItemPlace } from "../atom/post-entry.ts";
import type { AccountName } from "../core/account.ts";
import { accountIris, accountNameIn, itemIdIn } from "../core/hub-iris.ts";
import { MICROBLOG_NODE } from "../pubsub/configuration.ts";
import type { Iri } from "../rdf/iri.ts";
import type { HubPorts } from "./ports.ts";

/** Where the post `iri` is published on XMPP: at an account of this hub, or at one it follows; else undefined. */
export function itemPlaceOf(hub: HubPorts, iri: Iri): ItemPlace | undefined {
  const { reader } = hub.records;
  const name = accountNameIn(hub.identity.base, iri);
  const account = name === undefined ? undefined : reader.account(name as AccountName);
  if (account !== undefined) {
    const id = itemIdIn(accountIris(hub.identity.base, account.name).container, iri);
    return id === undefined ? undefined : { jid: account.jid, node: MICROBLOG_NODE, id };
  }
  const stored = reader.document(iri);
  const author = stored?.kind === "live" ? stored.document.author : undefined;
  const upstream = author === undefined ? undefined : reader.upstream(author);
  const id = upstream?.container === undefined ? undefined : itemIdIn(upstream.container, iri);
  return upstream === undefined || id === undefined ? undefined : { jid: upstream.service, node: upstream.node, id };
}
