import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { DocumentJournal, JournalMark, StatementChange } from "../../../src/hub/ports/document-journal.ts";
import type { Document } from "../../../src/rdf/document.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { writeNTriples } from "../../../src/rdf/ntriples.ts";
import { blankNode, literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";
import { openRecords, type SqliteRecords } from "../../../src/storage/records.ts";
import { dropJournal, openJournal } from "../../../src/storage/replica/document-journal.ts";
import { openJournaledStorage, openStorage } from "../../../src/storage/storage.ts";
import { alice, always, at, bob, iri, keptLog, post, put, remove, temporaryFolder } from "../sample.ts";

/** A store outside as the journal sees it: graphs that are sets, and how far it was told it is. */
class ModelStore {
  graphs = new Map<string, Set<string>>();
  mark: JournalMark | undefined;

  take(changes: readonly StatementChange[]): void {
    for (const { op, audience, triple } of changes) {
      const name = audience === "public" ? "" : audience.only;
      const graph = this.graphs.get(name) ?? new Set<string>();
      this.graphs.set(name, graph);
      const line = writeNTriples([triple]);
      if (op === "add") graph.add(line);
      else graph.delete(line);
    }
  }

  fill(journal: DocumentJournal, documents_max = 2): void {
    this.graphs = new Map();
    const mark = journal.mark();
    for (let after: number | undefined = 0; after !== undefined; ) {
      const part = journal.fill(after, documents_max);
      this.take(part.changes);
      ({ after } = part);
    }
    this.mark = mark;
  }

  follow(journal: DocumentJournal, documents_max = 3): void {
    if (this.mark === undefined || !journal.knows(this.mark)) return this.fill(journal, documents_max);
    for (;;) {
      const part = journal.after(this.mark, documents_max);
      if (part === undefined) return undefined;
      this.take(part.changes);
      this.mark = part.upTo;
    }
  }

  /** By audience, empty ones left out. */
  get content(): Record<string, readonly string[]> {
    const filled = [...this.graphs].filter(([, lines]) => lines.size > 0);
    return Object.fromEntries(filled.map(([name, lines]) => [name, [...lines].sort()]));
  }
}

/** What the graphs should hold, worked out from the documents in the plainest way. */
function expected(documents: Iterable<Document>): Record<string, readonly string[]> {
  const all = [...documents];
  const open = new Set(all.filter(({ audience }) => audience === "public").flatMap(({ quads }) => quads.map(line)));
  const graphs: Record<string, readonly string[]> = open.size === 0 ? {} : { "": [...open].sort() };
  for (const account of [alice, bob]) {
    const own = all.filter(({ audience }) => audience !== "public" && audience.only === account);
    const lines = new Set(own.flatMap(({ quads }) => quads.map(line)).filter((each) => !open.has(each)));
    if (lines.size > 0) graphs[account] = [...lines].sort();
  }
  return graphs;
}

const line = (one: Quad): string => writeNTriples([one]);

const graphs = [0, 1, 2, 3].map((n) => iri(`documents/${n}`));
const subjects = [...graphs, ...graphs.map((graph) => `${graph}#part`), iri("tags/a"), "urn:elsewhere"];
const triples = fc
  .tuple(fc.constantFrom(...subjects), fc.constantFrom("x", "y"))
  .map(([subject, text]) => quad(namedNode(subject), namedNode("urn:says"), literal(text)));

const document = fc
  .record({
    graph: fc.constantFrom(...graphs),
    audience: fc.constantFrom<Document["audience"]>("public", "public", { only: alice }, { only: bob }),
    quads: fc.uniqueArray(triples, { maxLength: 5, selector: line }),
  })
  .map(
    ({ graph, audience, quads }): Document => ({
      graph,
      audience,
      quads,
      kind: "other",
      origin: { kind: "own" },
      created: at(0),
      received: at(0),
    }),
  );

type Step =
  | { readonly kind: "put"; readonly document: Document }
  | { readonly kind: "drop"; readonly graph: Iri }
  | { readonly kind: "follow" | "restart" | "refill" | "forget-last-part" | "restore-store" | "save-store" };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: document.map((each): Step => ({ kind: "put", document: each })) },
  { weight: 3, arbitrary: fc.constantFrom(...graphs).map((graph): Step => ({ kind: "drop", graph })) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(...(["follow", "restart", "refill", "forget-last-part", "restore-store", "save-store"] as const))
      .map((kind): Step => ({ kind })),
  },
);

const opened = (records: SqliteRecords): DocumentJournal =>
  openJournal({ database: records.database, onCommit: (listener) => records.onCommit(listener) });

describe("the journal of documents", () => {
  it("brings a store to what the documents say, whatever is told twice, lost or begun anew", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (walk) => {
        await using records = openRecords({ file: ":memory:", log: keptLog() });
        let journal = opened(records);
        const store = new ModelStore();
        let saved: { readonly graphs: Map<string, Set<string>>; readonly mark: JournalMark | undefined } | undefined;
        for (const step of walk) {
          switch (step.kind) {
            case "put":
              await records.transact(() => ({
                changes: [{ kind: "document-put", document: step.document }],
                result: undefined,
              }));
              break;
            case "drop":
              await records.transact(() => ({
                changes: [{ kind: "document-dropped", graph: step.graph }],
                result: undefined,
              }));
              break;
            case "follow":
              store.follow(journal);
              break;
            case "restart":
              journal = opened(records);
              break;
            case "refill":
              store.fill(journal);
              break;
            case "forget-last-part": {
              // It took a part in, but was gone before that was told.
              const part = store.mark === undefined ? undefined : journal.after(store.mark, 2);
              if (part !== undefined) store.take(part.changes);
              break;
            }
            case "save-store":
              saved = {
                graphs: new Map([...store.graphs].map(([name, lines]) => [name, new Set(lines)])),
                mark: store.mark,
              };
              break;
            case "restore-store":
              if (saved === undefined) break;
              store.graphs = new Map([...saved.graphs].map(([name, lines]) => [name, new Set(lines)]));
              store.mark = saved.mark;
              break;
          }
        }
        store.follow(journal);
        expect(store.content).toEqual(expected(records.reader.everyDocument()));
      }),
      { numRuns: 300 },
    );
  });

  it("does not take a place of another life of hub.db for its own", async () => {
    const { file, remove: removeFolder } = temporaryFolder();
    onTestFinished(removeFolder);
    let known: JournalMark;
    {
      await using storage = await openJournaledStorage({ file, log: keptLog() });
      await storage.records.transact(always(put(post({ id: "a" }))));
      known = storage.journal.mark();
    }
    await using storage = await openJournaledStorage({ file, log: keptLog() });
    expect(storage.journal.knows(known)).toBe(true);
    // As if the hub had gone on, and hub.db had then been put back from a copy made before.
    expect(storage.journal.knows({ run: known.run, position: known.position + 1 })).toBe(false);
    expect(storage.journal.knows({ run: "0123456789abcdef", position: known.position })).toBe(false);
  });

  it("forgets what is long behind, and does not take a place for known whose changes are forgotten", async () => {
    await using records = openRecords({ file: ":memory:", log: keptLog() });
    const options = { database: records.database, onCommit: () => () => undefined, keptRows_max: 5 };
    const journal = openJournal(options);
    const marks: JournalMark[] = [];
    for (let count = 0; count < 20; count++) {
      await records.transact(always(put(post({ id: `p${count}` }))));
      marks.push(journal.mark());
    }
    const [first, last] = [marks[0], marks.at(-1)];
    if (first === undefined || last === undefined) throw new Error("No marks.");
    expect(journal.knows(first)).toBe(true);
    journal.reached(last);
    expect(marks.map((mark) => journal.knows(mark))).toEqual(marks.map((_, at) => at >= 13));
    const store = new ModelStore();
    store.mark = marks[15];
    store.follow(journal, 2);
    expect(
      Object.values(store.content)
        .flat()
        .filter((each) => each.includes("content")),
    ).toHaveLength(4);
    // A start of the hub is remembered as long as a place after it is known.
    const again = openJournal(options);
    again.reached(last);
    expect([again.knows(last), again.knows(first)]).toEqual([true, false]);
  });

  it("names blank nodes by their document, and takes them back by the same names", async () => {
    await using records = openRecords({ file: ":memory:", log: keptLog() });
    const journal = opened(records);
    const store = new ModelStore();
    store.follow(journal);
    const note = post({ id: "a" });
    const node = blankNode("x");
    const quads = [...note.quads, quad(namedNode(note.graph), namedNode("urn:has"), node)];
    await records.transact(always(put({ ...note, quads })));
    store.follow(journal);
    expect(store.content[""]?.filter((each) => each.includes("_:d"))).toHaveLength(1);
    await records.transact(always(remove(note.graph)));
    store.follow(journal);
    expect(store.content).toEqual({});
  });

  it("goes from a hub.db whose queries are answered in the process, and begins anew when it comes back", async () => {
    const { file, remove: removeFolder } = temporaryFolder();
    onTestFinished(removeFolder);
    let known: JournalMark;
    {
      await using storage = await openJournaledStorage({ file, log: keptLog() });
      await storage.records.transact(always(put(post({ id: "a" }))));
      known = storage.journal.mark();
    }
    {
      await using storage = await openStorage({ file, log: keptLog() });
      await storage.records.transact(always(put(post({ id: "b" }))));
      const tables = storage.records.database.all("SELECT name FROM sqlite_schema WHERE name LIKE '%journal%'");
      expect(tables).toEqual([]);
      dropJournal(storage.records.database);
    }
    await using storage = await openJournaledStorage({ file, log: keptLog() });
    expect(storage.journal.knows(known)).toBe(false);
    expect(storage.journal.documents()).toBe(2);
  });

  it("says of a triple whether it is public, and gives every triple that a dataset holds", async () => {
    await using records = openRecords({ file: ":memory:", log: keptLog() });
    const journal = opened(records);
    await records.transact(always(put(post({ id: "open", tag: "tern" }))));
    await records.transact(always(put(post({ id: "secret", audience: { only: alice }, tag: "gull" }))));
    new ModelStore().follow(journal);
    const label = (tag: string): Quad =>
      quad(namedNode(iri(`tags/${tag}`)), namedNode("http://www.w3.org/2000/01/rdf-schema#label"), literal(tag));
    expect([journal.isPublic(label("tern")), journal.isPublic(label("gull"))]).toEqual([true, false]);
    const texts = (dataset: { private?: Iri }) =>
      [...journal.triples(dataset)]
        .filter(({ predicate }) => predicate.value.endsWith("content"))
        .map((q) => q.object.value);
    expect(texts({})).toEqual(["Post open"]);
    expect(texts({ private: alice })).toEqual(["Post open", "Post secret"]);
    expect(texts({ private: bob })).toEqual(["Post open"]);
  });
});
