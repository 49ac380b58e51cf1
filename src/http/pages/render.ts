import type { Description } from "../../hub/pages/description.ts";
import type { Timeline } from "../../hub/posts/read-timeline.ts";
import type { WatchView } from "../../hub/watches/watch-view.ts";
import type { Quad } from "../../rdf/term.ts";
import { sterna } from "../../vocab/sterna.ts";
import { type Html, html } from "../html.ts";
import type { Problem } from "../problem.ts";
import { RdfaWriter } from "../rdfa-writer.ts";
import { commandHint } from "./command-hint.ts";
import { layout } from "./layout.ts";
import { LIVE_JS, LIVE_PATH } from "./live-script.ts";
import type { PageContext } from "./page-context.ts";
import { hrefOf, paging } from "./page-scope.ts";
import { postList } from "./post-card.ts";
import { queryAnswer, type ShownAnswer } from "./query-answer.ts";
import { queryForm, queryFormAgain } from "./query-form.ts";
import { resourceBody } from "./resource-page.ts";
import { FAVICON_SVG, STYLE_CSS, STYLE_PATH } from "./stylesheet.ts";
import { vocabularyTerms } from "./vocabulary-terms.ts";
import { type ShownWatch, watchBody, watchListBody } from "./watch-page.ts";

export type { PageContext };
export { FAVICON_SVG, LIVE_JS, LIVE_PATH, STYLE_CSS, STYLE_PATH };

/** The page of a Description: what people read, and in it as RDFa the very quads that its other formats hold. */
export function renderPage(description: Description, context: PageContext): string {
  const scope = { context, rdfa: new RdfaWriter(description.quads) };
  const main = resourceBody(scope, description);
  const { title, feed } = description;
  return layout(context, { title, main, data: scope.rdfa.table(), ...(feed === undefined ? {} : { feed }) });
}

/** A sentence in which what stands between backticks is to be typed. */
function withCode(sentence: string): Html {
  const parts = sentence.split("`");
  // An odd backtick is a character of its own.
  if (parts.length % 2 === 0) return html`${sentence}`;
  return html`${parts.map((part, at) => (at % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}

/** A problem for people; where a query was asked by the form, with the form as it was sent. */
export function renderProblem({ title, status, detail }: Problem, context: PageContext): string {
  const home = hrefOf(context, context.base);
  const hint = status === 401 || status === 403 || status === 404 ? commandHint(context) : undefined;
  const main = html`<h1>${title}</h1><p class="note problem">${withCode(detail)}</p>${hint}<p class="soft">HTTP status ${status}. <a href="${home}">Go to ${context.title}</a></p>${queryFormAgain(context)}`;
  return layout({ ...context, alternates: [] }, { title, main });
}

/** The form for a SPARQL query, whose answer comes in the format chosen there; the endpoint's description as data. */
export function renderQueryForm(context: PageContext, description: readonly Quad[]): string {
  const data = new RdfaWriter(description).table();
  return layout(context, { title: "Query", main: queryForm(context), data });
}

/** The form with a query that was asked, and the beginning of its answer. */
export function renderAnswer(query: string, answer: ShownAnswer, context: PageContext): string {
  const scope = { context, rdfa: new RdfaWriter([]) };
  const main = html`${queryForm(context, query)}${queryAnswer(scope, query, answer)}`;
  return layout(context, { title: "Query", main });
}

/** The home timeline of an account; for its holder alone, so it is not said as data. */
export function renderTimeline({ posts, newer, older }: Timeline, context: PageContext): string {
  const scope = { context, rdfa: new RdfaWriter([]) };
  const subject = `${context.base}${context.path.replace(/\?.*$/s, "")}`;
  const main = html`<h1>Timeline</h1>${postList(scope, posts, "Nothing here yet.")}${paging(scope, { subject, newer, older })}`;
  return layout({ ...context, alternates: [] }, { title: "Timeline", main });
}

/** A standing query with its answers; who reads it sees those that come. */
export function renderWatch(shown: ShownWatch, context: PageContext): string {
  const scope = { context, rdfa: new RdfaWriter([]) };
  const { name, iri } = shown.view;
  const parts = { title: name, main: watchBody(scope, shown), feed: `${iri}?format=atom`, script: LIVE_PATH };
  return layout({ ...context, alternates: [] }, parts);
}

/** The standing queries of an account. */
export function renderWatches(owner: ShownWatch["owner"], watches: readonly WatchView[], context: PageContext): string {
  const scope = { context, rdfa: new RdfaWriter([]) };
  const main = html`${watchListBody(scope, owner, watches)}${commandHint(context)}`;
  return layout({ ...context, alternates: [] }, { title: `Standing queries of ${owner.name}`, main });
}

/** The hub's own vocabulary. */
export function renderVocabulary(quads: readonly Quad[], context: PageContext): string {
  const scope = { context, rdfa: new RdfaWriter(quads) };
  const main = html`<h1>Vocabulary</h1><p class="soft">${sterna.namespace}</p>${vocabularyTerms(scope, quads)}`;
  return layout(context, { title: "Vocabulary", main, data: scope.rdfa.table() });
}
