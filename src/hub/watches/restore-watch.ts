import type { AccountName } from "../../core/account.ts";
import { accountIris, accountNameIn } from "../../core/hub-iris.ts";
import type { WatchFacts } from "../../core/import/watch-description.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import type { Watch } from "../ports/standing.ts";
import { hookUrl, newHook, whyNoMoreHooks } from "./hooks/manage-hooks.ts";
import { addWatch } from "./manage-watches.ts";
import { watchIri } from "./watch-entry.ts";

/** A watch as an export says it: with its webhooks, without their secrets and without its answers. */
export function watchFacts(hub: HubPorts, watch: Watch): WatchFacts {
  const { name, query, isPublic, created, of } = watch;
  return {
    iri: watchIri(hub, watch),
    account: accountIris(hub.identity.base, watch.account).account,
    name,
    query,
    isPublic,
    created,
    ...(of === undefined ? {} : { of }),
    hooks: hub.records.reader.hooks(watch).map(({ url }) => url),
  };
}

/**
 * Puts a watch of an export back, tried as a new one; its webhooks wait for new secrets. Refuses with `not-found` where
 * there is no such account, `forbidden` but to that account and the hub's owner, `conflict` where another has its name,
 * and as {@link addWatch} does.
 */
export async function restoreWatch(
  hub: HubPorts,
  by: Requester,
  facts: WatchFacts,
): Promise<"stored" | "unchanged" | Refusal> {
  const { base } = hub.identity;
  const account = hub.records.reader.account((accountNameIn(base, facts.account) ?? "") as AccountName);
  if (account === undefined) {
    return refuse(
      "not-found",
      `Expected an account of this hub, but ${facts.account} is none; import its profile first.`,
    );
  }
  const owner = { kind: "account", account, iri: accountIris(base, account.name).account } as const;
  if (by.kind !== "owner" && !(by.kind === "account" && by.account.name === account.name)) {
    return refuse("forbidden", "Only its account and the hub's owner may restore a standing query.");
  }
  const { name, query, isPublic, created, of } = facts;
  const place = { account: account.name, name };
  const present = hub.records.reader.watch(place);
  if (present?.query === query && present.isPublic === isPublic) return "unchanged";
  const question =
    of === undefined ? { query } : { of: of.what, ...(of.about === undefined ? {} : { about: of.about }) };
  const added = await addWatch(hub, owner, account.name, { name, ...question, isPublic, created });
  if (isRefusal(added)) return added;
  const hooked = await hub.records.transact((reader) => {
    const changes: RecordChange[] = [];
    for (const text of new Set(facts.hooks)) {
      const url = hookUrl(hub, text);
      if (isRefusal(url) || whyNoMoreHooks(reader, place, changes.length) !== undefined) continue;
      changes.push({ kind: "hook-put", hook: newHook(hub, place, url) });
    }
    return { changes, result: "stored" as const };
  });
  return hooked;
}
