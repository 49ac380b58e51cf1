import { describe, expect, it } from "vitest";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { parseQuery } from "../../../src/query/syntax/parse-query.ts";
import type { Iri } from "../../../src/rdf/iri.ts";

function sentenceFor(text: string): string {
  const parsed = parseQuery(text, "http://hub.example/" as Iri);
  return isRefusal(parsed) ? parsed.message : "it was read";
}

describe("the sentence about a query that cannot be read", () => {
  it.each([
    ["SELECT", 'line 1, column 7 it ends where "*", a variable or "(" is expected.'],
    ["SELECT * WHERE { ?s", 'line 1, column 20 it ends where an IRI, "a", "!", "(", "^" or a variable is expected.'],
    ["SELECT (COUNT(?x)) WHERE { ?x ?y ?z }", 'line 1, column 18 ")" stands where "AS" is expected.'],
    ["ASK { ?s ?p ?o .\nFILTER(?x > }", 'line 2, column 13 "}" stands where it cannot.'],
    [
      "SELECT ?x WERE { ?x ?y ?z }",
      'line 1, column 11 "WERE" begins nothing that SPARQL knows; is it a misspelt keyword?',
    ],
    ['SELECT * { ?a ?b "x }', 'line 1, column 18 """ begins nothing that SPARQL knows; is its end missing?'],
    ["SELECT * { ?a ?b ?c } }", 'line 1, column 23 "}" stands where'],
  ])("names the place and what is expected in %j", (text, sentence) => {
    expect(sentenceFor(text)).toContain(`Expected a SPARQL query, but at ${sentence}`);
    expect(sentenceFor(text)).toMatch(/\w[^\w.?]*[.?]$/);
  });

  it.each([
    ["SELECT * { ?s ?p ?o BIND(1 AS ?o) }", "variable used to bind is already bound (?o)"],
    ["SELECT ?a { ?a ?b ?c } GROUP BY ?b", "variable not allowed in projection"],
  ])("names the rule that %j breaks", (text, rule) => {
    expect(sentenceFor(text)).toBe(`Expected a SPARQL query, but this one breaks a rule of SPARQL: ${rule}.`);
  });

  it("never shows the parser's own words, wherever a query is cut off", () => {
    const whole =
      "PREFIX : <http://hub.example/>\nSELECT ?a (COUNT(*) AS ?n) WHERE { ?a :p/:q* [ :r 'x'@en ] . OPTIONAL { ?a !:t 1.5 } FILTER(?n IN (1, 2) && REGEX(?a, 'b')) } GROUP BY ?a HAVING(?n > 1) ORDER BY DESC(?n) LIMIT 5";
    for (let length = 1; length < whole.length; length++) {
      expect(sentenceFor(whole.slice(0, length))).not.toMatch(/-->|Token|Expecting|offset|iteration/);
    }
  });
});
