import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StoreTerms } from "../../../src/query/remote/store-terms.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { readNTriples } from "../../../src/rdf/ntriples.ts";
import { blankNode, literal, namedNode, type Term } from "../../../src/rdf/term.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { xsd } from "../../../src/vocab/xsd.ts";

const terms = new StoreTerms("https://hub.example/" as Iri);

/** A store that gives back exactly what it is given. */
function through(term: Term): Term | undefined {
  const written = terms.write(term);
  if (written === undefined) return undefined;
  const [triple] = readNTriples(`<urn:s> <urn:p> ${written} .\n`);
  const held = triple?.object;
  if (held?.termType !== "Literal") return terms.read({ type: "uri", value: held?.value });
  const { value, language, datatype } = held;
  if (language !== "") return terms.read({ type: "literal", value, "xml:lang": language });
  if (datatype.value === xsd.string.value) return terms.read({ type: "literal", value });
  return terms.read({ type: "typed-literal", value, datatype: datatype.value });
}

const datatypes = [xsd.string, xsd.integer, xsd.double, xsd.dateTime, xsd.duration, xsd.time, rdf.XMLLiteral];

describe("terms in a store outside", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.stringMatching(/^[a-z0-9/?#=_-]{0,20}$/).map((path) => namedNode(`https://example.org/${path}`)),
          fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/).map((label) => blankNode(label)),
          fc.tuple(fc.string({ unit: "grapheme" }), fc.constantFrom(...datatypes)).map(([v, type]) => literal(v, type)),
          fc.tuple(fc.string(), fc.constantFrom("en", "de-at")).map(([value, language]) => literal(value, language)),
        ),
        (term) => {
          expect(through(term)?.equals(term)).toBe(true);
        },
      ),
    );
  });

  it.each([
    ["https://hub.example/.well-known/genid/%", "is no percent-encoding"],
    ["https://hub.example/.well-known/genid/a:b", "is not as labels are written"],
    ["https://hub.example/.well-known/genid/", "is empty"],
  ])("are IRIs below the place of blank nodes where the rest is no label: %s %s", (iri) => {
    expect(terms.read({ type: "uri", value: iri })).toEqual(namedNode(iri));
  });

  it("are none where a store computed what cannot be written", () => {
    expect(terms.read({ type: "uri", value: "https://far.example/a b" })).toBeUndefined();
    expect(terms.read({ type: "literal", value: "a", datatype: "urn:<x>" })).toBeUndefined();
  });

  it.each([
    ["P1D", xsd.duration],
    ["06:00:00", xsd.time],
    ["12345678901234567890", xsd.integer],
    ["many", xsd.integer],
    ["NaN", xsd.double],
    ["INF", xsd.double],
    ["2026-11-21", xsd.dateTime],
    ["<b>x</b>", rdf.XMLLiteral],
    ["POINT(1 2)", namedNode("http://www.opengis.net/ont/geosparql#wktLiteral")],
  ])("are text of a type of ours where Virtuoso would not keep %s^^%s", (value, datatype) => {
    expect(terms.write(literal(value, datatype))).toBe(`"${value}"^^<urn:sterna:as-text:${datatype.value}>`);
  });

  it.each([
    ["5", xsd.integer],
    ["-1.5", xsd.decimal],
    ["1.5e3", xsd.double],
    ["2026-11-21T06:00:00.123Z", xsd.dateTime],
    ["true", xsd.boolean],
    ["x", namedNode("https://example.org/type")],
  ])("are what they are where it counts and compares: %s^^%s", (value, datatype) => {
    expect(terms.write(literal(value, datatype))).toBe(`"${value}"^^<${datatype.value}>`);
  });

  it("read Virtuoso's booleans, its literals with a type, and its blank nodes", () => {
    const boolean = terms.read({ type: "typed-literal", value: "1", datatype: xsd.boolean.value });
    expect(boolean?.equals(literal("true", xsd.boolean))).toBe(true);
    expect(terms.read({ type: "bnode", value: "nodeID://b10001" })?.equals(blankNode("b10001"))).toBe(true);
    expect(terms.read({ type: "pear", value: "x" })).toBeUndefined();
    expect(terms.read("x")).toBeUndefined();
  });

  it("are left out when the store would cut them off", () => {
    expect(terms.write(namedNode(`https://example.org/${"x".repeat(2_000)}`))).toBeUndefined();
    expect(terms.write(namedNode(`https://example.org/${"x".repeat(1_000)}`))).toBeDefined();
  });
});
