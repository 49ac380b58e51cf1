import type { Suggestion, Suggestions } from "../../hub/discovery/suggest.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad } from "../../rdf/term.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioc } from "../../vocab/sioc.ts";
import { type Html, html } from "../html.ts";
import { RdfaWriter } from "../rdfa-writer.ts";
import { layout } from "./layout.ts";
import type { PageContext } from "./page-context.ts";
import { countOf, linkTo, type PageScope, timeOf } from "./page-scope.ts";
import { face } from "./post-card.ts";

/** Whom an account might follow and why, and the hubs where they are. */
export function renderSuggestions(list: Iri, found: Suggestions, quads: readonly Quad[], context: PageContext): string {
  const scope = { context, rdfa: new RdfaWriter(quads) };
  const { suggestions, hubs } = found;
  const accounts =
    suggestions.length === 0
      ? html`<p class="empty">Nobody yet: follow somebody, then walk with <code>sterna discover</code>.</p>`
      : html`<ul class="list">${suggestions.map((each) => accountItem(scope, list, each))}</ul>`;
  const others = hubs.map(({ hub, accounts: count }) => {
    const known = countOf(count, "known account", "known accounts");
    return html`<li>${linkTo(scope, hub, hub)} <span class="soft small">${known}</span></li>`;
  });
  const main = html`<h1>Whom to follow</h1><p class="soft">By whom those follow whom you follow, as their hubs say.</p>${accounts}${
    others.length === 0 ? undefined : html`<h2>Hubs</h2><ul>${others}</ul>`
  }`;
  return layout(context, { title: "Whom to follow", main, data: scope.rdfa.table() });
}

function accountItem(scope: PageScope, list: Iri, { account, profile, name, why, lastPost }: Suggestion): Html {
  const shown = scope.rdfa.text(account, sioc.name, name, { tag: "bdi" });
  const member = scope.rdfa.link(list, rdfs.member, account, linkTo(scope, profile, shown));
  const last = lastPost === undefined ? undefined : html` · last post ${timeOf(lastPost)}`;
  return html`<li>${face(undefined, name)}<div>${member}<div class="small soft"><bdi>${why}</bdi>${last}</div></div></li>`;
}
