import { ownAccount } from "../../hub/accounts/authenticate.ts";
import { PAGE_POSTS } from "../../hub/pages/description.ts";
import { postViewToJson } from "../../hub/posts/post-view.ts";
import { readTimeline, type TimelineChange, watchTimeline } from "../../hub/posts/read-timeline.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { eventStream } from "../event-stream.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { choose, type Offer } from "../negotiate.ts";
import { renderTimeline } from "../pages/render.ts";
import { pageContext } from "../representation.ts";
import { pageWish } from "./page.ts";

const OFFERS: readonly Offer<"json" | "events" | "html">[] = [
  { mediaType: "application/json", name: "json", value: "json" },
  { mediaType: "text/event-stream", name: "events", value: "events" },
  { mediaType: "text/html", name: "html", value: "html" },
];

/** `GET /{name}/timeline`: the account's own home timeline as a page, as JSON, or as events while it changes. */
export function getTimeline(exchange: Exchange): Answer | Refusal {
  const { hub, by, params, query } = exchange;
  const offer = choose(exchange.header("accept"), query.get("format"), OFFERS);
  if (isRefusal(offer)) return offer;
  const own = ownAccount(hub, by, params["name"] ?? "");
  if (isRefusal(own)) return own;
  if (offer.value === "events") return watch(exchange);
  const wish = pageWish(query);
  if (isRefusal(wish)) return wish;
  const timeline = readTimeline(hub, by, { limit: PAGE_POSTS, ...wish });
  if (isRefusal(timeline)) return timeline;
  const headers = { vary: "Accept" };
  if (offer.value === "html") {
    return { type: "text/html; charset=utf-8", body: renderTimeline(timeline, pageContext(exchange)), headers };
  }
  return jsonAnswer({ ...timeline, posts: timeline.posts.map(postViewToJson) }, 200, headers);
}

function watch(exchange: Exchange): Answer | Refusal {
  return eventStream(exchange, (send) => watchTimeline(exchange.hub, exchange.by, (change) => send(eventText(change))));
}

/** One server-sent event (WHATWG HTML §9.2.6). Its id tells the post and which of its versions. */
function eventText({ kind, iri, post }: TimelineChange): string {
  const data = JSON.stringify(post === undefined ? { iri } : postViewToJson(post));
  const at = post === undefined ? "deleted" : (post.post.modified ?? post.post.created);
  return `event: ${kind}\nid: ${at} ${iri}\ndata: ${data}\n\n`;
}
