import { describe, expect, it } from "vitest";
import type { UpdateStep } from "../../../src/hub/ports/sparql-syntax.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { NESTING_MAX, OPERATIONS_MAX, parseQuery } from "../../../src/query/syntax/parse-query.ts";
import { UPDATE_LENGTH_MAX, UPDATE_STEPS_MAX } from "../../../src/query/syntax/read-update.ts";
import { operationsOf, tooDeepAt } from "../../../src/query/syntax/scan.ts";
import { createSparqlSyntax } from "../../../src/query/syntax/sparql-syntax.ts";
import type { Iri } from "../../../src/rdf/iri.ts";

const { readUpdate, datasetIn } = createSparqlSyntax();
const BASE = "http://base/" as Iri;

function steps(text: string): readonly UpdateStep[] {
  const found = readUpdate(text, BASE);
  if (isRefusal(found)) throw new Error(found.message);
  return found;
}

describe("an update request", () => {
  it("is taken apart into its operations, names resolved", () => {
    const text = `PREFIX x: <http://x/> # insert ; { }
      CLEAR NAMED ; DROP SILENT GRAPH x:g ; CREATE GRAPH <h> ; COPY DEFAULT TO x:g ;
      MOVE SILENT <a> TO <b> ; ADD <a> TO DEFAULT ; BASE <http://other/> LOAD SILENT <z> INTO GRAPH <q> ; CLEAR ALL`;
    expect(steps(text)).toEqual([
      { kind: "clear", target: "named", silent: false },
      { kind: "drop", target: "http://x/g", silent: true },
      { kind: "create", target: "http://base/h", silent: false },
      { kind: "copy", from: "default", to: "http://x/g", silent: false },
      { kind: "move", from: "http://base/a", to: "http://base/b", silent: true },
      { kind: "add", from: "http://base/a", to: "default", silent: false },
      { kind: "load", source: "http://other/z", silent: true },
      { kind: "clear", target: "all", silent: false },
    ]);
  });

  it("gives each WHERE as a query of the variables its patterns need, under its own prefixes", () => {
    const text = `PREFIX x: <http://x/>
      WITH x:g DELETE { ?s ?p ?o } INSERT { GRAPH ?g { ?s x:p "} ;" } } USING <u> USING NAMED <n>
      WHERE { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { GRAPH x:k { ?s ?p '''}''' } } } ;
      PREFIX y: <http://y/> INSERT { <a> <b> [] } WHERE { ?s y:p ?o } ; DELETE WHERE { GRAPH y:g { ?s x:p 1 } }`;
    const [one, two, three] = steps(text);
    expect(one).toMatchObject({
      kind: "modify",
      with: "http://x/g",
      using: { default: ["http://base/u"], named: ["http://base/n"] },
      graphs: { named: ["http://x/k"], any: true },
    });
    expect(one?.kind === "modify" && one.where).toMatch(
      /^PREFIX x: <http:\/\/x\/>\s+SELECT DISTINCT(?: \?[gsop]){4} WHERE \{ GRAPH/,
    );
    expect(two?.kind === "modify" && two.where).toMatch(/SELECT \* WHERE \{ \?s y:p \?o \}$/);
    expect(three?.kind === "modify" && [three.where.includes("SELECT DISTINCT ?s WHERE"), three.graphs.named]).toEqual([
      true,
      ["http://y/g"],
    ]);
    for (const step of [one, two, three]) {
      if (step?.kind === "modify") expect(isRefusal(parseQuery(step.where, BASE))).toBe(false);
    }
  });

  it("asks for one solution where no more would make a difference", () => {
    const [constant, fresh, empty] = steps(
      "DELETE { <a> <b> <c> } WHERE { ?s ?p ?o } ; INSERT { [] <b> <c> } WHERE { ?s ?p ?o } ; INSERT { <a> <b> ?x } WHERE {}",
    );
    expect(constant?.kind === "modify" && constant.where).toMatch(/SELECT \* WHERE .* LIMIT 1$/);
    expect(fresh?.kind === "modify" && fresh.where).not.toMatch(/LIMIT|DISTINCT/);
    expect(empty).toEqual({ kind: "insert-data", quads: [] });
  });

  it.each([
    ["CLEAR\n  XYZ", "malformed", { line: 2, column: 3 }],
    ["INSERT DATA { ?x <b> <c> }", "malformed", {}],
    ["INSERT DATA { x:a <b> <c> }", "malformed", { line: 1, column: 15 }],
    ["DELETE { _:x <b> <c> } WHERE {}", "malformed", {}],
    ["", "malformed", { line: 1, column: 1 }],
    ["SELECT * {}", "invalid", undefined],
    ["INSERT { ?s ?p ?o } WHERE { SERVICE <x> { ?s ?p ?o } }", "forbidden", undefined],
    ["CLEAR ALL ;".repeat(UPDATE_STEPS_MAX + 1), "too-large", undefined],
    [`CLEAR ALL #${"x".repeat(UPDATE_LENGTH_MAX)}`, "too-large", {}],
  ])("is refused with its place: %.40j", (text, code, place) => {
    const found = readUpdate(text, BASE);
    expect(found).toMatchObject({ kind: "refusal", code });
    if (isRefusal(found) && place !== undefined) expect(found.detail ?? {}).toMatchObject(place);
  });
});

describe("the structure of a text", () => {
  it.each([
    ["an IRI", "<http://x/(;)>"],
    ["a text", '"{;}"'],
    ["a text with an escape", '"\\"{;}"'],
    ["a long text", '"""a "quoted" ""{;}"""'],
    ["a long text in other marks", "'''it's {;}'''"],
    ["a comment", "# {;}\n"],
    ["an escaped name", "x:a\\{"],
  ])("is not told by %s", (_, text) => {
    expect(tooDeepAt(text, 0)).toBeUndefined();
    expect(operationsOf(`INSERT DATA { <s> <p> ${text} } ; CLEAR ALL`)).toHaveLength(2);
  });

  it("has a depth, which tells where it is too much", () => {
    expect(tooDeepAt("{[()]}", 3)).toBeUndefined();
    expect(tooDeepAt("{[()]} {[({", 3)).toBe(10);
    expect(tooDeepAt("}}}{{", 2)).toBeUndefined();
    expect(parseQuery(`ASK ${"{".repeat(NESTING_MAX)}${"}".repeat(NESTING_MAX)}`, BASE)).toMatchObject({ type: "ask" });
    expect(parseQuery(`ASK\n${"{".repeat(NESTING_MAX + 1)}`, BASE)).toMatchObject({
      code: "too-large",
      detail: { line: 2, column: NESTING_MAX + 1 },
    });
  });

  it("has a bounded number of operations", () => {
    const union = (count: number): string => `ASK { ${"{ ?s ?p ?o } UNION ".repeat(count)} { ?s ?p ?o } }`;
    expect(isRefusal(parseQuery(union(100), BASE))).toBe(false);
    expect(parseQuery(union(OPERATIONS_MAX), BASE)).toMatchObject({ code: "too-large" });
    expect(isRefusal(parseQuery(`ASK { VALUES ?x { ${"1 ".repeat(10_000)} } }`, BASE))).toBe(false);
  });
});

describe("the dataset in a query", () => {
  it("is what FROM and FROM NAMED say, resolved", () => {
    expect(datasetIn("PREFIX x: <http://x/> SELECT * FROM <a> FROM x:b FROM NAMED <c> {}", BASE)).toEqual({
      default: ["http://base/a", "http://x/b"],
      named: ["http://base/c"],
    });
    expect(datasetIn("SELECT * { ?s ?p 'FROM <a>' }", BASE)).toBeUndefined();
    expect(datasetIn("SELECT * FROM <a> {", BASE)).toMatchObject({ kind: "refusal", code: "malformed" });
  });

  it("is refused where the graphs are not settled", () => {
    expect(parseQuery("ASK FROM <a> {}", BASE)).toMatchObject({ code: "forbidden" });
    expect(parseQuery("ASK FROM <a> {}", BASE, { dataset: "settled" })).toMatchObject({ type: "ask" });
  });
});
