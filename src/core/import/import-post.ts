import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { type Literal, literal, namedNode, type Quad, type QuadObject, quad } from "../../rdf/term.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { foaf } from "../../vocab/foaf.ts";
import { rdf } from "../../vocab/rdf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { rev } from "../../vocab/rev.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { skos } from "../../vocab/skos.ts";
import { xsd } from "../../vocab/xsd.ts";
import { tagIri } from "../hub-iris.ts";
import { type Instant, parseInstant } from "../instant.ts";
import type { DroppedCounts, ImportContext } from "./import-finding.ts";
import { type SubjectIndex, termText } from "./import-index.ts";
import type { ImportLinks } from "./import-links.ts";
import { CLASS_READ_AS, EMPTY_TITLE, PROPERTY_DROPPED, PROPERTY_READ_AS, TAG_PROPERTIES } from "./import-terms.ts";

/** A post read out of an import, before it becomes a document. */
export interface ImportedPost {
  readonly iri: Iri;
  readonly author: Iri;
  readonly container?: Iri;
  readonly created: Instant;
  readonly modified?: Instant;
  /** Its own triples, normalised; what hangs on blank nodes is not in here. */
  readonly quads: readonly Quad[];
  readonly starred: boolean;
}

/** Where a post's triples are gathered: each at most once. */
class PostQuads {
  readonly quads: Quad[] = [];
  readonly #seen = new Set<string>();
  readonly #context: ImportContext;
  readonly self: Quad["subject"];

  constructor(iri: Iri, context: ImportContext) {
    this.self = namedNode(iri);
    this.#context = context;
  }

  add(each: Quad): void {
    const text = `${each.subject.value} ${each.predicate.value} ${termText(each.object)}`;
    if (this.#seen.has(text)) return;
    this.#seen.add(text);
    this.quads.push(each);
  }

  say(predicate: Quad["predicate"], object: QuadObject): void {
    this.add(quad(this.self, predicate, object));
  }

  /** A hashtag by its text, in the form that composing gives it. */
  tag(text: string, meaning?: QuadObject): void {
    const label = text.trim().replace(/^#+/u, "");
    const iri = tagIri(this.#context.base, label);
    if (label === "" || !isIri(iri)) return;
    const about = namedNode(iri);
    this.say(sioc.topic, about);
    this.add(quad(about, rdf.type, sioct.Tag));
    this.add(quad(about, rdf.type, skos.Concept));
    if (!this.quads.some((each) => each.subject.value === iri && each.predicate.value === rdfs.label.value)) {
      this.add(quad(about, rdfs.label, literal(label)));
    }
    if (meaning?.termType === "NamedNode") {
      this.add(quad(about, skos.exactMatch, meaning));
      this.say(sioc.topic, meaning);
    }
  }
}

/**
 * Reads the post `key` in the shapes of SIOC, SMOB and LSBench and writes it in ours. Refuses a post whose text,
 * author or time is missing or there twice, saying which.
 */
export function readPost(
  key: string,
  index: SubjectIndex,
  links: ImportLinks,
  context: ImportContext,
  dropped: DroppedCounts,
): ImportedPost | Refusal {
  if (!isIri(key)) return refuse("invalid", "Expected a post with an absolute IRI, but it has none; give it one.");
  const out = new PostQuads(key, context);
  const content = single("sioc:content", contentsOf(key, index));
  if (isRefusal(content)) return content;
  if (content.value.trim() === "") return refuse("invalid", "Expected a text in sioc:content, but it is empty.");
  const author = single("sioc:has_creator", authorsOf(key, index, links));
  if (isRefusal(author)) return author;
  const created = timeOf(key, index, "dcterms:created", [dcterms.created.value, dcterms.date.value]);
  if (isRefusal(created)) return created;
  if (created === undefined)
    return refuse("invalid", "Expected dcterms:created with a time, but there is none; add it.");
  const modified = timeOf(key, index, "dcterms:modified", [dcterms.modified.value]);
  if (isRefusal(modified)) return modified;
  const container = containerOf(key, index, links);
  if (isRefusal(container)) return container;
  out.say(rdf.type, sioct.MicroblogPost);
  out.say(sioc.content, content);
  out.say(dcterms.created, literal(created, xsd.dateTime));
  if (modified !== undefined) out.say(dcterms.modified, literal(modified, xsd.dateTime));
  out.say(sioc.has_creator, namedNode(author.value));
  if (container !== undefined) out.say(sioc.has_container, namedNode(container));
  const starred = addRest(key, out, index, links, dropped);
  return {
    iri: key,
    author: author.value,
    created,
    ...(container === undefined ? {} : { container }),
    ...(modified === undefined ? {} : { modified }),
    quads: out.quads,
    starred,
  };
}

/** What {@link readPost} writes itself. */
const WRITTEN: ReadonlySet<string> = new Set(
  [sioc.content, dcterms.created, dcterms.modified, sioc.has_creator, sioc.has_container].map((term) => term.value),
);

function addRest(
  key: string,
  out: PostQuads,
  index: SubjectIndex,
  links: ImportLinks,
  dropped: DroppedCounts,
): boolean {
  let starred = false;
  for (const each of index.of(key)) {
    const predicate = PROPERTY_READ_AS.get(each.predicate.value) ?? each.predicate;
    const reason = PROPERTY_DROPPED.get(predicate.value);
    if (reason !== undefined) dropped.add(reason);
    else if (TAG_PROPERTIES.has(predicate.value) && each.object.termType === "Literal") out.tag(each.object.value);
    else if (TAG_PROPERTIES.has(predicate.value)) out.say(sioc.topic, each.object);
    else if (predicate.value === dcterms.title.value && EMPTY_TITLE.test(each.object.value)) dropped.add("title");
    else if (predicate.value === rev.rating.value && Number(each.object.value) === 1) starred = true;
    else if (predicate.value === rdf.type.value) out.say(rdf.type, CLASS_READ_AS.get(each.object.value) ?? each.object);
    else if (WRITTEN.has(predicate.value) || links.consumed(each)) continue;
    else out.say(predicate, each.object);
  }
  for (const parent of links.answered.get(key) ?? []) out.say(sioc.reply_of, namedNode(parent));
  for (const tagging of links.taggings.get(key) ?? []) {
    if (tagging.tag.termType === "Literal") out.tag(tagging.tag.value, tagging.meaning);
    else {
      out.say(sioc.topic, tagging.tag);
      if (tagging.meaning?.termType === "NamedNode") out.say(sioc.topic, tagging.meaning);
    }
  }
  for (const topic of out.quads.filter((each) => each.predicate.value === sioc.topic.value)) {
    for (const each of links.tags.get(topic.object.value) ?? []) out.add(each);
  }
  return starred;
}

function contentsOf(key: string, index: SubjectIndex): Literal[] {
  return index.objects(key, sioc.content).filter((term) => term.termType === "Literal");
}

function authorsOf(key: string, index: SubjectIndex, links: ImportLinks): { readonly value: Iri }[] {
  const said = [...index.objects(key, sioc.has_creator).map((term) => term.value), ...(links.creators.get(key) ?? [])];
  // COMPAT: SMOB 1 names only the person; when that person has one account in the file, it is meant.
  const held =
    said.length > 0
      ? []
      : index.objects(key, foaf.maker).flatMap((term) => [...(links.accountsOf.get(term.value) ?? [])]);
  return [...new Set<string>([...said, ...held])].flatMap((value) => (isIri(value) ? [{ value }] : []));
}

function containerOf(key: string, index: SubjectIndex, links: ImportLinks): Iri | undefined | Refusal {
  const said = [
    ...index.objects(key, sioc.has_container).map((term) => term.value),
    ...(links.containers.get(key) ?? []),
  ];
  const [first, ...more] = [...new Set(said)].filter(isIri);
  if (more.length === 0) return first;
  return refuse(
    "invalid",
    `Expected one container, but got ${more.length + 1}: ${[first, ...more].slice(0, 3).join(", ")}.`,
  );
}

function single<T extends { readonly value: string }>(name: string, found: readonly T[]): T | Refusal {
  const [first, ...more] = found;
  if (first === undefined) return refuse("invalid", `Expected ${name}, but there is none; add it.`);
  if (more.length === 0) return first;
  const shown = found.slice(0, 3).map((term) => (term.value.length > 60 ? `${term.value.slice(0, 60)}…` : term.value));
  return refuse("invalid", `Expected one ${name}, but got ${found.length}: ${shown.join(", ")}.`);
}

const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;

/** The earliest listed property that is there, as one instant; a date without a time of day is its midnight in UTC. */
function timeOf(
  key: string,
  index: SubjectIndex,
  name: string,
  properties: readonly string[],
): Instant | undefined | Refusal {
  for (const property of properties) {
    const found = new Set<Instant>();
    for (const each of index.of(key)) {
      if ((PROPERTY_READ_AS.get(each.predicate.value) ?? each.predicate).value !== property) continue;
      const text = each.object.value;
      const instant = parseInstant(DATE_ONLY.test(text) ? `${text}T00:00:00Z` : text);
      if (isRefusal(instant)) return refuse("invalid", `${instant.message.replace("a time", `a time in ${name}`)}`);
      found.add(instant);
    }
    const [first, ...more] = found;
    if (more.length > 0)
      return refuse("invalid", `Expected one ${name}, but got ${found.size}: ${[...found].join(", ")}.`);
    if (first !== undefined) return first;
  }
  return undefined;
}
