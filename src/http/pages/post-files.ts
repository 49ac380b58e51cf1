import { type Attachment, lastSegment, type Place, placeIri } from "../../core/posts/post.ts";
import type { PostView } from "../../hub/posts/post-view.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { geo } from "../../vocab/geo.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioc } from "../../vocab/sioc.ts";
import { type Html, html } from "../html.ts";
import { hrefOf, linkTo, type PageScope } from "./page-scope.ts";

/** LIMIT: pictures of one post that are shown; the others are links. */
const PICTURES_MAX = 4;
/** Pictures that all browsers show and that hold no scripts. */
const PICTURE = /^image\/(?:png|jpeg|gif|webp|avif)$/i;

/** The files of a post, pictures as such, and where it was written; undefined where it has neither. */
export function postFiles(scope: PageScope, { iri, post }: PostView): Html | undefined {
  const { attachments = [], place } = post;
  if (attachments.length === 0 && place === undefined) return undefined;
  const shown = new Set(attachments.filter((file) => isPicture(scope, file)).slice(0, PICTURES_MAX));
  const items = attachments.map((file) => html`<li>${fileItem(scope, iri, file, shown.has(file))}</li>`);
  return html`<ul class="files">${items}${place === undefined ? undefined : html`<li>${placeItem(scope, iri, place)}</li>`}</ul>`;
}

function isPicture({ context }: PageScope, { iri, format = "" }: Attachment): boolean {
  return PICTURE.test(format) && /^https?:/i.test(iri) && hrefOf(context, iri) !== undefined;
}

function fileItem(scope: PageScope, post: string, file: Attachment, isShown: boolean): Html {
  const { iri, format, size_bytes, description } = file;
  const { rdfa } = scope;
  const name = (): Html =>
    description === undefined ? html`${lastSegment(iri)}` : rdfa.text(iri, dcterms.description, description);
  // Who reads the page is not told to whoever has the picture.
  const body = isShown
    ? html`<img src="${iri}" alt="${description ?? ""}" loading="lazy" decoding="async" referrerpolicy="no-referrer" />`
    : name();
  const facts = [
    format === undefined ? undefined : rdfa.text(iri, dcterms.format, format),
    size_bytes === undefined ? undefined : rdfa.value(iri, dcterms.extent, sizeText(size_bytes)),
  ].filter((fact) => fact !== undefined);
  const small =
    facts.length === 0
      ? undefined
      : html` <span class="small soft">${facts.map((fact, at) => html`${at === 0 ? "" : " · "}${fact}`)}</span>`;
  return html`${rdfa.link(post, sioc.attachment, iri, linkTo(scope, iri, body))}${small}`;
}

/** A place by its name, and its point as a `geo:` link (RFC 5870), which maps open. */
function placeItem({ rdfa }: PageScope, post: string, { lat, long, name }: Place): Html {
  const about = placeIri(post);
  const called =
    name === undefined
      ? undefined
      : rdfa.link(post, dcterms.spatial, about, rdfa.text(about, rdfs.label, name, { tag: "bdi" }));
  if (lat === undefined) return html`${called}`;
  const shown = html`${rdfa.value(post, geo.lat, String(lat))}, ${rdfa.value(post, geo.long, String(long))}`;
  const point = html`<a href="geo:${String(lat)},${String(long)}">${shown}</a>`;
  return called === undefined ? point : html`${called} <span class="small soft">${point}</span>`;
}

/** `640 B`, `1.2 MB`: decimal units. */
function sizeText(bytes: number): string {
  const [unit, scale] = (
    [
      ["GB", 1e9],
      ["MB", 1e6],
      ["kB", 1e3],
    ] as const
  ).find(([, least]) => bytes >= least) ?? ["B", 1];
  return `${(bytes / scale).toLocaleString("en", { maximumFractionDigits: 1 })} ${unit}`;
}
