import fc from "fast-check";
import { Store } from "n3";
import { isomorphic } from "rdf-isomorphic";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordChange } from "../../../src/hub/ports/records.ts";
import { scopeBlankNodes } from "../../../src/rdf/blank-node.ts";
import type { Document } from "../../../src/rdf/document.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { blankNode, literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";
import { openRecords, type SqliteRecords } from "../../../src/storage/records.ts";
import { openStorage } from "../../../src/storage/storage.ts";
import { comparePositions } from "../../../src/storage/tables/list-position.ts";
import { HotSet } from "../../../src/storage/triples/hot-set.ts";
import { QuadStore } from "../../../src/storage/triples/quad-store.ts";
import { as } from "../../../src/vocab/as.ts";
import { foaf } from "../../../src/vocab/foaf.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { rdfs } from "../../../src/vocab/rdfs.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { alice, always, bob, drop, iri, keptLog, post, put, remove, temporaryFolder } from "../sample.ts";

const received = { kind: "received", from: "bob@other.example" } as const;
const lines = (quads: Iterable<Quad>): string[] =>
  [...quads].map(({ subject, predicate, object }) => `${subject.value} ${predicate.value} ${object.value}`).sort();

describe("the query store", () => {
  it("gives a dataset's triples in the default graph: the public ones and one account's own", () => {
    const store = new QuadStore();
    store.add(post({ id: "open" }));
    store.add(post({ id: "secret", audience: { only: alice }, tag: "tern" }));
    store.add(post({ id: "other", audience: { only: bob } }));
    const seen = (dataset: { private?: Iri }) => [
      ...new Set([...store.match(null, sioc.content, null, dataset)].map(({ object }) => object.value)),
    ];
    expect(seen({})).toEqual(["Post open"]);
    expect(seen({ private: alice })).toEqual(["Post open", "Post secret"]);
    expect(seen({ private: iri("carol#account") })).toEqual(["Post open"]);
    const graphs = [...store.match(null, null, null, { private: alice })].map(({ graph }) => graph.termType);
    expect(new Set(graphs)).toEqual(new Set(["DefaultGraph"]));
  });

  it("gives a triple that is public and private once, and counts it once", () => {
    const store = new QuadStore();
    store.add(post({ id: "open", tag: "tern" }));
    store.add(post({ id: "secret", tag: "tern", audience: { only: alice } }));
    const tag = namedNode(iri("tags/tern"));
    expect([...store.match(tag, null, null, { private: alice })]).toHaveLength(3);
    expect(store.count(tag, null, null, { private: alice })).toBe(3);
    expect(store.count(null, sioc.content, null, { private: alice })).toBe(2);
  });

  it("keeps a triple until the last document that states it goes", () => {
    const store = new QuadStore();
    const tag = namedNode(iri("tags/tern"));
    const posts = ["a", "b", "c"].map((id) => post({ id, tag: "tern" }));
    for (const one of posts) store.add(one);
    for (const [left, one] of posts.entries()) {
      expect([left, store.count(tag, rdfs.label, null, {})]).toEqual([left, 1]);
      store.remove(one);
    }
    expect(store.size).toBe(0);
  });

  it("never merges the blank nodes of two documents", () => {
    const store = new QuadStore();
    const withBlank = (id: string): Document => {
      const document = post({ id });
      return {
        ...document,
        quads: [
          quad(namedNode(document.graph), foaf.account, blankNode("b0")),
          quad(blankNode("b0"), rdfs.label, literal(id)),
        ],
      };
    };
    store.add(withBlank("a"));
    store.add(withBlank("b"));
    const subjects = [...store.match(null, rdfs.label, null, {})].map(({ subject }) => subject.value);
    expect(new Set(subjects).size).toBe(2);
    store.remove(withBlank("a"));
    expect(lines(store.match(null, rdfs.label, null, {}))).toHaveLength(1);
  });

  it("lets a reader go on while documents come and go", () => {
    const store = new QuadStore();
    const posts = Array.from({ length: 50 }, (_, n) => post({ id: `p${n}` }));
    for (const one of posts) store.add(one);
    const seen: Quad[] = [];
    for (const found of store.match(null, sioc.content, null, {})) {
      seen.push(found);
      if (seen.length !== 5) continue;
      for (const one of posts.slice(0, 40)) store.remove(one);
      for (let n = 0; n < 40; n++) store.add(post({ id: `new${n}` }));
      store.advance();
    }
    for (const { subject, object } of seen) {
      expect([subject.termType, object.termType]).toEqual(["NamedNode", "Literal"]);
      expect(object.value).toBe(`Post ${subject.value.split("/").at(-1)}`);
    }
  });

  it("forgets the terms of what it evicts, so that it does not grow for ever", () => {
    const store = new QuadStore();
    for (let n = 0; n < 300; n++) {
      store.add(post({ id: `p${n}`, seconds: n, tag: `tag${n % 7}` }));
      if (n >= 10) store.remove(post({ id: `p${n - 10}`, seconds: n - 10, tag: `tag${(n - 10) % 7}` }));
    }
    expect(store.terms).toBeLessThan(100);
    for (let n = 290; n < 300; n++) store.remove(post({ id: `p${n}`, seconds: n, tag: `tag${n % 7}` }));
    expect(store.size).toBe(0);
    // Predicates stay, which are few.
    expect(store.terms).toBeLessThan(20);
  });
});

// ---------------------------------------------------------------------------------------------------------------

const AUTHORS = [alice, bob] as const;
const document = fc
  .record({
    id: fc.constantFrom("a", "b", "c", "d", "e"),
    seconds: fc.integer({ min: 0, max: 3 }),
    author: fc.constantFrom(...AUTHORS),
    own: fc.boolean(),
    tag: fc.constantFrom("tern", "gull"),
    private: fc.boolean(),
    answers: fc.option(fc.constantFrom("a", "b", "c", "d", "e"), { nil: undefined }),
    likes: fc.option(fc.constantFrom("a", "b", "c", "d", "e"), { nil: undefined }),
    blank: fc.boolean(),
    text: fc.string({ unit: "grapheme", maxLength: 8 }),
  })
  .map((wish): Document => {
    const foreign = (id: string): Iri => post({ id, author: bob }).graph;
    const base = post({
      id: wish.id,
      seconds: wish.seconds,
      author: wish.author,
      origin: wish.own ? { kind: "own" } : received,
      audience: wish.private ? { only: alice } : "public",
      tag: wish.tag,
      text: wish.text,
      ...(wish.answers === undefined ? {} : { replyOf: foreign(wish.answers) }),
    });
    const extra: Quad[] = [];
    if (wish.likes !== undefined) {
      extra.push(
        quad(namedNode(base.graph), rdf.type, as.Like),
        quad(namedNode(base.graph), as.object, namedNode(foreign(wish.likes))),
      );
    }
    if (wish.blank)
      extra.push(
        quad(namedNode(base.graph), foaf.account, blankNode("x")),
        quad(blankNode("x"), rdfs.label, literal(wish.tag)),
      );
    return { ...base, quads: [...base.quads, ...extra] };
  });

type Act =
  | { readonly kind: "put"; readonly document: Document }
  | { readonly kind: "delete" | "drop"; readonly graph: Iri };
const graph = fc
  .tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.constantFrom(...AUTHORS))
  .map(([id, author]) => post({ id, author }).graph);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: document.map((one): Act => ({ kind: "put", document: one })) },
  { weight: 1, arbitrary: graph.map((one): Act => ({ kind: "delete", graph: one })) },
  { weight: 1, arbitrary: graph.map((one): Act => ({ kind: "drop", graph: one })) },
);

function changeOf(one: Act): RecordChange {
  if (one.kind === "put") return put(one.document);
  return one.kind === "delete" ? remove(one.graph) : drop(one.graph);
}

/** What the query store should hold, said as plainly as can be. */
function naive(documents: readonly Document[], foreignPosts_max: number, audience?: Iri): Quad[] {
  const kept = new Set(
    documents
      .filter(({ origin }) => origin.kind === "own")
      .flatMap(({ graph: self, quads }) =>
        quads
          .filter(
            ({ subject, predicate }) =>
              subject.value === self && (predicate.equals(sioc.reply_of) || predicate.equals(as.object)),
          )
          .map(({ object }) => object.value),
      ),
  );
  const always = documents.filter((one) => one.origin.kind === "own" || kept.has(one.graph));
  const rest = documents
    .filter((one) => one.origin.kind !== "own" && !kept.has(one.graph))
    .sort((one, other) => comparePositions(other, one))
    .slice(0, foreignPosts_max);
  const store = new Store();
  for (const one of [...always, ...rest]) {
    if (one.audience !== "public" && one.audience.only !== audience) continue;
    store.addQuads([...scopeBlankNodes(one.quads, one.graph)]);
  }
  return [...store];
}

describe("after any changes, in any batches", () => {
  it.each([0, 1, 3, 1_000])(
    "the query store equals a refill and a naive model, with room for %i posts of others",
    async (foreignPosts_max) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.array(act, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }), {
            maxLength: 12,
          }),
          async (turns) => {
            await using storage = await openStorage({ file: ":memory:", log: keptLog(), foreignPosts_max });
            const model = new Map<Iri, Document>();
            for (const batch of turns) {
              await Promise.all(batch.map((acts) => storage.records.transact(always(...acts.map(changeOf)))));
              for (const one of batch.flat()) {
                if (one.kind === "put") model.set(one.document.graph, one.document);
                else model.delete(one.graph);
              }
              const refilled = new QuadStore();
              await new HotSet(storage.records.database, refilled, { foreignPosts_max }).fill();
              for (const dataset of [{}, { private: alice }]) {
                const found = [...storage.quads.match(null, null, null, dataset)];
                expect(storage.quads.count(null, null, null, dataset)).toBe(found.length);
                const expected = naive([...model.values()], foreignPosts_max, "private" in dataset ? alice : undefined);
                expect(lines(found)).toEqual(lines(expected));
                expect(isomorphic(found, [...refilled.match(null, null, null, dataset)])).toBe(true);
              }
              expect(refilled.size).toBe(storage.quads.size);
            }
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});

describe("opening the storage", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  async function seed(posts: number): Promise<void> {
    await using records: SqliteRecords = openRecords({ file: folder.file, log: keptLog() });
    await records.transact(
      always(
        ...Array.from({ length: posts }, (_, n) =>
          put(post({ id: `p${n}`, seconds: n, author: bob, origin: received })),
        ),
      ),
    );
  }

  it("tells how far it is, up to all documents, and lets the event loop have its turns", async () => {
    await seed(3_000);
    const progress: { readonly done: number; readonly total: number }[] = [];
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    await using storage = await openStorage({
      file: folder.file,
      log: keptLog(),
      onProgress: (one) => progress.push(one),
    });
    clearInterval(count);
    expect(progress.at(-1)).toEqual({ done: 3_000, total: 3_000 });
    expect(progress.map(({ done }) => done)).toEqual(progress.map(({ done }) => done).toSorted((a, b) => a - b));
    expect(turns).toBeGreaterThan(0);
    expect(storage.quads.count(null, sioc.content, null, {})).toBe(3_000);
  });

  it("can be stopped, and leaves the store free for another", async () => {
    await seed(500);
    const stop = AbortSignal.abort(new Error("stopped"));
    await expect(openStorage({ file: folder.file, log: keptLog(), signal: stop })).rejects.toThrow("stopped");
    await using storage = await openStorage({ file: folder.file, log: keptLog() });
    expect(storage.quads.size).toBeGreaterThan(0);
  });

  it("holds the newest posts of others only, and lets the oldest go as new ones come", async () => {
    await seed(20);
    await using storage = await openStorage({ file: folder.file, log: keptLog(), foreignPosts_max: 5 });
    const held = () =>
      [...storage.quads.match(null, sioc.content, null, {})]
        .map(({ object }) => Number(object.value.slice(6)))
        .sort((a, b) => a - b);
    expect(held()).toEqual([15, 16, 17, 18, 19]);
    await storage.records.transact(always(put(post({ id: "p20", seconds: 20, author: bob, origin: received }))));
    expect(held()).toEqual([16, 17, 18, 19, 20]);
    await storage.records.transact(always(put(post({ id: "p0", seconds: 0, author: bob, origin: received }))));
    expect(held()).toEqual([16, 17, 18, 19, 20]);
    const answer = post({ id: "answer", replyOf: post({ id: "p3", author: bob }).graph, text: "Post p99" });
    await storage.records.transact(always(put(answer)));
    expect(held()).toEqual([3, 16, 17, 18, 19, 20, 99]);
    await storage.records.transact(always(drop(post({ id: "p20", author: bob }).graph), remove(answer.graph)));
    expect(held()).toEqual([15, 16, 17, 18, 19]);
  });

  it("has a commit in the query store before those who wait are told, and gives it a new version", async () => {
    await using storage = await openStorage({ file: folder.file, log: keptLog() });
    const before = storage.quads.version;
    let heard = 0;
    storage.records.onCommit(() => {
      heard = storage.quads.count(null, sioc.content, null, {});
    });
    await storage.records.transact(always(put(post({ id: "a" }))));
    expect(heard).toBe(1);
    expect(storage.quads.version).toBeGreaterThan(before);
  });
});
