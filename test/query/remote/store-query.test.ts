import { describe, expect, it } from "vitest";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { type StoreQuery, storeQuery } from "../../../src/query/remote/store-query.ts";
import { StoreTerms } from "../../../src/query/remote/store-terms.ts";
import { parseQuery } from "../../../src/query/syntax/parse-query.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, type Term } from "../../../src/rdf/term.ts";
import { xsd } from "../../../src/vocab/xsd.ts";

const baseIri = "https://hub.example/" as Iri;
const terms = new StoreTerms(baseIri);

function ready(text: string, bindings: Readonly<Record<string, Term>> = {}): StoreQuery {
  const query = storeQuery(text, { baseIri, terms, bindings });
  if (isRefusal(query)) throw new Error(query.message);
  return query;
}

/** An operation as plain data, the variables that stand for blank nodes numbered as they come. */
function plain(operation: unknown): unknown {
  const names = new Map<string, string>();
  const text = JSON.stringify(operation).replace(/"(g_\d+)"/g, (_, name: string) => {
    const known = names.get(name) ?? `g${names.size}`;
    names.set(name, known);
    return `"${known}"`;
  });
  return JSON.parse(text) as unknown;
}

const PREFIXES = "PREFIX : <https://example.org/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> ";

describe("a query for a store outside", () => {
  it.each([
    "SELECT * WHERE { ?s :p ?o . ?o :q 'a\\u0022b\\\\ \\n'@en, 5, 1.5, true, <relative> }",
    "SELECT DISTINCT ?s (COUNT(*) AS ?n) WHERE { ?s a :C OPTIONAL { ?s :p ?x FILTER(?x > 3 && !BOUND(?y)) } } GROUP BY ?s HAVING (COUNT(*) > 1) ORDER BY DESC(?n) ?s LIMIT 5 OFFSET 2",
    "SELECT ?s WHERE { { ?s :p ?o } UNION { ?s :q ?o MINUS { ?s :r 1 } } FILTER NOT EXISTS { ?s :t ?u } }",
    "SELECT ?s WHERE { VALUES (?s ?o) { (:a 1) (UNDEF 2) } ?s (:p|^:q)+/:r? ?o . BIND(STRLEN(STR(?o)) AS ?l) }",
    "SELECT ?s WHERE { ?s :p ?d FILTER(?d >= '2026-01-01T00:00:00Z'^^xsd:dateTime) { SELECT ?s WHERE { ?s :q 1 } LIMIT 3 } }",
    "ASK { ?s :p [ :q ( 1 2 ) ] }",
    "SELECT (IF(REGEX(?t, '^a', 'i'), xsd:integer('1'), COALESCE(?x, 0)) AS ?v) WHERE { ?s :p ?t FILTER(?t IN ('a', 'b')) }",
    "SELECT ?s WHERE { GRAPH ?g { ?s :p ?o } }",
  ])("asks what was asked: %s", (query) => {
    const text = PREFIXES + query;
    const asked = parseQuery(text, baseIri);
    expect(isRefusal(asked)).toBe(false);
    expect(plain(parseQuery(ready(text).text, baseIri))).toEqual(plain(asked));
  });

  it("has terms in the place of variables that are bound, and not their text", () => {
    const hostile = literal('" } ; DROP ALL #', "en");
    const { text, form } = ready(
      "SELECT DISTINCT ?post WHERE { ?start (<urn:r>|^<urn:r>)* ?post . ?post <urn:t> ?text }",
      {
        start: namedNode("https://hub.example/a"),
        text: hostile,
      },
    );
    expect(text).not.toContain("?start");
    expect(text).toContain("<https://hub.example/a>");
    expect(text).toContain('"\\" } ; DROP ALL #"@en');
    expect(form).toEqual({ kind: "select", variables: ["post"] });
  });

  it("has literals as the store holds them", () => {
    expect(ready("SELECT * { ?s ?p 'P1D'^^<http://www.w3.org/2001/XMLSchema#duration> }").text).toContain(
      `"P1D"^^<urn:sterna:as-text:${xsd.duration.value}>`,
    );
  });

  it("has the posts that a text search finds in its place", () => {
    const text = "SELECT ?p { ?p <https://w3id.org/sterna#matches> 'arctic tern' ; <urn:t> ?t }";
    const search = (words: string): readonly Iri[] => (words === "arctic tern" ? ["urn:a" as Iri, "urn:b" as Iri] : []);
    const query = storeQuery(text, { baseIri, terms, search });
    expect(isRefusal(query) ? query.message : query.text).toMatch(/VALUES \?p \{\s+<urn:a>\s+<urn:b>\s+\}/);
    expect(isRefusal(query) ? query.message : query.text).not.toContain("matches");
    const open = storeQuery(text.replace("'arctic tern'", "?words"), { baseIri, terms, search });
    expect(open).toMatchObject({ kind: "refusal", code: "invalid" });
  });

  it("is a SELECT of what a CONSTRUCT or DESCRIBE needs", () => {
    const construct = ready("CONSTRUCT { ?s <urn:p> [ <urn:q> ?o ] } WHERE { ?s <urn:r> ?o ; <urn:z> ?z } LIMIT 3");
    expect(construct.text).toMatch(/^BASE <https:\/\/hub.example\/>\s+SELECT \?o \?s /);
    expect(construct.text).toMatch(/LIMIT 3\s*$/);
    expect(construct.form.kind).toBe("construct");
    expect(ready("CONSTRUCT WHERE { ?s <urn:r> ?o } LIMIT 3").form).toMatchObject({ kind: "construct" });
    expect(ready("DESCRIBE <urn:a>")).toMatchObject({ text: "", form: { kind: "describe" } });
    expect(ready("DESCRIBE ?x <urn:a> WHERE { ?x <urn:p> 1 }").text).toContain("SELECT ?x");
  });

  it.each([
    ["SELECT (<bif:sys_stat>('x') AS ?x) {}", "forbidden"],
    ["PREFIX b: <bif:> SELECT (b:sys_stat('x') AS ?x) {}", "forbidden"],
    ["SELECT * { ?s <bif:contains> 'x' }", "forbidden"],
    ["SELECT (<sql:rank>(1) AS ?x) {}", "forbidden"],
    ["SELECT (<https://example.org/f>(1) AS ?x) {}", "forbidden"],
    ["SELECT * { SERVICE <urn:x> { ?s ?p ?o } }", "forbidden"],
    ["SELECT * FROM <urn:x> { ?s ?p ?o }", "forbidden"],
    ["DEFINE input:inference 'x' SELECT * { ?s ?p ?o }", "malformed"],
    ["INSERT DATA { <urn:a> <urn:b> 1 }", "forbidden"],
  ])("is refused: %s", (text, code) => {
    expect(storeQuery(text, { baseIri, terms })).toMatchObject({ kind: "refusal", code });
  });
});
