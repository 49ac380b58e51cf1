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

/** A form without script that asks the endpoint itself, with what it is. */
export function queryForm(context: PageContext, query = EXAMPLE): Html {
  return html`<h1>Query</h1>
<p class="lead">All public posts, profiles and follows this hub knows, to be asked with <a REL="nofollow noopener" href="https://www.w3.org/TR/sparql11-query/">SPARQL</a>. Programs ask at <code>${context.base}sparql</code>.</p>
${askForm(context, query, "")}`;
}

/** The form as it was sent, on a page that tells why it was not answered; undefined on any other page. */
export function queryFormAgain(context: PageContext): Html | undefined {
  const [path, search = ""] = context.path.split(/\?(.*)/s);
  if (path !== "sparql") return undefined;
  const sent = new URLSearchParams(search);
  const query = sent.get("query");
  return query === null ? undefined : askForm(context, query, sent.get("format") ?? "");
}

function askForm(context: PageContext, query: string, format: string): Html {
  const endpoint = `${context.base}sparql`;
  const options = FORMATS.map(([value, name]) => {
    const selected = value === format && html` selected="selected"`;
    return html`<option value="${value}"${selected}>${name}</option>`;
  });
  return html`<form action="${hrefOf(context, endpoint)}" method="get"><label for="query">SPARQL query</label>
<textarea id="query" name="query" spellcheck="false" autocapitalize="off" autocomplete="off">
${query}</textarea>
<p class="row"><label for="format">Answer as</label> <select id="format" name="format">${options}</select> <button type="submit">Ask</button></p></form>`;
}
