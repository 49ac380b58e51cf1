import { isRefusal } from "../../outcome/refusal.ts";
import type { Document, DocumentKind } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { namedNode, type Quad, quad } from "../../rdf/term.ts";
import { as } from "../../vocab/as.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sib } from "../../vocab/sib.ts";
import { sioc } from "../../vocab/sioc.ts";
import { type Instant, parseInstant } from "../instant.ts";
import { DroppedCounts, type ImportContext, type ImportFinding, refusedFinding } from "./import-finding.ts";
import { keyOf, type SubjectIndex } from "./import-index.ts";
import { findLinks, type ImportLinks, isTagging } from "./import-links.ts";
import { type ImportedPost, readPost } from "./import-post.ts";
import { homesOf, readSubject } from "./import-profile.ts";

/**
 * The triples of a default graph as documents: posts (oldest first), the profiles of accounts and people, bare follows,
 * likes, and one document for whatever else shares a document IRI. Reads the shapes of SIOC, FOAF, SMOB and LSBench.
 */
export function* tripleFindings(index: SubjectIndex, context: ImportContext): Generator<ImportFinding> {
  const dropped = new DroppedCounts();
  const links = findLinks(index);
  const reading: Reading = { index, links, context, dropped, reached: new Set(), carriedTags: new Set() };
  const posts = readPosts(reading);
  const likes = [...readLikes(reading, posts.found)];
  yield* readProfilesAndOthers(reading);
  yield* posts.refused;
  yield* postDocuments(reading, posts.found);
  yield* likes;
  for (const key of index.groups.keys()) {
    if (!key.startsWith("_:") || reading.reached.has(key) || isTagging(index, key)) continue;
    yield refusedFinding(key, "Expected a subject with an IRI, or one that such a subject points to; give it an IRI.");
  }
  yield { kind: "dropped", counts: dropped.counts };
}

interface Reading {
  readonly index: SubjectIndex;
  readonly links: ImportLinks;
  readonly context: ImportContext;
  readonly dropped: DroppedCounts;
  /** Blank nodes that found a place. */
  readonly reached: Set<string>;
  /** Tags whose description went into a post. */
  readonly carriedTags: Set<string>;
}

function readPosts(reading: Reading): { found: ImportedPost[]; refused: ImportFinding[] } {
  const found: ImportedPost[] = [];
  const refused: ImportFinding[] = [];
  for (const key of reading.links.posts) {
    const post = readPost(key, reading.index, reading.links, reading.context, reading.dropped);
    if (isRefusal(post)) {
      refused.push(refusedFinding(key, post.message));
      closureOf(key, reading);
    } else {
      found.push(post);
      for (const each of post.quads)
        if (reading.links.tags.has(each.object.value)) reading.carriedTags.add(each.object.value);
    }
  }
  found.sort((a, b) => compare(a.created, b.created) || compare(a.iri, b.iri));
  return { found, refused };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function* postDocuments(reading: Reading, posts: readonly ImportedPost[]): Generator<ImportFinding> {
  const presencesOf = new Map<string, string[]>();
  for (const [blank, post] of reading.links.presences) presencesOf.set(post, [...(presencesOf.get(post) ?? []), blank]);
  for (const post of posts) {
    const presences = (presencesOf.get(post.iri) ?? []).flatMap((key) => closureWith(key, reading));
    const quads = [...post.quads, ...closureOf(post.iri, reading), ...presences];
    const { iri, author, container, created, modified } = post;
    yield documentFinding(reading.context, iri, "post", quads, { author, container, created, modified });
  }
}

function* readLikes(reading: Reading, posts: readonly ImportedPost[]): Generator<ImportFinding> {
  const { index, context, dropped } = reading;
  for (const [key, group] of index.groups) {
    for (const each of group) {
      if (each.predicate.value !== sib.like.value || each.object.termType !== "NamedNode") continue;
      yield like(key, each.object.value, context);
    }
    if (!key.startsWith("_:") || !index.hasType(key, new Set([as.Like.value]))) continue;
    const actor = index.objects(key, as.actor)[0];
    const object = index.objects(key, as.object)[0];
    if (actor?.termType !== "NamedNode" || object?.termType !== "NamedNode") continue;
    reading.reached.add(key);
    yield like(actor.value, object.value, context);
  }
  for (const post of posts) {
    if (!post.starred) continue;
    if (context.starredBy === undefined) dropped.add("star");
    else yield like(context.starredBy, post.iri, context);
  }
}

/** A like as a document. Its IRI stands for a blank node, so it is one of RDF 1.1 §3.5 and the same at each import. */
function like(actor: string, object: string, context: ImportContext): ImportFinding {
  const iri = genid(context.base, "like", actor, object);
  if (!isIri(iri) || !isIri(actor))
    return refusedFinding(actor, `Expected the IRIs of an account and a post, but got "${object}".`);
  const self = namedNode(iri);
  const quads = [
    quad(self, rdf.type, as.Like),
    quad(self, as.actor, namedNode(actor)),
    quad(self, as.object, namedNode(object)),
  ];
  return documentFinding(context, iri, "other", quads, { author: actor });
}

/** Whether an IRI stands for a blank node of an import; such documents belong to their author, not to the hub. */
export function isGenid(base: Iri, iri: string): boolean {
  return iri.startsWith(`${base}.well-known/genid/`);
}

function genid(base: Iri, kind: string, from: string, to: string): string {
  return `${base}.well-known/genid/${kind}/${encodeURIComponent(from)}/${encodeURIComponent(to)}`;
}

function* readProfilesAndOthers(reading: Reading): Generator<ImportFinding> {
  const { index, links, context } = reading;
  const keys = [...index.groups.keys()].filter(
    (key) => !key.startsWith("_:") && !links.posts.has(key) && !reading.carriedTags.has(key) && !isTagging(index, key),
  );
  const homes = homesOf(keys, links);
  const profiles = [...homes].filter(([, subjects]) =>
    subjects.some((key) => links.accounts.has(key) || links.persons.has(key)),
  );
  const others = [...homes].filter(
    ([, subjects]) => !subjects.some((key) => links.accounts.has(key) || links.persons.has(key)),
  );
  for (const [graph, subjects] of profiles) yield* documentOfSubjects(reading, graph, "profile", subjects);
  for (const [graph, subjects] of others) {
    const [only] = subjects;
    const group = only === undefined || subjects.length > 1 ? [] : index.of(only);
    if (only !== undefined && group.length > 0 && group.every((each) => each.predicate.value === sioc.follows.value)) {
      for (const each of group) yield follow(only, each, context);
    } else yield* documentOfSubjects(reading, graph, "other", subjects);
  }
}

/** Bare `sioc:follows` say nothing else about the account, so they must not take the place of its profile. */
function follow(key: string, each: Quad, context: ImportContext): ImportFinding {
  const iri = genid(context.base, "follow", key, each.object.value);
  if (!isIri(iri) || !isIri(key) || each.object.termType !== "NamedNode") {
    return refusedFinding(key, `Expected sioc:follows to point to an account's IRI, but got "${each.object.value}".`);
  }
  return documentFinding(context, iri, "follow", [each], { author: key });
}

function* documentOfSubjects(
  reading: Reading,
  graph: string,
  kind: DocumentKind,
  subjects: readonly string[],
): Generator<ImportFinding> {
  const { index, links, context, dropped } = reading;
  const quads: Quad[] = [];
  for (const key of subjects) {
    const missing = absentPost(key, reading);
    if (missing === undefined) quads.push(...readSubject(key, index, links, dropped), ...closureOf(key, reading));
    else {
      yield refusedFinding(
        key,
        `Expected the post ${missing} beside the triple that names it, but it is not in this file; import both together.`,
      );
    }
  }
  if (quads.length === 0) return;
  if (!isIri(graph)) {
    yield refusedFinding(graph, "Expected a subject with an absolute IRI; write it in full or give the file a base.");
    return;
  }
  const author = subjects.find((key) => links.accounts.has(key));
  const created = createdOf(subjects, quads);
  yield documentFinding(context, graph, kind, quads, {
    ...(author !== undefined && isIri(author) ? { author } : actorOf(quads)),
    created,
  });
}

/** A subject known only as somebody's creator or container has no description to keep. */
function absentPost(key: string, { index }: Reading): string | undefined {
  const group = index.of(key);
  const names = (each: Quad): boolean =>
    (each.predicate.value === sioc.creator_of.value || each.predicate.value === sioc.container_of.value) &&
    each.object.termType === "NamedNode" &&
    !index.groups.has(each.object.value);
  return group.every(names) ? group[0]?.object.value : undefined;
}

function actorOf(quads: readonly Quad[]): { author?: Iri } {
  const actor = quads.find((each) => each.predicate.value === as.actor.value)?.object.value;
  return actor !== undefined && isIri(actor) ? { author: actor } : {};
}

function createdOf(subjects: readonly string[], quads: readonly Quad[]): Instant | undefined {
  for (const key of subjects) {
    for (const predicate of [dcterms.created, dcterms.date]) {
      const said = quads.find((each) => each.subject.value === key && each.predicate.value === predicate.value)?.object
        .value;
      const instant = said === undefined ? undefined : parseInstant(said);
      if (instant !== undefined && !isRefusal(instant)) return instant;
    }
  }
  return undefined;
}

function documentFinding(
  context: ImportContext,
  graph: Iri,
  kind: DocumentKind,
  quads: readonly Quad[],
  about: {
    readonly author?: Iri | undefined;
    readonly container?: Iri | undefined;
    readonly created?: Instant | undefined;
    readonly modified?: Instant | undefined;
  },
): ImportFinding {
  const { author, container, created, modified } = about;
  const document: Document = {
    graph,
    kind,
    audience: "public",
    origin: { kind: "imported" },
    ...(author === undefined ? {} : { author }),
    ...(container === undefined ? {} : { container }),
    created: created ?? context.now,
    ...(modified === undefined ? {} : { modified }),
    received: context.now,
    quads,
  };
  return { kind: "document", document };
}

/** The triples of the blank nodes that a subject leads to, however deep, each once. */
function closureOf(key: string, reading: Reading): Quad[] {
  const quads: Quad[] = [];
  const waiting = reading.index.of(key).filter(leadsOn);
  const seen = new Set<string>();
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    const blank = keyOf(each.object);
    if (seen.has(blank)) continue;
    seen.add(blank);
    reading.reached.add(blank);
    quads.push(...readSubject(blank, reading.index, reading.links, reading.dropped));
    waiting.push(...reading.index.of(blank).filter(leadsOn));
  }
  return quads;
}

function closureWith(key: string, reading: Reading): Quad[] {
  reading.reached.add(key);
  return [...readSubject(key, reading.index, reading.links, reading.dropped), ...closureOf(key, reading)];
}

function leadsOn(each: Quad): boolean {
  return each.object.termType === "BlankNode";
}
