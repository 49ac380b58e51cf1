import type { Account, AccountIris } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";

/** LIMIT: the longest token looked at, in characters. */
const TOKEN_LENGTH_MAX = 256;

/** Who holds `token`: nobody for none, `unauthenticated` for one that is not known. */
export function authenticate(hub: HubPorts, token: string | undefined): Requester | Refusal {
  if (token === undefined) return { kind: "anonymous" };
  const record = token.length > TOKEN_LENGTH_MAX ? undefined : hub.records.reader.token(hub.hash(token));
  if (record === undefined) {
    return refuse(
      "unauthenticated",
      "Expected a token of this hub, but the one sent is not known here; log in again with `sterna login`.",
    );
  }
  if (record.holder.kind === "owner") return { kind: "owner" };
  const account = hub.records.reader.account(record.holder.name);
  if (account === undefined) {
    return refuse("unauthenticated", `The account "${record.holder.name}" of this token is no longer on this hub.`);
  }
  return { kind: "account", account, iri: accountIris(hub.identity.base, account.name).account };
}

/** The account `name`, when it is the requester's own; otherwise why not. */
export function ownAccount(
  hub: HubPorts,
  by: Requester,
  name: string,
): { readonly account: Account; readonly iris: AccountIris } | Refusal {
  if (by.kind === "account" && by.account.name === name) {
    return { account: by.account, iris: accountIris(hub.identity.base, by.account.name) };
  }
  if (by.kind === "anonymous") {
    return refuse(
      "unauthenticated",
      `Expected the token of "${name}", but none was sent; log in with \`sterna login\`.`,
    );
  }
  const came = by.kind === "owner" ? "the hub owner's" : `that of "${by.account.name}"`;
  return refuse("forbidden", `Expected the token of "${name}", but got ${came}; only the account itself may do this.`);
}

/** Why who asks cannot do what only accounts do: `only accounts ${what}`. */
export function onlyAccounts(by: Exclude<Requester, { readonly kind: "account" }>, what: string): Refusal {
  return by.kind === "owner"
    ? refuse("forbidden", `Expected an account's token, but got the hub owner's; only accounts ${what}.`)
    : refuse("unauthenticated", "Expected an account's token, but none was sent; log in with `sterna login`.");
}

/** Refuses everybody but the hub's owner. */
export function requireOwner(by: Requester, what: string): undefined | Refusal {
  if (by.kind === "owner") return undefined;
  const code = by.kind === "anonymous" ? "unauthenticated" : "forbidden";
  return refuse(code, `Only the hub's owner may ${what}; use the token in the data folder's file "owner-token".`);
}
