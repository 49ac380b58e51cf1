import type { Description } from "../../hub/pages/description.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioc } from "../../vocab/sioc.ts";
import { type Html, html } from "../html.ts";
import { accountHead, accountList, followList, waysToFollow } from "./account-parts.ts";
import { countOf, linkTo, type PageScope, paging, queryOf, timeOf } from "./page-scope.ts";
import { postCard, postList } from "./post-card.ts";
import { vocabularyTerms } from "./vocabulary-terms.ts";

/** What the page of a Description shows, with its quads said in `scope.rdfa`. */
export function resourceBody(scope: PageScope, description: Description): Html {
  return html`${versionNotice(scope, description)}${bodyOf(scope, description)}${paging(scope, description)}`;
}

function bodyOf(scope: PageScope, description: Description): Html {
  const { account, posts } = description;
  switch (description.kind) {
    case "hub":
      return hubBody(scope, description);
    case "account":
      if (account === undefined) return html`<h1>${description.title}</h1>`;
      return html`${accountHead(scope, account)}${waysToFollow(scope, account)}<h2>Newest posts</h2>${listed(scope, description, "Nothing posted yet.")}`;
    case "container":
      return html`<h1>Posts of ${nameLink(scope, description)}</h1>${listed(scope, description, "Nothing posted yet.")}`;
    case "tag": {
      const label = description.title.replace(/^#/, "");
      const shown = scope.rdfa.text(description.subject, rdfs.label, label, { tag: "bdi" });
      return html`<h1>#${shown}</h1>${postList(scope, posts, "No post on this page.")}`;
    }
    case "tags":
      return html`<h1>Tags</h1>${tagList(scope, description)}`;
    case "following":
      return html`<h1>Whom ${nameLink(scope, description)} follows</h1>${follows(scope, description)}`;
    case "followers":
      return html`<h1>Who follows ${nameLink(scope, description)}</h1>${follows(scope, description)}`;
    case "post":
      return postBody(scope, description);
    case "note":
      return html`<h1>${description.title}</h1><p class="soft">A graph that an account of this hub writes.</p>`;
    case "notes":
      return html`<h1>${description.title}</h1>${noteList(scope, description)}`;
    case "vocabulary":
      return html`<h1>${description.title}</h1>${vocabularyTerms(scope, description.quads)}`;
  }
}

function hubBody(scope: PageScope, { subject, accounts = [], posts, title: name }: Description): Html {
  const { rdfa } = scope;
  const said = rdfa.objects(subject, dcterms.description)[0]?.value;
  const about =
    said === undefined ? undefined : rdfa.text(subject, dcterms.description, said, { tag: "p", class: "lead" });
  const title = rdfa.text(subject, dcterms.title, name, { tag: "bdi" });
  return html`<h1>${title}</h1>${about}<h2>Accounts</h2>${accountList(scope, accounts)}<p class="note small">Follow an account from any hub, XMPP client or feed reader: each account's page says how. All public posts can be asked with SPARQL: ${linkTo(scope, `${subject}sparql`, "write a query")}.</p><h2>Newest posts</h2>${postList(scope, posts, "Nothing posted yet.")}`;
}

function postBody(scope: PageScope, { posts: [post], ancestors, replies, title }: Description): Html {
  if (post === undefined) return html`<h1>${title}</h1><p class="soft">See its data below.</p>`;
  const above =
    ancestors.length === 0 ? undefined : html`<h2>In answer to</h2>${ancestors.map((view) => postCard(scope, view))}`;
  const tags = post.post.topics.length === 0 ? undefined : topicList(scope, post.iri, post.post.topics);
  const below =
    replies.length === 0
      ? undefined
      : html`<h2>${countOf(replies.length, "reply", "replies")}</h2>${replies.map((view) => {
          const card = postCard(scope, view);
          return scope.rdfa.link(post.iri, sioc.has_reply, view.iri, card, { tag: "div" });
        })}`;
  return html`<h1 class="skip">Post by ${post.creator.name}</h1>${above}${postCard(scope, post, true)}${tags}${below}`;
}

function topicList(
  scope: PageScope,
  post: string,
  topics: readonly { readonly iri: string; readonly label: string }[],
): Html {
  const items = topics.map(({ iri, label }) => {
    const shown = linkTo(scope, iri, html`#${scope.rdfa.text(iri, rdfs.label, label, { tag: "bdi" })}`);
    return html`<li>${scope.rdfa.link(post, sioc.topic, iri, shown)}</li>`;
  });
  return html`<ul class="tags" aria-label="Tags">${items}</ul>`;
}

function tagList(scope: PageScope, { tags = [] }: Description): Html {
  if (tags.length === 0) return html`<p class="empty">No post has a tag yet.</p>`;
  const items = tags.map(({ iri, label, posts }) => {
    const shown = html`#${scope.rdfa.text(iri, rdfs.label, label, { tag: "bdi" })}`;
    return html`<li>${linkTo(scope, iri, shown)} <span class="soft small">${posts}</span></li>`;
  });
  return html`<ul class="tags">${items}</ul>`;
}

function noteList(scope: PageScope, { notes = [] }: Description): Html {
  if (notes.length === 0) return html`<p class="empty">No graph here that you may see.</p>`;
  const items = notes.map(({ iri, name, published, modified }) => {
    const seen = published ? "for everybody" : "private";
    return html`<li>${linkTo(scope, iri, html`<bdi>${name}</bdi>`)} <span class="soft small">${seen}, ${timeOf(modified)}</span></li>`;
  });
  return html`<ul>${items}</ul>`;
}

function follows(scope: PageScope, { follows: found = [], account }: Description): Html | undefined {
  return account === undefined ? undefined : followList(scope, found, account);
}

/** Posts of a container, each said to stand in it. */
function listed(scope: PageScope, { posts, account }: Description, none: string): Html {
  if (posts.length === 0 || account === undefined) return html`<p class="empty">${none}</p>`;
  const container = account.iris.container;
  return html`${posts.map((view) =>
    scope.rdfa.link(container, sioc.container_of, view.iri, postCard(scope, view), { tag: "div" }),
  )}`;
}

function nameLink(scope: PageScope, { account }: Description): Html | undefined {
  if (account === undefined) return undefined;
  return linkTo(scope, account.iris.profile, html`<bdi>${account.displayName}</bdi>`);
}

function versionNotice({ context, rdfa }: PageScope, { subject }: Description): Html | undefined {
  const version = queryOf(context).get("version");
  if (version === null) return undefined;
  return html`<p class="note">This is version ${version}. ${linkTo({ context, rdfa }, subject, "See the post as it is now")}.</p>`;
}
