import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fault } from "../../src/outcome/fault.ts";
import { readNTriples, TermCache, writeNQuads, writeNTriples } from "../../src/rdf/ntriples.ts";
import { blankNode, literal, namedNode, quad } from "../../src/rdf/term.ts";
import { anyTriples } from "./arbitrary.ts";

describe("the store's N-Triples", () => {
  it("reads back term by term what was written, labels of blank nodes too", () => {
    const cache = new TermCache();
    fc.assert(
      fc.property(anyTriples, (quads) => {
        const back = readNTriples(writeNTriples(quads), cache);
        expect(back.length).toBe(quads.length);
        for (const [at, one] of back.entries()) expect(one.equals(quads[at])).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives the same text when written again", () => {
    fc.assert(
      fc.property(anyTriples, (quads) => {
        const text = writeNTriples(quads);
        expect(writeNTriples(readNTriples(text))).toBe(text);
      }),
    );
  });

  it("is canonical: one space, one line a triple, escapes only where they are needed", () => {
    const text = writeNTriples([quad(namedNode("a:b"), namedNode("c:d"), literal('é "\\\n\u0001🐦', "en"))]);
    expect(text).toBe('<a:b> <c:d> "é \\"\\\\\\n\\u0001🐦"@en .\n');
  });

  it.each([
    "no triples",
    "<a:b> <c:d> <e:f> .",
    "<a:b> <c:d> <e:f .\n",
    "<a:b> c:d <e:f> .\n",
    '<a:b> <c:d> "e .\n',
    '<a:b> <c:d> "\\x" .\n',
    "<a:b> <c:d> \n<e:f> <g:h> <i:j> .\n",
    "a:b <c:d> <e:f> .\n",
  ])("damaged in the store is a Fault, not a wrong triple: %j", (text) => {
    expect(() => readNTriples(text)).toThrow(Fault);
    expect(() => readNTriples(text)).toThrow("stored N-Triples");
  });

  it.each(["not an iri", "http://x/>", "http://x/ y", ""])("never writes %j as an IRI", (iri) => {
    const quads = [quad(namedNode(iri), namedNode("c:d"), literal("x"))];
    expect(() => writeNTriples(quads)).toThrow("Expected an absolute IRI");
  });

  it("writes labels that N-Triples does not allow in another way", () => {
    const text = writeNQuads([quad(blankNode("a b>"), namedNode("c:d"), blankNode("é"), namedNode("g:g"))]);
    expect(text).toBe("_:_xa_20_b_3e_ <c:d> _:_x_e9_ <g:g> .\n");
  });
});
