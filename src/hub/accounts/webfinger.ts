import type { AccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import { localAccountAt } from "../following/list-follows.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { pubsubIri, readPubsubIri } from "../pubsub/pubsub-iri.ts";

/** A WebFinger answer (RFC 7033 §4.4): the account's other forms. */
export interface Webfinger {
  readonly subject: string;
  readonly aliases: readonly string[];
  readonly links: readonly { readonly rel: string; readonly href: string; readonly type?: string }[];
}

/** Answers for `acct:name@host`, the account's JID as `xmpp:`, and any of its IRIs. */
export function webfingerOf(hub: HubPorts, resource: string): Webfinger | Refusal {
  const { base } = hub.identity;
  const host = new URL(base).host;
  const account = accountMeant(hub, resource, host);
  if (account === undefined) {
    return refuse(
      "not-found",
      `Expected an account such as acct:name@${host}, but nobody here is "${resource.slice(0, 120)}".`,
    );
  }
  const iris = accountIris(base, account.name);
  return {
    subject: `acct:${account.name}@${host}`,
    aliases: [iris.profile, iris.account, `xmpp:${account.jid}`],
    links: [
      { rel: "http://webfinger.net/rel/profile-page", type: "text/html", href: iris.profile },
      { rel: "self", type: "text/turtle", href: iris.profile },
      { rel: "self", type: "application/ld+json", href: iris.profile },
      { rel: "http://schemas.google.com/g/2010#updates-from", type: "application/atom+xml", href: iris.feed },
      { rel: "describedby", type: "application/rdf+xml", href: iris.profile },
      { rel: "alternate", href: pubsubIri(account.jid, MICROBLOG_NODE) },
    ],
  };
}

function accountMeant(hub: HubPorts, resource: string, host: string) {
  const jid = readPubsubIri(resource)?.jid;
  const address = jid ?? /^acct:(.+)$/i.exec(resource)?.[1];
  if (address === undefined) return localAccountAt(hub, resource);
  const at = address.lastIndexOf("@");
  const [name, domain] = [address.slice(0, at).toLowerCase(), address.slice(at + 1).toLowerCase()];
  const here = domain === host || domain === new URL(hub.identity.base).hostname || domain === hub.identity.domain;
  return here ? hub.records.reader.account(name as AccountName) : undefined;
}
