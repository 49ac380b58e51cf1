import type { AccountName } from "../../../src/core/account.ts";
import { accountIris } from "../../../src/core/hub-iris.ts";
import type { Instant } from "../../../src/core/instant.ts";
import { type Post, postToQuads } from "../../../src/core/posts/post.ts";
import type { PageContext } from "../../../src/http/pages/render.ts";
import type { AccountView, Description } from "../../../src/hub/pages/description.ts";
import type { PostView } from "../../../src/hub/posts/post-view.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { blankNode, literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";
import { foaf } from "../../../src/vocab/foaf.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { rdfs } from "../../../src/vocab/rdfs.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { xsd } from "../../../src/vocab/xsd.ts";

export const BASE = "https://hub.example/" as Iri;

/** What a page needs, of a hub without XMPP. */
export function contextOf(path = "alice"): PageContext {
  return {
    base: BASE,
    title: 'Lake & "Sea"',
    path,
    alternates: [{ mediaType: "text/turtle", href: `${BASE}${path}?format=turtle` }],
    xmpp: { kind: "off", reason: "in this test" },
    domain: "hub.example",
  };
}

/** A post of an account elsewhere, and how people see it. */
export function viewOf(post: Partial<Post> = {}, creator: Partial<PostView["creator"]> = {}): PostView {
  const whole: Post = {
    iri: "https://other.example/posts/1" as Iri,
    creator: "https://other.example/carol#account" as Iri,
    text: "The terns are back.",
    created: "2026-11-21T06:00:00.000Z" as Instant,
    addressedTo: [],
    topics: [],
    links: [],
    ...post,
  };
  const profile = "https://other.example/carol" as Iri;
  return {
    iri: whole.iri,
    post: whole,
    version: 1,
    replies: 0,
    likes: 0,
    creator: { iri: whole.creator, name: "Carol", profile, local: false, ...creator },
  };
}

/** The Description of a post's page, with the name of who wrote it. */
export function postPage(view: PostView, rest: Partial<Description> = {}): Description {
  const person = namedNode(`${view.creator.profile}#me`);
  const all = [view, ...(rest.ancestors ?? []), ...(rest.replies ?? [])].flatMap(({ post }) => postToQuads(post));
  return {
    subject: view.iri,
    kind: "post",
    title: "Post",
    version: "1",
    posts: [view],
    ancestors: [],
    replies: [],
    ...rest,
    quads: [
      ...all,
      quad(namedNode(view.creator.iri), sioc.account_of, person),
      quad(person, foaf.name, literal(view.creator.name)),
      ...(rest.quads ?? []),
    ],
  };
}

/** An account with a picture, a homepage and a name from right to left, and its page. */
export function accountPage(posts: readonly PostView[] = []): Description {
  const iris = accountIris(BASE, "alice" as AccountName);
  const account: AccountView = {
    name: "alice",
    displayName: "أليس <Alice>",
    bio: "Watches birds.\n\n  At the lake & sea.",
    homepage: "https://alice.example/?a=1&b=2#me",
    image: "https://alice.example/face.png",
    jid: "alice@hub.example",
    iris,
    posts: posts.length,
    following: 1,
    followers: 1_234,
  };
  const [person, self] = [namedNode(iris.person), namedNode(iris.account)];
  return {
    subject: iris.profile,
    kind: "account",
    title: account.displayName,
    version: "1",
    posts,
    ancestors: [],
    replies: [],
    feed: iris.feed,
    account,
    quads: [
      quad(person, rdf.type, foaf.Person),
      quad(person, foaf.name, literal(account.displayName)),
      quad(person, foaf.nick, literal(account.name)),
      quad(person, foaf.img, namedNode(account.image ?? "")),
      quad(person, foaf.homepage, namedNode(account.homepage ?? "")),
      quad(person, rdfs.comment, literal(account.bio ?? "", "en-GB")),
      quad(self, sioc.account_of, person),
      quad(self, foaf.jabberID, literal(account.jid)),
      quad(self, sioc.feed, namedNode(iris.feed)),
      ...posts.flatMap(({ post }) => [
        ...postToQuads(post),
        quad(namedNode(iris.container), sioc.container_of, namedNode(post.iri)),
      ]),
    ],
  };
}

/** Statements of each kind of term about `subject`, which no page has a place for. */
export function oddQuads(subject: string): readonly Quad[] {
  const [self, other, inner] = [namedNode(subject), blankNode("n3-0"), blankNode("x y")];
  const says = namedNode("http://x.example/ünï#1");
  return [
    quad(self, says, literal("1.50", xsd.decimal)),
    quad(self, says, literal("1.50", namedNode("urn:x:y"))),
    quad(self, says, literal("1.50")),
    quad(self, says, literal("1.50", "de-ch")),
    quad(self, says, literal('<b a="1">&amp;</b>', rdf.HTML)),
    quad(self, says, literal("\n two\n\n  lines\tand\r\nmore ", xsd.string)),
    quad(self, says, literal("")),
    quad(self, says, other),
    quad(other, sioc.topic, inner),
    quad(inner, sioc.topic, other),
    quad(inner, rdfs.label, literal("שלום \u202bעולם\u202c 👩‍👩‍👧‍👦", "he")),
    quad(namedNode("geo:46.9,7.4"), says, namedNode("xmpp:alice@hub.example?;node=urn:xmpp:microblog:0")),
  ];
}
