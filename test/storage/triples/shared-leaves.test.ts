import fc from "fast-check";
import { Store } from "n3";
import { describe, expect, it } from "vitest";
import { defaultGraph, literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";
import { insideOf, sizeOfLevel } from "../../../src/storage/triples/n3-inside.ts";
import { shareLeaves } from "../../../src/storage/triples/shared-leaves.ts";

const nodes = ["a", "b", "c", "d"].map((name) => namedNode(`urn:${name}`));
const triple = fc
  .tuple(
    fc.constantFrom(...nodes),
    fc.constantFrom(...nodes),
    fc.constantFrom(...nodes, literal("x"), literal("y", "en")),
    fc.constantFrom(defaultGraph(), namedNode("urn:g")),
  )
  .map(([subject, predicate, object, graph]) => quad(subject, predicate, object, graph));
const changes = fc.array(fc.tuple(fc.boolean(), triple), { maxLength: 60 });

/** Every level of every index with its keys and its count. */
function indexesOf(store: Store): unknown {
  const levelOf = (level: unknown): unknown =>
    typeof level === "object" && level !== null
      ? { size: sizeOfLevel(level), keys: Object.entries(level).map(([key, below]) => [key, levelOf(below)]) }
      : level;
  return Object.entries(insideOf(store)._graphs).map(([name, graph]) => [
    name,
    Object.entries(graph ?? {}).map(([index, root]) => [index, levelOf(root)]),
  ]);
}

const linesOf = (quads: Iterable<Quad>): string[] =>
  [...quads]
    .map((each) => [each.subject, each.predicate, each.object, each.graph].map(({ value }) => value).join(" "))
    .sort();

describe("an N3 Store that shares its leaves", () => {
  it("has the same indexes, counts and answers as one that does not, after any changes", () => {
    fc.assert(
      fc.property(changes, triple, (all, pattern) => {
        const [plain, shared] = [new Store(), new Store()];
        shareLeaves(shared);
        for (const [isAdded, each] of all) {
          for (const store of [plain, shared]) {
            if (isAdded) store.addQuad(each);
            else store.removeQuad(each);
          }
          expect(shared.size).toBe(plain.size);
        }
        expect(indexesOf(shared)).toEqual(indexesOf(plain));
        const { subject, predicate, object, graph } = pattern;
        for (const bound of [0, 1, 2, 3, 4, 5, 6, 7]) {
          const [s, p, o] = [bound & 1 ? subject : null, bound & 2 ? predicate : null, bound & 4 ? object : null];
          expect(shared.countQuads(s, p, o, graph)).toBe(plain.countQuads(s, p, o, graph));
          expect(linesOf(shared.readQuads(s, p, o, graph))).toEqual(linesOf(plain.readQuads(s, p, o, graph)));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps one leaf for all that have the same", () => {
    const store = new Store();
    shareLeaves(store);
    const [a, b, c] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]];
    store.addQuad(quad(a, b, c));
    store.addQuad(quad(a, b, literal("x")));
    const objects = insideOf(store)._graphs["1"]?.objects as Record<string, Record<string, unknown>>;
    const leaves = Object.values(objects).flatMap((branch) => Object.values(branch));
    expect(leaves).toHaveLength(2);
    expect(new Set(leaves).size).toBe(1);
  });
});
