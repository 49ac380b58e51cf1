import { isRefusal } from "../../outcome/refusal.ts";
import type { Document, DocumentKind } from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { namedNode, type Quad, quad, type Term } from "../../rdf/term.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { documentOf } from "../hub-iris.ts";
import { type Instant, parseInstant } from "../instant.ts";
import { type DocumentFacts, documentFromDescription, tombstoneFromDescription } from "./document-description.ts";
import { type ImportContext, type ImportFinding, refusedFinding } from "./import-finding.ts";
import { ACCOUNT_TYPES, PERSON_TYPES, POST_TYPES } from "./import-terms.ts";
import { watchFromDescription } from "./watch-description.ts";

/**
 * A named graph as one document, as it stands. With a description (as our own export has one) it says what it is;
 * without, its kind, author and times are read from its triples.
 */
export function graphFinding(
  graph: string,
  quads: readonly Quad[],
  description: readonly Quad[] | undefined,
  context: ImportContext,
): ImportFinding {
  if (!isIri(graph)) return refusedFinding(graph, "Expected a named graph with an absolute IRI; give it one.");
  if (description === undefined) return undescribed(graph, quads, context);
  const facts = documentFromDescription(graph, description);
  if (isRefusal(facts)) return refusedFinding(graph, facts.message);
  const { triples, ...rest } = facts;
  if (triples !== undefined && triples !== quads.length) {
    return refusedFinding(
      graph,
      `Expected ${triples} triples as void:triples says, but got ${quads.length}; the file is cut off or was changed.`,
    );
  }
  const ownNote = context.notes !== undefined && graph.startsWith(context.notes);
  if (context.restore !== true && !ownNote && rest.audience !== "public") {
    return refusedFinding(
      graph,
      `Expected public documents, but this one is for ${rest.audience.only} only; let the owner import it.`,
    );
  }
  return { kind: "document", document: { ...believed(rest, context), quads } };
}

/** A tombstone of an export: what was deleted there stays deleted here. */
export function tombstoneFinding(graph: string, description: readonly Quad[]): ImportFinding {
  if (!isIri(graph)) return refusedFinding(graph, "Expected a tombstone with an absolute IRI; give it one.");
  const tombstone = tombstoneFromDescription(graph, description);
  return isRefusal(tombstone) ? refusedFinding(graph, tombstone.message) : { kind: "deleted", tombstone };
}

/** A standing query of an export. */
export function watchFinding(iri: string, description: readonly Quad[]): ImportFinding {
  if (!isIri(iri)) return refusedFinding(iri, "Expected a standing query with an absolute IRI; give it one.");
  const watch = watchFromDescription(iri, description);
  return isRefusal(watch) ? refusedFinding(iri, watch.message) : { kind: "watch", watch };
}

/** What a file may say about a document: everything when the owner restores, and "own" only below this hub's base. */
function believed(facts: Omit<DocumentFacts, "triples">, context: ImportContext): Omit<Document, "quads"> {
  if (context.restore !== true) {
    return { ...facts, origin: { kind: "imported" }, received: context.now };
  }
  const foreign = facts.origin.kind === "own" && !facts.graph.startsWith(context.base);
  return foreign ? { ...facts, origin: { kind: "imported" } } : facts;
}

function undescribed(graph: Iri, quads: readonly Quad[], context: ImportContext): ImportFinding {
  const kind = kindIn(graph, quads);
  const main = mainSubject(graph, quads, kind);
  const objectOf = (...predicates: readonly Term[]): string | undefined =>
    quads.find(
      (each) => each.subject.value === main && predicates.some((predicate) => predicate.value === each.predicate.value),
    )?.object.value;
  const author =
    kind === "post" ? objectOf(sioc.has_creator) : kind === "profile" || kind === "follow" ? main : undefined;
  const container = kind === "post" ? objectOf(sioc.has_container) : undefined;
  const created = timeIn(objectOf(dcterms.created, dcterms.date));
  const modified = timeIn(objectOf(dcterms.modified));
  if (kind === "post" && (author === undefined || created === undefined)) {
    const missing = author === undefined ? "sioc:has_creator" : "a dcterms:created that is a time";
    return refusedFinding(graph, `Expected the post to have ${missing}, but it has none; add it.`);
  }
  return {
    kind: "document",
    document: {
      graph,
      kind,
      audience: "public",
      origin: { kind: "imported" },
      ...(author !== undefined && isIri(author) ? { author } : {}),
      ...(container !== undefined && isIri(container) ? { container } : {}),
      created: created ?? context.now,
      ...(modified === undefined ? {} : { modified }),
      received: context.now,
      quads: kind === "post" ? typedAsPost(graph, quads) : quads,
    },
  };
}

/** A post of a wider or older class (`sioc:Post`) is one of ours too, as it is among the triples of a default graph. */
function typedAsPost(graph: Iri, quads: readonly Quad[]): readonly Quad[] {
  const type = quad(namedNode(graph), rdf.type, sioct.MicroblogPost);
  const typed = quads.some(
    ({ subject, predicate, object }) =>
      subject.value === graph && predicate.value === type.predicate.value && object.value === type.object.value,
  );
  return typed ? quads : [type, ...quads];
}

function timeIn(text: string | undefined): Instant | undefined {
  const instant = text === undefined ? undefined : parseInstant(text);
  return isRefusal(instant) ? undefined : instant;
}

function isOfType(each: Quad, types: ReadonlySet<string>): boolean {
  return each.predicate.value === rdf.type.value && types.has(each.object.value);
}

function kindIn(graph: Iri, quads: readonly Quad[]): DocumentKind {
  const here = quads.filter((each) => documentOf(each.subject.value as Iri) === documentOf(graph));
  if (here.some((each) => each.subject.value === graph && isOfType(each, POST_TYPES))) return "post";
  if (here.some((each) => isOfType(each, ACCOUNT_TYPES) || isOfType(each, PERSON_TYPES))) return "profile";
  if (quads.length > 0 && quads.every((each) => each.predicate.value === sioc.follows.value)) return "follow";
  return "other";
}

function mainSubject(graph: Iri, quads: readonly Quad[], kind: DocumentKind): string | undefined {
  if (kind === "profile") return quads.find((each) => isOfType(each, ACCOUNT_TYPES))?.subject.value;
  return kind === "follow" ? quads[0]?.subject.value : graph;
}
