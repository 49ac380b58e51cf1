import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { formatInfo, formatOfFileName, formatOfMediaType, RDF_FORMATS } from "../../src/rdf/format.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { JSONLD_CONTEXT } from "../../src/rdf/jsonld-context.ts";
import { parseTurtle } from "../../src/rdf/parse.ts";
import { serializeRdf, serializeRdfStream, writeTurtle } from "../../src/rdf/serialize.ts";
import { blankNode, literal, namedNode, type Quad, quad } from "../../src/rdf/term.ts";
import { anyTriples, POST_TURTLE } from "./arbitrary.ts";

const POST = "https://hub.example/alice/posts/2aegk7hq2mabc" as Iri;

function post(): readonly Quad[] {
  const quads = parseTurtle(POST_TURTLE, POST);
  if (isRefusal(quads)) throw new Error(quads.message);
  return quads;
}

describe("writeTurtle", () => {
  it("groups by subject, declares the prefixes used and no others, and shortens by the base", () => {
    expect(writeTurtle(post(), { baseIri: POST })).toMatchInlineSnapshot(`
      "@base <https://hub.example/alice/posts/2aegk7hq2mabc> .
      @prefix dcterms: <http://purl.org/dc/terms/> .
      @prefix foaf: <http://xmlns.com/foaf/0.1/> .
      @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
      @prefix sioc: <http://rdfs.org/sioc/ns#> .
      @prefix sioct: <http://rdfs.org/sioc/types#> .
      @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
      @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

      <> a sioct:MicroblogPost ;
        dcterms:created "2026-11-21T06:00:00.000Z"^^xsd:dateTime ;
        sioc:content "A \\"tern\\" crosses the globe 🐦 #birds @bob https://tern.example/"@en ;
        sioc:has_container </alice/posts> ;
        sioc:has_creator </alice#account> ;
        sioc:links_to <https://tern.example/> ;
        sioc:previous_by_date </alice/posts/2aegk7hq2maba> ;
        sioc:topic </tags/birds> ;
        foaf:maker </alice#me> .
      </tags/birds> a sioct:Tag, skos:Concept ;
        rdfs:label "birds" .
      "
    `);
  });

  it("does not hang on the order of the triples", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...post()], { minLength: 12 }), (shuffled) => {
        expect(writeTurtle(shuffled)).toBe(writeTurtle(post()));
      }),
    );
  });

  it("nests blank nodes that are mentioned once, and ends with rings and deep chains", () => {
    const p = namedNode("a:p");
    const nested = [quad(namedNode("a:s"), p, blankNode("x")), quad(blankNode("x"), p, literal("1"))];
    expect(writeTurtle(nested)).toBe('<a:s> <a:p> [ <a:p> "1" ] .\n');
    const ring = [quad(blankNode("x"), p, blankNode("y")), quad(blankNode("y"), p, blankNode("x"))];
    expect(writeTurtle(ring)).toBe("_:x <a:p> [ <a:p> _:x ] .\n");
    const chain = Array.from({ length: 20_000 }, (_, at) => quad(blankNode(`c${at}`), p, blankNode(`c${at + 1}`)));
    const back = parseTurtle(writeTurtle(chain.slice(0, 9_000)), POST);
    expect(isRefusal(back) ? back : back.length).toBe(9_000);
    expect(writeTurtle(chain).length).toBeGreaterThan(20_000);
  });

  it("writes nothing XML could not carry, so that it can travel in a stanza", () => {
    fc.assert(
      fc.property(anyTriples, (quads) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot carry.
        expect(writeTurtle(quads)).not.toMatch(/[\0-\x08\x0b-\x1f\x7f\ufffe\uffff]/);
      }),
    );
  });
});

describe("serializeRdf", () => {
  it("writes JSON-LD with plain names and the context by its IRI", async () => {
    const contextIri = "https://hub.example/context.jsonld" as Iri;
    const json: unknown = JSON.parse(await serializeRdf(post(), { format: "jsonld", contextIri }));
    expect(json).toMatchObject({
      "@context": contextIri,
      "@graph": [
        {
          id: POST,
          type: "MicroblogPost",
          content: { "@language": "en" },
          created: "2026-11-21T06:00:00.000Z",
          creator: "https://hub.example/alice#account",
          topic: "https://hub.example/tags/birds",
        },
        {
          id: "https://hub.example/tags/birds",
          type: ["Tag", "skos:Concept"].map((name) => name.replace("skos:", "")),
          label: "birds",
        },
      ],
    });
  });

  it("carries the context itself where there is no IRI for it", async () => {
    const json = JSON.parse(await serializeRdf(post(), { format: "jsonld" })) as { readonly "@context": unknown };
    expect(json["@context"]).toEqual(JSONLD_CONTEXT["@context"]);
  });

  it.each(["turtle", "ntriples", "rdfxml"] as const)("throws when %s should carry a named graph", async (format) => {
    const named = [quad(namedNode("a:s"), namedNode("a:p"), literal("x"), namedNode("a:g"))];
    await expect(serializeRdf(named, { format })).rejects.toThrow("graph");
  });

  it.each(["http://x.example/123", "http://x.example/", "http://www.w3.org/1999/02/22-rdf-syntax-ns#li", "urn:1"])(
    "refuses the property %s in RDF/XML, and says what to ask for",
    async (property) => {
      const text = await serializeRdf([quad(namedNode("a:s"), namedNode(property), literal("x"))], {
        format: "rdfxml",
      });
      expect(text).toMatchObject({ code: "not-acceptable", detail: { property } });
      expect(isRefusal(text) && text.message).toContain("ask for Turtle");
    },
  );

  it("hands a long stream on in pieces", async () => {
    async function* many(): AsyncIterable<Quad> {
      for (let at = 0; at < 5_000; at++) yield quad(namedNode(`a:${at >> 3}`), namedNode("a:p"), literal(`${at}`));
    }
    const pieces: string[] = [];
    for await (const piece of serializeRdfStream(many(), { format: "turtle" })) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(3);
    const back = parseTurtle(pieces.join(""), POST);
    expect(isRefusal(back) ? back : back.length).toBe(5_000);
  });
});

describe("the table of formats", () => {
  it("finds each format by its media type, with parameters and in any case, and by its extensions", () => {
    for (const { format, mediaType, extensions } of RDF_FORMATS) {
      expect(formatInfo(format).mediaType).toBe(mediaType);
      expect(formatOfMediaType(`${mediaType.toUpperCase()} ; charset=utf-8`)).toBe(format);
      for (const extension of extensions) {
        expect(formatOfFileName(`/a.b/POSTS${extension.toUpperCase()}`)).toBe(format);
        expect(formatOfFileName(`posts${extension}.gz`)).toBe(format);
      }
    }
    expect(RDF_FORMATS.length).toBe(6);
  });

  it("knows no others", () => {
    for (const type of ["text/html", "", "turtle", "text/turtle-star"]) expect(formatOfMediaType(type)).toBeUndefined();
    for (const name of ["a.txt", "ttl", "a.ttl.zip", ""]) expect(formatOfFileName(name)).toBeUndefined();
  });
});
