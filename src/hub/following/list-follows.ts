import { type AccountName, profileFromQuads } from "../../core/account.ts";
import { accountIris, accountNameIn, documentOf } from "../../core/hub-iris.ts";
import { type BareJid, type Jid, localOf } from "../../core/jid.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../pubsub/configuration.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";

/** LIMIT: follows read of one account. */
export const FOLLOWS_MAX = 10_000;

/** A followed account and how its posts come here. */
export interface FollowedAccount {
  readonly account: Iri;
  readonly profile: Iri;
  readonly displayName?: string;
  readonly jid?: BareJid;
  readonly state: "local" | "subscribing" | "subscribed" | "refused";
  readonly problem?: string;
  readonly backfill?: { readonly done: boolean; readonly fetched: number };
}

/** Somebody who is told of an account's posts. */
export interface Follower {
  readonly kind: "account" | "hub" | "subscriber";
  readonly account?: Iri;
  readonly displayName?: string;
  readonly jid?: Jid;
}

/** What is known of a followed account. */
export function followedAccount(hub: HubPorts, account: Iri): FollowedAccount {
  const { reader } = hub.records;
  const upstream = reader.upstream(account);
  const stored = reader.document(documentOf(account));
  const known = stored?.kind === "live" ? profileFromQuads(stored.document.quads, account) : undefined;
  const local = account.startsWith(hub.identity.base);
  const jid = upstream?.service ?? (local ? (known?.jid as BareJid | undefined) : undefined);
  return {
    account,
    profile: documentOf(account),
    ...(known?.displayName === undefined ? {} : { displayName: known.displayName }),
    ...(jid === undefined ? {} : { jid }),
    state: local ? "local" : (upstream?.state ?? "refused"),
    ...(upstream?.problem === undefined ? {} : { problem: upstream.problem }),
    ...(upstream === undefined
      ? {}
      : { backfill: { done: upstream.backfill.done, fetched: upstream.backfill.fetched } }),
  };
}

/** The IRIs of the accounts that `follower` follows as far as `audience` may know, newest follow first. */
export function followedBy(hub: HubPorts, follower: Iri, audience = follower): readonly Iri[] {
  return hub.records.reader.followed(follower, audience, FOLLOWS_MAX);
}

/** The accounts that `name` follows, newest follow first; for others none where it keeps them to itself. */
export function following(hub: HubPorts, by: Requester, name: string): readonly FollowedAccount[] | Refusal {
  const account = hub.records.reader.account(name as AccountName);
  if (account === undefined) return noAccount(name);
  const { account: follower } = accountIris(hub.identity.base, account.name);
  if (account.privateFollows === true && !(by.kind === "account" && by.iri === follower)) return [];
  return followedBy(hub, follower).map((iri) => followedAccount(hub, iri));
}

/** Who follows `name`: accounts known by their follow documents, and the JIDs subscribed to its PubsubNode. */
export function followers(hub: HubPorts, name: string): readonly Follower[] | Refusal {
  const { reader } = hub.records;
  const account = reader.account(name as AccountName);
  if (account === undefined) return noAccount(name);
  const target = accountIris(hub.identity.base, account.name).account;
  const found: Follower[] = [];
  const { documents } = reader.list({ scope: { kind: "reference", reference: "follows", target }, limit: 1_000 });
  for (const { author } of documents) {
    if (author === undefined) continue;
    const { displayName, jid } = followedAccount(hub, author);
    found.push({
      kind: "account",
      account: author,
      ...(displayName === undefined ? {} : { displayName }),
      ...(jid === undefined ? {} : { jid: jid }),
    });
  }
  for (const { jid } of reader.subscriptions(account.jid, MICROBLOG_NODE)) {
    found.push({ kind: localOf(jid) === undefined ? "hub" : "subscriber", jid });
  }
  return found;
}

/** The Refusal for a name that no account of this hub has. */
export function noAccount(name: string): Refusal {
  return refuse("not-found", `Expected an account of this hub, but there is no "${name.slice(0, 80)}".`);
}

/** The account of this hub whose IRI (or document) `iri` is. */
export function localAccountAt(hub: HubPorts, iri: string) {
  const name = accountNameIn(hub.identity.base, iri);
  return name === undefined ? undefined : hub.records.reader.account(name as AccountName);
}
