import { type AccountName, parseAccountName } from "../../core/account.ts";
import { accountIris, accountNameIn } from "../../core/hub-iris.ts";
import {
  NOTE_TRIPLES_MAX,
  NOTES_BYTES_MAX,
  NOTES_MAX,
  noteDocument,
  whyNoNoteIri,
  whyNotPublished,
} from "../../core/note.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { writeNTriples } from "../../rdf/ntriples.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";

/** What notes one account has, with those that wait in the same commit. */
export type NoteSizes = Map<Iri, Map<Iri, number>>;

/** The account below whose graphs an IRI stands, by its name; undefined when it stands elsewhere. */
export function noteOwnerOf(base: Iri, graph: Iri): AccountName | undefined {
  const name = parseAccountName(accountNameIn(base, graph) ?? "");
  return !isRefusal(name) && graph.startsWith(`${accountIris(base, name).graphs}/`) ? name : undefined;
}

/**
 * A document that is imported below an account's graphs: a note of that account, whatever the file calls it. The hub's
 * owner restores everybody's, an account its own. Refuses what the account could not have written.
 */
export function importedNote(
  hub: HubPorts,
  reader: RecordReader,
  by: Requester,
  name: AccountName,
  document: Document,
  sizes: NoteSizes,
): Document | Refusal {
  const { base } = hub.identity;
  const iris = accountIris(base, name);
  if (by.kind !== "owner" && !(by.kind === "account" && by.account.name === name)) {
    return refuse(
      "forbidden",
      `It stands among the graphs of "${name}", which only that account or the hub's owner may import.`,
    );
  }
  const { graph, quads } = document;
  const no = whyNoNoteIri(iris.graphs, graph);
  if (no !== undefined) return no;
  if (quads.length > NOTE_TRIPLES_MAX) {
    return refuse("too-large", `Expected at most ${NOTE_TRIPLES_MAX} triples in one graph, but got ${quads.length}.`);
  }
  const own = sizes.get(iris.account) ?? new Map(reader.notes(iris.account).map((note) => [note.graph, note.bytes]));
  sizes.set(iris.account, own);
  own.set(graph, writeNTriples(quads).length);
  const bytes = [...own.values()].reduce((sum, size) => sum + size, 0);
  if (own.size > NOTES_MAX || bytes > NOTES_BYTES_MAX) {
    own.delete(graph);
    return refuse(
      "too-large",
      `Expected at most ${NOTES_MAX} graphs and ${NOTES_BYTES_MAX} bytes of one account, but this one is too much; drop some first.`,
    );
  }
  const note = noteDocument(graph, quads, iris.account, hub.now(), undefined);
  const isHeld = (one: Iri): boolean => one !== graph && reader.document(one)?.kind === "live";
  const hidden = note.audience === "public" ? whyNotPublished(graph, quads, { base, iris, isHeld }) : undefined;
  if (hidden !== undefined) return hidden;
  const { created, modified, received } = document;
  return { ...note, created, received, ...(modified === undefined ? {} : { modified }) };
}
