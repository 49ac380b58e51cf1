import type { Term } from "../../rdf/term.ts";
import { type Html, html } from "../html.ts";
import { linkTo, type PageScope } from "./page-scope.ts";

/** LIMIT: rows, or triples, of an answer that a page shows; its other formats have all. */
export const SHOWN_MAX = 500;

/** The beginning of an answer, as far as a page shows it; `more` says that it goes on. */
export type ShownAnswer =
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "graph"; readonly turtle: string; readonly more: boolean }
  | {
      readonly kind: "rows";
      readonly variables: readonly string[];
      readonly rows: readonly ReadonlyMap<string, Term>[];
      readonly more: boolean;
    };

/** An answer under the query it answers. */
export function queryAnswer(scope: PageScope, query: string, answer: ShownAnswer): Html {
  switch (answer.kind) {
    case "boolean":
      return html`<h2>Answer</h2><p class="note">${answer.value ? "Yes." : "No."}</p>${formats(scope, query, ["json", "xml"])}`;
    case "graph":
      return html`<h2>Answer</h2><pre class="rdf" tabindex="0">${answer.turtle}</pre>${cut(answer.more)}${formats(scope, query, ["turtle", "ntriples", "jsonld", "rdfxml"])}`;
    case "rows":
      return html`<h2>Answer</h2>${rowTable(scope, answer, "Answer")}${cut(answer.more)}${formats(scope, query, ["json", "xml", "csv", "tsv"])}`;
  }
}

/** Rows of values as a table, or a line for none. */
export function rowTable(
  scope: PageScope,
  { variables, rows }: Pick<ShownAnswer & { readonly kind: "rows" }, "variables" | "rows">,
  label: string,
): Html {
  if (rows.length === 0) return html`<p class="empty">Nothing fits.</p>`;
  const head = variables.map((name) => html`<th scope="col">${name}</th>`);
  const body = rows.map(
    (row) => html`<tr>${variables.map((name) => html`<td>${cell(scope, row.get(name))}</td>`)}</tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function cell(scope: PageScope, term: Term | undefined): Html | undefined {
  if (term === undefined) return undefined;
  if (term.termType === "NamedNode") return linkTo(scope, term.value, shortened(term.value));
  const lang = term.termType === "Literal" && term.language !== "" ? html` lang="${term.language}"` : undefined;
  const text = term.termType === "BlankNode" ? `_:${term.value}` : term.value;
  return html`<span class="text" dir="auto"${lang}>${text}</span>`;
}

function shortened(iri: string): string {
  return iri.length > 60 ? `${iri.slice(0, 28)}…${iri.slice(-30)}` : iri;
}

function cut(more: boolean): Html | undefined {
  return more
    ? html`<p class="soft small">This is only the beginning; the formats below have all of it.</p>`
    : undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  json: "JSON",
  xml: "XML",
  csv: "CSV",
  tsv: "TSV",
  turtle: "Turtle",
  ntriples: "N-Triples",
  jsonld: "JSON-LD",
  rdfxml: "RDF/XML",
};

function formats(scope: PageScope, query: string, offered: readonly string[]): Html {
  const items = offered.map((format) => {
    const address = `${scope.context.base}sparql?query=${encodeURIComponent(query)}&format=${format}`;
    return html`<li>${linkTo(scope, address, NAMES[format])}</li>`;
  });
  return html`<ul class="formats" aria-label="The answer in other formats">${items}</ul>`;
}
