import { profileFromQuads } from "../../core/account.ts";
import { documentOf } from "../../core/hub-iris.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../rdf/term.ts";
import { foaf } from "../../vocab/foaf.ts";
import { sioc } from "../../vocab/sioc.ts";
import type { HubPorts } from "../ports/hub-ports.ts";

/** Quads without repeats, in order. */
export function union(...sets: readonly Iterable<Quad>[]): readonly Quad[] {
  const seen = new Map<string, Quad>();
  for (const set of sets) {
    for (const q of set) {
      const { object } = q;
      const tail = object.termType === "Literal" ? `${object.language} ${object.datatype.value}` : "";
      seen.set(
        `${q.subject.termType} ${q.subject.value} ${q.predicate.value} ${object.termType} ${object.value} ${tail}`,
        q,
      );
    }
  }
  return [...seen.values()];
}

/** The quads of posts, with the names of who wrote them. */
export function postQuads(hub: HubPorts, documents: readonly Document[]): readonly Quad[] {
  const creators = new Set(documents.map(({ author }) => author).filter((author) => author !== undefined));
  const named = [...creators].flatMap((creator) => creatorQuads(hub, creator));
  return union(...documents.map(({ quads }) => quads), named);
}

/** The name of who wrote something, as far as their profile is public. */
export function creatorQuads(hub: HubPorts, creator: Iri): Quad[] {
  const stored = hub.records.reader.document(documentOf(creator));
  if (stored?.kind !== "live" || stored.document.audience !== "public") return [];
  const { person, displayName } = profileFromQuads(stored.document.quads, creator);
  if (person === undefined || displayName === undefined) return [];
  return [
    quad(namedNode(creator), sioc.account_of, namedNode(person)),
    quad(namedNode(person), foaf.name, literal(displayName)),
  ];
}

/** That a container has these posts. */
export function contains(container: Iri, documents: readonly Document[]): Quad[] {
  return documents.map(({ graph }) => quad(namedNode(container), sioc.container_of, namedNode(graph)));
}
