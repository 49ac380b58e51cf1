import type { Audience, Document, DocumentKind, Origin } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { readNTriples, type TermCache } from "../../rdf/ntriples.ts";
import type { Quad } from "../../rdf/term.ts";
import { number, optionalText, type Row, text } from "../database/sql-database.ts";

/**
 * Whether the query store holds a document: `0` always; `1` always, as it is somebody else's post that an own document
 * answers or likes; `2` when it is among the newest of the other posts of others.
 */
export type Heat = 0 | 1 | 2;

/** A document as its row holds it. */
export interface HeldDocument {
  readonly id: number;
  readonly version: number;
  readonly heat: Heat;
  readonly document: Document;
}

/** The columns {@link heldDocument} reads. */
export const DOCUMENT_COLUMNS =
  "id, graph, kind, audience, origin, received_from, author, container, created, modified, received, version, heat, quads";

/** The audience as its column has it. */
export function audienceColumn(audience: Audience): string {
  return audience === "public" ? "" : audience.only;
}

/** The audience of its column. */
export function audienceOf(column: string): Audience {
  return column === "" ? "public" : { only: column as Iri };
}

/** A row of `documents`; the quads are read out of their text when they are first asked for. */
export function heldDocument(row: Row, cache?: TermCache): HeldDocument {
  const receivedFrom = optionalText(row, "received_from");
  const kind = text(row, "origin") as Origin["kind"];
  const origin: Origin = kind === "received" ? { kind, from: receivedFrom ?? "" } : { kind };
  const author = optionalText(row, "author");
  const container = optionalText(row, "container");
  const modified = optionalText(row, "modified");
  return {
    id: number(row, "id"),
    version: number(row, "version"),
    heat: number(row, "heat") as Heat,
    document: withQuads(
      {
        graph: text(row, "graph") as Iri,
        kind: text(row, "kind") as DocumentKind,
        audience: audienceOf(text(row, "audience")),
        origin,
        ...(author === undefined ? {} : { author: author as Iri }),
        ...(container === undefined ? {} : { container: container as Iri }),
        created: text(row, "created"),
        ...(modified === undefined ? {} : { modified }),
        received: text(row, "received"),
      },
      text(row, "quads"),
      cache,
    ),
  };
}

/**
 * Joins a document's head with its N-Triples. The getter is an own, enumerable property, so that a spread copies the
 * quads like any other.
 */
export function withQuads(head: Omit<Document, "quads">, nTriples: string, cache?: TermCache): Document {
  let quads: readonly Quad[] | undefined;
  return Object.defineProperty({ ...head } as Document, "quads", {
    enumerable: true,
    get: () => {
      quads ??= readNTriples(nTriples, cache);
      return quads;
    },
  });
}
