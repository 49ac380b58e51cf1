import { accountIris } from "../../core/hub-iris.ts";
import { createAccount, issueToken, updateAccount } from "../../hub/accounts/create-account.ts";
import { endLink, startLink } from "../../hub/accounts/link-jid.ts";
import { copyTo, placeForCopies } from "../../hub/copies/set-also-at.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { missingField, readFields, readJson } from "../body.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";

const PROFILE_FIELDS = {
  displayName: "text",
  bio: "text",
  homepage: "text",
  image: "text",
  language: "text",
  linkedJids: "texts",
  privateFollows: "flag",
} as const;

/** `POST /api/accounts`: a new account with its first token, for the hub's owner. */
export async function postAccount(exchange: Exchange): Promise<Answer | Refusal> {
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { name: "text", ...PROFILE_FIELDS });
  if (isRefusal(fields)) return fields;
  const { name, ...profile } = fields;
  if (name === undefined) return missingField("name");
  const made = await createAccount(exchange.hub, exchange.by, { name, ...profile });
  if (isRefusal(made)) return made;
  const { account, iri, token } = made;
  const location = accountIris(exchange.hub.identity.base, account.name).profile;
  return jsonAnswer({ name: account.name, iri, jid: account.jid, token }, 201, { location });
}

/**
 * `PATCH /api/accounts/{name}`: what an account says of itself, and in whose microblog its posts stand too (`alsoAt`);
 * an empty text takes a field away.
 */
export async function patchAccount(exchange: Exchange): Promise<Answer | Refusal> {
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const wanted = readFields(body, { ...PROFILE_FIELDS, alsoAt: "text" });
  if (isRefusal(wanted)) return wanted;
  const { alsoAt, ...fields } = wanted;
  const { hub, by, params } = exchange;
  const name = params["name"] ?? "";
  // Both are found good before either is done.
  const place = alsoAt === undefined ? undefined : await placeForCopies(hub, by, name, alsoAt);
  if (isRefusal(place)) return place;
  const updated = await updateAccount(hub, by, name, fields);
  if (isRefusal(updated)) return updated;
  const account = place === undefined ? updated : await copyTo(hub, place);
  if (isRefusal(account)) return account;
  return jsonAnswer({ iri: accountIris(exchange.hub.identity.base, account.name).account, ...account });
}

/** `POST /api/accounts/{name}/links`: a code goes to `{jid}`; sent back from there, or here as `code`, it links it. */
export async function postLink(exchange: Exchange): Promise<Answer | Refusal> {
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { jid: "text", code: "text" });
  if (isRefusal(fields)) return fields;
  const { hub, by, params } = exchange;
  const { jid, code } = fields;
  if (jid === undefined) return missingField("jid");
  if (code !== undefined) {
    const linked = await endLink(hub, by, params["name"] ?? "", jid, code);
    return isRefusal(linked) ? linked : jsonAnswer(linked, 201);
  }
  const sent = await startLink(hub, by, params["name"] ?? "", jid);
  return isRefusal(sent) ? sent : jsonAnswer(sent, 202);
}

/** `POST /api/tokens`: one more token, for the account itself, for `{account}` by the owner, or for the owner. */
export async function postToken(exchange: Exchange): Promise<Answer | Refusal> {
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { label: "text", account: "text" });
  if (isRefusal(fields)) return fields;
  const { by, hub } = exchange;
  const name = fields.account ?? (by.kind === "account" ? by.account.name : undefined);
  const holder = name === undefined ? ({ kind: "owner" } as const) : ({ kind: "account", name } as const);
  const token = await issueToken(hub, by, holder, fields.label ?? "");
  return isRefusal(token) ? token : jsonAnswer({ token }, 201);
}

/** `GET /api/me`: who the token is. */
export function getMe({ by, hub }: Exchange): Answer | Refusal {
  const { base } = hub.identity;
  if (by.kind === "owner") return jsonAnswer({ kind: "owner", base });
  if (by.kind === "account") {
    return jsonAnswer({ kind: "account", name: by.account.name, iri: by.iri, base, jid: by.account.jid });
  }
  return refuse("unauthenticated", "Expected a token, but none was sent; log in with `sterna login`.");
}
