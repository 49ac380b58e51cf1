import { ownAccount } from "../../hub/accounts/authenticate.ts";
import { followAccount, unfollowAccount } from "../../hub/following/follow-account.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { missingField, readFields, readJson } from "../body.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";

/** `POST /{name}/following`: follows `{target}`. */
export async function postFollow(exchange: Exchange): Promise<Answer | Refusal> {
  const { hub, by, params, gone } = exchange;
  const own = ownAccount(hub, by, params["name"] ?? "");
  if (isRefusal(own)) return own;
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { target: "text" });
  if (isRefusal(fields)) return fields;
  if (fields.target === undefined) return missingField("target");
  const followed = await followAccount(hub, by, fields.target, gone);
  return isRefusal(followed) ? followed : jsonAnswer(followed, 201);
}

/** `DELETE /{name}/following?target=…`: ends a follow. */
export async function deleteFollow({ hub, by, params, query }: Exchange): Promise<Answer | Refusal> {
  const own = ownAccount(hub, by, params["name"] ?? "");
  if (isRefusal(own)) return own;
  const target = query.get("target");
  if (target === null || target === "") {
    return refuse("invalid", "Expected ?target= with the account to leave, but it is missing.");
  }
  const left = await unfollowAccount(hub, by, target);
  return isRefusal(left) ? left : jsonAnswer(left);
}
