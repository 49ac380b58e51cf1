import { describe, expect, it } from "vitest";
import type { NetworkPlace } from "../../../src/hub/ports/network-plan.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { networkQuestion } from "../../../src/query/network/network-query.ts";
import type { Iri } from "../../../src/rdf/iri.ts";

const BASE = "https://hub.example/" as Iri;
const ask = (text: string) => networkQuestion(text, BASE);

/** The groups of a question with their patterns as text. */
function groups(text: string) {
  const question = ask(text);
  if (isRefusal(question)) throw new Error(question.message);
  const write = (place: NetworkPlace): string => ("variable" in place ? `?${place.variable}` : place.term.value);
  return question.groups.map(({ patterns, within, through }) => ({
    patterns: patterns.map(({ subject, predicate, object }) => [subject, predicate, object].map(write).join(" ")),
    ...(within === undefined ? {} : { within }),
    ...(through === undefined ? {} : { through }),
  }));
}

describe("what a query needs of other hubs", () => {
  it("is its patterns in groups: what all must match, and what is narrowed by what is around it", () => {
    expect(
      groups(`SELECT * { ?a <p:1> ?b . ?b <p:1> ?c
        OPTIONAL { ?c <p:2> "?*" }
        { ?a <p:3> 1 } UNION { ?a <p:4> 2 }
        FILTER NOT EXISTS { <p:s> ?q ?c } }`),
    ).toEqual([
      { patterns: ["?a p:1 ?b", "?b p:1 ?c"] },
      { patterns: ["?c p:2 ?*"], within: 0, through: ["a", "b", "c"] },
      { patterns: ["?a p:3 1"], within: 0 },
      { patterns: ["?a p:4 2"], within: 0 },
      { patterns: ["p:s ?q ?c"], within: 0, through: expect.arrayContaining(["a", "b", "c"]) },
    ]);
  });

  it("narrows nothing by what stands outside of a subquery that counts or cuts", () => {
    expect(groups("SELECT * { ?a <p:1> ?b { SELECT ?b { ?b <p:2> ?c } ORDER BY ?c LIMIT 3 } }")).toEqual([
      { patterns: ["?a p:1 ?b"] },
      { patterns: [expect.stringContaining("?b p:2 ?c")] },
    ]);
    expect(groups("SELECT ?b (COUNT(*) AS ?n) { ?a <p:1> ?b } GROUP BY ?b")).toEqual([
      { patterns: [] },
      { patterns: ["?a p:1 ?b"] },
    ]);
  });

  it("goes over the predicates of paths, whose steps lead over things that nobody names", () => {
    expect(groups("SELECT * { <p:s> (<p:1>/^<p:2>)+ ?b }")).toEqual([
      { patterns: [] },
      { patterns: [expect.stringMatching(/ p:1 /)] },
      { patterns: [expect.stringMatching(/ p:2 /)] },
    ]);
  });

  it("is nothing without patterns, leaves out a template, and has values and dates with its patterns", () => {
    expect(groups("SELECT * { VALUES ?x { 1 2 } }")).toEqual([{ patterns: [] }]);
    expect(groups("CONSTRUCT { ?s <p:made> ?o } WHERE { ?s <p:1> ?o }")).toEqual([{ patterns: ["?s p:1 ?o"] }]);
    expect(ask("SELECT * { VALUES (?x ?y) { (<p:a> <p:c>) (UNDEF <p:d>) } ?x <p:1> ?y }")).toMatchObject({
      groups: [{ values: [{ variable: "y", terms: [{ value: "p:c" }, { value: "p:d" }] }] }],
    });
    const question = ask(`PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
      SELECT * { VALUES ?x { <p:a> <p:b> } ?x <p:1> ?d FILTER("2026-01-01T00:00:00Z"^^xsd:dateTime <= ?d) }`);
    expect(question).toMatchObject({
      groups: [
        {
          values: [{ variable: "x", terms: [{ value: "p:a" }, { value: "p:b" }] }],
          periods: [{ variable: "d", from: "2026-01-01T00:00:00Z" }],
        },
      ],
    });
  });

  it.each([
    ["SELECT * { ?s <p:1> ?o }", { grows: true }],
    ["SELECT DISTINCT ?s { { ?s <p:1> ?o } UNION { ?s <p:2> ?o } FILTER(?o > 1) } LIMIT 3", { grows: true, limit: 3 }],
    ["SELECT * { ?s <p:1> ?o } ORDER BY ?o", { grows: false }],
    ["SELECT * { ?s <p:1> ?o OPTIONAL { ?o <p:2> ?x } }", { grows: false }],
    ["SELECT * { ?s <p:1> ?o FILTER NOT EXISTS { ?o <p:2> ?x } }", { grows: false }],
    ["SELECT (COUNT(*) AS ?n) { ?s <p:1> ?o }", { grows: false }],
    ["ASK { ?s <p:1> ?o }", { grows: false }],
  ])("knows whether more data can only add rows: %s", (text, expected) => {
    expect(ask(text)).toMatchObject(expected);
  });

  it.each([
    ["SELECT * { GRAPH ?g { ?s <p:1> ?o } }", "not-implemented"],
    ["SELECT * FROM <g:1> { ?s <p:1> ?o }", "not-implemented"],
    ["DESCRIBE <p:1>", "not-implemented"],
    ["SELECT * { SERVICE <s:1> { ?s <p:1> ?o } }", "forbidden"],
    ["SELECT * { ?s ?p ?o }", "too-large"],
    ["SELECT * { ?s !<p:1> ?o }", "too-large"],
    ["SELECT * {", "malformed"],
  ])("is refused: %s", (text, code) => {
    expect(ask(text)).toMatchObject({ kind: "refusal", code });
  });
});
