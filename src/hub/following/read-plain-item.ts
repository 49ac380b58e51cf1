import type { Entry } from "../../atom/entry.ts";
import { type EntryPlace, postFromEntry } from "../../atom/entry-post.ts";
import { tagIri } from "../../core/hub-iris.ts";
import type { BareJid } from "../../core/jid.ts";
import { bareOf, type Jid, parseJid } from "../../core/jid.ts";
import { type Post, postToQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { graphOfItem, postAt } from "../posts/item-place.ts";

/**
 * The document of an entry from a plain account's microblog. Its author is the account whose node it is: an item
 * published by somebody else, or an entry that names another author, is refused, but for a repost, which keeps the
 * name of whom it repeats (XEP-0277 §3.4). RDF inside is passed over: nothing binds its IRIs to the account.
 */
export function documentOfPlainItem(
  hub: HubPorts,
  upstream: Upstream,
  item: InboundItem,
  entry: Entry,
): Document | Refusal {
  const iri = graphOfItem(upstream, item.id);
  if (iri === undefined)
    return refuse("invalid", `Expected an item id that can stand in an IRI, but got "${item.id}".`);
  const no = whyNotBy(upstream.service, item.publisher, entry);
  if (no !== undefined) return no;
  const { container } = upstream;
  const place = { iri, creator: upstream.account, ...(container === undefined ? {} : { container }) };
  const post = postFromEntry(entry, entryPlace(hub, place));
  return isRefusal(post) ? post : receivedPost(hub, post, upstream.service);
}

/** How this hub names what an entry points at. */
export function entryPlace(
  hub: HubPorts,
  place: Pick<EntryPlace, "iri" | "creator" | "container" | "replyOf">,
): EntryPlace {
  return {
    ...place,
    characters_max: hub.options.postCharacters_max,
    tagIri: (label) => tagIri(hub.identity.base, label),
    postAt: (address) => postAt(hub, address),
  };
}

/** The document of a post that was composed here from what somebody else published. */
export function receivedPost(hub: HubPorts, post: Post, from: BareJid): Document | Refusal {
  const quads = postToQuads(post);
  const bad = hub.shapes.check("post", quads, post.iri);
  if (bad !== undefined) return bad;
  return {
    graph: post.iri,
    kind: "post",
    audience: "public",
    origin: { kind: "received", from },
    author: post.creator,
    ...(post.container === undefined ? {} : { container: post.container }),
    created: post.created,
    ...(post.modified === undefined ? {} : { modified: post.modified }),
    received: hub.now(),
    quads,
  };
}

/** Why an entry is not by the JID that is vouched for. */
function whyNotBy(jid: BareJid, publisher: string | undefined, entry: Entry): Refusal | undefined {
  const reposts = entry.links.some(({ rel }) => rel === "via");
  const named = reposts || !/^xmpp:/i.test(entry.authorUri) ? undefined : entry.authorUri.slice(5);
  for (const [what, text] of [
    ["publisher", publisher],
    ["author", named],
  ] as const) {
    if (text !== undefined && bareJidIn(text) !== jid) {
      return refuse(
        "not-the-author",
        `Expected ${jid} as the ${what} of an item of its own, but got "${text.slice(0, 80)}".`,
      );
    }
  }
  return undefined;
}

/** The bare JID that a text with an XMPP address names. */
export function bareJidIn(text: string): BareJid | undefined {
  const jid: Jid | Refusal = parseJid(text.replace(/\?.*$/s, ""));
  return isRefusal(jid) ? undefined : bareOf(jid);
}
