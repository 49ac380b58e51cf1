import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import {
  type Audience,
  DOCUMENT_KINDS,
  type Document,
  type DocumentKind,
  type Origin,
  type Tombstone,
} from "../../rdf/document.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { literal, namedNode, type Quad, type QuadObject, quad, type Term } from "../../rdf/term.ts";
import { as } from "../../vocab/as.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { prov } from "../../vocab/prov.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sterna } from "../../vocab/sterna.ts";
import { void_ } from "../../vocab/void.ts";
import { xsd } from "../../vocab/xsd.ts";
import { type Instant, parseInstant } from "../instant.ts";

/**
 * A document as an export writes it: its description in the default graph (what it is, whose, how it came, for whom,
 * how many triples follow), then its own quads in the graph named by its IRI. {@link documentFromDescription} reads it
 * back as an equal document.
 */
export function documentToQuads(document: Document): Quad[] {
  const graph = namedNode(document.graph);
  const quads = describe(document.graph, document.kind, document.author, document.container);
  const say = (predicate: Quad["predicate"], object: QuadObject): void => {
    quads.push(quad(graph, predicate, object));
  };
  say(sterna.origin, literal(document.origin.kind));
  if (document.origin.kind === "received") say(sterna.receivedFrom, iriOrText(document.origin.from));
  say(sterna.audience, document.audience === "public" ? sterna.Public : namedNode(document.audience.only));
  say(dcterms.created, literal(document.created, xsd.dateTime));
  if (document.modified !== undefined) say(dcterms.modified, literal(document.modified, xsd.dateTime));
  say(sterna.receivedAt, literal(document.received, xsd.dateTime));
  say(void_.triples, literal(String(document.quads.length), xsd.integer));
  for (const { subject, predicate, object } of document.quads) quads.push(quad(subject, predicate, object, graph));
  return quads;
}

/** A tombstone as an export writes it: a description in the default graph and no graph of its own. */
export function tombstoneToQuads(tombstone: Tombstone): Quad[] {
  const graph = namedNode(tombstone.graph);
  return [
    ...describe(tombstone.graph, tombstone.kind, tombstone.author, tombstone.container),
    quad(graph, rdf.type, as.Tombstone),
    quad(graph, as.deleted, literal(tombstone.deleted, xsd.dateTime)),
  ];
}

/** What a description says about a document, without its quads. */
export type DocumentFacts = Omit<Document, "quads"> & {
  /** How many triples its graph has. */
  readonly triples?: number;
};

/** Whether these triples about one subject are the description of a document. */
export function isDescription(quads: readonly Quad[]): boolean {
  return quads.some((each) => each.predicate.equals(rdf.type) && each.object.equals(sterna.Document));
}

/** Whether these triples about one subject are a tombstone. */
export function isTombstone(quads: readonly Quad[]): boolean {
  return quads.some((each) => each.predicate.equals(rdf.type) && each.object.equals(as.Tombstone));
}

/** Reads a description back. Refuses with `invalid` when a value in it is not what is allowed. */
export function documentFromDescription(graph: Iri, quads: readonly Quad[]): DocumentFacts | Refusal {
  const one = reader(quads);
  const kind = kindOf(one(sterna.kind));
  const created = timeOf(graph, "dcterms:created", one(dcterms.created));
  const received = timeOf(graph, "sterna:receivedAt", one(sterna.receivedAt));
  const origin = originOf(one(sterna.origin)?.value, one(sterna.receivedFrom)?.value);
  const audience = audienceOf(one(sterna.audience));
  for (const part of [kind, created, received, origin, audience]) if (isRefusal(part)) return part;
  const modified = one(dcterms.modified);
  const modifiedAt = modified === undefined ? undefined : timeOf(graph, "dcterms:modified", modified);
  if (isRefusal(modifiedAt)) return modifiedAt;
  const triples = one(void_.triples)?.value;
  return {
    graph,
    kind: kind as DocumentKind,
    audience: audience as Audience,
    origin: origin as Origin,
    ...whose(one),
    created: created as Instant,
    ...(modifiedAt === undefined ? {} : { modified: modifiedAt }),
    received: received as Instant,
    ...(triples !== undefined && /^\d{1,9}$/.test(triples) ? { triples: Number(triples) } : {}),
  };
}

/** Reads a tombstone back. Refuses with `invalid` when it does not say when, or of what kind. */
export function tombstoneFromDescription(graph: Iri, quads: readonly Quad[]): Tombstone | Refusal {
  const one = reader(quads);
  const deleted = timeOf(graph, "as:deleted", one(as.deleted));
  if (isRefusal(deleted)) return deleted;
  const kind = one(sterna.kind) === undefined ? "other" : kindOf(one(sterna.kind));
  return isRefusal(kind) ? kind : { graph, deleted, kind, ...whose(one) };
}

function describe(graph: Iri, kind: DocumentKind, author: Iri | undefined, container: Iri | undefined): Quad[] {
  const about = namedNode(graph);
  const quads = [quad(about, rdf.type, sterna.Document), quad(about, sterna.kind, literal(kind))];
  if (author !== undefined) quads.push(quad(about, prov.wasAttributedTo, namedNode(author)));
  if (container !== undefined) quads.push(quad(about, sioc.has_container, namedNode(container)));
  return quads;
}

function iriOrText(text: string): QuadObject {
  return isIri(text) ? namedNode(text) : literal(text);
}

function reader(quads: readonly Quad[]): (predicate: Term) => QuadObject | undefined {
  return (predicate) => quads.find((each) => each.predicate.value === predicate.value)?.object;
}

function whose(one: (predicate: Term) => QuadObject | undefined): { author?: Iri; container?: Iri } {
  const author = one(prov.wasAttributedTo)?.value;
  const container = one(sioc.has_container)?.value;
  return {
    ...(author !== undefined && isIri(author) ? { author } : {}),
    ...(container !== undefined && isIri(container) ? { container } : {}),
  };
}

function kindOf(term: QuadObject | undefined): DocumentKind | Refusal {
  const known = DOCUMENT_KINDS.find((kind) => kind === term?.value);
  return (
    known ??
    refuse("invalid", `Expected sterna:kind to be one of ${DOCUMENT_KINDS.join(", ")}, but got "${term?.value}".`)
  );
}

function timeOf(graph: Iri, name: string, term: QuadObject | undefined): Instant | Refusal {
  if (term === undefined)
    return refuse("invalid", `Expected ${name} in the description of ${graph}, but there is none.`);
  return parseInstant(term.value);
}

function originOf(kind: string | undefined, from: string | undefined): Origin | Refusal {
  if (kind === "own" || kind === "imported") return { kind };
  if (kind === "received" && from !== undefined) return { kind, from };
  return refuse(
    "invalid",
    `Expected sterna:origin "own", "imported", or "received" with sterna:receivedFrom, but got "${kind}".`,
  );
}

function audienceOf(term: QuadObject | undefined): Audience | Refusal {
  if (term?.value === sterna.Public.value) return "public";
  if (term?.termType === "NamedNode" && isIri(term.value)) return { only: term.value };
  return refuse("invalid", `Expected sterna:audience to be sterna:Public or an account, but got "${term?.value}".`);
}
