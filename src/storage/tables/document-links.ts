import type { Reference } from "../../hub/ports/records.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { as } from "../../vocab/as.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sterna } from "../../vocab/sterna.ts";

/** What the tables beside a document are derived from, read out of its quads. */
export interface DocumentLinks {
  /** Each once. */
  readonly references: readonly { readonly reference: Reference; readonly target: Iri }[];
  /** Posts that this document keeps from being dropped: those an own document answers, likes, passes on or quotes. */
  readonly keeps: readonly Iri[];
  /** The text a search finds a post by. */
  readonly text: string | undefined;
}

const REFERENCE_OF: ReadonlyMap<string, Reference> = new Map<string, Reference>([
  [sioc.topic.value, "topic"],
  [sioc.reply_of.value, "reply-of"],
  [sioc.addressed_to.value, "addressed-to"],
  [sioc.follows.value, "follows"],
  [sterna.repostOf.value, "repost-of"],
  [sterna.quoteOf.value, "quote-of"],
]);

/** What an own document points at so that the post there is kept. */
const KEEPING: ReadonlySet<Reference> = new Set<Reference>(["reply-of", "repost-of", "quote-of"]);

/** COMPAT: documents that were written before these were counted have no rows of them, and must not be asked for one. */
export const LATER_REFERENCES: ReadonlySet<Reference> = new Set<Reference>(["repost-of", "quote-of"]);

/** Reads the links of a document. A tag's own topic is no topic of the post: a post's links count for the post only. */
export function documentLinks(document: Document): DocumentLinks {
  // What an account notes down about things is no post about them: no list holds it.
  if (document.kind === "note") return { references: [], keeps: [], text: undefined };
  const references = new Map<string, DocumentLinks["references"][number]>();
  const keeps = new Set<Iri>();
  const texts: string[] = [];
  const own = document.origin.kind === "own";
  const isPost = document.kind === "post";
  // COMPAT: likes that were imported before likes were counted have no row, and must not be asked for one.
  const isLike = document.kind === "other" && document.origin.kind !== "imported";
  // What others say to follow is theirs to say, and may be thousands: no list is kept of it.
  const isForeignList = isLike && document.origin.kind === "received";
  const isReaction = isLike && document.quads.some(({ object }) => object.value === sterna.Reaction.value);
  for (const { subject, predicate, object } of document.quads) {
    if (isPost && subject.value !== document.graph && !subject.value.startsWith(`${document.graph}#`)) continue;
    if (object.termType === "NamedNode") {
      const target = object.value as Iri;
      const liked = isLike && predicate.value === as.object.value;
      const reference = liked ? (isReaction ? "reaction-of" : "like-of") : REFERENCE_OF.get(predicate.value);
      if (isForeignList && reference === "follows") continue;
      if (reference !== undefined) references.set(`${reference} ${target}`, { reference, target });
      const keeping = (reference !== undefined && KEEPING.has(reference)) || predicate.value === as.object.value;
      if (own && keeping) keeps.add(target);
    } else if (isPost && object.termType === "Literal" && predicate.value === sioc.content.value) {
      texts.push(object.value);
    }
  }
  return {
    references: [...references.values()],
    keeps: [...keeps],
    text: texts.length === 0 ? undefined : texts.join("\n"),
  };
}
