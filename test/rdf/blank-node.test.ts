import fc from "fast-check";
import { isomorphic } from "rdf-isomorphic";
import { describe, expect, it } from "vitest";
import { scopeBlankNodes } from "../../src/rdf/blank-node.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import type { Quad } from "../../src/rdf/term.ts";
import { anyTriples } from "./arbitrary.ts";

const [one, two] = ["https://a.example/1" as Iri, "https://a.example/2" as Iri];

function labels(quads: readonly Quad[]): Set<string> {
  const terms = quads.flatMap(({ subject, object }) => [subject, object]);
  return new Set(terms.filter(({ termType }) => termType === "BlankNode").map(({ value }) => value));
}

describe("scopeBlankNodes", () => {
  it("keeps the graph, and no label is shared between two documents", () => {
    fc.assert(
      fc.property(anyTriples, (quads) => {
        const [first, second] = [scopeBlankNodes(quads, one), scopeBlankNodes(quads, two)];
        expect(isomorphic([...first], quads)).toBe(true);
        expect([...labels(first)].filter((label) => labels(second).has(label))).toEqual([]);
        expect(labels(first).size).toBe(labels(quads).size);
      }),
    );
  });

  it("gives the same labels each time, and again when done twice", () => {
    fc.assert(
      fc.property(anyTriples, (quads) => {
        const first = scopeBlankNodes(quads, one);
        expect([...labels(scopeBlankNodes(quads, one))]).toEqual([...labels(first)]);
        expect([...labels(scopeBlankNodes(first, one))]).toEqual([...labels(first)]);
      }),
    );
  });
});
