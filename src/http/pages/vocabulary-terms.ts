import type { Quad } from "../../rdf/term.ts";
import { rdf } from "../../vocab/rdf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sterna } from "../../vocab/sterna.ts";
import { type Html, html } from "../html.ts";
import type { PageScope } from "./page-scope.ts";

/** The terms of the hub's own vocabulary with what they mean. */
export function vocabularyTerms({ rdfa }: PageScope, quads: readonly Quad[]): Html {
  const terms = new Set(quads.map(({ subject }) => subject.value));
  terms.delete(sterna.namespace);
  const about = textOf(rdfa.objects(sterna.namespace, rdfs.comment)[0]?.value);
  const lead = rdfa.text(sterna.namespace, rdfs.comment, about, { tag: "p", class: "lead" });
  const items = [...terms].sort().map((iri) => {
    const name = rdfa.text(iri, rdfs.label, textOf(rdfa.objects(iri, rdfs.label)[0]?.value));
    const type = rdfa.iri(iri, rdf.type);
    const kind = rdfa.link(iri, rdf.type, type, html`<span class="soft small">${type?.replace(/^.*#/, "")}</span>`);
    const meaning = rdfa.text(iri, rdfs.comment, textOf(rdfa.objects(iri, rdfs.comment)[0]?.value), { tag: "p" });
    const id = iri.replace(/^.*#/, "");
    return html`<section class="term" id="${id}"><h2>${name} ${kind}</h2>${meaning}</section>`;
  });
  return html`${lead}${items}`;
}

function textOf(text: string | undefined): string {
  return text ?? "";
}
