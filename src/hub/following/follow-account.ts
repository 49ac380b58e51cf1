import type { AccountName } from "../../core/account.ts";
import { followToQuads } from "../../core/follow.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { onlyAccounts } from "../accounts/authenticate.ts";
import { type ResolvedAccount, receivedProfile, resolveAccount } from "../accounts/resolve-account.ts";
import { summariesOf } from "../attachments/follow-summaries.ts";
import { ALL_COMMENTS } from "../comments/all-comments.ts";
import { allCommentsToFollow } from "../comments/follow-comments.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader, Upstream } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { readPubsubIri } from "../pubsub/pubsub-iri.ts";
import { type FollowedPlace, followedPlace, followLists } from "./follow-lists.ts";
import { type FollowedAccount, followedAccount } from "./list-follows.ts";
import { newUpstream } from "./new-upstream.ts";
import { followListGraph } from "./read-follow-list.ts";
import { subscribeUpstream } from "./subscribe-upstream.ts";

/**
 * Makes the requester's account follow another: finds it, keeps the follow and the followed profile as documents,
 * and subscribes this hub to its PubsubNode unless it already is. The backfill goes on afterwards.
 */
export async function followAccount(
  hub: HubPorts,
  by: Requester,
  target: string,
  signal?: AbortSignal,
): Promise<FollowedAccount | Refusal> {
  if (by.kind !== "account") return onlyAccounts(by, "follow accounts");
  const found = await resolveAccount(hub, target, signal);
  if (isRefusal(found)) return found;
  const followed = found.kind === "local" ? found.iri : found.profile.account;
  if (followed === by.iri) return refuse("invalid", "Expected another account to follow, but this is your own.");
  const upstream = found.kind === "local" ? undefined : newUpstream(hub, found);
  if (isRefusal(upstream)) return upstream;
  const document = followDocument(hub, by, followed);
  const bad = hub.shapes.check("follow", document.quads, by.iri);
  if (bad !== undefined) return bad;
  const kept = await hub.records.transact((reader) => {
    const changes: RecordChange[] = [{ kind: "document-put", document }];
    if (found.kind === "remote") {
      changes.push({ kind: "document-put", document: receivedProfile(hub, found) });
      if (upstream !== undefined && reader.upstream(followed) === undefined)
        changes.push({ kind: "upstream-put", upstream }, ...allCommentsToFollow(hub, reader, upstream));
    }
    const more = placeOf(hub, found, upstream);
    changes.push(...followLists(hub, reader, by.account, hub.now(), { more }));
    return { changes, result: undefined };
  });
  if (isRefusal(kept)) return kept;
  if (upstream !== undefined) {
    await subscribeUpstream(hub, followed, signal);
    hub.catchUpSoon(followed, "followed");
    const comments = hub.records.reader.upstreamOf(upstream.service, ALL_COMMENTS);
    if (comments !== undefined) hub.catchUpSoon(comments.account, "followed");
  }
  return followedAccount(hub, followed);
}

/** Ends a follow; when nobody here follows the account any more, the hub's Subscription ends too. What came stays. */
export async function unfollowAccount(
  hub: HubPorts,
  by: Requester,
  target: string,
): Promise<{ readonly account: Iri } | Refusal> {
  if (by.kind !== "account") return onlyAccounts(by, "follow accounts");
  const followed = await whomToUnfollow(hub, by.iri, target);
  if (isRefusal(followed)) return followed;
  const graph = followDocument(hub, by, followed).graph;
  const ended = await hub.records.transact((reader) => {
    if (reader.document(graph)?.kind !== "live") {
      return refuse("not-found", `Expected an account that "${by.account.name}" follows, but ${followed} is none.`);
    }
    const others = reader
      .accounts()
      .some(({ name }) => name !== by.account.name && isFollow(reader, followGraph(hub, name, followed)));
    const upstream = others ? undefined : reader.upstream(followed);
    const comments = upstream && reader.upstreamOf(upstream.service, ALL_COMMENTS);
    const summaries = upstream && summariesOf(reader, upstream);
    const left = [upstream, comments, summaries].filter((each) => each !== undefined);
    const changes = left.map(({ account }) => ({ kind: "upstream-removed", account }) as const);
    const list = upstream && followListGraph(upstream);
    const forgotten = list !== undefined && reader.document(list)?.kind === "live" ? [list] : [];
    const dropped = [graph, ...forgotten].map((each) => ({ kind: "document-dropped", graph: each }) as const);
    const lists = followLists(hub, reader, by.account, hub.now(), { less: followed });
    return { changes: [...dropped, ...changes, ...lists], result: left };
  });
  if (isRefusal(ended)) return ended;
  for (const { service, node, subid } of ended) await hub.xmpp.unsubscribe(service, node, subid);
  return { account: followed };
}

function isFollow(reader: RecordReader, graph: Iri): boolean {
  return reader.document(graph)?.kind === "live";
}

/** Where an account that was just found publishes. */
function placeOf(hub: HubPorts, found: ResolvedAccount, upstream: Upstream | undefined): FollowedPlace | undefined {
  if (found.kind === "local") return followedPlace(hub, hub.records.reader, found.iri);
  const { displayName } = found.profile;
  if (upstream === undefined) return undefined;
  const { service, node } = upstream;
  return { jid: service, node, ...(displayName === undefined ? {} : { title: displayName }) };
}

/** The followed account meant, by what is already known where possible, so that one that is gone can be left. */
async function whomToUnfollow(hub: HubPorts, follower: Iri, target: string): Promise<Iri | Refusal> {
  const list = hub.records.reader.list({
    scope: { kind: "authors", authors: [follower], documentKind: "follow" },
    audience: follower,
    limit: 1_000,
  }).documents;
  const jid = readPubsubIri(target)?.jid ?? target.replace(/^(acct:|@)/i, "");
  for (const document of list) {
    const followed = document.quads[0]?.object.value ?? "";
    const known = isIri(followed) ? followedAccount(hub, followed) : undefined;
    if (
      known !== undefined &&
      [known.account, known.profile, known.jid, known.displayName].some((name) => name === jid)
    ) {
      return known.account;
    }
    if (isIri(followed) && followed === target) return followed;
  }
  const found = await resolveAccount(hub, target);
  if (isRefusal(found)) return found;
  return found.kind === "local" ? found.iri : found.profile.account;
}

/** The document that says that an account of this hub follows another. */
export function followGraph(hub: HubPorts, name: AccountName, followed: Iri): Iri {
  return `${accountIris(hub.identity.base, name).following}/${hub.hash(followed).slice(0, 16)}` as Iri;
}

function followDocument(hub: HubPorts, by: Requester & { readonly kind: "account" }, followed: Iri): Document {
  const iris = accountIris(hub.identity.base, by.account.name);
  const now = hub.now();
  return {
    graph: followGraph(hub, by.account.name, followed),
    kind: "follow",
    audience: by.account.privateFollows === true ? { only: by.iri } : "public",
    origin: { kind: "own" },
    author: by.iri,
    container: iris.following,
    created: now,
    received: now,
    quads: followToQuads(by.iri, followed),
  };
}
