import { lastSegment } from "../../core/posts/post.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { literal, namedNode, quad } from "../../rdf/term.ts";
import { rdf } from "../../vocab/rdf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioct } from "../../vocab/sioct.ts";
import { skos } from "../../vocab/skos.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { datasetOf, type Requester } from "../ports/requester.ts";
import { type Description, nothing, type PageWish } from "./description.ts";
import { postQuads, union } from "./page-quads.ts";
import { cursorsOf, listPosts, pageVersion } from "./post-list.ts";

/** LIMIT: tags of the tag list on a page. */
const TAGS_MAX = 500;

/** A tag with the posts that have it. */
export function describeTag(hub: HubPorts, iri: Iri, wish: PageWish): Description | Refusal {
  const list = listPosts(hub, { kind: "reference", reference: "topic", target: iri }, wish);
  const tag = namedNode(iri);
  if (list.posts.length === 0 && wish.olderThan === undefined && wish.newerThan === undefined) {
    return refuse("not-found", `Expected a tag that a post here has, but no post has ${iri}.`);
  }
  const label = lastSegment(iri);
  const about = [
    quad(tag, rdf.type, sioct.Tag),
    quad(tag, rdf.type, skos.Concept),
    quad(tag, rdfs.label, literal(label)),
  ];
  return {
    ...nothing,
    subject: iri,
    kind: "tag",
    title: `#${label}`,
    quads: union(about, postQuads(hub, list.documents)),
    version: pageVersion(hub, list.documents),
    posts: list.posts,
    ...cursorsOf(list),
  };
}

/** All tags of public posts, the most used first. */
export async function describeTags(hub: HubPorts, by: Requester): Promise<Description> {
  const found = await hub.queries.prepared("select-tags", {}, { dataset: datasetOf(by) });
  const tags: { readonly iri: Iri; readonly label: string; readonly posts: number }[] = [];
  if (found.kind === "bindings") {
    for await (const row of found.rows) {
      const iri = row.get("tag")?.value ?? "";
      if (isIri(iri))
        tags.push({
          iri,
          label: row.get("label")?.value ?? lastSegment(iri),
          posts: Number(row.get("posts")?.value ?? 0),
        });
      if (tags.length >= TAGS_MAX) break;
    }
  }
  const quads = tags.flatMap(({ iri, label }) => [
    quad(namedNode(iri), rdf.type, sioct.Tag),
    quad(namedNode(iri), rdfs.label, literal(label)),
  ]);
  const subject = `${hub.identity.base}tags` as Iri;
  return {
    ...nothing,
    subject,
    kind: "tags",
    title: "Tags",
    quads,
    version: hub.hash(JSON.stringify(tags)).slice(0, 20),
    tags,
  };
}
