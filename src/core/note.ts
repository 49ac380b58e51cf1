import { type Refusal, refuse } from "../outcome/refusal.ts";
import type { Audience, Document } from "../rdf/document.ts";
import { type Iri, isIri } from "../rdf/iri.ts";
import type { Quad, Term } from "../rdf/term.ts";
import { as } from "../vocab/as.ts";
import { foaf } from "../vocab/foaf.ts";
import { prov } from "../vocab/prov.ts";
import { rdf } from "../vocab/rdf.ts";
import { sioc } from "../vocab/sioc.ts";
import { sioct } from "../vocab/sioct.ts";
import { sterna } from "../vocab/sterna.ts";
import type { AccountIris } from "./account.ts";
import { documentOf } from "./hub-iris.ts";
import type { Instant } from "./instant.ts";

/** LIMIT: triples of one note. */
export const NOTE_TRIPLES_MAX = 10_000;
/** LIMIT: notes of one account. */
export const NOTES_MAX = 1_000;
/** LIMIT: bytes of all notes of one account as N-Triples; some 70,000 triples, which take 60 MB in the query store. */
export const NOTES_BYTES_MAX = 8 * 1_024 * 1_024;

/** Why `iri` cannot name a note below `graphs`; undefined when it can. */
export function whyNoNoteIri(graphs: Iri, iri: string): Refusal | undefined {
  const segment = iri.startsWith(`${graphs}/`) ? iri.slice(graphs.length + 1) : "";
  const canonical = canonicalSegment(segment);
  if (canonical !== undefined && canonical === segment && isIri(iri)) return undefined;
  if (canonical === undefined || canonical === segment) {
    return refuse(
      "forbidden",
      `Expected a graph of your own such as ${graphs}/bookmarks, but got <${iri.slice(0, 200)}>.`,
    );
  }
  return refuse(
    "invalid",
    `Expected the graph's name as this hub writes it, ${graphs}/${canonical}, but got <${iri}>.`,
  );
}

/** A path segment as the hub's IRIs have it; undefined when it is none. */
function canonicalSegment(segment: string): string | undefined {
  if (segment === "" || segment === "." || segment === ".." || /[/?#]/.test(segment)) return undefined;
  try {
    return encodeURIComponent(decodeURIComponent(segment));
  } catch {
    return undefined;
  }
}

/** Who may see a note: everybody when it says `sterna:audience sterna:Public` of itself, else its account alone. */
export function audienceOfNote(graph: Iri, quads: readonly Quad[], account: Iri): Audience {
  const published = quads.some(
    ({ subject, predicate, object }) =>
      subject.value === graph && predicate.equals(sterna.audience) && object.equals(sterna.Public),
  );
  return published ? "public" : { only: account };
}

/** The document of a note. `before` is the one it takes the place of. */
export function noteDocument(
  graph: Iri,
  quads: readonly Quad[],
  account: Iri,
  now: Instant,
  before: Document | undefined,
): Document {
  return {
    graph,
    kind: "note",
    audience: audienceOfNote(graph, quads, account),
    origin: { kind: "own" },
    author: account,
    created: before?.created ?? now,
    ...(before === undefined ? {} : { modified: now }),
    received: now,
    quads,
  };
}

/** Predicates by which somebody is told to have made, held or done something. */
const ATTRIBUTING: ReadonlySet<string> = new Set(
  [
    sioc.has_creator,
    sioc.creator_of,
    sioc.has_container,
    sioc.container_of,
    sioc.has_owner,
    sioc.owner_of,
    sioc.has_modifier,
    sioc.account_of,
    sioc.follows,
    sioc.has_reply,
    foaf.account,
    foaf.holdsAccount,
    foaf.maker,
    foaf.made,
    as.actor,
    prov.wasAttributedTo,
  ].map(({ value }) => value),
);

/** What comes into being by the hub's own commands. */
const MADE_BY_COMMANDS: ReadonlySet<string> = new Set(
  [sioc.Post, sioc.UserAccount, sioc.Site, sioct.MicroblogPost, sioct.Microblog, sterna.Hub, as.Like].map(
    ({ value }) => value,
  ),
);

/** What {@link whyNotPublished} needs to know. */
export interface PublishContext {
  readonly base: Iri;
  readonly iris: AccountIris;
  /** Whether the hub holds a document of this IRI. */
  readonly isHeld: (document: Iri) => boolean;
}

/**
 * Why a note cannot be for everybody. What is public is read as one graph with all else that is, so a published note
 * must not speak in somebody else's place: about what this hub holds or would hold, or of who made, holds or follows
 * what, but for its own account. Posts, accounts and follows come in by the hub's commands alone.
 */
export function whyNotPublished(graph: Iri, quads: readonly Quad[], context: PublishContext): Refusal | undefined {
  const { base, iris, isHeld } = context;
  const own = (term: Term): boolean =>
    term.termType !== "NamedNode" || term.value === graph || term.value.startsWith(`${graph}#`);
  const mine = (term: Term): boolean => own(term) || term.value === iris.account || term.value === iris.person;
  for (const { subject, predicate, object } of quads) {
    if (!own(subject) && isIri(subject.value)) {
      if (subject.value.startsWith(base) || isHeld(documentOf(subject.value))) {
        return notPublished(
          graph,
          `it says something of <${subject.value}> itself, which stands in a document of its own`,
        );
      }
    }
    if (ATTRIBUTING.has(predicate.value) && !(mine(subject) && mine(object))) {
      return notPublished(graph, `it says <${predicate.value}> of others than its own account`);
    }
    if (predicate.equals(rdf.type) && MADE_BY_COMMANDS.has(object.value)) {
      return notPublished(graph, `a <${object.value}> is made by the hub's own commands`);
    }
  }
  return undefined;
}

function notPublished(graph: Iri, why: string): Refusal {
  return refuse(
    "forbidden",
    `<${graph}> cannot be public: ${why}. Say it of a thing of the graph's own, such as <${graph}#1>, or keep the graph private.`,
  );
}
