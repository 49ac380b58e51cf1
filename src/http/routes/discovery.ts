import { escapeAttribute } from "../../atom/xml-text.ts";
import { webfingerOf } from "../../hub/accounts/webfinger.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Answer, type Exchange, jsonAnswer } from "../exchange.ts";
import { choose, type Offer } from "../negotiate.ts";

/** `GET /.well-known/webfinger?resource=…&rel=…` (RFC 7033 §4). */
export function getWebfinger({ hub, query }: Exchange): Answer | Refusal {
  const [resource, second] = query.getAll("resource");
  if (resource === undefined || resource === "" || second !== undefined) {
    const host = new URL(hub.identity.base).host;
    return refuse(
      "invalid",
      `Expected one ?resource= such as acct:name@${host}, but it is missing or there are several.`,
    );
  }
  const found = webfingerOf(hub, resource);
  if (isRefusal(found)) return found;
  const rels = query.getAll("rel");
  const links = rels.length === 0 ? found.links : found.links.filter(({ rel }) => rels.includes(rel));
  return { ...jsonAnswer({ ...found, links }), type: "application/jrd+json" };
}

const HOST_META_OFFERS: readonly Offer<"xml" | "json">[] = [
  { mediaType: "application/xrd+xml", name: "xml", value: "xml" },
  { mediaType: "application/jrd+json", name: "json", value: "json" },
  { mediaType: "application/json", value: "json" },
  { mediaType: "application/xml", value: "xml" },
];

/** `GET /.well-known/host-meta` (RFC 6415 §2): where WebFinger is; XRD unless JSON is asked for. */
export function getHostMeta(exchange: Exchange): Answer | Refusal {
  const offer = choose(exchange.header("accept"), exchange.query.get("format"), HOST_META_OFFERS);
  // Who asks for a page or anything else still gets what this address is for (RFC 6415 §2).
  return !isRefusal(offer) && offer.value === "json" ? getHostMetaJson(exchange) : hostMetaXml(exchange);
}

/** `GET /.well-known/host-meta.json` (RFC 6415 §3). */
export function getHostMetaJson({ hub }: Exchange): Answer {
  const links = [{ rel: "lrdd", type: "application/jrd+json", template: templateOf(hub.identity.base) }];
  return { ...jsonAnswer({ links }, 200, { vary: "Accept" }), type: "application/jrd+json" };
}

function hostMetaXml({ hub }: Exchange): Answer {
  const template = escapeAttribute(templateOf(hub.identity.base));
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n<Link rel="lrdd" type="application/jrd+json" template="${template}"/>\n</XRD>\n`;
  return { type: "application/xrd+xml; charset=utf-8", body, headers: { vary: "Accept" } };
}

function templateOf(base: string): string {
  return `${base}.well-known/webfinger?resource={uri}`;
}

/** `GET /.well-known/void`: to the description of the dataset (VoID §7.2), which is part of the endpoint's own. */
export function getVoid({ hub }: Exchange): Answer {
  return { status: 302, headers: { location: `${hub.identity.base}sparql` } };
}
