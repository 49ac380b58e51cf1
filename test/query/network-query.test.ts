import { describe, expect, it } from "vitest";
import { networkQuestion } from "../../src/query/network-query.ts";
import type { Iri } from "../../src/rdf/iri.ts";

const BASE = "https://hub.example/" as Iri;
const ask = (text: string) => networkQuestion(text, BASE);

describe("what a query needs of other hubs", () => {
  it("is every triple of each of its patterns, each once, with no variable shared", () => {
    expect(
      ask('SELECT * { ?a <p:1> ?b . ?b <p:1> ?c OPTIONAL { ?c <p:2> "?*" } FILTER NOT EXISTS { <p:s> ?q ?c } }'),
    ).toEqual({
      construct: expect.stringMatching(/^CONSTRUCT \{ [^{}]* \} WHERE \{ (\{ [^{}]* \}( UNION )?){3} \}$/),
    });
    expect(ask('SELECT * { ?a <p:1> ?b . ?c <p:1> "?*" }')).toEqual({
      construct: expect.stringContaining('<p:1> "?*" } UNION {'),
    });
  });

  it("goes over the predicates of paths", () => {
    const { construct } = ask("SELECT * { ?a (<p:1>/^<p:2>)+ ?b }") as { readonly construct: string };
    expect(construct).toContain("{ ?v0_0 <p:1> ?v0_2 }");
    expect(construct).toContain("{ ?v1_0 <p:2> ?v1_2 }");
  });

  it("is nothing without patterns, and leaves out a template", () => {
    expect(ask("SELECT * { VALUES ?x { 1 } }")).toEqual({ construct: undefined });
    expect(ask("CONSTRUCT { ?s <p:made> ?o } WHERE { ?s <p:1> ?o }")).toEqual({
      construct: "CONSTRUCT { ?v0_0 <p:1> ?v0_2 } WHERE { { ?v0_0 <p:1> ?v0_2 } }",
    });
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
