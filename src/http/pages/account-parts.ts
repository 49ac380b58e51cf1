import type { FollowedAccount, Follower } from "../../hub/following/list-follows.ts";
import type { AccountView } from "../../hub/pages/description.ts";
import { foaf } from "../../vocab/foaf.ts";
import { rdf } from "../../vocab/rdf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { type Html, html } from "../html.ts";
import { countOf, linkTo, type PageScope } from "./page-scope.ts";
import { face } from "./post-card.ts";

/** Who an account is, and how to follow it. */
export function accountHead(scope: PageScope, account: AccountView): Html {
  const { rdfa } = scope;
  const { iris } = account;
  const name = rdfa.text(iris.person, foaf.name, account.displayName, { tag: "bdi" });
  const person = rdfa.link(iris.person, rdf.type, foaf.Person.value, name);
  const nick = rdfa.text(iris.person, foaf.nick, account.name);
  const bio =
    account.bio === undefined
      ? undefined
      : rdfa.text(iris.person, rdfs.comment, account.bio, { tag: "p", class: "bio", autoDirection: true });
  const picture = rdfa.link(iris.person, foaf.img, account.image, face(account.image, account.displayName, "face big"));
  return html`<div class="profile">${picture}<div><h1>${person}</h1><div class="soft">${nick}</div></div></div>${bio}${homepage(scope, account)}${counts(scope, account)}`;
}

function homepage(scope: PageScope, { iris, homepage: target }: AccountView): Html | undefined {
  if (target === undefined) return undefined;
  return html`<p>${scope.rdfa.link(iris.person, foaf.homepage, target, linkTo(scope, target, target.replace(/^https?:\/\//, "")))}</p>`;
}

function counts(scope: PageScope, { iris, posts, following, followers, watches = 0 }: AccountView): Html {
  const item = (iri: string, count: number, one: string, many: string): Html => {
    const [number = "", ...words] = countOf(count, one, many).split(" ");
    return html`<li>${linkTo(scope, iri, html`<strong>${number}</strong> ${words.join(" ")}`)}</li>`;
  };
  return html`<ul class="counts">${[
    item(iris.container, posts, "post", "posts"),
    item(iris.following, following, "following", "following"),
    item(iris.followers, followers, "follower", "followers"),
    watches === 0 ? undefined : item(`${iris.profile}/watches`, watches, "standing query", "standing queries"),
  ]}</ul>`;
}

/** How to follow an account: each address by which others may know it. */
export function waysToFollow(scope: PageScope, { iris, jid }: AccountView): Html {
  const { rdfa } = scope;
  const address = rdfa.link(iris.account, rdf.type, sioc.UserAccount.value, linkTo(scope, iris.profile, iris.profile));
  const held = rdfa.link(iris.account, sioc.account_of, iris.person, address);
  const off = scope.context.xmpp.kind === "off" ? html` <span class="soft">(off at present)</span>` : undefined;
  const chat = html`<a href="xmpp:${jid}">${rdfa.text(iris.account, foaf.jabberID, jid)}</a>${off}`;
  const feed = rdfa.link(iris.account, sioc.feed, iris.feed, linkTo(scope, iris.feed, "Atom feed"));
  const microblog = rdfa.link(
    iris.container,
    rdf.type,
    sioct.Microblog.value,
    linkTo(scope, iris.container, "All posts"),
  );
  return html`<section class="card" aria-labelledby="follow"><h2 id="follow">How to follow</h2><dl class="ways"><dt>On a hub</dt><dd>${held}</dd><dt>With XMPP</dt><dd>${chat}</dd><dt>With a reader</dt><dd>${feed}</dd><dt>On the web</dt><dd>${rdfa.link(iris.container, sioc.has_owner, iris.account, microblog)}</dd></dl></section>`;
}

/** The accounts of a hub. */
export function accountList(scope: PageScope, accounts: readonly AccountView[]): Html {
  if (accounts.length === 0) return html`<p class="empty">There is no account yet.</p>`;
  const items = accounts.map((account) => {
    const { iris } = account;
    const name = scope.rdfa.text(iris.person, foaf.name, account.displayName, { tag: "bdi" });
    const held = scope.rdfa.link(iris.account, sioc.account_of, iris.person, linkTo(scope, iris.profile, name));
    const owner = scope.rdfa.link(iris.container, sioc.has_owner, iris.account, held);
    const space = scope.rdfa.link(scope.context.base, sioc.space_of, iris.container, owner);
    return html`<li>${face(account.image, account.displayName)}<div>${space}<div class="small soft">${account.jid} · ${countOf(account.posts, "post", "posts")}</div></div></li>`;
  });
  return html`<ul class="list">${items}</ul>`;
}

const STATES: Readonly<Record<FollowedAccount["state"], string>> = {
  local: "on this hub",
  subscribing: "asking its hub",
  subscribed: "posts arrive",
  refused: "refused",
};

/** The accounts somebody follows, or is followed by. `self` is whose list it is. */
export function followList(
  scope: PageScope,
  follows: readonly (FollowedAccount | Follower)[],
  self: AccountView,
): Html {
  if (follows.length === 0) return html`<p class="empty">Nobody yet.</p>`;
  return html`<ul class="list">${follows.map((other) => followItem(scope, other, self.iris.account))}</ul>`;
}

function followItem(scope: PageScope, other: FollowedAccount | Follower, self: string): Html {
  const { account, displayName, jid } = other;
  const name = displayName ?? jid ?? account ?? "somebody";
  if (account === undefined) {
    const what = "kind" in other && other.kind === "hub" ? "a hub, for its accounts" : "subscribed over XMPP";
    return html`<li>${face(undefined, name)}<div><bdi>${name}</bdi><div class="small soft">${what}</div></div></li>`;
  }
  const person = scope.rdfa.iri(account, sioc.account_of);
  const shown = linkTo(scope, account.replace(/#.*$/, ""), scope.rdfa.text(person, foaf.name, name, { tag: "bdi" }));
  const held = scope.rdfa.link(account, sioc.account_of, person, shown);
  const follows = "state" in other ? ([self, account] as const) : ([account, self] as const);
  const said = scope.rdfa.link(follows[0], sioc.follows, follows[1], held);
  const state = "state" in other ? ` · ${STATES[other.state]}` : "";
  return html`<li>${face(undefined, name)}<div>${said}<div class="small soft">${jid ?? account}${state}</div></div></li>`;
}
