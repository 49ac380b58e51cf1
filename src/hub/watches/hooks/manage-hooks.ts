import { isRefusal, type Refusal, refuse } from "../../../outcome/refusal.ts";
import { ownAccount } from "../../accounts/authenticate.ts";
import type { HubPorts } from "../../ports/hub-ports.ts";
import type { RecordReader } from "../../ports/records.ts";
import type { Requester } from "../../ports/requester.ts";
import type { WatchPlace } from "../../ports/standing.ts";
import type { WatchHook } from "../../ports/watch-hooks.ts";
import { noWatch } from "../watch-view.ts";
import { type HookView, viewHook } from "./hook-view.ts";

/** LIMIT: hooks of one watch and of one account, and characters of an address. */
export const HOOKS_OF_WATCH_MAX = 5;
const HOOKS_OF_ACCOUNT_MAX = 50;
const URL_LENGTH_MAX = 2_000;
/** LIMIT: bytes of a secret (Standard Webhooks 1.0). */
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;
const SECRET_BYTES = 32;
/** What secrets begin with when people see them. */
const SECRET_PREFIX = "whsec_";

/** A hook that was made, with its secret: told here and never again. */
export interface NewHook extends HookView {
  readonly secret: string;
}

/**
 * Has the answers of a watch POSTed to an address from now on; for an address that is there already the secret is
 * renewed. Without `secret` (`whsec_` and base64 of 24 to 64 bytes) one is made. Refuses with `not-found`, `invalid`,
 * `forbidden` private addresses, `too-many`.
 */
export async function addHook(
  hub: HubPorts,
  by: Requester,
  { account, name }: { readonly account: string; readonly name: string },
  wish: { readonly url: string; readonly secret?: string },
): Promise<NewHook | Refusal> {
  const own = ownAccount(hub, by, account);
  if (isRefusal(own)) return own;
  const url = hookUrl(hub, wish.url);
  if (isRefusal(url)) return url;
  const secret = wish.secret === undefined ? padded(hub.newSecret(SECRET_BYTES)) : readSecret(wish.secret);
  if (isRefusal(secret)) return secret;
  const place = { account: own.account.name, name };
  return await hub.records.transact((reader) => {
    if (reader.watch(place) === undefined) return noWatch(name);
    const present = reader.hooks(place).find((each) => each.url === url);
    const no = present === undefined ? whyNoMoreHooks(reader, place) : undefined;
    if (no !== undefined) return no;
    const hook: WatchHook = { ...(present ?? newHook(hub, place, url)), secret, attempts: 0, nextAttempt: hub.now() };
    const view = viewHook(reader, hook);
    return { changes: [{ kind: "hook-put", hook }], result: { ...view, secret: SECRET_PREFIX + secret } };
  });
}

/** A hook that knows no secret yet. */
export function newHook(hub: HubPorts, { account, name }: WatchPlace, url: string): WatchHook {
  const created = hub.now();
  return { account, name, id: hub.newSecret(9), url, created, attempts: 0, nextAttempt: created, dropped: 0 };
}

/** Ends a hook, named by its id or its address, with what waits for it. Refuses with `not-found`. */
export async function removeHook(
  hub: HubPorts,
  by: Requester,
  { account, name }: { readonly account: string; readonly name: string },
  which: string,
): Promise<{ readonly id: string; readonly url: string } | Refusal> {
  const own = ownAccount(hub, by, account);
  if (isRefusal(own)) return own;
  return await hub.records.transact((reader) => {
    const hooks = reader.hooks({ account: own.account.name, name });
    const meant = URL.parse(which)?.href;
    const found = hooks.find(({ id, url }) => id === which || url === meant);
    if (found === undefined) {
      return refuse("not-found", `Expected a webhook of "${name.slice(0, 80)}", but "${which.slice(0, 120)}" is none.`);
    }
    const { id, url } = found;
    return { changes: [{ kind: "hook-removed", id }], result: { id, url } };
  });
}

/** The address of a hook as it is kept. Refuses with `invalid` and `forbidden`, and `unavailable` without a sender. */
export function hookUrl(hub: HubPorts, text: string): string | Refusal {
  if (hub.hookSender === undefined)
    return refuse("unavailable", "Expected a hub that sends webhooks, but this does not.");
  if (text.length > URL_LENGTH_MAX) {
    return refuse("invalid", `Expected an address of at most ${URL_LENGTH_MAX} characters, but got ${text.length}.`);
  }
  return hub.hookSender.whyNot(text) ?? new URL(text).href;
}

/** Why a watch can have no more hooks; `more` are about to be made. */
export function whyNoMoreHooks(reader: RecordReader, place: WatchPlace, more = 0): Refusal | undefined {
  if (reader.hooks(place).length + more >= HOOKS_OF_WATCH_MAX) {
    return refuse(
      "too-many",
      `Expected at most ${HOOKS_OF_WATCH_MAX} webhooks of one standing query; remove one first.`,
    );
  }
  if (reader.hooks({ account: place.account }).length + more >= HOOKS_OF_ACCOUNT_MAX) {
    return refuse("too-many", `Expected at most ${HOOKS_OF_ACCOUNT_MAX} webhooks of one account; remove one first.`);
  }
  return undefined;
}

function readSecret(text: string): string | Refusal {
  const base64 = text.startsWith(SECRET_PREFIX) ? text.slice(SECRET_PREFIX.length) : text;
  const bytes = Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(base64) && bytes >= SECRET_BYTES_MIN && bytes <= SECRET_BYTES_MAX) return base64;
  return refuse(
    "invalid",
    `Expected a secret as "${SECRET_PREFIX}" and base64 of ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes, but got something else; leave it out to be given one.`,
  );
}

/** Base64url as base64. */
function padded(text: string): string {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return base64.padEnd(Math.ceil(base64.length / 4) * 4, "=");
}
