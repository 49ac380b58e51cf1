import { ownAccount } from "../../hub/accounts/authenticate.ts";
import { repostPost, unrepostPost } from "../../hub/posts/repost-post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { missingField, readFields, readJson } from "../body.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";

/** `POST /{name}/reposts`: passes `{post}` on. */
export async function postRepost(exchange: Exchange): Promise<Answer | Refusal> {
  const { hub, by, params, gone } = exchange;
  const own = ownAccount(hub, by, params["name"] ?? "");
  if (isRefusal(own)) return own;
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { post: "text" });
  if (isRefusal(fields)) return fields;
  if (fields.post === undefined) return missingField("post");
  const reposted = await repostPost(hub, by, fields.post, gone);
  return isRefusal(reposted) ? reposted : jsonAnswer(reposted, 201, { location: reposted.repost });
}

/** `DELETE /{name}/reposts?post=…`: takes a repost back. */
export async function deleteRepost({ hub, by, params, query }: Exchange): Promise<Answer | Refusal> {
  const own = ownAccount(hub, by, params["name"] ?? "");
  if (isRefusal(own)) return own;
  const post = query.get("post");
  if (post === null || post === "") {
    return refuse("invalid", "Expected ?post= with the post that is no longer passed on, but it is missing.");
  }
  const left = await unrepostPost(hub, by, post);
  return isRefusal(left) ? left : jsonAnswer(left);
}
