import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followToQuads } from "../../../src/core/follow.ts";
import type { ListCursor, ListPage, ListScope } from "../../../src/hub/ports/records.ts";
import type { Document } from "../../../src/rdf/document.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { openRecords, type SqliteRecords } from "../../../src/storage/records.ts";
import { comparePositions } from "../../../src/storage/tables/list-position.ts";
import { alice, always, bob, drop, iri, keptLog, post, put } from "../sample.ts";

let records: SqliteRecords;
beforeEach(() => {
  records = openRecords({ file: ":memory:", log: keptLog() });
});
afterEach(() => records[Symbol.asyncDispose]());

const graphs = (page: ListPage): Iri[] => page.documents.map(({ graph }) => graph);
const ids = (page: ListPage): string =>
  graphs(page)
    .map((graph) => graph.split("/").at(-1))
    .join(" ");
const store = (...documents: Document[]) => records.transact(always(...documents.map(put)));

/** Walks a whole list page by page, one way and back. */
function walk(scope: ListScope, limit: number, audience?: Iri): { readonly down: Iri[]; readonly up: Iri[] } {
  const rest = audience === undefined ? {} : { audience };
  const down: Iri[] = [];
  const up: Iri[] = [];
  let page = records.reader.list({ scope, limit, ...rest });
  expect(page.newer).toBeUndefined();
  let last = page;
  for (;;) {
    down.push(...graphs(page));
    last = page;
    if (page.older === undefined) break;
    page = records.reader.list({ scope, limit, olderThan: page.older, ...rest });
    expect(page.documents.length).toBeGreaterThan(0);
    expect(page.newer).toBeDefined();
  }
  up.unshift(...graphs(last));
  for (let newer: ListCursor | undefined = last.newer; newer !== undefined; ) {
    page = records.reader.list({ scope, limit, newerThan: newer, ...rest });
    expect(page.older).toBeDefined();
    up.unshift(...graphs(page));
    newer = page.newer;
  }
  return { down, up };
}

describe("a list", () => {
  it("is newest first, then by graph IRI, and pages both ways without loss, whatever the page size", async () => {
    const author = fc.constantFrom(alice, bob, iri("carol#account"));
    const wish = fc.record({
      seconds: fc.integer({ min: 0, max: 4 }),
      author,
      tag: fc.constantFrom("tern", "gull"),
      audience: fc.constantFrom("public" as const, { only: alice }, { only: bob }),
      origin: fc.constantFrom(
        { kind: "own" } as const,
        { kind: "imported" } as const,
        { kind: "received", from: "b@o.example" } as const,
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), async (wishes, limit) => {
        await using fresh = openRecords({ file: ":memory:", log: keptLog() });
        records = fresh;
        const documents = wishes.map((one, n) => post({ id: `p${n}`, ...one }));
        await store(...documents);
        const expected = (keep: (document: Document) => boolean, audience?: Iri): Iri[] =>
          documents
            .filter((one) => (one.audience === "public" || one.audience.only === audience) && keep(one))
            .sort((one, other) => comparePositions(other, one))
            .map(({ graph }) => graph);
        const cases: [ListScope, (document: Document) => boolean][] = [
          [{ kind: "all" }, () => true],
          [{ kind: "all", documentKind: "post", origin: "imported" }, ({ origin }) => origin.kind === "imported"],
          [{ kind: "all", documentKind: "profile" }, () => false],
          [{ kind: "container", container: bob.replace("#account", "/posts") as Iri }, ({ author: by }) => by === bob],
          [
            { kind: "authors", authors: [alice, bob, alice], documentKind: "post" },
            ({ author: by }) => by === alice || by === bob,
          ],
          [{ kind: "authors", authors: [], documentKind: "post" }, () => false],
          [
            { kind: "reference", reference: "topic", target: iri("tags/tern") },
            ({ quads }) => quads.some(({ object }) => object.value === "tern"),
          ],
          [{ kind: "text", words: "post" }, () => true],
        ];
        for (const [scope, keep] of cases) {
          for (const audience of [undefined, alice]) {
            const want = expected(keep, audience);
            const { down, up } = walk(scope, limit, audience);
            expect(down).toEqual(want);
            expect(up).toEqual(want);
          }
          expect(records.reader.count(scope)).toBe(expected(keep).length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("goes on from a cursor whose document has gone", async () => {
    const posts = ["a", "b", "c", "d"].map((id, seconds) => post({ id, seconds }));
    await store(...posts);
    const first = records.reader.list({ scope: { kind: "all" }, limit: 2 });
    expect(ids(first)).toBe("d c");
    await records.transact(always(drop(post({ id: "c" }).graph)));
    const cursor = first.older ?? "";
    expect(ids(records.reader.list({ scope: { kind: "all" }, limit: 2, olderThan: cursor }))).toBe("b a");
    expect(ids(records.reader.list({ scope: { kind: "all" }, limit: 2, newerThan: cursor }))).toBe("d");
  });

  it("takes a cursor nobody gave out without complaint", async () => {
    await store(post({ id: "a" }));
    expect(
      records.reader.list({ scope: { kind: "all" }, limit: 5, olderThan: "nonsense" }).documents.length,
    ).toBeLessThan(2);
    expect(records.reader.list({ scope: { kind: "all" }, limit: 5, newerThan: "" }).documents).toHaveLength(1);
  });

  it("holds what is edited at its new place, under its new references only", async () => {
    await store(post({ id: "a", tag: "tern" }), post({ id: "b", seconds: 1 }));
    await store(post({ id: "a", seconds: 2, tag: "gull", text: "changed" }));
    const tagged = (tag: string) =>
      ids(
        records.reader.list({ scope: { kind: "reference", reference: "topic", target: iri(`tags/${tag}`) }, limit: 5 }),
      );
    expect([tagged("tern"), tagged("gull")]).toEqual(["", "a"]);
    expect(ids(records.reader.list({ scope: { kind: "all" }, limit: 5 }))).toBe("a b");
    expect(records.reader.count({ kind: "text", words: "Post a" })).toBe(0);
  });

  it("finds replies and mentions", async () => {
    const asked = post({ id: "asked" });
    await store(asked, post({ id: "answer", seconds: 1, replyOf: asked.graph, addressedTo: bob }));
    const list = (reference: "reply-of" | "addressed-to", target: Iri) =>
      ids(records.reader.list({ scope: { kind: "reference", reference, target }, limit: 5 }));
    expect([list("reply-of", asked.graph), list("addressed-to", bob)]).toEqual(["answer", "answer"]);
  });

  it("gives a container's posts without their text", async () => {
    await store(post({ id: "a" }), post({ id: "b", seconds: 1 }), post({ id: "x", author: bob }));
    expect(records.reader.newestIn(iri("alice/posts"))).toBe(post({ id: "b" }).graph);
    expect(records.reader.newestIn(iri("nobody/posts"))).toBeUndefined();
    expect(records.reader.postIds(iri("alice/posts"))).toEqual([post({ id: "b" }).graph, post({ id: "a" }).graph]);
  });

  it("gives whom somebody follows, newest follow first, as far as an audience may know, and forgets who is unfollowed", async () => {
    const follow = (id: string, seconds: number, audience: Document["audience"] = "public"): Document => ({
      ...post({ id, seconds, audience }),
      graph: iri(`alice/following/${id}`),
      kind: "follow",
      container: iri("alice/following"),
      quads: followToQuads(alice, iri(`${id}#account`)),
    });
    const [first, second, secret] = [follow("first", 1), follow("second", 2), follow("secret", 3, { only: alice })];
    await store(second, first, secret, { ...follow("other", 4), author: bob }, post({ id: "a", seconds: 5 }));
    const names = (audience?: Iri, limit = 10): string[] =>
      records.reader
        .followed(alice, audience, limit)
        .map((account) => account.slice(iri("").length, -"#account".length));
    expect(names()).toEqual(["second", "first"]);
    expect([names(alice), names(bob), names(alice, 2)]).toEqual([
      ["secret", "second", "first"],
      ["second", "first"],
      ["secret", "second"],
    ]);
    await records.transact(always(drop(second.graph)));
    expect(names()).toEqual(["first"]);
  });

  it("takes the newest posts of 200 authors without reading all of theirs", async () => {
    const authors = Array.from({ length: 200 }, (_, n) => iri(`user${n}#account`));
    await store(
      ...authors.flatMap((author, n) => [1, 2, 3].map((k) => post({ id: `p${k}`, author, seconds: n * 3 + k }))),
    );
    const { down } = walk({ kind: "authors", authors, documentKind: "post" }, 50);
    expect(down).toHaveLength(600);
    const created = down.map((graph) => {
      const stored = records.reader.document(graph);
      return stored?.kind === "live" ? stored.document.created : "";
    });
    expect(created).toEqual(created.toSorted().reverse());
  });
});

describe("a text search", () => {
  const search = (words: string): string => ids(records.reader.list({ scope: { kind: "text", words }, limit: 10 }));

  it.each([
    ["cafe", "the Café by the sea"],
    ["CAFÉ sea", "the Café by the sea"],
    ["naïve", "a naive thought"],
    ["语言", "这是语言学"],
    ["語", "日本語を話す"],
    ["ひらが", "ひらがなで書く"],
    ["東京 tower", "A tower in 東京都"],
    ["ภาษา", "เรียนภาษาไทย"],
    ["한국어", "저는 한국어 합니다"],
    ["مرحبا", "مرحبا بالعالم"],
    ["#tern", "seen: #tern"],
    ["don't", "we don't know"],
  ])("for %j finds %j", async (words, text) => {
    await store(post({ id: "hit", text }), post({ id: "miss", text: "something else altogether" }));
    expect(search(words)).toBe("hit");
  });

  it("wants all words, in any order, and a run of Han characters as it stands", async () => {
    await store(
      post({ id: "a", text: "one two" }),
      post({ id: "b", text: "one three", seconds: 1 }),
      post({ id: "c", text: "日語本" }),
    );
    expect([search("two one"), search("one"), search("two three"), search("日本")]).toEqual(["a", "b a", "", ""]);
  });

  it("finds nothing for nothing, and takes the search language's own signs as text", async () => {
    await store(post({ id: "a", text: "NEAR AND OR NOT content" }));
    expect(["", " ", "!!!", '"', "😀"].map(search)).toEqual(["", "", "", "", ""]);
    for (const words of ["content:", '"NEAR', "AND OR", "NOT*", "^content", "(OR)", "a\u0000b", "-content"]) {
      expect(["a", ""]).toContain(search(words));
    }
    expect(search("AND OR NOT")).toBe("a");
  });

  it("does not find what was deleted or is for somebody else", async () => {
    await store(
      post({ id: "a", text: "secret word", audience: { only: bob } }),
      post({ id: "b", text: "secret word" }),
    );
    await records.transact(always(drop(post({ id: "b" }).graph)));
    expect(search("secret")).toBe("");
    const forBob = records.reader.list({ scope: { kind: "text", words: "secret" }, limit: 5, audience: bob });
    expect(ids(forBob)).toBe("a");
  });
});

it("orders places as SQLite does, characters beyond U+FFFF included", () => {
  const text = fc.string({ unit: "binary", maxLength: 6 }).filter((one) => one.isWellFormed());
  fc.assert(
    fc.property(text, text, (one, other) => {
      const expected = Math.sign(Buffer.compare(Buffer.from(one), Buffer.from(other)));
      expect(Math.sign(comparePositions({ created: "", graph: one }, { created: "", graph: other }))).toBe(expected);
    }),
  );
});
