import { type Account, type AccountIris, type AccountName, profileFromQuads } from "../../core/account.ts";
import { accountIris, accountNameIn, documentOf, itemIdIn } from "../../core/hub-iris.ts";
import { lastSegment } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../rdf/term.ts";
import { foaf } from "../../vocab/foaf.ts";
import { rdf } from "../../vocab/rdf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { skos } from "../../vocab/skos.ts";
import { type FollowedAccount, type Follower, followers, following, noAccount } from "../following/list-follows.ts";
import { describeNote, describeNotes, type NoteView } from "../graphs/describe-note.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { ListCursor, ListScope } from "../ports/records.ts";
import { datasetOf, maySee, type Requester } from "../ports/requester.ts";
import { type PostView, viewCreator, viewPost, viewPosts } from "../posts/post-view.ts";
import { readThread, THREAD_POSTS_MAX } from "../posts/read-thread.ts";
import { hubToQuads, serviceDescription } from "../queries/service-description.ts";

/** Posts on one page. */
export const PAGE_POSTS = 20;
/** LIMIT: the most posts on one page. */
export const PAGE_POSTS_MAX = 200;
/** LIMIT: likes, and reactions, whose triples are on the page of a post; the counts are of all. */
const FEELINGS_MAX = 200;
/** LIMIT: tags of the tag list on a page. */
const TAGS_MAX = 500;

/** Which part of a list a page shows. */
export interface PageWish {
  readonly limit?: number;
  readonly olderThan?: ListCursor;
  readonly newerThan?: ListCursor;
}

/** An account as its page shows it. */
export interface AccountView {
  readonly name: string;
  readonly displayName: string;
  readonly bio?: string;
  readonly homepage?: string;
  readonly image?: string;
  readonly jid: string;
  readonly iris: AccountIris;
  readonly posts: number;
  readonly following: number;
  readonly followers: number;
}

/** What one page is about: the quads, the same in every format, and the order in which people read them. */
export interface Description {
  /** The document's IRI. */
  readonly subject: Iri;
  readonly kind:
    | "hub"
    | "account"
    | "container"
    | "post"
    | "tag"
    | "tags"
    | "following"
    | "followers"
    | "note"
    | "notes"
    | "vocabulary";
  readonly title: string;
  readonly quads: readonly Quad[];
  /** Changes whenever the quads do; what ETags are made of. */
  readonly version: string;
  readonly modified?: string;
  readonly posts: readonly PostView[];
  /** For a post: what it answers, oldest first, and the posts that answer it. */
  readonly ancestors: readonly PostView[];
  readonly replies: readonly PostView[];
  readonly newer?: ListCursor;
  readonly older?: ListCursor;
  readonly feed?: Iri;
  readonly account?: AccountView;
  readonly follows?: readonly (FollowedAccount | Follower)[];
  readonly tags?: readonly { readonly iri: Iri; readonly label: string; readonly posts: number }[];
  readonly accounts?: readonly AccountView[];
  readonly notes?: readonly NoteView[];
}

/**
 * What the hub says about one of its own IRIs. Refuses with `gone` for deleted posts (detail `deleted`), and with
 * `not-found` for what was never there or is not for the requester. Pages are made from the documents in `hub.db`, so that they also show what
 * the query store no longer holds.
 */
export async function describeResource(
  hub: HubPorts,
  by: Requester,
  iri: Iri,
  wish: PageWish = {},
): Promise<Description | Refusal> {
  const { base } = hub.identity;
  const document = documentOf(iri);
  if (document === base) return describeHub(hub, wish);
  if (document === `${base}tags`) return await describeTags(hub, by);
  if (document.startsWith(`${base}tags/`)) return describeTag(hub, document, wish);
  const name = accountNameIn(base, document);
  const account = name === undefined ? undefined : hub.records.reader.account(name as AccountName);
  if (account === undefined)
    return refuse("not-found", `Expected something of this hub, but there is nothing at ${iri}.`);
  const iris = accountIris(base, account.name);
  switch (document) {
    case iris.profile:
      return describeAccount(hub, account, wish);
    case iris.container:
      return describeContainer(hub, account, wish);
    case iris.following:
      return describeFollows(hub, by, account, "following");
    case iris.followers:
      return describeFollows(hub, by, account, "followers");
    case iris.graphs:
      return { ...nothing, ...describeNotes(hub, by, account) };
    default:
      if (itemIdIn(iris.container, document) !== undefined) return await describePost(hub, by, document);
      return describeOther(hub, by, document);
  }
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

const nothing = { posts: [], ancestors: [], replies: [] } as const;

function listPosts(hub: HubPorts, scope: ListScope, wish: PageWish) {
  const limit = Math.min(PAGE_POSTS_MAX, Math.max(1, wish.limit ?? PAGE_POSTS));
  const { limit: _, ...cursors } = wish;
  const { documents, newer, older } = hub.records.reader.list({ scope, limit, ...cursors });
  return {
    documents,
    posts: viewPosts(hub, documents),
    ...(newer === undefined ? {} : { newer }),
    ...(older === undefined ? {} : { older }),
  };
}

/** Quads without repeats, in order. */
function union(...sets: readonly Iterable<Quad>[]): readonly Quad[] {
  const seen = new Map<string, Quad>();
  for (const set of sets) {
    for (const q of set) {
      const { object } = q;
      const tail = object.termType === "Literal" ? `${object.language} ${object.datatype.value}` : "";
      seen.set(
        `${q.subject.termType} ${q.subject.value} ${q.predicate.value} ${object.termType} ${object.value} ${tail}`,
        q,
      );
    }
  }
  return [...seen.values()];
}

/** The quads of posts, with the names of who wrote them. */
function postQuads(hub: HubPorts, documents: readonly Document[]): readonly Quad[] {
  const creators = new Set(documents.map(({ author }) => author).filter((author) => author !== undefined));
  const named = [...creators].flatMap((creator) => creatorQuads(hub, creator));
  return union(...documents.map(({ quads }) => quads), named);
}

function creatorQuads(hub: HubPorts, creator: Iri): Quad[] {
  const stored = hub.records.reader.document(documentOf(creator));
  if (stored?.kind !== "live" || stored.document.audience !== "public") return [];
  const { person, displayName } = profileFromQuads(stored.document.quads, creator);
  if (person === undefined || displayName === undefined) return [];
  return [
    quad(namedNode(creator), sioc.account_of, namedNode(person)),
    quad(namedNode(person), foaf.name, literal(displayName)),
  ];
}

function contains(container: Iri, documents: readonly Document[]): Quad[] {
  return documents.map(({ graph }) => quad(namedNode(container), sioc.container_of, namedNode(graph)));
}

function pageVersion(hub: HubPorts, documents: readonly Document[], extra = ""): string {
  const parts = documents.map(({ graph, created, modified }) => `${graph} ${modified ?? created}`);
  return hub.hash(`${extra}\n${parts.join("\n")}`).slice(0, 20);
}

async function describeHub(hub: HubPorts, wish: PageWish): Promise<Description> {
  const { reader } = hub.records;
  const list = listPosts(hub, { kind: "all", documentKind: "post", origin: "own" }, wish);
  const accounts = reader
    .accounts()
    .slice(0, 100)
    .map((account) => viewAccount(hub, account));
  const self = namedNode(hub.identity.base);
  const spaces = accounts.flatMap(({ iris }) => [
    quad(self, sioc.space_of, namedNode(iris.container)),
    quad(namedNode(iris.container), sioc.has_owner, namedNode(iris.account)),
    ...creatorQuads(hub, iris.account),
  ]);
  const quads = union(hubToQuads(hub), await serviceDescription(hub), spaces, postQuads(hub, list.documents));
  return {
    ...nothing,
    subject: hub.identity.base,
    kind: "hub",
    title: hub.identity.title,
    quads,
    version: pageVersion(
      hub,
      list.documents,
      `${hub.quads.version} ${JSON.stringify(accounts)} ${hub.xmpp.status.kind}`,
    ),
    posts: list.posts,
    accounts,
    ...cursorsOf(list),
  };
}

function cursorsOf({ newer, older }: { readonly newer?: ListCursor; readonly older?: ListCursor }) {
  return { ...(newer === undefined ? {} : { newer }), ...(older === undefined ? {} : { older }) };
}

/** An account of this hub with its counts. */
export function viewAccount(hub: HubPorts, account: Account): AccountView {
  const { reader } = hub.records;
  const iris = accountIris(hub.identity.base, account.name);
  const told = followers(hub, account.name);
  return {
    name: account.name,
    displayName: account.displayName,
    ...(account.bio === undefined ? {} : { bio: account.bio }),
    ...(account.homepage === undefined ? {} : { homepage: account.homepage }),
    ...(account.image === undefined ? {} : { image: account.image }),
    jid: account.jid,
    iris,
    posts: reader.count({ kind: "container", container: iris.container }),
    following: reader.count({ kind: "authors", authors: [iris.account], documentKind: "follow" }),
    followers: isRefusal(told) ? 0 : told.length,
  };
}

function describeAccount(hub: HubPorts, account: Account, wish: PageWish): Description | Refusal {
  const iris = accountIris(hub.identity.base, account.name);
  const stored = hub.records.reader.document(iris.profile);
  if (stored?.kind !== "live") return noAccount(account.name);
  const list = listPosts(hub, { kind: "container", container: iris.container }, wish);
  const view = viewAccount(hub, account);
  return {
    ...nothing,
    subject: iris.profile,
    kind: "account",
    title: account.displayName,
    quads: union(stored.document.quads, contains(iris.container, list.documents), postQuads(hub, list.documents)),
    version: pageVersion(hub, list.documents, `${stored.version} ${JSON.stringify(view)}`),
    posts: list.posts,
    feed: iris.feed,
    account: view,
    ...cursorsOf(list),
  };
}

function describeContainer(hub: HubPorts, account: Account, wish: PageWish): Description {
  const iris = accountIris(hub.identity.base, account.name);
  const list = listPosts(hub, { kind: "container", container: iris.container }, wish);
  const container = namedNode(iris.container);
  const self = [
    quad(container, rdf.type, sioct.Microblog),
    quad(container, sioc.has_owner, namedNode(iris.account)),
    quad(container, sioc.has_space, namedNode(hub.identity.base)),
  ];
  return {
    ...nothing,
    subject: iris.container,
    kind: "container",
    title: `Posts of ${account.displayName}`,
    quads: union(self, contains(iris.container, list.documents), postQuads(hub, list.documents)),
    version: pageVersion(hub, list.documents, account.displayName),
    posts: list.posts,
    feed: iris.feed,
    account: viewAccount(hub, account),
    ...cursorsOf(list),
  };
}

async function describePost(hub: HubPorts, by: Requester, iri: Iri): Promise<Description | Refusal> {
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

function titleOf(view: PostView | undefined): string {
  if (view === undefined) return "Post";
  const [line = ""] = view.post.text.split("\n");
  return `${view.creator.name}: ${line.length > 80 ? `${line.slice(0, 80)}…` : line}`;
}

function describeTag(hub: HubPorts, iri: Iri, wish: PageWish): Description | Refusal {
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

async function describeTags(hub: HubPorts, by: Requester): Promise<Description> {
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

function describeFollows(
  hub: HubPorts,
  by: Requester,
  account: Account,
  kind: "following" | "followers",
): Description | Refusal {
  const iris = accountIris(hub.identity.base, account.name);
  const found = kind === "following" ? following(hub, by, account.name) : followers(hub, account.name);
  if (isRefusal(found)) return found;
  const self = namedNode(iris.account);
  const quads = found.flatMap((other) => {
    if (other.account === undefined) return [];
    const iri = namedNode(other.account);
    const follows = kind === "following" ? quad(self, sioc.follows, iri) : quad(iri, sioc.follows, self);
    return [follows, ...creatorQuads(hub, other.account)];
  });
  return {
    ...nothing,
    subject: iris[kind],
    kind,
    title: kind === "following" ? `Whom ${account.displayName} follows` : `Who follows ${account.displayName}`,
    quads: union(quads, creatorQuads(hub, iris.account)),
    version: hub.hash(JSON.stringify(found)).slice(0, 20),
    follows: found,
    account: viewAccount(hub, account),
  };
}

/** Any other own document by its IRI: a note, a single follow, or what was imported under the hub's base. */
function describeOther(hub: HubPorts, by: Requester, iri: Iri): Description | Refusal {
  const stored = hub.records.reader.document(iri);
  if (stored?.kind !== "live" || !maySee(by, stored.document)) {
    return stored?.kind === "tombstone"
      ? refuse("gone", `${iri} was deleted on ${stored.tombstone.deleted.slice(0, 10)}.`, {
          deleted: stored.tombstone.deleted,
        })
      : refuse("not-found", `Expected something of this hub, but there is nothing at ${iri}.`);
  }
  if (stored.document.kind === "note") return { ...nothing, ...describeNote(stored.document, stored.version) };
  const view = viewPost(hub, stored.document);
  const author = stored.document.author === undefined ? "" : viewCreator(hub, stored.document.author).name;
  return {
    ...nothing,
    subject: iri,
    kind: "post",
    title: view === undefined ? `A statement of ${author}` : titleOf(view),
    quads: stored.document.quads,
    version: `${stored.version}`,
    posts: view === undefined ? [] : [view],
  };
}
