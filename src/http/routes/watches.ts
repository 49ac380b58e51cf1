import { feedToXml } from "../../atom/feed.ts";
import { addWatch, listWatches, readableWatch, removeWatch } from "../../hub/manage-watches.ts";
import { watchFeed } from "../../hub/watch-feed.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { missingField, readFields, readJson } from "../body.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";

/** `GET /{name}/watches`: the account's own standing queries. */
export function getWatches({ hub, by, params }: Exchange): Answer | Refusal {
  const watches = listWatches(hub, by, params["name"] ?? "");
  return isRefusal(watches) ? watches : jsonAnswer({ watches });
}

/** `POST /{name}/watches`: keeps `{name, query}` open, or one of the program's own (`{name, of, about?}`). */
export async function postWatch(exchange: Exchange): Promise<Answer | Refusal> {
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { name: "text", query: "text", of: "text", about: "text", audience: "text" });
  if (isRefusal(fields)) return fields;
  const { name, query, of, about, audience = "own" } = fields;
  if (name === undefined) return missingField("name");
  if (audience !== "own" && audience !== "public") {
    return refuse("invalid", `Expected the audience "own" or "public", but got "${audience.slice(0, 80)}".`);
  }
  const added = await addWatch(exchange.hub, exchange.by, exchange.params["name"] ?? "", {
    name,
    ...(query === undefined ? {} : { query }),
    ...(of === undefined ? {} : { of }),
    ...(about === undefined ? {} : { about }),
    isPublic: audience === "public",
  });
  return isRefusal(added) ? added : jsonAnswer(added, 201, { location: added.iri });
}

/** `GET /{name}/watches/{watch}`: its newest answers as an Atom feed. */
export function getWatch({ hub, by, params, version }: Exchange): Answer | Refusal {
  const watch = readableWatch(hub, by, params["name"] ?? "", params["watch"] ?? "");
  if (isRefusal(watch)) return watch;
  return { type: "application/atom+xml; charset=utf-8", body: feedToXml(watchFeed(hub, watch, version)) };
}

/** `DELETE /{name}/watches/{watch}`: ends it. */
export async function deleteWatch({ hub, by, params }: Exchange): Promise<Answer | Refusal> {
  const removed = await removeWatch(hub, by, params["name"] ?? "", params["watch"] ?? "");
  return isRefusal(removed) ? removed : jsonAnswer(removed);
}
