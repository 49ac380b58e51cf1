import { type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { namedNode, quad } from "../../rdf/term.ts";
import { sioc } from "../../vocab/sioc.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { maySee, type Requester } from "../ports/requester.ts";
import { type PostView, viewPost, viewPosts } from "../posts/post-view.ts";
import { readThread, THREAD_POSTS_MAX } from "../posts/read-thread.ts";
import { type Description, nothing } from "./description.ts";
import { postQuads, union } from "./page-quads.ts";
import { pageVersion } from "./post-list.ts";

/** LIMIT: likes, and reactions, whose triples are on the page of a post; the counts are of all. */
const FEELINGS_MAX = 200;

/** A post in its thread. */
export async function describePost(hub: HubPorts, by: Requester, iri: Iri): Promise<Description | Refusal> {
  const { reader } = hub.records;
  const stored = reader.document(iri);
  if (stored === undefined) return noPost(iri);
  if (stored.kind === "tombstone") {
    const { deleted } = stored.tombstone;
    return refuse("gone", `The post ${iri} was deleted on ${deleted.slice(0, 10)}.`, { deleted });
  }
  if (!maySee(by, stored.document)) return noPost(iri);
  const view = viewPost(hub, stored.document);
  const thread = await readThread(hub, by, iri);
  const ancestors = ancestorsOf(thread, view);
  const above = new Set(ancestors.map(({ graph }) => graph));
  const replies = thread.filter(({ graph }) => graph !== iri && !above.has(graph));
  const answers = replies.flatMap((reply) => {
    const answered = reply.quads.find((q) => q.predicate.value === sioc.reply_of.value)?.object.value;
    return answered === iri ? [quad(namedNode(iri), sioc.has_reply, namedNode(reply.graph))] : [];
  });
  const originals = originalsShown(hub, view);
  const documents = [stored.document, ...originals, ...ancestors, ...replies, ...feelingsAbout(hub, iri)];
  return {
    ...nothing,
    subject: iri,
    kind: "post",
    title: titleOf(view),
    quads: union(postQuads(hub, documents), answers),
    version: pageVersion(hub, documents, `${stored.version}`),
    modified: stored.document.modified ?? stored.document.created,
    posts: view === undefined ? [] : [view],
    ancestors: viewPosts(hub, ancestors),
    replies: viewPosts(hub, replies),
    ...(view?.creator.local === true ? { feed: `${view.creator.profile}/feed.atom` as Iri } : {}),
  };
}

/** An older version of an edited post, as `?version=n` shows it. */
export function describePostVersion(hub: HubPorts, by: Requester, iri: Iri, version: number): Description | Refusal {
  const stored = hub.records.reader.document(iri);
  const present = stored?.kind === "live" ? stored : undefined;
  const found =
    present?.version === version ? present.document : hub.records.reader.documentVersion(iri, version)?.document;
  // A version is for whom it was written and for whom the post is now.
  const visible = [present?.document, found].every((document) => document !== undefined && maySee(by, document));
  if (!visible || found === undefined) {
    return refuse("not-found", `Expected a version of ${iri}, but there is no version ${version}.`);
  }
  const view = viewPost(hub, found);
  return {
    ...nothing,
    subject: iri,
    kind: "post",
    title: titleOf(view),
    quads: found.quads,
    version: `v${version}`,
    posts: view === undefined ? [] : [{ ...view, version }],
  };
}

/** A post's first line, with who wrote it. */
export function titleOf(view: PostView | undefined): string {
  if (view === undefined) return "Post";
  const [line = ""] = view.post.text.split("\n");
  return `${view.creator.name}: ${line.length > 80 ? `${line.slice(0, 80)}…` : line}`;
}

/** What a post is shown with: the post that it passes on or quotes, and what that one does in turn. */
function originalsShown(hub: HubPorts, view: PostView | undefined): readonly Document[] {
  const original = view?.original;
  if (original?.kind !== "here") return [];
  const stored = hub.records.reader.document(original.iri);
  const own = stored?.kind === "live" ? [stored.document] : [];
  return [...own, ...originalsShown(hub, original.view)];
}

/** The newest likes of a post and reactions to it. */
function feelingsAbout(hub: HubPorts, target: Iri): readonly Document[] {
  return (["like-of", "reaction-of"] as const).flatMap((reference) => {
    const scope = { kind: "reference", reference, target } as const;
    return hub.records.reader.list({ scope, limit: FEELINGS_MAX }).documents;
  });
}

// The same words whether there is no post or one for somebody else: who may not see it learns nothing of it.
function noPost(iri: Iri): Refusal {
  return refuse("not-found", `Expected a post, but there is none at ${iri}.`);
}

function ancestorsOf(thread: readonly Document[], view: PostView | undefined): readonly Document[] {
  const byIri = new Map(thread.map((document) => [document.graph, document]));
  const found: Document[] = [];
  let next = view?.post.replyOf;
  while (next !== undefined && found.length < THREAD_POSTS_MAX) {
    const document = byIri.get(next);
    if (document === undefined || found.includes(document)) break;
    found.unshift(document);
    const above = document.quads.find((q) => q.predicate.value === sioc.reply_of.value)?.object.value;
    next = above !== undefined && isIri(above) ? above : undefined;
  }
  return found;
}
