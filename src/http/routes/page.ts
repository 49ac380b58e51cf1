import { followers, following } from "../../hub/following/list-follows.ts";
import { describePostVersion } from "../../hub/pages/describe-post.ts";
import { describeResource } from "../../hub/pages/describe-resource.ts";
import { type Description, PAGE_POSTS_MAX } from "../../hub/pages/description.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { choose, type Offer } from "../negotiate.ts";
import { renderPage } from "../pages/render.ts";
import { PAGE_OFFERS, represent } from "../representation.ts";

/** Which part of a list the query asks for: `limit`, and `before` (older) or `after` (newer) a cursor. */
export function pageWish(
  query: URLSearchParams,
): { readonly limit?: number; readonly olderThan?: string; readonly newerThan?: string } | Refusal {
  const limit = query.get("limit");
  if (limit !== null && !/^[1-9]\d{0,5}$/.test(limit)) {
    return refuse(
      "invalid",
      `Expected limit to be a number from 1 to ${PAGE_POSTS_MAX}, but got "${limit.slice(0, 40)}".`,
    );
  }
  const [olderThan, newerThan] = [query.get("before"), query.get("after")];
  if (olderThan !== null && newerThan !== null) {
    return refuse("invalid", "Expected before or after, but got both; follow the links of the page before.");
  }
  return {
    ...(limit === null ? {} : { limit: Math.min(PAGE_POSTS_MAX, Number(limit)) }),
    ...(olderThan === null || olderThan === "" ? {} : { olderThan }),
    ...(newerThan === null || newerThan === "" ? {} : { newerThan }),
  };
}

/** Any of the hub's own pages, negotiated: hub, accounts, containers, posts, tags, lists. */
export async function getPage(exchange: Exchange): Promise<Answer | Refusal> {
  const found = await describe(exchange);
  if (isRefusal(found)) return found;
  const { hub } = exchange;
  const stored =
    found.kind === "post" || found.kind === "note" ? hub.records.reader.document(found.subject) : undefined;
  return await represent(exchange, {
    subject: found.subject,
    quads: found.quads,
    html: (context) => renderPage(found, context),
    links: linksOf(found, exchange),
    ...(stored?.kind === "live" ? { etagPrefix: `${stored.version}.` } : {}),
  });
}

async function describe(exchange: Exchange): Promise<Description | Refusal> {
  const { hub, by, query } = exchange;
  const iri = iriOf(exchange);
  const version = query.get("version");
  if (version !== null) {
    if (/^[1-9]\d{0,8}$/.test(version)) return describePostVersion(hub, by, iri, Number(version));
    return refuse("invalid", `Expected version to be a number from 1, but got "${version.slice(0, 40)}".`);
  }
  const wish = pageWish(query);
  if (isRefusal(wish)) return wish;
  const found = await describeResource(hub, by, iri, wish);
  // What was imported keeps its IRI as somebody else wrote it, so that may be the one that is meant.
  const raw = `${hub.identity.base}${exchange.rawPath}`;
  if (!isRefusal(found) || found.code !== "not-found" || raw === iri || !isIri(raw)) return found;
  const other = await describeResource(hub, by, raw, wish);
  return isRefusal(other) ? found : other;
}

/** The IRI of the hub that a request's path means, whatever host it came to. */
export function iriOf({ hub, path }: Exchange): Iri {
  return `${hub.identity.base}${path}` as Iri;
}

function linksOf({ subject, newer, older, feed }: Description, { query }: Exchange): string[] {
  const limit = query.get("limit");
  const page = (rel: string, side: string, cursor: string | undefined): string[] => {
    if (cursor === undefined) return [];
    const wish = new URLSearchParams({ [side]: cursor, ...(limit === null ? {} : { limit }) });
    return [`<${subject}?${wish.toString()}>; rel="${rel}"`];
  };
  return [
    ...page("prev", "after", newer),
    ...page("next", "before", older),
    ...(feed === undefined ? [] : [`<${feed}>; rel="alternate"; type="application/atom+xml"`]),
  ];
}

/** What a list of follows can be had as: as each page, and as plain JSON. */
const FOLLOWS_OFFERS: readonly Offer<"page" | "json">[] = [
  ...PAGE_OFFERS.flatMap(({ mediaType, name }) =>
    name === undefined ? [] : [{ mediaType, name, value: "page" as const }],
  ),
  { mediaType: "application/json", name: "json", value: "json" },
];

/** Whom an account follows, or who follows it: a page, a graph, or plain JSON. */
export async function getFollows(exchange: Exchange): Promise<Answer | Refusal> {
  const { hub, by, params, query, segments } = exchange;
  const offer = choose(exchange.header("accept"), query.get("format"), FOLLOWS_OFFERS);
  if (isRefusal(offer)) return offer;
  if (offer.value === "page") return await getPage(exchange);
  const name = params["name"] ?? "";
  const list = segments.at(-1) === "followers" ? followers(hub, name) : following(hub, by, name);
  return isRefusal(list) ? list : jsonAnswer(list, 200, { vary: "Accept" });
}
