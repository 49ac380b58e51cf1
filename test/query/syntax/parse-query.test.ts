import { describe, expect, it } from "vitest";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { type Operation, parseQuery } from "../../../src/query/syntax/parse-query.ts";
import type { Iri } from "../../../src/rdf/iri.ts";

/** The columns of a SELECT. */
function columns(text: string): readonly string[] {
  let operation = parseQuery(text, "https://hub.example/" as Iri);
  if (isRefusal(operation)) throw new Error(operation.message);
  while (operation.type !== "project") {
    if (!("input" in operation)) throw new Error("No SELECT.");
    operation = operation.input as Operation;
  }
  return operation.variables.map(({ value }) => value);
}

describe("the columns of a query", () => {
  it.each([
    ["SELECT * { ?s ?p ?o }", ["s", "p", "o"]],
    ["SELECT DISTINCT * { $z <p:p> ?y OPTIONAL { ?y <p:q> ?a } } ORDER BY ?a LIMIT 3", ["z", "y", "a"]],
    ["# about ?o\nSELECT * { { SELECT ?b ?a { ?a <p:p> ?b } } BIND(1 AS ?c) }", ["b", "a", "c"]],
  ])("stand in the order of the text: %s", (text, expected) => {
    expect(columns(text)).toEqual(expected);
  });

  it("are those that are asked for, in that order", () => {
    expect(columns("SELECT ?o ?s { ?s ?p ?o { SELECT * { ?s ?p ?o } } }")).toEqual(["o", "s"]);
  });
});
