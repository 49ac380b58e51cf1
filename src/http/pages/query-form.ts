import { readFileSync } from "node:fs";
import { type Html, html } from "../html.ts";
import type { PageContext } from "./page-context.ts";
import { hrefOf } from "./page-scope.ts";

/** The query the form begins with, without the comment at its head. */
const EXAMPLE = readFileSync(new URL("../../../sparql/select-newest-posts.rq", import.meta.url), "utf8").replace(
  /^(#.*\n)+/,
  "",
);

/** What an answer can be had as, for answers of rows and for graphs. */
const FORMATS = [
  ["", "A page"],
  ["json", "Rows as JSON"],
  ["csv", "Rows as CSV"],
  ["tsv", "Rows as TSV"],
  ["xml", "Rows as XML"],
  ["turtle", "Graph as Turtle"],
  ["jsonld", "Graph as JSON-LD"],
  ["rdfxml", "Graph as RDF/XML"],
  ["ntriples", "Graph as N-Triples"],
] as const;

/** A form without script that asks the endpoint itself. */
export function queryForm(context: PageContext, query = EXAMPLE): Html {
  const endpoint = `${context.base}sparql`;
  const options = FORMATS.map(([value, name]) => html`<option value="${value}">${name}</option>`);
  return html`<h1>Query</h1>
<p class="lead">All public posts, profiles and follows this hub knows, to be asked with <a REL="nofollow noopener" href="https://www.w3.org/TR/sparql11-query/">SPARQL</a>. Programs ask at <code>${endpoint}</code>.</p>
<form action="${hrefOf(context, endpoint)}" method="get"><label for="query">SPARQL query</label>
<textarea id="query" name="query" spellcheck="false" autocapitalize="off" autocomplete="off">
${query}</textarea>
<p class="row"><label for="format">Answer as</label> <select id="format" name="format">${options}</select> <button type="submit">Ask</button></p></form>`;
}
