import type { PostView } from "../../hub/posts/post-view.ts";
import type { WatchMeaning } from "../../hub/watches/built-in-watches.ts";
import type { WatchView } from "../../hub/watches/watch-view.ts";
import type { Term } from "../../rdf/term.ts";
import { type Html, html } from "../html.ts";
import { countOf, linkTo, type PageScope, timeOf } from "./page-scope.ts";
import { postCard } from "./post-card.ts";
import { rowTable } from "./query-answer.ts";

/** A standing query with its newest answers, as its page shows them. */
export interface ShownWatch {
  readonly view: WatchView;
  readonly variables: readonly string[];
  /** What one of the program's own means. */
  readonly meaning?: WatchMeaning | undefined;
  readonly owner: { readonly name: string; readonly profile: string };
  /** Newest first: about a post, or else rows. */
  readonly posts: readonly PostView[];
  readonly rows: readonly ReadonlyMap<string, Term>[];
}

/** The page of a standing query: what is asked, where its answers go, and the newest of them. */
export function watchBody(scope: PageScope, shown: ShownWatch): Html {
  const { view, meaning, owner } = shown;
  const about = html`<p class="lead">${meaning === undefined ? undefined : html`${meant(scope, meaning)} `}A standing query of ${linkTo(scope, owner.profile, html`<bdi>${owner.name}</bdi>`)}, kept since ${timeOf(view.created)}. ${whoReads(view, owner.name)}</p>`;
  return html`<h1>${view.name}</h1>${about}${stopped(view)}${ways(scope, view)}
<section id="live" aria-label="Answers">${answers(scope, shown)}</section><p id="live-news" role="status" class="skip" data-changed="The answers have changed."></p>
<h2>Query</h2><pre class="rdf wrapped">${view.query}</pre>`;
}

function meant(scope: PageScope, { words, about }: WatchMeaning): Html {
  return html`${words}${about && html` ${linkTo(scope, about.iri, html`<bdi>${about.label}</bdi>`)}`}.`;
}

function whoReads({ isPublic }: WatchView, owner: string): Html {
  return isPublic
    ? html`Everybody may read its answers.`
    : html`Only <bdi>${owner}</bdi> and the addresses linked to it may read its answers.`;
}

function stopped({ problem, stopped: at }: WatchView): Html | undefined {
  if (problem === undefined) return undefined;
  const when = at === undefined ? undefined : html` since ${timeOf(at)}`;
  return html`<p class="note problem">Stopped${when}: ${problem}</p>`;
}

function ways(scope: PageScope, { iri, service, node }: WatchView): Html {
  const xmpp = `xmpp:${service}?;node=${encodeURIComponent(node)}`;
  const feed = linkTo(scope, `${iri}?format=atom`, "Atom feed");
  const off = scope.context.xmpp.kind === "off" ? html` <span class="soft">(off at present)</span>` : undefined;
  return html`<section class="card" aria-labelledby="subscribe"><h2 id="subscribe">How to follow</h2><dl class="ways"><dt>With XMPP</dt><dd><a href="${xmpp}">${service} ${node}</a>${off}</dd><dt>With a reader</dt><dd>${feed}</dd></dl></section>`;
}

function answers(scope: PageScope, { view, variables, posts, rows }: ShownWatch): Html {
  const shown = posts.length + rows.length;
  const count = shown < view.answers ? `The newest ${shown} of ${view.answers}` : countOf(shown, "answer", "answers");
  if (shown === 0) return html`<h2>Answers</h2><p class="empty">Nothing fits yet.</p>`;
  const table = rows.length === 0 ? undefined : rowTable(scope, { variables, rows }, "Answers that are no posts");
  return html`<h2>Answers</h2><p class="soft small">${count}</p>${posts.map((post) => postCard(scope, post))}${table}`;
}

/** The standing queries of an account that the reader may see. */
export function watchListBody(scope: PageScope, owner: ShownWatch["owner"], watches: readonly WatchView[]): Html {
  const items = watches.map(
    (view) =>
      html`<li><div>${linkTo(scope, view.iri, view.name, "name")}<div class="small soft">${stateOf(view)}</div></div></li>`,
  );
  const list =
    items.length === 0
      ? html`<p class="empty">There is nothing here that you may read.</p>`
      : html`<ul class="list">${items}</ul>`;
  // The forms to add, change and remove them belong here, once a browser can say whose it is.
  return html`<h1>Standing queries of ${linkTo(scope, owner.profile, html`<bdi>${owner.name}</bdi>`)}</h1>${list}`;
}

function stateOf({ isPublic, answers: count, problem }: WatchView): string {
  const state = problem === undefined ? countOf(count, "answer", "answers") : "stopped";
  return `${state} · ${isPublic ? "for everybody" : "for its account alone"}`;
}
