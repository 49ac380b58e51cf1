import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseImport } from "../../../src/core/import/import-documents.ts";
import type { ImportContext, ImportFinding } from "../../../src/core/import/import-finding.ts";
import type { Instant } from "../../../src/core/instant.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import type { Document } from "../../../src/rdf/document.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { writeNTriples } from "../../../src/rdf/ntriples.ts";
import { parseRdf } from "../../../src/rdf/parse.ts";
import { literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { collect } from "../../support/collect.ts";

const BASE = "https://hub.example/" as Iri;
const NOW = "2026-11-21T06:00:00.000Z" as Instant;
const CONTEXT: ImportContext = { base: BASE, now: NOW };

const PREFIXES = `
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix dc: <http://purl.org/dc/elements/1.1/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix sioc: <http://rdfs.org/sioc/ns#> .
@prefix sioct: <http://rdfs.org/sioc/types#> .
@prefix sioctype: <http://rdfs.org/sioc/type#> .
@prefix sib: <http://www.ins.cwi.nl/sib/vocabulary/> .
@prefix moat: <http://moat-project.org/ns#> .
@prefix tags: <http://www.holygoat.co.uk/owl/redwood/0.1/tags/> .
@prefix rev: <http://purl.org/stuff/rev#> .
@prefix opo: <http://online-presence.net/opo/ns#> .
@prefix as: <https://www.w3.org/ns/activitystreams#> .
@prefix ex: <http://old.example/> .
`;

async function quadsOf(text: string, format: "turtle" | "trig" = "turtle"): Promise<readonly Quad[]> {
  const quads = await parseRdf(PREFIXES + text, { format, baseIri: "http://old.example/" as Iri });
  if (isRefusal(quads)) throw new Error(quads.message);
  return quads;
}

async function findings(quads: Iterable<Quad>, context: ImportContext = CONTEXT): Promise<ImportFinding[]> {
  return collect(normaliseImport(quads, context));
}

async function read(text: string, format: "turtle" | "trig" = "turtle", context: ImportContext = CONTEXT) {
  const found = await findings(await quadsOf(text, format), context);
  const documents = found.flatMap((finding) => (finding.kind === "document" ? [finding.document] : []));
  const refused = found.flatMap((finding) => (finding.kind === "refused" ? [finding] : []));
  const dropped = found.findLast((finding) => finding.kind === "dropped");
  return { documents, refused, dropped: dropped?.kind === "dropped" ? dropped.counts : undefined };
}

function triples(document: Document | undefined): string[] {
  return document === undefined ? [] : writeNTriples(document.quads).trim().split("\n").sort();
}

async function expected(text: string): Promise<string[]> {
  return writeNTriples(await quadsOf(text))
    .trim()
    .split("\n")
    .sort();
}

const LSBENCH_POST = `
ex:po1 a sib:Post , sioc:Post ; dcterms:title "null" ; dc:created "2010-02-01T05:33:28+02:00"^^xsd:dateTime ;
  sib:browser "Firefox" ; sib:agent "iPhone" ; sioc:ip_address "192.0.2.1" ; sioc:content "four terns" ;
  sib:hashtag "Tern" , "tern" , "Full Moon" .
ex:fo9 sioc:container_of ex:po1 .
ex:u4 sioc:creator_of ex:po1 .`;

describe("posts in the shape of LSBench", () => {
  it("become microblog posts with creator, container, UTC time and hashtags as composing makes them", async () => {
    const { documents, refused } = await read(LSBENCH_POST);
    expect(refused).toEqual([]);
    expect(documents).toHaveLength(1);
    const [post] = documents;
    expect(post).toMatchObject({
      graph: "http://old.example/po1",
      kind: "post",
      author: "http://old.example/u4",
      container: "http://old.example/fo9",
      created: "2010-02-01T03:33:28.000Z",
      origin: { kind: "imported" },
      audience: "public",
    });
    expect(triples(post)).toEqual(
      await expected(`ex:po1 a sioct:MicroblogPost , sioc:Post ; sioc:content "four terns" ;
        dcterms:created "2010-02-01T03:33:28.000Z"^^xsd:dateTime ; sioc:has_creator ex:u4 ; sioc:has_container ex:fo9 ;
        sioc:topic <https://hub.example/tags/tern> , <https://hub.example/tags/full%20moon> .
      <https://hub.example/tags/tern> a sioct:Tag , <http://www.w3.org/2004/02/skos/core#Concept> ; rdfs:label "Tern" .
      <https://hub.example/tags/full%20moon> a sioct:Tag , <http://www.w3.org/2004/02/skos/core#Concept> ; rdfs:label "Full Moon" .`),
    );
  });

  it("leave private data, noise and empty titles out and count them", async () => {
    const { dropped } = await read(LSBENCH_POST);
    expect(dropped).toEqual({ private: 1, noise: 2, title: 1 });
  });

  it("answer the post that is their container, as LSBench has comments", async () => {
    const { documents } = await read(`${LSBENCH_POST}
      ex:c1 a sib:Comment , sioc:Item ; dc:created "2010-02-02T00:00:00Z"^^xsd:dateTime ; sioc:content "where?" .
      ex:po1 sioc:container_of ex:c1 . ex:u5 sioc:creator_of ex:c1 .`);
    const comment = documents.find(({ graph }) => graph === "http://old.example/c1");
    expect(comment?.container).toBeUndefined();
    expect(triples(comment)).toContain(
      "<http://old.example/c1> <http://rdfs.org/sioc/ns#reply_of> <http://old.example/po1> .",
    );
  });

  it("are liked once by each account, under an IRI that is the same at each import", async () => {
    const likes = "ex:u1 sib:like ex:po1 . ex:u1 sib:like ex:po1 . ex:u2 sib:like ex:po1 .";
    const first = await read(likes);
    const again = await read(likes);
    expect(first.documents.map(({ author }) => author)).toEqual(["http://old.example/u1", "http://old.example/u2"]);
    expect(first.documents.map(({ graph }) => graph)).toEqual(again.documents.map(({ graph }) => graph));
    expect(triples(first.documents[0]).join()).toContain("activitystreams#Like");
  });
});

describe("a post is refused, with its subject and the reason,", () => {
  const cases: [string, string, RegExp][] = [
    [
      "without a text",
      `ex:p a sioc:Post ; dcterms:created "2026-01-01T00:00:00Z" ; sioc:has_creator ex:u .`,
      /sioc:content.*none/,
    ],
    [
      "with an empty text",
      `ex:p sioc:content "  " ; dcterms:created "2026-01-01T00:00:00Z" ; sioc:has_creator ex:u .`,
      /empty/,
    ],
    ["without a time", `ex:p sioc:content "x" ; sioc:has_creator ex:u .`, /dcterms:created.*none/],
    [
      "with a time that is none",
      `ex:p sioc:content "x" ; dcterms:created "yesterday" ; sioc:has_creator ex:u .`,
      /yesterday/,
    ],
    ["without a creator", `ex:p sioc:content "x" ; dcterms:created "2026-01-01T00:00:00Z" .`, /has_creator.*none/],
    [
      "with two creators",
      `ex:p sioc:content "x" ; dcterms:created "2026-01-01T00:00:00Z" ; sioc:has_creator ex:u . ex:v sioc:creator_of ex:p .`,
      /one sioc:has_creator.*2/,
    ],
    [
      "with two texts",
      `ex:p sioc:content "x" , "y" ; dcterms:created "2026-01-01T00:00:00Z" ; sioc:has_creator ex:u .`,
      /one sioc:content.*2/,
    ],
    [
      "with two times",
      `ex:p sioc:content "x" ; dcterms:created "2026-01-01T00:00:00Z" , "2026-01-02T00:00:00Z" ; sioc:has_creator ex:u .`,
      /one dcterms:created.*2/,
    ],
  ];
  it.each(cases)("%s", async (_name, text, why) => {
    const { documents, refused } = await read(text);
    expect(documents).toEqual([]);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.subject).toBe("http://old.example/p");
    expect(refused[0]?.message).toMatch(why);
  });

  it("without an IRI", async () => {
    const { refused } = await read(
      `[] sioc:content "x" ; dcterms:created "2026-01-01T00:00:00Z" ; sioc:has_creator ex:u .`,
    );
    expect(refused.map(({ message }) => message).join()).toMatch(/absolute IRI/);
  });

  it("while the others of the same file go in", async () => {
    const { documents, refused } = await read(`${LSBENCH_POST} ex:p sioc:content "x" .`);
    expect(documents.map(({ graph }) => graph)).toEqual(["http://old.example/po1"]);
    expect(refused).toHaveLength(1);
  });
});

it("gives profiles before posts, and posts oldest first", async () => {
  const post = (id: string, day: string): string =>
    `ex:${id} sioc:content "x" ; dcterms:created "2026-01-${day}T00:00:00Z" ; sioc:has_creator ex:u .`;
  const { documents } = await read(
    `${post("b", "03")} ${post("a", "02")} ${post("c", "01")} ex:u a sioc:UserAccount .`,
  );
  expect(documents.map(({ graph }) => graph.slice(19))).toEqual(["u", "c", "a", "b"]);
});

describe("posts in the shape of SMOB", () => {
  const SMOB = `
ex:post a <http://rdfs.org/sioc/types#Microblogpost> ; sioc:has_creator ex:me ; dcterms:created "2010-05-01T10:00:00" ;
  dcterms:title "Update - 2010-05-01T10:00:00" ; sioc:content "terns in #oslo" ; moat:taggedWith <http://dbpedia.org/resource/Oslo> ;
  rev:rating "1"^^xsd:integer .
[] a tags:RestrictedTagging ; tags:taggedResource ex:post ; tags:associatedTag "oslo" ; moat:tagMeaning <http://dbpedia.org/resource/Oslo> .
[] a opo:OnlinePresence ; opo:customMessage ex:post ; opo:currentLocation <http://sws.geonames.org/3143244/> .`;

  it("keep their tags' meanings, their place, and lose the title that only repeats the time", async () => {
    const { documents, refused, dropped } = await read(SMOB);
    expect(refused).toEqual([]);
    const [post] = documents;
    const text = triples(post).join("\n");
    expect(text).toContain("<http://rdfs.org/sioc/ns#topic> <http://dbpedia.org/resource/Oslo>");
    expect(text).toContain(
      "<https://hub.example/tags/oslo> <http://www.w3.org/2004/02/skos/core#exactMatch> <http://dbpedia.org/resource/Oslo>",
    );
    expect(text).toContain("<http://online-presence.net/opo/ns#currentLocation> <http://sws.geonames.org/3143244/>");
    expect(text).not.toContain("Update -");
    expect(dropped).toEqual({ title: 1, star: 1 });
  });

  it("carry the star as a like of the account that imports", async () => {
    const { documents } = await read(SMOB, "turtle", {
      ...CONTEXT,
      starredBy: "https://hub.example/alice#account" as Iri,
    });
    const like = documents.find(({ kind }) => kind === "other");
    expect(like?.author).toBe("https://hub.example/alice#account");
    expect(triples(like).join()).toContain("activitystreams#object> <http://old.example/post>");
  });
});

describe("people and accounts", () => {
  it("become one profile document, named and without what is private", async () => {
    const { documents, dropped } = await read(`
      ex:p1 a foaf:Person ; foaf:firstName "Nina" ; foaf:lastName "Berg" ; sioc:email "n@x.example" ;
        sioc:ip_address "192.0.2.9" ; foaf:birthday "1990-01-01"^^xsd:date .
      ex:u1 a sib:User , sioc:user ; sioc:account_of ex:p1 ; dc:date "2010-02-08T06:15:35Z"^^xsd:dateTime ; foaf:knows ex:u2 .`);
    expect(documents).toHaveLength(1);
    expect(documents[0]).toMatchObject({
      graph: "http://old.example/u1",
      kind: "profile",
      author: "http://old.example/u1",
      created: "2010-02-08T06:15:35.000Z",
    });
    const text = triples(documents[0]).join("\n");
    expect(text).toContain(
      "<http://old.example/u1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://rdfs.org/sioc/ns#UserAccount>",
    );
    expect(text).toContain('<http://old.example/p1> <http://xmlns.com/foaf/0.1/name> "Nina Berg"');
    expect(text).toContain("<http://xmlns.com/foaf/0.1/knows> <http://old.example/u2>");
    expect(text).not.toMatch(/n@x|192\.0|1990/);
    expect(dropped).toEqual({ private: 3 });
  });

  it("share the document that their IRIs name", async () => {
    const { documents } =
      await read(`<http://a.example/nina#me> a foaf:Person ; foaf:name "Nina" ; foaf:account <http://a.example/nina#account> .
      <http://a.example/nina#account> a sioc:UserAccount . <http://a.example/nina> a foaf:PersonalProfileDocument .`);
    expect(documents.map(({ graph, kind }) => [graph, kind])).toEqual([["http://a.example/nina", "profile"]]);
  });

  it("that only follow become a follow document each, so that no profile is replaced by it", async () => {
    const { documents } = await read("ex:u1 sioc:follows ex:u2 , ex:u3 .");
    expect(documents.map(({ kind, author }) => [kind, author])).toEqual([
      ["follow", "http://old.example/u1"],
      ["follow", "http://old.example/u1"],
    ]);
    expect(new Set(documents.map(({ graph }) => graph)).size).toBe(2);
  });

  it("that are named only beside a post that is not there are refused", async () => {
    const { documents, refused } = await read("ex:u1 sioc:creator_of ex:po9 .");
    expect(documents).toEqual([]);
    expect(refused[0]?.message).toMatch(/po9.*import both together/);
  });
});

describe("other subjects", () => {
  it("keep what hangs on their blank nodes, however deep and also in a ring", async () => {
    const { documents, refused } = await read(
      `ex:thing ex:part _:a . _:a ex:part _:b . _:b ex:part _:a ; ex:name "deep" .`,
    );
    expect(refused).toEqual([]);
    expect(documents[0]?.quads).toHaveLength(4);
  });

  it("without an IRI that nothing points to are refused", async () => {
    const { refused } = await read(`[] ex:name "nobody" .`);
    expect(refused).toHaveLength(1);
  });
});

describe("named graphs", () => {
  it("without a description are documents as they stand, their kind read from their triples", async () => {
    const { documents } = await read(
      `ex:p { ex:p a sioct:MicroblogPost ; sioc:content "x" ; sioc:has_creator ex:u ; dcterms:created "2026-01-01T00:00:00Z" . }
       ex:f { ex:u sioc:follows ex:v . } ex:u { ex:u a sioc:UserAccount . } ex:o { ex:o rdfs:label "o" . }`,
      "trig",
    );
    expect(documents.map(({ graph, kind }) => [graph.slice(19), kind])).toEqual([
      ["p", "post"],
      ["f", "follow"],
      ["u", "profile"],
      ["o", "other"],
    ]);
    expect(documents[0]?.created).toBe("2026-01-01T00:00:00.000Z");
  });

  it.each(["sioc:Post", "sioct:MicroblogPost", "sioct:BlogPost", "sioctype:MicroblogPost, sioct:MicroblogPost"])(
    "are posts of ours besides when they are each a %s, as in Turtle",
    async (type) => {
      const post = `ex:p a ${type} ; sioc:content "x" ; sioc:has_creator ex:u ; dcterms:created "2026-01-01T00:00:00.000Z"^^xsd:dateTime .`;
      const named = (await read(`ex:p { ${post} ex:q a ex:Other . }`, "trig")).documents[0];
      const ours = `<http://old.example/p> <${rdf.type.value}> <http://rdfs.org/sioc/types#MicroblogPost> .`;
      expect(triples(named).filter((line) => line === ours)).toHaveLength(1);
      expect(triples(named)).toEqual(expect.arrayContaining(triples((await read(post)).documents[0])));
    },
  );
});

const name = fc.constantFrom("a", "b", "c", "d", "e");
const node = name.map((text) => namedNode(`http://old.example/${text}`));
const property = fc.constantFrom(
  sioc.content,
  sioc.has_creator,
  sioc.reply_of,
  sioc.creator_of,
  sioc.topic,
  sioc.follows,
  sioc.note,
);
const anyQuad: fc.Arbitrary<Quad> = fc.oneof(
  fc
    .tuple(
      node,
      property,
      fc.oneof(
        node,
        fc.string().map((text) => literal(text)),
      ),
    )
    .map(([s, p, o]) => quad(s, p, o)),
  fc.tuple(node, fc.constantFrom(sioc.Post, sioc.UserAccount, sioc.Forum)).map(([s, type]) => quad(s, rdf.type, type)),
  node.map((s) => quad(s, namedNode("http://purl.org/dc/terms/created"), literal("2026-01-01T00:00:00Z"))),
);

const textOf = (document: Document): string[] => triples(document);

describe("laws of importing", () => {
  it("importing what was imported changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyQuad, { maxLength: 25 }), async (quads) => {
        const first = (await findings(quads)).flatMap((each) => (each.kind === "document" ? [each.document] : []));
        const again = (await findings(first.flatMap(({ quads: own }) => own))).flatMap((each) =>
          each.kind === "document" ? [each.document] : [],
        );
        const shape = (documents: readonly Document[]): [string, string[]][] =>
          documents
            .map((document): [string, string[]] => [document.graph, textOf(document)])
            .sort(([a], [b]) => (a < b ? -1 : 1));
        expect(shape(again)).toEqual(shape(first));
      }),
    );
  });

  it("the order of the triples does not matter", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .array(anyQuad, { maxLength: 25 })
          .chain((quads) => fc.tuple(fc.constant(quads), fc.shuffledSubarray(quads, { minLength: quads.length }))),
        async ([quads, shuffled]) => {
          const shape = async (from: readonly Quad[]): Promise<string[]> =>
            (await findings(from))
              .map((each) =>
                each.kind === "document"
                  ? `${each.document.graph} ${each.document.kind} ${textOf(each.document).join()}`
                  : each.kind === "refused"
                    ? each.subject
                    : each.kind,
              )
              .sort();
          expect(await shape(shuffled)).toEqual(await shape(quads));
        },
      ),
    );
  });

  it("no triple is invented but types, inverses and what a time or tag becomes", async () => {
    const allowed = new Set<string>([
      rdf.type.value,
      sioc.has_creator.value,
      sioc.account_of.value,
      sioc.reply_of.value,
      sioc.topic.value,
      "http://purl.org/dc/terms/created",
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(anyQuad, { maxLength: 25 }), async (quads) => {
        const given = new Set(writeNTriples(quads).split("\n"));
        const own = (await findings(quads)).flatMap((each) => (each.kind === "document" ? each.document.quads : []));
        const others = own.filter(({ predicate }) => !allowed.has(predicate.value));
        expect(others.map((each) => writeNTriples([each]).trim()).filter((text) => !given.has(text))).toEqual([]);
      }),
    );
  });

  it("every IRI subject is in a document, refused, or said in another form", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyQuad, { maxLength: 25 }), async (quads) => {
        const found = await findings(quads);
        const known = new Set(
          found.flatMap((each) =>
            each.kind === "document"
              ? each.document.quads.flatMap(({ subject, object }) => [subject.value, object.value])
              : each.kind === "refused"
                ? [each.subject]
                : [],
          ),
        );
        const refused = found.some(({ kind }) => kind === "refused");
        expect(quads.filter(({ subject }) => !refused && !known.has(subject.value))).toEqual([]);
      }),
    );
  });
});
