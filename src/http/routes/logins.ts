import { beginLogin, endLogin } from "../../hub/accounts/jid-login.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { askerAddress } from "../asker-address.ts";
import { missingField, readFields, readJson } from "../body.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";

/** LIMIT: how long one request waits for a person. */
const WAIT_MS = 25_000;

/** `POST /api/logins`: asks the person at `{jid}` to confirm a login (XEP-0070); what came of it is at its location. */
export async function postLogin(exchange: Exchange): Promise<Answer | Refusal> {
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { jid: "text", account: "text" });
  if (isRefusal(fields)) return fields;
  const { jid, account } = fields;
  if (jid === undefined) return missingField("jid");
  const begun = beginLogin(exchange.hub, jid, {
    ...askerAddress(exchange.request),
    ...(account === undefined ? {} : { account }),
  });
  if (isRefusal(begun)) return begun;
  const { hub } = exchange;
  return jsonAnswer(begun, 202, { location: `${hub.identity.base}api/logins/${encodeURIComponent(begun.login)}` });
}

/** `POST /api/logins/{login}`: waits for the person; 201 with the token, once, or 202 when it is to be asked again. */
export async function postLoginEnd({ hub, params, gone, closing }: Exchange): Promise<Answer | Refusal> {
  const signal = AbortSignal.any([gone, closing, AbortSignal.timeout(WAIT_MS)]);
  const ended = await endLogin(hub, params["login"] ?? "", signal);
  if (ended === "waiting") return jsonAnswer({ state: "waiting" }, 202);
  return isRefusal(ended) ? ended : jsonAnswer(ended, 201);
}
