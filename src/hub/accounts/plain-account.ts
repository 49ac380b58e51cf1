import { profileFromQuads } from "../../core/account.ts";
import { type BareJid, domainOf, localOf } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { Iri } from "../../rdf/iri.ts";
import { literal, namedNode, quad } from "../../rdf/term.ts";
import { foaf } from "../../vocab/foaf.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { sterna } from "../../vocab/sterna.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import { jidIri, pubsubIri } from "../pubsub/pubsub-iri.ts";
import type { RemoteAccount } from "./resolve-account.ts";

/** What such an account says of itself beside its posts. */
export interface PlainFacts {
  readonly name?: string;
  readonly picture?: Iri;
}

/**
 * An account with a microblog on XMPP (XEP-0277) and no page with RDF: its address is all that is known of it, so its
 * `xmpp:` IRI names it, and the IRIs of its node and items name its container and posts.
 */
export function plainAccount(jid: BareJid, { name, picture }: PlainFacts = {}): RemoteAccount {
  const account = jidIri(jid);
  const node = pubsubIri(jid, MICROBLOG_NODE);
  const [self, container] = [namedNode(account), namedNode(node)];
  const quads = [
    quad(self, rdf.type, sioc.UserAccount),
    quad(self, rdf.type, foaf.OnlineAccount),
    quad(self, sioc.name, literal(name ?? jid)),
    quad(self, foaf.accountName, literal(jid.slice(0, ACCOUNT_NAME_SHOWN_MAX))),
    quad(self, foaf.jabberID, literal(jid)),
    quad(self, sterna.pubsubNode, container),
    quad(container, rdf.type, sioct.Microblog),
    quad(container, sioc.has_owner, self),
    ...(picture === undefined ? [] : [quad(self, sioc.avatar, namedNode(picture))]),
  ];
  return { kind: "remote", profile: profileFromQuads(quads, account), document: account, quads };
}

/** LIMIT: what `account-shape.ttl` takes for a name. */
const ACCOUNT_NAME_SHOWN_MAX = 200;

/** The IRIs of a plain account's posts start with this; the item id follows. */
export function plainAuthority(container: Iri): string {
  return `${container};item=`;
}

/** Whether what is followed is such an account; the servers vouch for its JID, so there is nothing to bind it to. */
export function isPlain({ account, service }: Pick<Upstream, "account" | "service">): boolean {
  return account === jidIri(service);
}

/**
 * Whether somebody shows this to whom they let see their presence (XEP-0060 §6.1.3.2, §6.5.9.6).
 * COMPAT: Prosody 0.12 says no more than that it is forbidden.
 */
export function needsPresence({ detail }: Refusal): boolean {
  return detail?.["pubsub"] === "presence-subscription-required" || detail?.["condition"] === "forbidden";
}

/**
 * Finds such an account at a JID: its microblog answers. `why` is what kept it from being found otherwise.
 * COMPAT: Prosody and ejabberd answer disco at an account to its contacts alone, but its open nodes to everybody.
 */
export async function findPlainAccount(
  hub: HubPorts,
  jid: BareJid,
  why: Refusal,
  signal?: AbortSignal,
): Promise<RemoteAccount | Refusal> {
  if (localOf(jid) === undefined) return why;
  const page = { max: 1, order: "creation" } as const;
  const answer = await hub.xmpp.items(jid, MICROBLOG_NODE, { page }, signal);
  // One that shows its posts to contacts alone is there; it is asked to make the hub one.
  if (!isRefusal(answer) || needsPresence(answer)) return plainAccount(jid);
  return refuse(
    why.code,
    `${why.message} Nor is there a microblog that can be read (${MICROBLOG_NODE} at ${domainOf(jid)}): ${answer.message}`,
  );
}
