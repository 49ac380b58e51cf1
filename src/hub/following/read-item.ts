import { entryFromXml } from "../../atom/xml.ts";
import { keepAuthored } from "../../core/authorship.ts";
import { itemIdIn } from "../../core/hub-iris.ts";
import { postFromQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { parseRdf, parseTurtle } from "../../rdf/parse.ts";
import type { Quad } from "../../rdf/term.ts";
import { isPlain } from "../accounts/plain-account.ts";
import { documentOfComment } from "../comments/follow-comments.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Upstream } from "../ports/records.ts";
import type { InboundItem } from "../ports/xmpp-link.ts";
import { graphOfItem } from "../posts/item-place.ts";
import { documentOfPlainItem } from "./read-plain-item.ts";

/**
 * The document of an item of an upstream, with nothing in it but what the account bound to the node may say: RDF of a
 * hub below its container, the entry of a plain account, a comment. Refuses with a sentence what is not so.
 */
export async function documentOfItem(
  hub: HubPorts,
  upstream: Upstream,
  item: InboundItem,
): Promise<Document | Refusal> {
  if (item.payload === undefined) return refuse("invalid", "Expected an Atom entry, but the item is empty.");
  const entry = entryFromXml(item.payload);
  if (isRefusal(entry)) return entry;
  const { commentsOn } = upstream;
  if (commentsOn !== undefined) return documentOfComment(hub, { ...upstream, commentsOn }, item, entry);
  // Other programs than a hub speak at a JID that has a page too.
  if (isPlain(upstream) || entry.rdf === undefined) return documentOfPlainItem(hub, upstream, item, entry);
  const graph = entry.id;
  if (!isIri(graph)) return refuse("invalid", `Expected the post's IRI as atom:id, but got "${graph.slice(0, 80)}".`);
  if (itemIdIn(upstream.authority.slice(0, -1) as Iri, graph) !== item.id) {
    return refuse(
      "not-the-author",
      `Expected item "${item.id}" of ${upstream.service} to carry the post ${graphOfItem(upstream, item.id) ?? ""}, but it carries ${graph}.`,
    );
  }
  const parsed: readonly Quad[] | Refusal =
    entry.rdf.format === "turtle"
      ? parseTurtle(entry.rdf.text, graph)
      : await parseRdf(entry.rdf.text, { format: "rdfxml", baseIri: graph });
  if (isRefusal(parsed)) return parsed;
  const origin = `${new URL(upstream.profile).origin}/`;
  const quads = keepAuthored(parsed, graph, { account: upstream.account, authority: upstream.authority, origin });
  if (isRefusal(quads)) return quads;
  const bad = hub.shapes.check("post", quads, graph);
  if (bad !== undefined) return bad;
  const post = postFromQuads(quads, graph);
  if (isRefusal(post)) return post;
  return {
    graph,
    kind: "post",
    audience: "public",
    origin: { kind: "received", from: upstream.service },
    author: upstream.account,
    ...(post.container === undefined ? {} : { container: post.container }),
    created: post.created,
    ...(post.modified === undefined ? {} : { modified: post.modified }),
    received: hub.now(),
    quads,
  };
}
