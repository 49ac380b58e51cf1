import sanitizeHtml from "sanitize-html";
import { tagKey } from "../../core/hub-iris.ts";
import { type Facet, findFacets } from "../../core/posts/facets.ts";
import { lastSegment } from "../../core/posts/post.ts";
import type { PostView } from "../../hub/posts/post-view.ts";
import type { Iri } from "../../rdf/iri.ts";
import { sioc } from "../../vocab/sioc.ts";
import { type Html, html, trustedMarkup } from "../html.ts";
import { linkTo, type PageScope } from "./page-scope.ts";

/** The markup that posts may bring: text and its structure, no images, styles, or attributes that RDFa reads. */
const MARKUP: sanitizeHtml.IOptions = {
  allowedTags: [
    ...["p", "br", "a", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "b", "i", "u", "s"],
    ...["del", "ins", "sub", "sup", "q", "h3", "h4", "h5", "h6", "hr"],
  ],
  allowedAttributes: { a: ["href", "REL"], "*": ["lang", "dir"] },
  allowedSchemes: ["http", "https", "xmpp"],
  allowProtocolRelative: false,
  nestingLimit: 30,
  transformTags: {
    // Headings of a post stand below those of the page.
    h1: "h3",
    h2: "h3",
    a: (_, { href = "", lang, dir }) => ({
      tagName: "a",
      attribs: {
        href,
        REL: "nofollow noopener ugc",
        ...(lang === undefined ? {} : { lang }),
        ...(dir === undefined ? {} : { dir }),
      },
    }),
  },
};

/** A post's text as people read it, with its links, tags and mentions; its literal and relations as RDFa. */
export function postText(scope: PageScope, view: PostView): Html {
  const { post } = view;
  if (post.xhtml !== undefined) {
    const markup = trustedMarkup(sanitizeHtml(post.xhtml, MARKUP));
    return html`<div class="said markup" dir="auto"${languageOf(post)}>${markup}</div>`;
  }
  const parts: Html[] = [];
  let at = 0;
  for (const facet of findFacets(post.text)) {
    parts.push(html`${post.text.slice(at, facet.start)}`);
    parts.push(facetLink(scope, view, facet, post.text.slice(facet.start, facet.end)));
    at = facet.end;
  }
  const body = html`${parts}${post.text.slice(at)}`;
  const said = scope.rdfa.text(view.iri, sioc.content, body, { tag: "div", class: "said", autoDirection: true });
  // What is said as RDFa names its language itself; a timeline says nothing.
  return scope.rdfa.objects(view.iri, sioc.content).length > 0 ? said : html`<div${languageOf(post)}>${said}</div>`;
}

/** The text's language, or none where that is not known, rather than the language of the page. */
export function languageOf({ language = "" }: PostView["post"]): Html {
  return html` lang="${language}" xml:lang="${language}"`;
}

function facetLink(scope: PageScope, { iri, post }: PostView, facet: Facet, shown: string): Html {
  switch (facet.kind) {
    case "link": {
      const target = post.links.find((link) => link === facet.href);
      return scope.rdfa.link(iri, sioc.links_to, target, linkTo(scope, facet.href, shown));
    }
    case "tag": {
      const key = tagKey(facet.label);
      const topic = post.topics.find((tag) => tagKey(tag.label) === key)?.iri;
      if (topic === undefined) return html`${shown}`;
      return scope.rdfa.link(iri, sioc.topic, topic, linkTo(scope, topic, shown));
    }
    case "mention": {
      const account = post.addressedTo.find((each) => isNamed(each, facet.name));
      if (account === undefined) return html`${shown}`;
      return scope.rdfa.link(iri, sioc.addressed_to, account, linkTo(scope, account, shown));
    }
  }
}

/** Whether an account's IRI ends in the name that was typed, which is all a text says of it. */
function isNamed(account: Iri, name: string): boolean {
  return lastSegment(account.replace(/#.*$/, "")).toLowerCase() === name.toLowerCase();
}
