import type { ItemPlace } from "../atom/post-entry.ts";
import { parseAccountName } from "../core/account.ts";
import { accountIris, accountNameIn, itemIdIn } from "../core/hub-iris.ts";
import { parseBareJid } from "../core/jid.ts";
import { isRefusal } from "../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../pubsub/configuration.ts";
import type { Iri } from "../rdf/iri.ts";
import type { HubPorts } from "./ports.ts";

/**
 * Where the post `iri` is published on XMPP: at an account of this hub, or at one it follows; else undefined. For an
 * own post its form says it: an import may put an answer before the account whose post it answers.
 */
export function itemPlaceOf(hub: HubPorts, iri: Iri): ItemPlace | undefined {
  const { reader } = hub.records;
  const own = ownPlaceOf(hub, iri);
  if (own !== undefined) return own;
  const stored = reader.document(iri);
  const author = stored?.kind === "live" ? stored.document.author : undefined;
  const upstream = author === undefined ? undefined : reader.upstream(author);
  const id = upstream?.container === undefined ? undefined : itemIdIn(upstream.container, iri);
  return upstream === undefined || id === undefined ? undefined : { jid: upstream.service, node: upstream.node, id };
}

function ownPlaceOf(hub: HubPorts, iri: Iri): ItemPlace | undefined {
  const name = parseAccountName(accountNameIn(hub.identity.base, iri) ?? "");
  if (isRefusal(name)) return undefined;
  const jid = parseBareJid(`${name}@${hub.identity.domain}`);
  const id = itemIdIn(accountIris(hub.identity.base, name).container, iri);
  return isRefusal(jid) || id === undefined ? undefined : { jid, node: MICROBLOG_NODE, id };
}
