import { type Refusal, refuse } from "../../outcome/refusal.ts";
import { type CopiesStatus, copiesStatus } from "../copies/keep-copies.ts";
import { isMicroblog } from "../following/new-upstream.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { QueryStoreStatus, QueryWorkerStatus } from "../ports/queries.ts";
import type { RecordReader, Upstream } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import type { StanzaCounts } from "../ports/xmpp-link.ts";
import { type WatchesStatus, watchesStatus } from "../watches/watch-status.ts";

/** How the hub is doing, as plain JSON. */
export interface HubStatus {
  readonly base: string;
  readonly title: string;
  readonly accounts: number;
  readonly documents: number;
  readonly posts: number;
  readonly quads: number;
  /** Where queries are answered by a store outside of the hub's process. */
  readonly store?: QueryStoreStatus;
  readonly xmpp: HubPorts["xmpp"]["status"] & {
    readonly domain: string;
    /** Stanzas that were not taken in. */
    readonly keptOut?: StanzaCounts;
  };
  /** The process that answers ad-hoc queries, where there is one. */
  readonly queries?: QueryWorkerStatus;
  readonly outbox: { readonly queued: number; readonly next?: string };
  /** Posts on their way into the microblogs of people's own JIDs: the asker's, all for the owner. */
  readonly copies: readonly CopiesStatus[];
  /** Standing queries and their webhooks: the asker's, all for the owner. */
  readonly watches: WatchesStatus;
  /** Hosts that give no answer, and, for the owner, people to whom nothing is sent since nobody is there. */
  readonly destinations: readonly {
    readonly name: string;
    readonly state: string;
    readonly since: string;
    readonly problem: string;
    readonly attempts: number;
    readonly nextAttempt?: string;
  }[];
  readonly upstreams: readonly {
    readonly account: string;
    readonly jid: string;
    readonly state: string;
    readonly problem?: string;
    readonly backfilled: number;
    readonly backfillDone: boolean;
    readonly caughtUpTo?: string;
    readonly nextAttempt: string;
  }[];
}

/** The hub's state for its accounts and its owner. */
export function hubStatus(hub: HubPorts, by: Requester): HubStatus | Refusal {
  if (by.kind === "anonymous") {
    return refuse(
      "unauthenticated",
      "Expected a token to ask for the status, but none was sent; see /health for what is public.",
    );
  }
  const { reader } = hub.records;
  return {
    base: hub.identity.base,
    title: hub.identity.title,
    accounts: reader.accounts().length,
    documents: reader.count({ kind: "all" }),
    posts: reader.count({ kind: "all", documentKind: "post" }),
    quads: hub.quads.size,
    ...(hub.queries.store === undefined ? {} : { store: hub.queries.store }),
    xmpp: {
      ...hub.xmpp.status,
      domain: hub.identity.domain,
      ...(hub.xmpp.counts === undefined ? {} : { keptOut: hub.xmpp.counts }),
    },
    ...(hub.queries.worker === undefined ? {} : { queries: hub.queries.worker }),
    outbox: reader.outbox(),
    watches: watchesStatus(hub, by),
    copies: copiesStatus(hub, by),
    destinations: troubled(reader, by),
    upstreams: accountsOf(reader).map((upstream) => ({
      account: upstream.account,
      jid: upstream.service,
      state: upstream.state,
      ...(upstream.problem === undefined ? {} : { problem: upstream.problem }),
      backfilled: upstream.backfill.fetched,
      backfillDone: upstream.backfill.done,
      ...(upstream.caughtUpTo === undefined ? {} : { caughtUpTo: upstream.caughtUpTo }),
      nextAttempt: upstream.nextAttempt,
    })),
  };
}

/** LIMIT: destinations shown, by name. */
const DESTINATIONS_MAX = 200;

function troubled(reader: RecordReader, by: Requester): HubStatus["destinations"] {
  const shown = by.kind === "owner" ? ["down", "draining", "left", "suspended"] : ["down", "draining", "left"];
  return reader
    .destinations()
    .filter(({ state }) => shown.includes(state))
    .slice(0, DESTINATIONS_MAX)
    .map(({ name, state, since, problem, attempts, nextAttempt }) => ({
      name,
      state,
      since,
      problem: problem ?? "no receipt came",
      attempts,
      ...(state === "suspended" ? {} : { nextAttempt }),
    }));
}

/** The upstreams of followed accounts, without the comments of their posts. */
function accountsOf(reader: RecordReader): readonly Upstream[] {
  return reader.upstreams().filter(isMicroblog);
}
