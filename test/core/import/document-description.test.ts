import { describe, expect, it } from "vitest";
import { documentToQuads, tombstoneToQuads } from "../../../src/core/import/document-description.ts";
import { normaliseImport } from "../../../src/core/import/import-documents.ts";
import type { ImportContext } from "../../../src/core/import/import-finding.ts";
import type { Instant } from "../../../src/core/instant.ts";
import type { Document, Tombstone } from "../../../src/rdf/document.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { collect } from "../../support/collect.ts";

const OWNER: ImportContext = {
  base: "https://hub.example/" as Iri,
  now: "2030-01-01T00:00:00.000Z" as Instant,
  restore: true,
};

function document(change: Partial<Document>): Document {
  const graph = (change.graph ?? "https://hub.example/alice/posts/1") as Iri;
  return {
    graph,
    kind: "post",
    audience: "public",
    origin: { kind: "own" },
    author: "https://hub.example/alice#account" as Iri,
    container: "https://hub.example/alice/posts" as Iri,
    created: "2026-11-21T06:00:00.000Z",
    modified: "2026-11-21T07:00:00.000Z",
    received: "2026-11-21T06:00:00.001Z",
    quads: [quad(namedNode(graph), sioc.content, literal("x", "en")), quad(namedNode(graph), sioc.note, literal("y"))],
    ...change,
  };
}

const DOCUMENTS: Document[] = [
  document({}),
  document({ graph: "https://other.example/b/1" as Iri, origin: { kind: "received", from: "bob@other.example" } }),
  document({ graph: "https://other.example/b/2" as Iri, origin: { kind: "received", from: "xmpp:bob@other.example" } }),
  document({ graph: "https://old.example/3" as Iri, origin: { kind: "imported" }, kind: "other" }),
  document({
    graph: "https://hub.example/alice/notes/4" as Iri,
    audience: { only: "https://hub.example/alice#account" as Iri },
  }),
];
const TOMBSTONE: Tombstone = {
  graph: "https://hub.example/alice/posts/9" as Iri,
  deleted: "2026-11-21T08:00:00.000Z",
  kind: "post",
  author: "https://hub.example/alice#account" as Iri,
  container: "https://hub.example/alice/posts" as Iri,
};

async function imported(quads: Iterable<Quad>, context: ImportContext = OWNER) {
  return collect(normaliseImport(quads, context));
}

describe("an export", () => {
  const exported = [...DOCUMENTS.flatMap(documentToQuads), ...tombstoneToQuads(TOMBSTONE)];

  it("imports to equal documents and tombstones", async () => {
    const found = await imported(exported);
    expect(found.flatMap((each) => (each.kind === "document" ? [each.document] : []))).toEqual(DOCUMENTS);
    expect(found.flatMap((each) => (each.kind === "deleted" ? [each.tombstone] : []))).toEqual([TOMBSTONE]);
    expect(found.filter(({ kind }) => kind === "refused")).toEqual([]);
  });

  it("imports the same when its lines were put in another order", async () => {
    const found = await imported(exported.toReversed());
    const byGraph = (a: Document, b: Document): number => (a.graph < b.graph ? -1 : 1);
    const sorted = found.flatMap((each) =>
      each.kind === "document" ? [{ ...each.document, quads: each.document.quads.toReversed() }] : [],
    );
    expect(sorted.toSorted(byGraph)).toEqual(DOCUMENTS.toSorted(byGraph));
  });

  it("gives each document as soon as it is whole, before the next is read", async () => {
    let read = 0;
    const counted = function* (): Generator<Quad> {
      for (const each of exported) {
        read++;
        yield each;
      }
    };
    for await (const finding of normaliseImport(counted(), OWNER)) {
      expect(finding.kind).toBe("document");
      break;
    }
    expect(read).toBe(documentToQuads(document({})).length);
  });

  it("refuses a document whose triples are not all there", async () => {
    const found = await imported(documentToQuads(document({})).slice(0, -1));
    expect(found.find(({ kind }) => kind === "refused")).toMatchObject({
      subject: "https://hub.example/alice/posts/1",
      message: expect.stringMatching(/2 triples.*got 1/),
    });
    expect(found.some(({ kind }) => kind === "document")).toBe(false);
  });

  it("of another hub never becomes this hub's own", async () => {
    const found = await imported(documentToQuads(document({ graph: "https://other.example/x" as Iri })));
    expect(found[0]).toMatchObject({ kind: "document", document: { origin: { kind: "imported" } } });
  });

  it("brings no origin along when it is not the owner who imports, and private documents not at all", async () => {
    const found = await imported(DOCUMENTS.flatMap(documentToQuads), { ...OWNER, restore: false });
    const documents = found.flatMap((each) => (each.kind === "document" ? [each.document] : []));
    expect(documents.map(({ origin, received }) => [origin.kind, received])).toEqual(
      documents.map(() => ["imported", OWNER.now]),
    );
    expect(documents).toHaveLength(4);
    expect(found.find(({ kind }) => kind === "refused")).toMatchObject({
      subject: "https://hub.example/alice/notes/4",
    });
  });
});
