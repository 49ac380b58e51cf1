import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generateVocab, readOntologies } from "../../scripts/generate-vocab.ts";
import { PREFIXES } from "../../src/vocab/prefixes.ts";
import { sioc } from "../../src/vocab/sioc.ts";
import { sterna } from "../../src/vocab/sterna.ts";
import { void_ } from "../../src/vocab/void.ts";

const FOLDER = join(import.meta.dirname, "../../src/vocab");

describe("src/vocab", () => {
  const generated = generateVocab(readOntologies());

  it("holds exactly the files generated from ontologies/", () => {
    expect(generated.size).toBeGreaterThan(20);
    expect(readdirSync(FOLDER).sort()).toEqual([...generated.keys()].sort());
  });

  it.each([...generated])("has %s as it is generated now", (name, text) => {
    expect(readFileSync(join(FOLDER, name), "utf8")).toBe(text);
  });

  it("offers terms as named nodes and the namespace as text", () => {
    expect(sioc.content.value).toBe("http://rdfs.org/sioc/ns#content");
    expect(sterna.namespace).toBe("https://w3id.org/sterna#");
    expect(PREFIXES["void"]).toBe(void_.namespace);
    expect(Object.isFrozen(sioc)).toBe(true);
  });
});

describe("generateVocab", () => {
  const ontology = `@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    <http://x/#> a <http://www.w3.org/2002/07/owl#Ontology> ; rdfs:label "x" ; rdfs:comment "X." .`;

  it("refuses a term without a comment", () => {
    const text = `${ontology} <http://x/#a> rdfs:isDefinedBy <http://x/#> .`;
    expect(() => generateVocab([text])).toThrow("http://x/#a has no rdfs:comment");
  });

  it("refuses a term that is defined by another vocabulary than its namespace", () => {
    const text = `${ontology} <http://x/#a> rdfs:comment "A." ; rdfs:isDefinedBy <http://y/#> .`;
    expect(() => generateVocab([text])).toThrow("http://x/#a is not defined by http://x/#");
  });
});
