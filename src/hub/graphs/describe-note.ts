import type { Account } from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import { lastSegment } from "../../core/posts/post.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../rdf/term.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { prov } from "../../vocab/prov.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sterna } from "../../vocab/sterna.ts";
import { xsd } from "../../vocab/xsd.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { NoteRecord } from "../ports/records.ts";
import { maySee, type Requester } from "../ports/requester.ts";

/** A note as the list of an account's graphs shows it. */
export interface NoteView {
  readonly iri: Iri;
  readonly name: string;
  readonly published: boolean;
  readonly modified: string;
}

/** What the page of a note or of a list of them says. */
export interface NoteDescription {
  readonly subject: Iri;
  readonly kind: "note" | "notes";
  readonly title: string;
  readonly quads: readonly Quad[];
  readonly version: string;
  readonly modified?: string;
  readonly notes?: readonly NoteView[];
}

/** A note: its own triples and nothing else, so that what is read can be put back. */
export function describeNote(document: Document, version: number): NoteDescription {
  const { graph, quads, created, modified = created } = document;
  return { subject: graph, kind: "note", title: lastSegment(graph), quads, version: `${version}`, modified };
}

/** The notes of an account that a requester may see. */
export function describeNotes(hub: HubPorts, by: Requester, account: Account): NoteDescription {
  const { graphs, account: self } = accountIris(hub.identity.base, account.name);
  const seen = hub.records.reader.notes(self).filter((note) => maySee(by, note));
  const notes = seen.map(viewNote);
  return {
    subject: graphs,
    kind: "notes",
    title: `Graphs of ${account.displayName}`,
    quads: seen.flatMap((note) => noteQuads(note, graphs, self)),
    version: hub.hash(JSON.stringify(notes)).slice(0, 20),
    notes,
  };
}

function viewNote({ graph, audience, modified }: NoteRecord): NoteView {
  return { iri: graph, name: lastSegment(graph), published: audience === "public", modified };
}

function noteQuads({ graph, audience, modified }: NoteRecord, graphs: Iri, account: Iri): Quad[] {
  const note = namedNode(graph);
  return [
    quad(namedNode(graphs), dcterms.hasPart, note),
    quad(note, rdf.type, sterna.Document),
    quad(note, prov.wasAttributedTo, namedNode(account)),
    quad(note, sterna.audience, audience === "public" ? sterna.Public : namedNode(audience.only)),
    quad(note, dcterms.modified, literal(modified, xsd.dateTime)),
  ];
}
