import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";
import { watchId } from "./watch-view.ts";

/** LIMIT: watches and webhooks that are named. */
const NAMED_MAX = 200;

/** How the standing queries are: the asker's, all for the owner. */
export interface WatchesStatus {
  readonly kept: number;
  readonly stopped: readonly { readonly watch: string; readonly since?: string; readonly problem: string }[];
  readonly webhooks: number;
  /** Those whose last attempt was not taken. */
  readonly failing: readonly {
    readonly watch: string;
    /** Without its path, which may be a secret. */
    readonly to: string;
    readonly since: string;
    readonly queued: number;
    readonly dropped: number;
    readonly last: string;
    readonly nextAttempt: string;
  }[];
}

/** How the standing queries and their webhooks are, for their account or the hub's owner. */
export function watchesStatus({ records: { reader } }: HubPorts, by: Requester): WatchesStatus {
  const account = by.kind === "account" ? by.account.name : undefined;
  const watches = reader.watches(account);
  const hooks = reader.hooks(account === undefined ? {} : { account });
  const stopped = watches.flatMap((watch) => {
    const { problem, stopped: since } = watch;
    if (problem === undefined) return [];
    return [{ watch: watchId(watch), ...(since === undefined ? {} : { since }), problem }];
  });
  const failing = hooks.flatMap((hook) => {
    const { failingSince, url, last, dropped, nextAttempt } = hook;
    if (failingSince === undefined) return [];
    const { queued } = reader.hookQueue(hook.id);
    const how = { since: failingSince, queued, dropped, last: last?.outcome ?? "", nextAttempt };
    return [{ watch: watchId(hook), to: new URL(url).origin, ...how }];
  });
  return {
    kept: watches.length,
    stopped: stopped.slice(0, NAMED_MAX),
    webhooks: hooks.length,
    failing: failing.slice(0, NAMED_MAX),
  };
}
