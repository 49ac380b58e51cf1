import { ownAccount } from "../../hub/authenticate.ts";
import { PAGE_POSTS } from "../../hub/describe-resource.ts";
import { postViewToJson } from "../../hub/post-view.ts";
import { readTimeline, type TimelineChange, watchTimeline } from "../../hub/read-timeline.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { choose, type Offer } from "../negotiate.ts";
import { renderTimeline } from "../pages/render.ts";
import { pageContext } from "../representation.ts";
import { pageWish } from "./page.ts";

/** How often an event stream without events says that it is still there, so that nothing between cuts it. */
const HEARTBEAT_MS = 15_000;
/** How soon a browser comes back when a stream was cut. */
const RETRY_MS = 3_000;
/** LIMIT: events that wait for one slow reader; with more its stream ends, and it reads the page again. */
const WAITING_MAX = 1_000;
/** LIMIT: event streams at the same time. */
const STREAMS_MAX = 1_000;

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

let streams = 0;

function watch(exchange: Exchange): Answer | Refusal {
  if (streams >= STREAMS_MAX)
    return refuse("too-many", `Expected at most ${STREAMS_MAX} event streams; try again later.`);
  const waiting = new Waiting();
  const stop = watchTimeline(exchange.hub, exchange.by, (change) => waiting.add(eventText(change)));
  if (isRefusal(stop)) return stop;
  streams++;
  const heartbeat = setInterval(() => waiting.add(": still here\n\n"), HEARTBEAT_MS);
  const signal = AbortSignal.any([exchange.gone, exchange.closing]);
  const end = (): void => {
    if (waiting.ended) return;
    waiting.end();
    clearInterval(heartbeat);
    stop();
    streams--;
  };
  if (signal.aborted || exchange.method === "HEAD") end();
  signal.addEventListener("abort", end, { once: true });
  waiting.onOverflow = end;
  waiting.add(`retry: ${RETRY_MS}\n: watching\n\n`);
  return { type: "text/event-stream", body: waiting, headers: { vary: "Accept", "cache-control": "no-store" } };
}

/** One server-sent event (WHATWG HTML §9.2.6). Its id tells the post and which of its versions. */
function eventText({ kind, iri, post }: TimelineChange): string {
  const data = JSON.stringify(post === undefined ? { iri } : postViewToJson(post));
  const at = post === undefined ? "deleted" : (post.post.modified ?? post.post.created);
  return `event: ${kind}\nid: ${at} ${iri}\ndata: ${data}\n\n`;
}

/** Text that waits to be read, in order, until its end. */
class Waiting implements AsyncIterable<string> {
  onOverflow: () => void = () => undefined;
  readonly #texts: string[] = [];
  #wake: () => void = () => undefined;
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  add(text: string): void {
    if (this.#ended) return;
    this.#texts.push(text);
    if (this.#texts.length > WAITING_MAX) this.onOverflow();
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      yield* this.#texts.splice(0);
      if (this.#ended) return;
      if (this.#texts.length > 0) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
