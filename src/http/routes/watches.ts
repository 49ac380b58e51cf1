import { feedToXml } from "../../atom/feed.ts";
import type { HubPorts } from "../../hub/ports/hub-ports.ts";
import type { Watch, WatchEvent } from "../../hub/ports/standing.ts";
import { addWatch, removeWatch } from "../../hub/watches/manage-watches.ts";
import { answerToJson, watchFeed } from "../../hub/watches/watch-feed.ts";
import { listWatches, readableWatch } from "../../hub/watches/watch-view.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { missingField, readFields, readJson } from "../body.ts";
import { eventStream } from "../event-stream.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { choose, type Offer } from "../negotiate.ts";

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

const OFFERS: readonly Offer<"atom" | "events">[] = [
  { mediaType: "application/atom+xml", name: "atom", value: "atom" },
  { mediaType: "text/event-stream", name: "events", value: "events" },
];

/** `GET /{name}/watches/{watch}`: its newest answers as an Atom feed, or answers as events as they come and go. */
export function getWatch(exchange: Exchange): Answer | Refusal {
  const { hub, by, params, query, version } = exchange;
  const offer = choose(exchange.header("accept"), query.get("format"), OFFERS);
  if (isRefusal(offer)) return offer;
  const watch = readableWatch(hub, by, params["name"] ?? "", params["watch"] ?? "");
  if (isRefusal(watch)) return watch;
  if (offer.value === "events") {
    return eventStream(
      exchange,
      (send) => hub.watches?.listen(watch, (event) => send(eventText(hub, watch, event))) ?? (() => undefined),
    );
  }
  const body = feedToXml(watchFeed(hub, watch, version));
  return { type: "application/atom+xml; charset=utf-8", body, headers: { vary: "Accept" } };
}

/** One server-sent event (WHATWG HTML §9.2.6), named by what befell the answer. */
function eventText(hub: HubPorts, watch: Watch, event: WatchEvent): string {
  const item = event.kind === "answer" ? event.answer.item : event.item;
  const data = event.kind === "answer" ? answerToJson(hub, watch, event.answer) : { item };
  return `event: ${event.kind}\nid: ${item}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** `DELETE /{name}/watches/{watch}`: ends it. */
export async function deleteWatch({ hub, by, params }: Exchange): Promise<Answer | Refusal> {
  const removed = await removeWatch(hub, by, params["name"] ?? "", params["watch"] ?? "");
  return isRefusal(removed) ? removed : jsonAnswer(removed);
}
