import { type Refusal, refuse } from "../outcome/refusal.ts";
import type { Iri } from "../rdf/iri.ts";
import type { Quad } from "../rdf/term.ts";
import { dcterms } from "../vocab/dcterms.ts";
import { rdf } from "../vocab/rdf.ts";
import { rdfs } from "../vocab/rdfs.ts";
import { sioc } from "../vocab/sioc.ts";
import { skos } from "../vocab/skos.ts";
import { placeIri } from "./posts/post.ts";

/** Whom a sender may speak for: the one account bound to its JID, about IRIs under that account's authority. */
export interface Speaker {
  readonly account: Iri;
  /** IRIs it may describe start with this; ends in `/`. */
  readonly authority: string;
  /** Where posts of its hub's tags live; their labels come along with the posts. Ends in `/`. */
  readonly origin: string;
}

const TAG_PREDICATES: ReadonlySet<string> = new Set([rdf.type.value, rdfs.label.value, skos.exactMatch.value]);
const FILE_PREDICATES: ReadonlySet<string> = new Set([
  dcterms.format.value,
  dcterms.extent.value,
  dcterms.description.value,
]);

/**
 * Keeps of a pushed document what its sender may say about the post `post`: the post itself, what hangs from it by
 * blank nodes, the name of its place, the type and label of its topics on the sender's own origin, and what kind of file
 * its attachments are, how large and what they show. Everything else is dropped.
 * Refuses with `not-the-author` when the post is not under the sender's authority or names another creator.
 */
export function keepAuthored(quads: readonly Quad[], post: Iri, speaker: Speaker): readonly Quad[] | Refusal {
  if (!post.startsWith(speaker.authority)) {
    return refuse(
      "not-the-author",
      `Expected a post under ${speaker.authority}, which is what ${speaker.account} may speak about, but got ${post}.`,
    );
  }
  const about = quads.filter((q) => q.subject.value === post && q.subject.termType === "NamedNode");
  const creators = about.filter((q) => q.predicate.value === sioc.has_creator.value);
  const stranger = creators.find((q) => q.object.value !== speaker.account);
  if (creators.length === 0 || stranger !== undefined) {
    return refuse(
      "not-the-author",
      `Expected ${speaker.account} as the only creator of ${post}, but got ${stranger?.object.value ?? "none"}.`,
    );
  }
  const reached = new Set<string>();
  const topics = new Set<string>();
  const files = new Set<string>();
  const kept = new Set<Quad>(about);
  for (const { predicate, object } of about) {
    if (object.termType === "BlankNode") reached.add(object.value);
    if (predicate.value === sioc.attachment.value && object.termType === "NamedNode") files.add(object.value);
    if (predicate.value === sioc.topic.value && object.value.startsWith(speaker.origin)) topics.add(object.value);
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const q of quads) {
      if (kept.has(q) || q.subject.termType !== "BlankNode" || !reached.has(q.subject.value)) continue;
      kept.add(q);
      grown = true;
      if (q.object.termType === "BlankNode") reached.add(q.object.value);
    }
  }
  for (const q of quads) {
    if (q.subject.value === placeIri(post) && q.predicate.equals(rdfs.label)) kept.add(q);
    if (topics.has(q.subject.value) && TAG_PREDICATES.has(q.predicate.value)) kept.add(q);
    const ofFile = FILE_PREDICATES.has(q.predicate.value) && q.object.termType === "Literal";
    if (ofFile && files.has(q.subject.value)) kept.add(q);
  }
  return quads.filter((q) => kept.has(q));
}

/** What an account whose profile document is `profile` and container `container` may speak about. */
export function authorityOf(
  profile: Iri,
  container: Iri | undefined,
): { readonly authority: string; readonly origin: string } {
  const origin = `${new URL(profile).origin}/`;
  const home = container !== undefined && container.startsWith(origin) ? container : profile;
  return { authority: home.endsWith("/") ? home : `${home}/`, origin };
}
