import { feedToXml } from "../../atom/feed.ts";
import type { AccountName } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { HubPorts } from "../../hub/ports/hub-ports.ts";
import type { Watch, WatchAnswer, WatchEvent } from "../../hub/ports/standing.ts";
import { meaningOf } from "../../hub/watches/built-in-watches.ts";
import { addHook, removeHook } from "../../hub/watches/hooks/manage-hooks.ts";
import { addWatch, changeWatch, removeWatch } from "../../hub/watches/manage-watches.ts";
import { answerToJson, newestAnswers, postViewOfAnswer, watchFeed, watchToJson } from "../../hub/watches/watch-feed.ts";
import { listWatches, readableWatch, readableWatches, viewWatch } from "../../hub/watches/watch-view.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { termOfId } from "../../rdf/term-id.ts";
import { missingField, readFields, readJson } from "../body.ts";
import { eventStream } from "../event-stream.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { choose, type Offer } from "../negotiate.ts";
import { renderWatch, renderWatches } from "../pages/render.ts";
import { pageContext } from "../representation.ts";

const LIST_OFFERS: readonly Offer<"json" | "html">[] = [
  { mediaType: "application/json", name: "json", value: "json" },
  { mediaType: "text/html", name: "html", value: "html" },
];

/** `GET /{name}/watches`: the account's own standing queries as JSON, or as a page those that the reader may see. */
export function getWatches(exchange: Exchange): Answer | Refusal {
  const { hub, by, params, query } = exchange;
  const offer = choose(exchange.header("accept"), query.get("format"), LIST_OFFERS);
  if (isRefusal(offer)) return offer;
  const name = params["name"] ?? "";
  const watches = offer.value === "json" ? listWatches(hub, by, name) : readableWatches(hub, by, name);
  if (isRefusal(watches)) return watches;
  const headers = { vary: "Accept, Authorization" };
  if (offer.value === "json") return jsonAnswer({ watches }, 200, headers);
  const body = renderWatches(ownerOf(hub, name), watches, pageContext(exchange));
  return { type: "text/html; charset=utf-8", body, headers };
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

const OFFERS: readonly Offer<"atom" | "events" | "html" | "json">[] = [
  { mediaType: "application/atom+xml", name: "atom", value: "atom" },
  { mediaType: "text/event-stream", name: "events", value: "events" },
  { mediaType: "text/html", name: "html", value: "html" },
  { mediaType: "application/json", name: "json", value: "json" },
];

/** This page alone has a script, its own, which asks its own address. */
const LIVE_POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src * data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** `GET /{name}/watches/{watch}`: its newest answers as an Atom feed or a page, answers as events as they come and go. */
export function getWatch(exchange: Exchange): Answer | Refusal {
  const { hub, by, params, query, version } = exchange;
  const offer = choose(exchange.header("accept"), query.get("format"), OFFERS);
  if (isRefusal(offer)) return offer;
  const watch = readableWatch(hub, by, params["name"] ?? "", params["watch"] ?? "");
  if (isRefusal(watch)) return watch;
  const headers = { vary: "Accept, Authorization" };
  switch (offer.value) {
    case "events":
      return eventStream(
        exchange,
        (send) => hub.watches?.listen(watch, (event) => send(eventText(hub, watch, event))) ?? (() => undefined),
      );
    case "html": {
      const policy = { "content-security-policy": LIVE_POLICY };
      return { type: "text/html; charset=utf-8", body: pageOf(exchange, watch), headers: { ...headers, ...policy } };
    }
    case "json":
      return jsonAnswer(watchToJson(hub, watch, by), 200, headers);
    case "atom": {
      const body = feedToXml(watchFeed(hub, watch, version));
      return { type: "application/atom+xml; charset=utf-8", body, headers };
    }
  }
}

function pageOf(exchange: Exchange, watch: Watch): string {
  const { hub, by } = exchange;
  const found = newestAnswers(hub, watch).map(({ answer }) => ({
    answer,
    post: postViewOfAnswer(hub, watch, answer),
  }));
  const shown = {
    view: viewWatch(hub, watch, by),
    variables: watch.variables,
    meaning: meaningOf(hub, watch),
    owner: ownerOf(hub, watch.account),
    posts: found.flatMap(({ post }) => post ?? []),
    rows: found.flatMap(({ answer, post }) => (post === undefined ? [termsOf(answer)] : [])),
  };
  return renderWatch(shown, pageContext(exchange));
}

/** An account by its name, as pages name it. */
function ownerOf(hub: HubPorts, name: string): { readonly name: string; readonly profile: string } {
  const account = hub.records.reader.account(name as AccountName);
  const { profile } = accountIris(hub.identity.base, name as AccountName);
  return { name: account?.displayName ?? name, profile };
}

function termsOf({ values }: WatchAnswer) {
  return new Map(Object.entries(values).map(([name, id]) => [name, termOfId(id)]));
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

/** `PATCH /{name}/watches/{watch}`: gives it another query, or with nothing lets one that was stopped go on. */
export async function patchWatch(exchange: Exchange): Promise<Answer | Refusal> {
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { query: "text", of: "text", about: "text" });
  if (isRefusal(fields)) return fields;
  const { query, of, about } = fields;
  const { hub, by, params } = exchange;
  const changed = await changeWatch(hub, by, params["name"] ?? "", params["watch"] ?? "", {
    ...(query === undefined ? {} : { query }),
    ...(of === undefined ? {} : { of }),
    ...(about === undefined ? {} : { about }),
  });
  return isRefusal(changed) ? changed : jsonAnswer(changed);
}

/** `POST /{name}/watches/{watch}/hooks`: sends answers to `{url, secret?}` from now on; tells the secret this once. */
export async function postHook(exchange: Exchange): Promise<Answer | Refusal> {
  const body = await readJson(exchange);
  if (isRefusal(body)) return body;
  const fields = readFields(body, { url: "text", secret: "text" });
  if (isRefusal(fields)) return fields;
  const { url, secret } = fields;
  if (url === undefined) return missingField("url");
  const { hub, by, params } = exchange;
  const place = { account: params["name"] ?? "", name: params["watch"] ?? "" };
  const added = await addHook(hub, by, place, { url, ...(secret === undefined ? {} : { secret }) });
  return isRefusal(added) ? added : jsonAnswer(added, 201, { "cache-control": "no-store" });
}

/** `DELETE /{name}/watches/{watch}/hooks?hook=…`: ends a hook, by its id or its address. */
export async function deleteHook({ hub, by, params, query }: Exchange): Promise<Answer | Refusal> {
  const which = query.get("hook");
  if (which === null) return refuse("invalid", "Expected ?hook= with the webhook's address or id, but got none.");
  const place = { account: params["name"] ?? "", name: params["watch"] ?? "" };
  const removed = await removeHook(hub, by, place, which);
  return isRefusal(removed) ? removed : jsonAnswer(removed);
}
