import { type Feed, feedToXml } from "../../atom/feed.ts";
import type { Account, AccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { noAccount } from "../../hub/following/list-follows.ts";
import { describeResource } from "../../hub/pages/describe-resource.ts";
import type { Description } from "../../hub/pages/description.ts";
import type { HubPorts } from "../../hub/ports/hub-ports.ts";
import { entryOfPost } from "../../hub/posts/publish-post.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Answer, Exchange } from "../exchange.ts";
import { pageWish } from "./page.ts";

/** LIMIT: deleted entries named by a feed, and tombstones looked through for them. */
const DELETED_MAX = 50;
const TOMBSTONES_MAX = 2_000;

/** `GET /{name}/feed.atom`: the account's posts (RFC 4287) in pages (RFC 5005 §3), the same entries as over XMPP. */
export async function getFeed(exchange: Exchange): Promise<Answer | Refusal> {
  const { hub, by, params, query, version } = exchange;
  const name = params["name"] ?? "";
  const account = hub.records.reader.account(name as AccountName);
  if (account === undefined) return noAccount(name);
  const wish = pageWish(query);
  if (isRefusal(wish)) return wish;
  const { container } = accountIris(hub.identity.base, account.name);
  const page = await describeResource(hub, by, container, wish);
  if (isRefusal(page)) return page;
  const xml = feedToXml(feedOf(hub, account, page, { query, version }));
  return { type: "application/atom+xml; charset=utf-8", body: xml };
}

function feedOf(
  hub: HubPorts,
  account: Account,
  page: Description,
  { query, version }: Pick<Exchange, "query" | "version">,
): Feed {
  const iris = accountIris(hub.identity.base, account.name);
  const entries = page.posts.map(({ post }) => {
    const stored = hub.records.reader.document(post.iri);
    return entryOfPost(hub, account, post, stored?.kind === "live" ? stored.document.quads : []);
  });
  const newest = page.newer === undefined;
  const deleted = newest ? deletedSince(hub, iris.account, entries.at(-1)?.updated ?? "") : [];
  const updated = [
    account.created as string,
    ...entries.map((entry) => entry.updated),
    ...deleted.map(({ when }) => when),
  ];
  const limit = query.get("limit");
  const at = (wish: Readonly<Record<string, string>>): string => {
    const parameters = new URLSearchParams({ ...wish, ...(limit === null ? {} : { limit }) }).toString();
    return parameters === "" ? iris.feed : `${iris.feed}?${parameters}`;
  };
  const here = ["before", "after"].flatMap((side) => (query.has(side) ? [[side, query.get(side) ?? ""]] : []));
  return {
    id: iris.container,
    title: account.displayName,
    updated: updated.reduce((one, other) => (one > other ? one : other)),
    selfHref: at(Object.fromEntries(here) as Record<string, string>),
    alternateHref: iris.profile,
    authorName: account.displayName,
    authorUri: iris.profile,
    entries,
    deleted,
    firstHref: at({}),
    ...(page.newer === undefined ? {} : { previousHref: at({ after: page.newer }) }),
    ...(page.older === undefined ? {} : { nextHref: at({ before: page.older }) }),
    generatorVersion: version,
  };
}

/** What was deleted since the page's oldest entry (RFC 6721), newest first. */
function deletedSince(hub: HubPorts, author: Description["subject"], since: string) {
  const found: { readonly ref: string; readonly when: string }[] = [];
  let read = 0;
  for (const { graph, deleted, kind } of hub.records.reader.everyTombstone({ author })) {
    if (kind === "post" && deleted >= since) found.push({ ref: graph, when: deleted });
    if (++read === TOMBSTONES_MAX) break;
  }
  return found.sort((a, b) => (a.when < b.when ? 1 : -1)).slice(0, DELETED_MAX);
}
