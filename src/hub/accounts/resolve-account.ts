import { type AccountName, type AccountProfile, accountsIn, profileFromQuads } from "../../core/account.ts";
import { accountIris, accountNameIn, documentOf } from "../../core/hub-iris.ts";
import { type BareJid, domainOf, localOf, parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { DiscoInfo } from "../../pubsub/disco.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import type { Quad } from "../../rdf/term.ts";
import { foaf } from "../../vocab/foaf.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sterna } from "../../vocab/sterna.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { readPubsubIri } from "../pubsub/pubsub-iri.ts";
import { findPlainAccount } from "./plain-account.ts";

/** An account elsewhere, with its profile as its own page gives it. */
export interface RemoteAccount {
  readonly kind: "remote";
  readonly profile: AccountProfile;
  /** The profile document, and what it says about the account and its person. */
  readonly document: Iri;
  readonly quads: readonly Quad[];
}

/** An account that was found: one of this hub, or one elsewhere. */
export type ResolvedAccount = RemoteAccount | { readonly kind: "local"; readonly name: AccountName; readonly iri: Iri };

/** The document of a profile that was read from its own page. */
export function receivedProfile(hub: HubPorts, { document, profile, quads }: RemoteAccount): Document {
  const now = hub.now();
  return {
    graph: document,
    kind: "profile",
    audience: "public",
    origin: { kind: "received", from: document },
    author: profile.account,
    created: now,
    received: now,
    quads,
  };
}

/**
 * Finds the account meant by an account IRI, a page address (a profile's or a post's), `name@domain` or an `xmpp:`
 * URI, by disco, WebFinger and the RDF of the pages. Refuses with a sentence that says what was tried.
 */
export async function resolveAccount(
  hub: HubPorts,
  target: string,
  signal?: AbortSignal,
): Promise<ResolvedAccount | Refusal> {
  const text = target.trim().replace(/^acct:/i, "");
  const node = readPubsubIri(text);
  if (node !== undefined) return await byJidAlone(hub, node.jid, signal);
  if (/^https?:\/\//i.test(text)) return isIri(text) ? await byPage(hub, text, signal) : notUnderstood(target);
  const address = text.replace(/^@/, "");
  if (address.includes("@")) return await byAddress(hub, address, signal);
  const local = localAccount(hub, address);
  return local ?? notUnderstood(target);
}

function notUnderstood(target: string): Refusal {
  return refuse(
    "invalid",
    `Expected an account IRI, a page address, name@domain or an xmpp: URI, but got "${target.slice(0, 120)}".`,
  );
}

function localAccount(hub: HubPorts, name: string | undefined): ResolvedAccount | undefined {
  const account = name === undefined ? undefined : hub.records.reader.account(name as AccountName);
  return account && { kind: "local", name: account.name, iri: accountIris(hub.identity.base, account.name).account };
}

/** `name@domain`: by XMPP where that names a page, else by WebFinger, else a microblog that has no page. */
async function byAddress(hub: HubPorts, address: string, signal?: AbortSignal): Promise<ResolvedAccount | Refusal> {
  const at = address.indexOf("@");
  const [name, host] = [address.slice(0, at), address.slice(at + 1).toLowerCase()];
  if (host === new URL(hub.identity.base).host) {
    const local = localAccount(hub, name);
    if (local !== undefined) return local;
  }
  const overXmpp = await byJid(hub, address, signal);
  if (!isRefusal(overXmpp)) return overXmpp;
  const overWeb = await byWebfinger(hub, name, host, signal);
  const jid = parseBareJid(address);
  if (!isRefusal(overWeb) || isRefusal(jid)) return overWeb;
  const why = `No account was found for "${address}". By XMPP: ${overXmpp.message} By WebFinger: ${overWeb.message}`;
  if (mayBePlain(overXmpp)) return await findPlainAccount(hub, jid, refuse("not-found", why), signal);
  // Who did not answer in time may do so later, which "not found" would deny.
  return refuse(overXmpp.code === "not-the-author" ? "not-found" : overXmpp.code, why, overXmpp.detail);
}

async function byWebfinger(
  hub: HubPorts,
  name: string,
  host: string,
  signal?: AbortSignal,
): Promise<ResolvedAccount | Refusal> {
  const found = await hub.remote.webfinger(name, host, signal);
  if (isRefusal(found)) return found;
  const page =
    found.find(({ rel, type }) => rel === "self" && (type === "text/turtle" || type === "application/ld+json")) ??
    found.find(({ rel }) => rel === "http://webfinger.net/rel/profile-page");
  const href = page?.href ?? "";
  return isIri(href)
    ? await byPage(hub, href, signal)
    : refuse("remote-refused", `WebFinger at ${host} knows "${name}" but names no profile page of it.`);
}

/** A JID: the account that its disco names, else a microblog that has no page. */
async function byJidAlone(hub: HubPorts, text: string, signal?: AbortSignal): Promise<ResolvedAccount | Refusal> {
  const found = await byJid(hub, text, signal);
  const jid = parseBareJid(text);
  if (!isRefusal(found) || isRefusal(jid) || domainOf(jid) === hub.identity.domain || !mayBePlain(found)) return found;
  return await findPlainAccount(hub, jid, found, signal);
}

/** Whether a JID that could not be bound to a page may be followed without: not when the two contradict each other. */
function mayBePlain({ code }: Refusal): boolean {
  return code !== "not-the-author" && code !== "unavailable" && code !== "timed-out";
}

/** A JID: its disco names the account, whose page must name the JID in turn. */
async function byJid(hub: HubPorts, text: string, signal?: AbortSignal): Promise<ResolvedAccount | Refusal> {
  const jid = parseBareJid(text);
  if (isRefusal(jid)) return jid;
  if (domainOf(jid) === hub.identity.domain) {
    return localAccount(hub, localOf(jid)) ?? refuse("not-found", `There is no account "${jid}" on this hub.`);
  }
  const named = await accountNamedBy(hub, jid, signal);
  if (isRefusal(named)) return named;
  const found = await byPage(hub, named, signal);
  if (isRefusal(found) || found.kind === "local") return found;
  if (found.profile.jid !== jid) {
    return refuse(
      "not-the-author",
      `The JID ${jid} names the account ${named}, but that account's page names ${found.profile.jid ?? "no JID"}; they do not belong together.`,
    );
  }
  return found;
}

/** The account IRI in the disco answer of a JID (our form; XEP-0128). */
export async function accountNamedBy(hub: HubPorts, jid: BareJid, signal?: AbortSignal): Promise<Iri | Refusal> {
  const info = await hub.xmpp.discover(jid, undefined, signal);
  if (isRefusal(info)) return info;
  const account = fieldOf(info, "account");
  if (account === undefined || !isIri(account)) {
    return refuse("not-implemented", `${jid} answers, but names no account with RDF; so it cannot be read as RDF.`);
  }
  return account;
}

function fieldOf(info: DiscoInfo, name: string): string | undefined {
  const form = info.forms.find(({ formType }) => formType === sterna.namespace);
  return form?.fields.find((field) => field.name === name)?.values[0];
}

/** A page: a profile, an account IRI, or a post whose creator is meant. */
async function byPage(hub: HubPorts, page: Iri, signal?: AbortSignal, depth = 0): Promise<ResolvedAccount | Refusal> {
  if (page.startsWith(hub.identity.base)) {
    const local = localAccount(hub, accountNameIn(hub.identity.base, page));
    return local ?? refuse("not-found", `There is no account at ${page} on this hub.`);
  }
  const fetched = await hub.remote.rdf(documentOf(page), signal);
  if (isRefusal(fetched)) return fetched;
  const { quads, url } = fetched;
  const accounts = accountsIn(quads);
  const account =
    accounts.find((iri) => iri === page) ??
    accounts.find((iri) => heldBy(quads, iri, page)) ??
    (accounts.length === 1 ? accounts[0] : accounts.find((iri) => documentOf(iri) === documentOf(url)));
  const creator = quads.find((q) => q.subject.value === page && q.predicate.value === sioc.has_creator.value)?.object
    .value;
  if (creator !== undefined && isIri(creator) && documentOf(creator) !== documentOf(page) && depth === 0) {
    return await byPage(hub, creator, signal, depth + 1);
  }
  if (account === undefined) {
    return refuse(
      "remote-refused",
      `Expected the page of an account at ${page}, but its RDF describes none (sioc:UserAccount).`,
    );
  }
  if (documentOf(account) !== documentOf(url)) {
    if (depth > 1) return refuse("remote-refused", `${page} leads to ${account}, whose own page describes it nowhere.`);
    return await byPage(hub, account, signal, depth + 1);
  }
  const profile = profileFromQuads(quads, account);
  return { kind: "remote", profile, document: documentOf(account), quads: aboutAccount(quads, profile) };
}

function heldBy(quads: readonly Quad[], account: Iri, person: Iri): boolean {
  return quads.some(
    ({ subject, predicate, object }) =>
      (predicate.value === sioc.account_of.value && subject.value === account && object.value === person) ||
      (predicate.value === foaf.account.value && subject.value === person && object.value === account),
  );
}

/** What a profile page says about its own account, person and container; the rest of the page is dropped. */
function aboutAccount(quads: readonly Quad[], profile: AccountProfile): readonly Quad[] {
  const subjects = new Set<string>([profile.account, profile.person ?? "", profile.container ?? ""]);
  const document = documentOf(profile.account);
  return quads.filter(
    ({ subject, object }) =>
      subjects.has(subject.value) &&
      object.termType !== "BlankNode" &&
      (subject.value === document ||
        subject.value.startsWith(`${document}#`) ||
        subject.value.startsWith(`${document}/`)),
  );
}
