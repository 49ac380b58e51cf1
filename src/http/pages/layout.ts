import { legibleText } from "../../atom/xml-text.ts";
import { formatInfo, formatOfMediaType } from "../../rdf/format.ts";
import { type Html, html, trustedMarkup } from "../html.ts";
import { PREFIX_ATTRIBUTE } from "../rdfa-writer.ts";
import type { PageContext } from "./page-context.ts";
import { hrefOf } from "./page-scope.ts";
import { FAVICON_SVG, STYLE_PATH } from "./stylesheet.ts";

/** What a page consists of besides what all have. */
export interface PageParts {
  readonly title: string;
  readonly main: Html;
  readonly feed?: string;
  /** The path of a script that keeps the page up to date; what it shows at first needs none. */
  readonly script?: string;
  /** What the page says besides what is seen. */
  readonly data?: Html | undefined;
}

/** A whole page: landmarks, navigation, the formats it also has, and its data at the foot. */
export function layout(context: PageContext, { title, main, feed, script, data }: PageParts): string {
  const full = title === context.title ? title : `${title} · ${context.title}`;
  const path = (rest: string): string | undefined => hrefOf(context, context.base + rest);
  const others = otherForms(context, feed);
  const page = html`<html lang="en" xml:lang="en" prefix="${PREFIX_ATTRIBUTE}">
<head>
<meta charset="utf-8" />
<title>${full}</title>
<meta name="viewport" content="width=device-width, initial-scale=1" />
<link REL="stylesheet" href="${path(STYLE_PATH)}" />
<link REL="icon" type="image/svg+xml" href="${path("favicon.svg")}" />
${others.map(({ href, type, name }) => html`<link REL="alternate" type="${type}" title="${name}" href="${href}" />\n`)}${script === undefined ? undefined : html`<script src="${path(script)}" defer="defer"></script>\n`}</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="band"><div>
<a class="home" href="${path("")}">${trustedMarkup(FAVICON_SVG)}<span>${context.title}</span></a>
<nav aria-label="Hub"><a href="${path("tags")}">Tags</a><a href="${path("sparql")}">Query</a><a href="${path("vocabulary")}">Vocabulary</a></nav>
</div></header>
<main id="content">
${main}
</main>
<footer class="foot"><div>
${formats(others)}${data === undefined ? undefined : html`<details><summary>Data of this page</summary><div class="scroll">${data}</div></details>`}
<p>Served by Sterna. Times are UTC.</p>
</div></footer>
</body>
</html>
`;
  // A name from elsewhere may hold control characters, and one of them would keep readers that parse XML from the whole
  // page. Literals with such are not said as RDFa, so nothing false is.
  return `<!DOCTYPE html>\n${legibleText(page.markup)}`;
}

interface OtherForm {
  readonly href: string;
  readonly type: string;
  readonly name: string;
}

function otherForms(context: PageContext, feed: string | undefined): readonly OtherForm[] {
  const rdf = context.alternates.flatMap(({ mediaType, href }): OtherForm[] => {
    const format = formatOfMediaType(mediaType);
    if (format === undefined) return [];
    return [{ href: hrefOf(context, href) ?? href, type: mediaType, name: formatInfo(format).name }];
  });
  if (feed === undefined) return rdf;
  return [...rdf, { href: hrefOf(context, feed) ?? feed, type: "application/atom+xml", name: "Atom feed" }];
}

function formats(others: readonly OtherForm[]): Html | undefined {
  if (others.length === 0) return undefined;
  const items = others.map(({ href, name }) => html`<li><a href="${href}">${name}</a></li>`);
  return html`<p>This page is also there as</p><ul class="formats">${items}</ul>`;
}
