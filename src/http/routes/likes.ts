import { ownAccount } from "../../hub/accounts/authenticate.ts";
import { type LikeWish, likePost, unlikePost } from "../../hub/posts/like-post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { missingField, readFields, readJson } from "../body.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";

/** `POST /{name}/likes`: likes `{post}`, or reacts to it `with` an emoji. */
export async function postLike(exchange: Exchange): Promise<Answer | Refusal> {
  const { hub, by, params, gone } = exchange;
  const own = ownAccount(hub, by, params["name"] ?? "");
  if (isRefusal(own)) return own;
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { post: "text", with: "text" });
  if (isRefusal(fields)) return fields;
  if (fields.post === undefined) return missingField("post");
  const liked = await likePost(hub, by, fields.post, wishOf(fields.with), gone);
  return isRefusal(liked) ? liked : jsonAnswer(liked, 201);
}

/** `DELETE /{name}/likes?post=…&with=…`: takes a like back, or the reaction with that emoji. */
export async function deleteLike({ hub, by, params, query, gone }: Exchange): Promise<Answer | Refusal> {
  const own = ownAccount(hub, by, params["name"] ?? "");
  if (isRefusal(own)) return own;
  const post = query.get("post");
  if (post === null || post === "") {
    return refuse("invalid", "Expected ?post= with the post that is no longer liked, but it is missing.");
  }
  const left = await unlikePost(hub, by, post, wishOf(query.get("with") ?? undefined), gone);
  return isRefusal(left) ? left : jsonAnswer(left);
}

function wishOf(emoji: string | undefined): LikeWish {
  return emoji === undefined ? {} : { with: emoji };
}
