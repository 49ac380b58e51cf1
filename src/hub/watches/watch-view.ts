import type { Account } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { ownAccount } from "../accounts/authenticate.ts";
import { noAccount } from "../following/list-follows.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { maySee, type Requester } from "../ports/requester.ts";
import type { Watch, WatchPlace } from "../ports/standing.ts";
import { type HookView, hookViews } from "./hooks/hook-view.ts";
import { watchIri, watchNode, watchService } from "./watch-entry.ts";

/** A watch as people see it. */
export interface WatchView extends Pick<Watch, "name" | "query" | "isPublic" | "created" | "problem" | "stopped"> {
  /** Its address: a page and a feed. */
  readonly iri: Iri;
  readonly service: string;
  readonly node: string;
  readonly answers: number;
  /** For its account alone. */
  readonly hooks?: readonly HookView[];
}

/** A watch for whoever may read it; with its hooks for its account. */
export function viewWatch(hub: HubPorts, watch: Watch, by: Requester, answers?: number): WatchView {
  const { reader } = hub.records;
  const { name, query, isPublic, created, problem, stopped } = watch;
  const hooks = by.kind === "account" && by.account.name === watch.account ? hookViews(reader, watch) : [];
  return {
    name,
    query,
    isPublic,
    created,
    iri: watchIri(hub, watch),
    service: watchService(hub),
    node: watchNode(watch),
    answers: answers ?? reader.watchAnswerCount(watch),
    ...(hooks.length === 0 ? {} : { hooks }),
    ...(problem === undefined ? {} : { problem }),
    ...(stopped === undefined ? {} : { stopped }),
  };
}

/** The account's own watches, by name. */
export function listWatches(hub: HubPorts, by: Requester, account: string): readonly WatchView[] | Refusal {
  const own = ownAccount(hub, by, account);
  if (isRefusal(own)) return own;
  return hub.records.reader.watches(own.account.name).map((watch) => viewWatch(hub, watch, by));
}

/** A watch that the requester may read. Refuses with `not-found`. */
export function readableWatch(hub: HubPorts, by: Requester, account: string, name: string): Watch | Refusal {
  const watch = hub.records.reader.watch({ account: account as Account["name"], name });
  return watch !== undefined && mayRead(hub, by, watch) ? watch : noWatch(name);
}

/** The watches of an account that the requester may read, by name. Refuses with `not-found` where there is no account. */
export function readableWatches(hub: HubPorts, by: Requester, account: string): readonly WatchView[] | Refusal {
  const found = hub.records.reader.account(account as Account["name"]);
  if (found === undefined) return noAccount(account);
  const watches = hub.records.reader.watches(found.name).filter((watch) => mayRead(hub, by, watch));
  return watches.map((watch) => viewWatch(hub, watch, by));
}

function mayRead(hub: HubPorts, by: Requester, { account, isPublic }: Watch): boolean {
  return maySee(by, { audience: isPublic ? "public" : { only: accountIris(hub.identity.base, account).account } });
}

/** A watch as text, for the index of standing queries. */
export function watchId({ account, name }: WatchPlace): string {
  return `${account}/${name}`;
}

/** That there is no such watch. */
export function noWatch(name: string): Refusal {
  return refuse("not-found", `Expected a standing query, but there is none with the name "${name.slice(0, 80)}" here.`);
}
