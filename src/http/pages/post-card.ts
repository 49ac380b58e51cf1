import { type CreatorView, type OriginalView, type PostView, shownText } from "../../hub/posts/post-view.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { foaf } from "../../vocab/foaf.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { sterna } from "../../vocab/sterna.ts";
import { type Html, html } from "../html.ts";
import { countOf, linkTo, type PageScope, timeOf } from "./page-scope.ts";
import { postFiles } from "./post-files.ts";
import { reactionItems } from "./post-reactions.ts";
import { languageOf, postText } from "./post-text.ts";

/** One post: who, when, what it answers, the text, and where it leads. `main` is the one its page is about. */
export function postCard(scope: PageScope, view: PostView, main = false): Html {
  const { rdfa } = scope;
  const { iri, post, creator } = view;
  const created = linkTo(scope, iri, rdfa.value(iri, dcterms.created, timeOf(post.created)));
  const placed = rdfa.link(iri, sioc.has_container, post.container, created);
  const body = html`<header class="who">${face(creator.image, creator.name)}<div>${creatorName(scope, view)}<div class="small">${jidOf(creator)}${placed}${edited(scope, view)}</div></div></header>${answers(scope, view)}${words(scope, view)}${postFiles(scope, view)}${facts(scope, view)}`;
  return rdfa.link(iri, rdf.type, sioct.MicroblogPost.value, body, {
    tag: "article",
    class: main ? "card main" : "card",
  });
}

/** A list of posts, or a line for none. */
export function postList(scope: PageScope, posts: readonly PostView[], none: string): Html {
  if (posts.length === 0) return html`<p class="empty">${none}</p>`;
  return html`${posts.map((view) => postCard(scope, view))}`;
}

/** A picture, or the first letter of a name. */
export function face(image: string | undefined, name: string, look = "face"): Html {
  if (image !== undefined && /^https?:/i.test(image)) {
    return html`<span class="${look}"><img src="${image}" alt="" loading="lazy" decoding="async" /></span>`;
  }
  const [first = "?"] = Array.from(name.trim(), (character) => character.toUpperCase());
  return html`<span class="${look}" aria-hidden="true">${first}</span>`;
}

function creatorName(scope: PageScope, { iri, creator }: PostView): Html {
  const { rdfa } = scope;
  const person = rdfa.iri(creator.iri, sioc.account_of);
  const name = rdfa.text(person, foaf.name, creator.name, { tag: "bdi" });
  const held = rdfa.link(creator.iri, sioc.account_of, person, linkTo(scope, creator.profile, name, "name"));
  const made = rdfa.link(iri, foaf.maker, person, held);
  return rdfa.link(iri, sioc.has_creator, creator.iri, made, { tag: "div", class: "name" });
}

function jidOf({ jid }: CreatorView): Html | undefined {
  return jid === undefined ? undefined : html`<span class="soft">${jid}</span> · `;
}

function edited(scope: PageScope, { iri, post }: PostView): Html | undefined {
  if (post.modified === undefined) return undefined;
  const when = scope.rdfa.value(iri, dcterms.modified, timeOf(post.modified));
  return html` · <span class="soft">edited ${when}</span>`;
}

function answers(scope: PageScope, { iri, post, answered }: PostView): Html | undefined {
  if (post.replyOf === undefined) return undefined;
  const who = answered === undefined ? "another post" : html`<bdi>${answered.name}</bdi>`;
  const named = scope.rdfa.link(iri, sioc.reply_of, post.replyOf, linkTo(scope, post.replyOf, who));
  return html`<p class="answers">In answer to ${named}</p>`;
}

/** What a post says: its text, and below it what it quotes; of a repost what it passes on. */
function words(scope: PageScope, view: PostView): Html {
  const { iri, post, original } = view;
  const of = post.repostOf ?? post.quoteOf;
  if (of === undefined) return postText(scope, view);
  const property = post.repostOf === undefined ? sterna.quoteOf : sterna.repostOf;
  const named = scope.rdfa.link(iri, property, of, linkTo(scope, of, nameOf(original)));
  if (post.repostOf === undefined) {
    return html`${postText(scope, view)}<div class="within"><p class="answers">Quotes ${named}</p>${within(scope, original)}</div>`;
  }
  const shown =
    original === undefined || original.kind === "elsewhere" ? postText(scope, view) : within(scope, original);
  return html`<p class="answers">Reposted ${named}</p>${shown}`;
}

function nameOf(original: OriginalView | undefined): Html {
  return original?.kind === "here" ? html`<bdi>${original.view.creator.name}</bdi>` : html`another post`;
}

/** A post within another, said for people only: the data of the page are about the one around it. */
function within(scope: PageScope, original: OriginalView | undefined): Html | undefined {
  if (original?.kind === "deleted") return html`<p class="empty">This post was deleted.</p>`;
  if (original?.kind !== "here") return undefined;
  const { view } = original;
  const { creator, post } = view;
  const who = linkTo(scope, creator.profile, html`<bdi>${creator.name}</bdi>`, "name");
  const when = linkTo(scope, view.iri, timeOf(post.created));
  return html`<blockquote><div class="small">${who} · ${jidOf(creator)}${when}</div><div class="said" dir="auto"${languageOf(post)}>${shownText(view)}</div>${within(scope, view.original)}</blockquote>`;
}

function facts(scope: PageScope, { iri, post, replies, likes, reactions, reposts = 0 }: PostView): Html | undefined {
  const { rdfa } = scope;
  const before = post.previousVersion;
  const version =
    before === undefined
      ? undefined
      : html`<li>${rdfa.link(iri, sioc.previous_version, before, linkTo(scope, before, "Before the edit"))}</li>`;
  const said = replies === 0 ? undefined : html`<li>${linkTo(scope, iri, countOf(replies, "reply", "replies"))}</li>`;
  const liked = likes === 0 ? undefined : html`<li>${countOf(likes, "like", "likes")}</li>`;
  const passedOn = reposts === 0 ? undefined : html`<li>${countOf(reposts, "repost", "reposts")}</li>`;
  const felt = reactionItems(reactions);
  return felt.length === 0 && [said, liked, passedOn, version].every((fact) => fact === undefined)
    ? undefined
    : html`<ul class="facts">${said}${liked}${felt}${passedOn}${version}</ul>`;
}
