import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { literal, type NamedNode, namedNode, type Quad, type QuadObject, quad } from "../../rdf/term.ts";
import { content } from "../../vocab/content.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { foaf } from "../../vocab/foaf.ts";
import { geo } from "../../vocab/geo.ts";
import { prov } from "../../vocab/prov.ts";
import { rdf } from "../../vocab/rdf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { skos } from "../../vocab/skos.ts";
import { sterna } from "../../vocab/sterna.ts";
import { xsd } from "../../vocab/xsd.ts";
import { type Instant, parseInstant } from "../instant.ts";

/** A hashtag: its IRI on the hub it was written on, and its label without `#`. */
export interface Tag {
  readonly iri: Iri;
  readonly label: string;
}

/** A file that goes with a post; `description` stands in its place for who cannot see it. */
export interface Attachment {
  readonly iri: Iri;
  /** Media type. */
  readonly format?: string;
  readonly size_bytes?: number;
  readonly description?: string;
}

/** LIMIT: UTF-16 code units of a place's name. */
export const PLACE_NAME_LENGTH_MAX = 200;

/** Where something is: a point on the Earth (WGS 84) in decimal degrees, what people call it, or both. */
export type Place =
  | { readonly lat: number; readonly long: number; readonly name?: string }
  | { readonly name: string; readonly lat?: undefined; readonly long?: undefined };

/** The point at a latitude and a longitude; undefined where there is none such. */
export function placeAt(lat: number, long: number): { readonly lat: number; readonly long: number } | undefined {
  return Math.abs(lat) <= 90 && Math.abs(long) <= 180 ? { lat, long } : undefined;
}

/** A `sioct:MicroblogPost`. */
export interface Post {
  /** The post and its document: `https://hub.example/alice/posts/<id>`. */
  readonly iri: Iri;
  readonly creator: Iri;
  readonly maker?: Iri;
  readonly container?: Iri;
  readonly text: string;
  readonly language?: string;
  readonly xhtml?: string;
  readonly created: Instant;
  readonly modified?: Instant;
  readonly previousVersion?: Iri;
  /** The post of the same container before this one (`sioc:previous_by_date`), so that a gap shows. */
  readonly previousByDate?: Iri;
  readonly replyOf?: Iri;
  /** The post that this one passes on unchanged; its text is then a copy of that post's. */
  readonly repostOf?: Iri;
  /** The post that this one passes on with words of its own. */
  readonly quoteOf?: Iri;
  /** Accounts mentioned or answered. */
  readonly addressedTo: readonly Iri[];
  readonly topics: readonly Tag[];
  readonly links: readonly Iri[];
  readonly attachments?: readonly Attachment[];
  readonly place?: Place;
}

/**
 * A post as the repost of `original`: it says what is passed on, and in which words, but nothing of what only who wrote
 * these words says with them (topics, links, mentions, files).
 */
export function asRepost(post: Post, original: Iri): Post {
  const { iri, creator, maker, container, text, language, xhtml, created, modified, previousByDate } = post;
  const kept = { maker, container, language, xhtml, modified, previousByDate };
  return {
    iri,
    creator,
    text,
    created,
    ...(Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) as Partial<Post>),
    repostOf: original,
    addressedTo: [],
    topics: [],
    links: [],
  };
}

/** The quads of a post's document, all in the default graph. */
export function postToQuads(post: Post): Quad[] {
  const self = namedNode(post.iri);
  const quads: Quad[] = [];
  const say = (predicate: NamedNode, object: QuadObject): void => {
    quads.push(quad(self, predicate, object));
  };
  const link = (predicate: NamedNode, iri: Iri | undefined): void => {
    if (iri !== undefined) say(predicate, namedNode(iri));
  };
  say(rdf.type, sioct.MicroblogPost);
  say(sioc.content, post.language === undefined ? literal(post.text) : literal(post.text, post.language));
  if (post.xhtml !== undefined) say(content.encoded, literal(post.xhtml));
  say(dcterms.created, literal(post.created, xsd.dateTime));
  if (post.modified !== undefined) say(dcterms.modified, literal(post.modified, xsd.dateTime));
  link(sioc.has_creator, post.creator);
  link(foaf.maker, post.maker);
  link(sioc.has_container, post.container);
  link(sioc.previous_version, post.previousVersion);
  link(sioc.previous_by_date, post.previousByDate);
  link(sioc.reply_of, post.replyOf);
  link(sterna.repostOf, post.repostOf);
  link(sterna.quoteOf, post.quoteOf);
  link(prov.wasQuotedFrom, post.quoteOf);
  for (const account of post.addressedTo) link(sioc.addressed_to, account);
  for (const target of post.links) link(sioc.links_to, target);
  for (const attachment of post.attachments ?? []) {
    link(sioc.attachment, attachment.iri);
    quads.push(...attachmentQuads(attachment));
  }
  if (post.place !== undefined) quads.push(...placeQuads(self, post.place));
  for (const tag of post.topics) {
    link(sioc.topic, tag.iri);
    const about = namedNode(tag.iri);
    quads.push(quad(about, rdf.type, sioct.Tag), quad(about, rdf.type, skos.Concept));
    quads.push(quad(about, rdfs.label, literal(tag.label)));
  }
  return quads;
}

function attachmentQuads({ iri, format, size_bytes, description }: Attachment): Quad[] {
  const about = namedNode(iri);
  return [
    ...(format === undefined ? [] : [quad(about, dcterms.format, literal(format))]),
    ...(size_bytes === undefined ? [] : [quad(about, dcterms.extent, literal(String(size_bytes), xsd.integer))]),
    ...(description === undefined ? [] : [quad(about, dcterms.description, literal(description))]),
  ];
}

/** The point is said of the post itself; a name needs a thing of its own, which hangs from the post's IRI. */
function placeQuads(post: NamedNode, { lat, long, name }: Place): Quad[] {
  const about = namedNode(placeIri(post.value));
  return [
    ...(lat === undefined ? [] : [quad(post, geo.lat, degrees(lat)), quad(post, geo.long, degrees(long))]),
    ...(name === undefined ? [] : [quad(post, dcterms.spatial, about), quad(about, rdfs.label, literal(name))]),
  ];
}

/** The IRI of the place that the post `post` names. */
export function placeIri(post: string): string {
  return `${post}#place`;
}

/** A tenth of a metre is as exact as anybody means it; a decimal has no exponent. */
function degrees(value: number): QuadObject {
  return literal(value.toFixed(6).replace(/\.?0+$/, ""), xsd.decimal);
}

/**
 * Reads the post `iri` out of a document's quads. Refuses with `invalid` when it has no content, creator or creation
 * time; what else is unknown is left out.
 */
export function postFromQuads(quads: Iterable<Quad>, iri: Iri): Post | Refusal {
  const { about, labels, others } = indexed(quads, iri);
  const iris = (predicate: NamedNode): Iri[] =>
    (about.get(predicate.value) ?? [])
      .filter((term) => term.termType === "NamedNode")
      .map((term) => term.value)
      .filter(isIri);
  const time = (predicate: NamedNode): Instant | undefined => {
    const text = about.get(predicate.value)?.[0]?.value;
    const instant = text === undefined ? undefined : parseInstant(text);
    return isRefusal(instant) ? undefined : instant;
  };
  const [text] = about.get(sioc.content.value) ?? [];
  const [creator] = iris(sioc.has_creator);
  const created = time(dcterms.created);
  if (text?.termType !== "Literal" || creator === undefined || created === undefined) {
    return refuse(
      "invalid",
      `Expected sioc:content, sioc:has_creator and dcterms:created of ${iri}, but not all are there.`,
    );
  }
  const placeName = iris(dcterms.spatial).some((place) => place === placeIri(iri))
    ? labels.get(placeIri(iri))
    : undefined;
  const optional: { [K in keyof Post]?: Post[K] | undefined } = {
    maker: iris(foaf.maker)[0],
    container: iris(sioc.has_container)[0],
    language: text.language === "" ? undefined : text.language,
    xhtml: about.get(content.encoded.value)?.[0]?.value,
    modified: time(dcterms.modified),
    previousVersion: iris(sioc.previous_version)[0],
    previousByDate: iris(sioc.previous_by_date)[0],
    replyOf: iris(sioc.reply_of)[0],
    repostOf: iris(sterna.repostOf)[0],
    quoteOf: iris(sterna.quoteOf)[0],
    attachments: attachmentsIn(iris(sioc.attachment), others),
    place: placeOf(about.get(geo.lat.value)?.[0], about.get(geo.long.value)?.[0], placeName),
  };
  return {
    iri,
    creator,
    text: text.value,
    created,
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<Post>),
    addressedTo: iris(sioc.addressed_to),
    topics: iris(sioc.topic).map((topic) => ({ iri: topic, label: labels.get(topic) ?? lastSegment(topic) })),
    links: iris(sioc.links_to),
  };
}

/** What is said of the post by predicate, the labels by what they are of, and what else is said of other things. */
function indexed(quads: Iterable<Quad>, iri: Iri) {
  const about = new Map<string, QuadObject[]>();
  const labels = new Map<string, string>();
  const others = new Map<string, QuadObject>();
  for (const { subject, predicate, object } of quads) {
    if (subject.value === iri) {
      const objects = about.get(predicate.value);
      if (objects === undefined) about.set(predicate.value, [object]);
      else objects.push(object);
    } else if (predicate.value === rdfs.label.value) labels.set(subject.value, object.value);
    else others.set(`${subject.value} ${predicate.value}`, object);
  }
  return { about, labels, others };
}

function attachmentsIn(
  files: readonly Iri[],
  others: ReadonlyMap<string, QuadObject>,
): readonly Attachment[] | undefined {
  if (files.length === 0) return undefined;
  return files.map((iri) => {
    const said = (predicate: NamedNode): string | undefined => others.get(`${iri} ${predicate.value}`)?.value;
    const [format, size, description] = [said(dcterms.format), said(dcterms.extent), said(dcterms.description)];
    return {
      iri,
      ...(format === undefined ? {} : { format }),
      ...(size !== undefined && /^\d{1,15}$/.test(size) ? { size_bytes: Number(size) } : {}),
      ...(description === undefined ? {} : { description }),
    };
  });
}

function placeOf(lat: QuadObject | undefined, long: QuadObject | undefined, name?: string): Place | undefined {
  const point = lat === undefined || long === undefined ? undefined : placeAt(Number(lat.value), Number(long.value));
  if (name === undefined) return point;
  return point === undefined ? { name } : { ...point, name };
}

/** A readable name for an IRI without a label: its last path segment or fragment. */
export function lastSegment(iri: string): string {
  const segment = /([^/#?]+)[/#?]*$/.exec(iri)?.[1] ?? iri;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
