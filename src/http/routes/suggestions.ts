import { ownAccount } from "../../hub/accounts/authenticate.ts";
import { suggestionsToQuads } from "../../hub/discovery/describe-suggestions.ts";
import {
  DEPTH_MAX,
  discoverFor,
  SUGGESTIONS_MAX,
  type Suggestions,
  type SuggestionWish,
  suggestionsFor,
} from "../../hub/discovery/suggest.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { choose, type Offer } from "../negotiate.ts";
import { renderSuggestions } from "../pages/suggestions-page.ts";
import { problemOf } from "../problem.ts";
import { PAGE_OFFERS, represent } from "../representation.ts";
import { iriOf } from "./page.ts";

const OFFERS: readonly Offer<"page" | "json">[] = [
  ...PAGE_OFFERS.flatMap(({ mediaType, name }) =>
    name === undefined ? [] : [{ mediaType, name, value: "page" as const }],
  ),
  { mediaType: "application/json", name: "json", value: "json" },
];

/** `GET /{name}/suggestions`: whom the account might follow by what is known, for itself alone. */
export async function getSuggestions(exchange: Exchange): Promise<Answer | Refusal> {
  const { hub, by, params, query } = exchange;
  const offer = choose(exchange.header("accept"), query.get("format"), OFFERS);
  if (isRefusal(offer)) return offer;
  const wish = wishOf(query);
  if (isRefusal(wish)) return wish;
  const found = suggestionsFor(hub, by, params["name"] ?? "", wish);
  if (isRefusal(found)) return found;
  if (offer.value === "json") return jsonAnswer(found, 200, { vary: "Accept" });
  const subject = iriOf(exchange);
  const quads = suggestionsToQuads(subject, found);
  return await represent(exchange, {
    subject,
    quads,
    html: (context) => renderSuggestions(subject, found, quads, context),
  });
}

const WALK_OFFERS: readonly Offer<"events" | "json">[] = [
  { mediaType: "application/json", name: "json", value: "json" },
  { mediaType: "text/event-stream", name: "events", value: "events" },
];

/**
 * `POST /{name}/suggestions`: walks over other hubs first; as events (`progress`, then `done` or `problem`) or as JSON at
 * the end. The walk ends when the peer goes.
 */
export async function postSuggestions(exchange: Exchange): Promise<Answer | Refusal> {
  const { hub, by, params, query, gone, closing } = exchange;
  const offer = choose(exchange.header("accept"), query.get("format"), WALK_OFFERS);
  if (isRefusal(offer)) return offer;
  const wish = wishOf(query);
  if (isRefusal(wish)) return wish;
  const name = params["name"] ?? "";
  const own = ownAccount(hub, by, name);
  if (isRefusal(own)) return own;
  const signal = AbortSignal.any([gone, closing]);
  const walk = { ...wish, refresh: query.get("refresh") === "true", signal };
  if (offer.value === "json") {
    const found = await discoverFor(hub, by, name, walk);
    return isRefusal(found) ? found : jsonAnswer(found, 200, { vary: "Accept" });
  }
  const events = new WalkEvents();
  void discoverFor(hub, by, name, { ...walk, onProgress: (progress) => events.add("progress", progress) })
    .then((found) => events.end(found))
    .catch((error: unknown) => events.fail(error));
  return { type: "text/event-stream", body: events, headers: { vary: "Accept", "cache-control": "no-store" } };
}

function wishOf(query: URLSearchParams): SuggestionWish | Refusal {
  const depth = numberIn(query, "depth", 2, DEPTH_MAX);
  if (isRefusal(depth)) return depth;
  const limit = numberIn(query, "limit", 1, SUGGESTIONS_MAX);
  if (isRefusal(limit)) return limit;
  return { ...(depth === undefined ? {} : { depth }), ...(limit === undefined ? {} : { limit }) };
}

function numberIn(query: URLSearchParams, name: string, min: number, max: number): number | undefined | Refusal {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (/^\d{1,4}$/.test(text) && value >= min && value <= max) return value;
  return refuse("invalid", `Expected ${name} to be a number from ${min} to ${max}, but got "${text.slice(0, 40)}".`);
}

/** Server-sent events (WHATWG HTML §9.2) of one walk, up to its end. */
class WalkEvents implements AsyncIterable<string> {
  #texts: string[] = [];
  #isEnded = false;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  add(event: string, data: unknown): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    // Only the newest progress is of use to a slow reader.
    if (event === "progress") this.#texts = [text];
    else this.#texts.push(text);
    this.#wake();
  }

  end(found: Suggestions | Refusal): void {
    this.#isEnded = true;
    if (isRefusal(found)) this.add("problem", problemOf(found));
    else this.add("done", found);
  }

  fail(error: unknown): void {
    this.#isEnded = true;
    this.#error = error instanceof Error ? error : new Error(String(error));
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      yield* this.#texts.splice(0);
      if (this.#error !== undefined) throw this.#error;
      if (this.#texts.length > 0) continue;
      if (this.#isEnded) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
