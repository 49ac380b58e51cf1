import fc from "fast-check";
import { blankNode, defaultGraph, literal, namedNode, type Quad, quad } from "../../src/rdf/term.ts";
import { content } from "../../src/vocab/content.ts";
import { dcterms } from "../../src/vocab/dcterms.ts";
import { foaf } from "../../src/vocab/foaf.ts";
import { geo } from "../../src/vocab/geo.ts";
import { rdf } from "../../src/vocab/rdf.ts";
import { sioc } from "../../src/vocab/sioc.ts";
import { xsd } from "../../src/vocab/xsd.ts";

/** Texts that writers and readers of RDF have tripped over. */
export const NASTY_TEXTS: readonly string[] = [
  "",
  " ",
  '"',
  "'",
  '"""',
  "'''",
  'ends in "',
  "\\",
  "\\\\",
  "\\n is no line end",
  "a\nb\r\nc\rd",
  "\t\b\f\v",
  "\u0000\u0001\u001f\u007f\u0080\u0085\u009f",
  "\ufeffbyte order mark",
  "\u2028\u2029",
  "\ufffe\uffff",
  "\ufffd",
  "🐦 tern 👩‍👩‍👧‍👦 🏳️‍🌈",
  "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u{10ffff}",
  "مرحبا \u202bשלום\u202c \u200f",
  "e\u0301 é",
  " .\n<http://x/> <http://x/> <http://x/> .",
  '" .\n',
  'x"@en',
  'x"^^<http://x/>',
  "<b>&amp;</b> ]]> <!-- -->",
  "@prefix : <x> .",
  "_:b0",
  "a".repeat(70_000),
];

const IRIS = [
  "https://hub.example/alice#me",
  "https://hub.example/alice",
  "https://hub.example/",
  "https://hub.example",
  "https://hub.example//double",
  "https://hub.example/a/../b/./c",
  "https://hub.example/alice/posts/2a3b?version=1#x",
  "https://hub.example.evil/x",
  "http://rdfs.org/sioc/ns#",
  "http://rdfs.org/sioc/ns#a.b",
  "http://rdfs.org/sioc/ns#a%20b",
  "http://rdfs.org/sioc/ns#~!$&'()*+,;=",
  "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
  "mailto:a@b.example",
  "xmpp:alice@hub.example?;node=urn:xmpp:microblog:0",
  "http://例え.テスト/é",
  "a:",
];

export const anyIri = fc.constantFrom(...IRIS).map((iri) => namedNode(iri));
const anyBlank = fc.constantFrom("a", "b", "c", "n3-0", "0x").map((label) => blankNode(label));
const anyText = fc.oneof(
  fc.constantFrom(...NASTY_TEXTS),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
);

const anyLiteral = fc.oneof(
  anyText.map((text) => literal(text)),
  fc.tuple(anyText, fc.constantFrom("en", "de-ch", "zh-hant-tw")).map(([text, tag]) => literal(text, tag)),
  fc
    .tuple(
      fc.oneof(
        anyText,
        fc.constantFrom("1", "-0", "1.", ".5", "1.50", "1e6", "true", "TRUE", "2026-11-21T06:00:00.000Z"),
      ),
      fc.constantFrom(
        xsd.integer,
        xsd.decimal,
        xsd.double,
        xsd.boolean,
        xsd.dateTime,
        xsd.string,
        namedNode("urn:x:y"),
      ),
    )
    .map(([text, datatype]) => literal(text, datatype)),
);

const anyPredicate = fc.constantFrom(
  rdf.type,
  sioc.content,
  sioc.topic,
  dcterms.created,
  content.encoded,
  geo.lat,
  foaf.knows,
  namedNode("urn:x:y"),
  namedNode("http://x.example/ünï"),
);

const anyObject = fc.oneof(anyIri, anyLiteral, anyBlank);

/** A triple in the default graph, with nasty texts, blank nodes that form rings, duplicates. */
export const anyTriple: fc.Arbitrary<Quad> = fc
  .tuple(fc.oneof(anyIri, anyBlank), anyPredicate, anyObject)
  // `rdf:type` with a literal is no JSON-LD.
  .map(([s, p, o]) => quad(s, p.equals(rdf.type) && o.termType === "Literal" ? sioc.content : p, o));

export const anyTriples = fc.array(anyTriple, { maxLength: 12 });

/** Quads in named graphs and in the default one. */
export const anyQuads = fc.array(
  fc
    .tuple(
      anyTriple,
      fc.oneof(
        fc.constant(defaultGraph()),
        fc.constantFrom("https://hub.example/g", "urn:g").map((iri) => namedNode(iri)),
      ),
    )
    .map(([{ subject, predicate, object }, graph]) => quad(subject, predicate, object, graph)),
  { maxLength: 12 },
);

/** A post as the model has it: 12 triples. */
export const POST_TURTLE = `@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sioc: <http://rdfs.org/sioc/ns#> .
@prefix sioct: <http://rdfs.org/sioc/types#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://hub.example/alice/posts/2aegk7hq2mabc> a sioct:MicroblogPost ;
  sioc:content "A \\"tern\\" crosses the globe 🐦 #birds @bob https://tern.example/"@en ;
  dcterms:created "2026-11-21T06:00:00.000Z"^^xsd:dateTime ;
  sioc:has_creator <https://hub.example/alice#account> ;
  foaf:maker <https://hub.example/alice#me> ;
  sioc:has_container <https://hub.example/alice/posts> ;
  sioc:previous_by_date <https://hub.example/alice/posts/2aegk7hq2maba> ;
  sioc:links_to <https://tern.example/> ;
  sioc:topic <https://hub.example/tags/birds> .
<https://hub.example/tags/birds> a sioct:Tag, skos:Concept ;
  rdfs:label "birds" .
`;
