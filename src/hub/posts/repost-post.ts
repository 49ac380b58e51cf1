import type { AccountName } from "../../core/account.ts";
import { accountIris, accountNameIn } from "../../core/hub-iris.ts";
import { type Post, postFromQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { sterna } from "../../vocab/sterna.ts";
import { onlyAccounts } from "../accounts/authenticate.ts";
import { fetchPost } from "../following/fetch-post.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { maySee, type Requester } from "../ports/requester.ts";
import { deletePost } from "./delete-post.ts";
import { postAt } from "./item-place.ts";
import { repostBy, repostsOf } from "./original-post.ts";
import { publishPost } from "./publish-post.ts";

/** What became of a repost. */
export interface RepostedPost {
  /** The post that was passed on, and the one that passes it on. */
  readonly post: Iri;
  readonly repost: Iri;
  /** How many accounts pass the post on, as far as this hub knows. */
  readonly reposts: number;
}

/**
 * Passes a post on to the followers of the requester's account, in its own words and with its author's name: a post of
 * its own (`sterna:repostOf`), so that it is pushed, listed and deleted as all are. A post on XMPP that is not here is
 * fetched first; what is a repost itself is passed on by what it passes on. To repost twice changes nothing.
 */
export async function repostPost(
  hub: HubPorts,
  by: Requester,
  target: string,
  signal?: AbortSignal,
): Promise<RepostedPost | Refusal> {
  if (by.kind !== "account") return onlyAccounts(by, "repost posts");
  const original = await originalAt(hub, by, target, signal);
  if (isRefusal(original)) return original;
  const { iri, text, language, xhtml } = original;
  const draft = {
    text,
    repostOf: iri,
    ...(language === undefined ? {} : { language }),
    ...(xhtml === undefined ? {} : { xhtml }),
  };
  const published = await publishPost(hub, by, by.account.name, draft);
  if (!isRefusal(published)) return reposted(hub, iri, published.iri);
  const again = published.code === "conflict" ? repostBy(hub.records.reader, by.iri, iri) : undefined;
  return again === undefined ? published : reposted(hub, iri, again);
}

/** Takes a repost back: `target` is what was passed on, or the repost. Refuses with `not-found` when there is none. */
export async function unrepostPost(hub: HubPorts, by: Requester, target: string): Promise<RepostedPost | Refusal> {
  if (by.kind !== "account") return onlyAccounts(by, "repost posts");
  const iri = isIri(target) ? postAt(hub, target) : undefined;
  const post = (iri && passedOnBy(hub, iri)) ?? iri;
  const repost = post === undefined ? undefined : repostBy(hub.records.reader, by.iri, post);
  if (post === undefined || repost === undefined) {
    return refuse(
      "not-found",
      `Expected a post that "${by.account.name}" passes on, but "${target.slice(0, 200)}" is none.`,
    );
  }
  const deleted = await deletePost(hub, by, repost);
  return isRefusal(deleted) ? deleted : reposted(hub, post, repost);
}

/**
 * Ends this hub's reposts of posts that are deleted: what their authors took back is not said on by others. They are
 * deleted as by their accounts, so that they are taken back everywhere and their tombstones stay.
 */
export function endRepostsOfDeleted(hub: HubPorts, signal: AbortSignal): void {
  const { records } = hub;
  const stop = records.onCommit(({ changes }) => {
    for (const { graph, before, after } of changes) {
      const gone = after === undefined && before?.kind === "post";
      if (!gone || records.reader.document(graph)?.kind !== "tombstone") continue;
      for (const { repost, account } of repostsOf(records.reader, graph)) {
        endRepost(hub, repost, account).catch((fault: unknown) =>
          hub.log.error({ repost, fault: String(fault) }, "repost-not-ended"),
        );
      }
    }
  });
  signal.addEventListener("abort", stop, { once: true });
}

/** LIMIT: own posts that are looked through at a time for reposts whose end was missed. */
const SWEPT_MAX = 1_000;
/** Up to where they were looked through; the next look goes on there, and begins anew after the oldest. */
const SWEPT_KEY = "reposts-swept";

/**
 * Ends reposts of what is deleted that {@link endRepostsOfDeleted} did not come to, for the process ended in between.
 * Looks through a part of the own posts, the next part the next time. Returns how many it ended.
 */
export async function endMissedReposts(hub: HubPorts): Promise<number> {
  const { reader } = hub.records;
  const from = reader.meta(SWEPT_KEY) ?? "";
  const scope = { kind: "all", documentKind: "post", origin: "own" } as const;
  const { documents, older = "" } = reader.list({
    scope,
    limit: SWEPT_MAX,
    ...(from === "" ? {} : { olderThan: from }),
  });
  let ended = 0;
  for (const { graph, author, quads } of documents) {
    const original = quads.find(
      (each) => each.subject.value === graph && each.predicate.equals(sterna.repostOf),
    )?.object;
    if (original === undefined || author === undefined || !isIri(original.value)) continue;
    if (reader.document(original.value)?.kind !== "tombstone") continue;
    await endRepost(hub, graph, author);
    ended++;
  }
  if (older !== from) {
    await hub.records.transact(() => ({
      changes: [{ kind: "meta-put", key: SWEPT_KEY, value: older }],
      result: undefined,
    }));
  }
  return ended;
}

async function endRepost(hub: HubPorts, repost: Iri, iri: Iri): Promise<void> {
  const account = hub.records.reader.account((accountNameIn(hub.identity.base, iri) ?? "") as AccountName);
  if (account === undefined) return;
  const by = { kind: "account", account, iri: accountIris(hub.identity.base, account.name).account } as const;
  const ended = await deletePost(hub, by, repost);
  if (isRefusal(ended)) hub.log.warn({ repost, code: ended.code, reason: ended.message }, "repost-not-ended");
}

function reposted(hub: HubPorts, post: Iri, repost: Iri): RepostedPost {
  const scope = { kind: "reference", reference: "repost-of", target: post } as const;
  return { post, repost, reposts: hub.records.reader.count(scope) };
}

/** The post to pass on: the one at an address, or what that one passes on in turn. */
async function originalAt(
  hub: HubPorts,
  by: Requester,
  target: string,
  signal: AbortSignal | undefined,
): Promise<Post | Refusal> {
  const named = isIri(target) ? postAt(hub, target) : undefined;
  const here = named === undefined ? undefined : postHere(hub, by, named);
  if (here !== undefined && !(isRefusal(here) && here.code === "not-found")) return here;
  const fetched = await fetchPost(hub, (named && passedOnBy(hub, named)) ?? target, signal);
  if (isRefusal(fetched)) return fetched;
  return postHere(hub, by, fetched) ?? refuse("not-found", `Expected a post, but ${fetched} is none.`);
}

function postHere(hub: HubPorts, by: Requester, named: Iri): Post | Refusal | undefined {
  const iri = passedOnBy(hub, named) ?? named;
  const stored = hub.records.reader.document(iri);
  if (stored?.kind === "tombstone") return refuse("gone", `The post ${iri} was deleted.`);
  if (stored === undefined || stored.document.kind !== "post" || !maySee(by, stored.document)) return undefined;
  return postFromQuads(stored.document.quads, iri);
}

/** What the post `iri` passes on. */
function passedOnBy(hub: HubPorts, iri: Iri): Iri | undefined {
  const stored = hub.records.reader.document(iri);
  if (stored?.kind !== "live" || stored.document.kind !== "post") return undefined;
  const post = postFromQuads(stored.document.quads, iri);
  return isRefusal(post) ? undefined : post.repostOf;
}
