import { accountNameIn } from "../../core/hub-iris.ts";
import { domainOf, localOf, parseBareJid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { followedBy } from "../following/list-follows.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { baseOfAccount } from "./network/believed.ts";

/** Why an endpoint may not be asked for an account, after what was expected and came. */
export const FOLLOW_FIRST = "follow somebody there first";

/**
 * The addresses of the hubs and endpoints that an account may have asked: those of the accounts it follows (the hub's
 * base, its endpoint, and its XMPP domain as `xmpp:` IRI), and those that the hub's owner allows (`STERNA_SERVICES`).
 */
export function askableBy(hub: HubPorts, account: Iri): ReadonlySet<string> {
  const followed = followedBy(hub, account).filter((each) => !each.startsWith(hub.identity.base));
  const known = followed.flatMap((each) => {
    const base = baseOfAccount(each);
    return base === undefined ? [] : [base, ...xmppOf(hub, base, each)];
  });
  return new Set([...known, ...(hub.options.services ?? [])].flatMap(addressesOf));
}

/** Whether an endpoint is among what {@link askableBy} gives, however its `xmpp:` IRI is written. */
export function isAskable(askable: ReadonlySet<string>, endpoint: string): boolean {
  return addressesOf(endpoint).some((address) => askable.has(address));
}

/** The XMPP domain of a followed account's hub: where it publishes as `name@domain`, as its page says. */
function xmppOf(hub: HubPorts, base: string, account: Iri): readonly string[] {
  const service = hub.records.reader.upstream(account)?.service;
  const isHosted = service !== undefined && localOf(service) === accountNameIn(base as Iri, account);
  return isHosted && localOf(service) !== undefined ? [`xmpp:${domainOf(service)}`] : [];
}

/** An address in the forms it is asked by: a hub's base stands for its endpoint, an `xmpp:` IRI for one JID. */
function addressesOf(address: string): readonly string[] {
  const jid = /^xmpp:([^/?#]+)$/i.exec(address)?.[1];
  if (jid !== undefined) {
    const parsed = parseBareJid(jid);
    return isRefusal(parsed) ? [] : [`xmpp:${parsed}`];
  }
  return address.endsWith("/") ? [address, `${address}sparql`] : [address];
}
