import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OrderedList } from "../../../src/hub/ports/quad-index.ts";
import type { Document } from "../../../src/rdf/document.ts";
import { literal, type NamedNode, namedNode, quad } from "../../../src/rdf/term.ts";
import { QuadStore } from "../../../src/storage/triples/quad-store.ts";
import { dcterms } from "../../../src/vocab/dcterms.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { xsd } from "../../../src/vocab/xsd.ts";
import { alice, iri, post } from "../sample.ts";

/** The subjects of a list with their times, oldest first. */
function entriesOf(list: OrderedList | undefined): readonly (readonly [number, number])[] | undefined {
  return list?.flatMap(({ times, subjects }) => times.map((time, at) => [time, subjects[at] ?? 0] as const));
}

const CONTAINER = namedNode(iri("alice/posts"));

/** The list of the posts in alice's container, or of everything that was created. */
function listOf(
  store: QuadStore,
  predicate: NamedNode = sioc.has_container,
  object: NamedNode = CONTAINER,
): OrderedList | undefined {
  const [graph] = store.index.of({}).merged;
  const number = (term: NamedNode): number => store.index.numberOf(term) ?? 0;
  return graph?.inOrder(number(dcterms.created), number(predicate), number(object));
}

function allOf(store: QuadStore): OrderedList | undefined {
  const [graph] = store.index.of({}).merged;
  return graph?.inOrder(store.index.numberOf(dcterms.created) ?? 0, 0, 0);
}

/** The same store filled anew, whose lists are made from what it holds. */
function again(documents: readonly Document[]): QuadStore {
  const store = new QuadStore();
  for (const each of documents) store.add(each);
  return store;
}

/** Times and IRIs, since the numbers of two stores differ. */
function named(store: QuadStore, list: OrderedList | undefined): readonly string[] | undefined {
  return entriesOf(list)
    ?.map(([time, subject]) => `${time} ${store.index.termOf(subject)?.value}`)
    .sort();
}

const wish = fc.record({
  id: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  seconds: fc.integer({ min: 0, max: 4 }),
  tag: fc.constantFrom("tern", "gull"),
  author: fc.constantFrom(alice, iri("bob#account")),
});

describe("lists in the order of a date", () => {
  it("are oldest first, with each post once", () => {
    const store = again([post({ id: "b", seconds: 2 }), post({ id: "a", seconds: 1 }), post({ id: "c", seconds: 3 })]);
    const times = entriesOf(listOf(store))?.map(([time]) => new Date(time).getUTCSeconds());
    expect(times).toEqual([1, 2, 3]);
  });

  it("follow every document that comes or goes, as if made anew", () => {
    fc.assert(
      fc.property(fc.array(wish, { minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 10 }), (wishes, asked) => {
        const store = new QuadStore();
        const held = new Map<string, Document>();
        for (const [step, each] of wishes.entries()) {
          // Asked for early or late, the list has to be the same.
          if (step === asked) [listOf(store), allOf(store)].map(entriesOf);
          const document = post(each);
          const before = held.get(document.graph);
          if (before !== undefined) store.remove(before);
          if (before === undefined || each.seconds > 0) {
            store.add(document);
            held.set(document.graph, document);
          } else held.delete(document.graph);
        }
        const fresh = again([...held.values()]);
        expect(named(store, listOf(store)) ?? []).toEqual(named(fresh, listOf(fresh)) ?? []);
        expect(named(store, allOf(store)) ?? []).toEqual(named(fresh, allOf(fresh)) ?? []);
        const tag = namedNode(iri("tags/tern"));
        expect(named(store, listOf(store, sioc.topic, tag)) ?? []).toEqual(
          named(fresh, listOf(fresh, sioc.topic, tag)) ?? [],
        );
        const times = entriesOf(allOf(store))?.map(([time]) => time) ?? [];
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });

  it("stay in order over thousands of posts that come in any order", () => {
    const store = new QuadStore();
    const seconds = Array.from({ length: 3_000 }, (_, n) => (n * 7_919) % 3_001);
    store.add(post({ id: "first", seconds: 5_000 }));
    store.add(post({ id: "second", seconds: 5_001 }));
    listOf(store);
    for (const [n, at] of seconds.entries()) store.add(post({ id: `p${n}`, seconds: at }));
    const times = entriesOf(listOf(store))?.map(([time]) => time) ?? [];
    expect(times).toHaveLength(3_002);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const [n, at] of seconds.entries()) if (n % 2 === 0) store.remove(post({ id: `p${n}`, seconds: at }));
    expect(entriesOf(listOf(store))).toHaveLength(1_502);
  });

  it("that were given before a change stay as they were", () => {
    const store = again([post({ id: "a", seconds: 1 }), post({ id: "b", seconds: 2 }), post({ id: "c", seconds: 3 })]);
    const before = listOf(store);
    const entries = entriesOf(before);
    store.remove(post({ id: "b", seconds: 2 }));
    store.add(post({ id: "d", seconds: 0 }));
    expect(entriesOf(before)).toEqual(entries);
    expect(entriesOf(listOf(store))).toHaveLength(3);
  });

  it("are not given where a date has no exact time, and are again when it goes", () => {
    const store = again([post({ id: "a", seconds: 1 }), post({ id: "b", seconds: 2 })]);
    expect(listOf(store)).toBeDefined();
    const vague = quad(namedNode(iri("alice/posts/a")), dcterms.created, literal("2026-01-01T00:00:09", xsd.dateTime));
    const extra = { graph: iri("alice/extra"), audience: "public" as const, quads: [vague] };
    store.add(extra);
    expect(listOf(store)).toBeUndefined();
    store.remove(extra);
    expect(entriesOf(listOf(store))).toHaveLength(2);
  });

  it("have one entry for two ways to write the same time, until both are gone", () => {
    const store = again([post({ id: "a", seconds: 1 }), post({ id: "b", seconds: 2 })]);
    listOf(store);
    const same = quad(
      namedNode(iri("alice/posts/a")),
      dcterms.created,
      literal("2026-01-01T01:00:01+01:00", xsd.dateTime),
    );
    const extra = { graph: iri("alice/extra"), audience: "public" as const, quads: [same] };
    store.add(extra);
    expect(entriesOf(listOf(store))).toHaveLength(2);
    store.remove(extra);
    expect(entriesOf(listOf(store))).toHaveLength(2);
    store.remove(post({ id: "a", seconds: 1 }));
    expect(entriesOf(listOf(store))).toHaveLength(1);
  });
});
