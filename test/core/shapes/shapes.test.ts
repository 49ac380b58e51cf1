import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import env from "rdf-validate-shacl/src/defaultEnv.js";
import { Validator } from "shacl-engine";
import { describe, expect, it } from "vitest";
import { compileShapes } from "../../../src/core/shapes/shapes.ts";
import { Fault } from "../../../src/outcome/fault.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { parseTurtle } from "../../../src/rdf/parse.ts";
import { blankNode, literal, namedNode, type Quad, type QuadObject, quad } from "../../../src/rdf/term.ts";
import { dcterms } from "../../../src/vocab/dcterms.ts";
import { foaf } from "../../../src/vocab/foaf.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { sioct } from "../../../src/vocab/sioct.ts";
import { sterna } from "../../../src/vocab/sterna.ts";
import { xsd } from "../../../src/vocab/xsd.ts";
import { POST_TURTLE } from "../../rdf/arbitrary.ts";

const FOLDER = join(import.meta.dirname, "../../../ontologies");
const TEXTS = readdirSync(FOLDER)
  .filter((name) => name.endsWith("-shape.ttl"))
  .map((name) => readFileSync(join(FOLDER, name), "utf8"));
const shapes = compileShapes(TEXTS);

const POST = "https://hub.example/alice/posts/2aegk7hq2mabc" as Iri;
const ACCOUNT = "https://hub.example/alice#account" as Iri;

function read(text: string): readonly Quad[] {
  const quads = parseTurtle(text, POST);
  if (isRefusal(quads)) throw new Error(quads.message);
  return quads;
}

const GOOD = read(POST_TURTLE);
const self = namedNode(POST);

function without(predicate: { readonly value: string }): readonly Quad[] {
  return GOOD.filter((one) => !(one.subject.value === POST && one.predicate.value === predicate.value));
}

function and(quads: readonly Quad[], predicate: Quad["predicate"], object: QuadObject): readonly Quad[] {
  return [...quads, quad(self, predicate, object)];
}

describe("a post", () => {
  it("passes when it is one", () => {
    expect(shapes.check("post", GOOD, POST)).toBeUndefined();
    expect(shapes.check("post", GOOD)).toBeUndefined();
  });

  it("may say more than the shape knows, and the same twice", () => {
    expect(shapes.check("post", and(GOOD, namedNode("http://x.example/p"), literal("x")), POST)).toBeUndefined();
    expect(shapes.check("post", [...GOOD, ...GOOD], POST)).toBeUndefined();
  });

  it.each([
    [without(sioc.content), "sioc:content", "exactly once, but got none"],
    [and(GOOD, sioc.content, literal("another")), "sioc:content", "exactly once, but got 2"],
    [and(without(sioc.content), sioc.content, literal("")), "sioc:content", "at least 1 characters, but got 0"],
    [
      and(without(sioc.content), sioc.content, literal("a".repeat(5_001))),
      "sioc:content",
      "at most 5000 characters, but got 5001",
    ],
    [and(without(sioc.content), sioc.content, namedNode("urn:x:y")), "sioc:content", "a literal, but got <urn:x:y>"],
    [and(without(sioc.content), sioc.content, literal("1", xsd.integer)), "sioc:content", 'but got "1"^^xsd:integer'],
    [without(dcterms.created), "dcterms:created", "exactly once, but got none"],
    [
      and(without(dcterms.created), dcterms.created, literal("yesterday", xsd.dateTime)),
      "dcterms:created",
      "an xsd:dateTime such as",
    ],
    [
      and(without(dcterms.created), dcterms.created, literal("2026-13-01T00:00:00Z", xsd.dateTime)),
      "dcterms:created",
      "2026-13-01",
    ],
    [
      and(without(dcterms.created), dcterms.created, literal("2026-11-21T06:00:00Z")),
      "dcterms:created",
      "an xsd:dateTime",
    ],
    [without(sioc.has_creator), "sioc:has_creator", "exactly once, but got none"],
    [and(GOOD, sioc.has_creator, namedNode("https://x.example/")), "sioc:has_creator", "exactly once, but got 2"],
    [and(without(sioc.has_creator), sioc.has_creator, literal("alice")), "sioc:has_creator", 'an IRI, but got "alice"'],
    [
      and(without(sioc.has_creator), sioc.has_creator, blankNode("x")),
      "sioc:has_creator",
      "an IRI, but got a blank node",
    ],
    [and(GOOD, sioc.has_container, namedNode("https://x.example/")), "sioc:has_container", "at most once, but got 2"],
    [and(GOOD, sioc.topic, literal("tag")), "sioc:topic", 'an IRI, but got "tag"'],
    [without(rdf.type), "rdf:type", "to include <http://rdfs.org/sioc/types#MicroblogPost>, but got none"],
  ])("is refused with property, expectation and what came (%#)", (quads, property, words) => {
    const refusal = shapes.check("post", quads, POST);
    expect(refusal?.code).toBe("shape-violated");
    expect(refusal?.message).toContain(`Expected ${property} of <${POST}>`);
    expect(refusal?.message).toContain(words);
    expect(refusal?.message.endsWith("; correct it and send it again.")).toBe(true);
  });

  it("counts characters, not UTF-16 code units", () => {
    const birds = (count: number): readonly Quad[] =>
      and(without(sioc.content), sioc.content, literal("🐦".repeat(count)));
    expect(shapes.check("post", birds(5_000), POST)).toBeUndefined();
    expect(shapes.check("post", birds(5_001), POST)?.message).toContain("got 5001");
  });

  it("may be as long as the hub's option says", () => {
    const own = compileShapes(TEXTS, { postCharacters_max: 10 });
    const said = (text: string): readonly Quad[] => and(without(sioc.content), sioc.content, literal(text));
    expect(own.check("post", said("0123456789"), POST)).toBeUndefined();
    expect(own.check("post", said("0123456789a"), POST)?.message).toContain("at most 10 characters, but got 11");
    // Only the post's text: an account's name is bound as before.
    expect(own.check("profile", profile(literal("a name of more than ten characters")), ACCOUNT)).toBeUndefined();
  });

  it("must be in its document", () => {
    expect(shapes.check("post", GOOD, "https://hub.example/other" as Iri)?.message).toContain("something about");
    expect(shapes.check("post", [])?.message).toContain("a sioct:MicroblogPost");
  });

  it("that is one of several in a document cannot hide behind a good one", () => {
    const bad = quad(namedNode("https://hub.example/bad"), rdf.type, sioct.MicroblogPost);
    expect(shapes.check("post", [...GOOD, bad])?.message).toContain("<https://hub.example/bad>");
  });
});

function profile(name: QuadObject): readonly Quad[] {
  const account = namedNode(ACCOUNT);
  const person = namedNode("https://hub.example/alice#me");
  return [
    quad(account, rdf.type, sioc.UserAccount),
    quad(account, sioc.account_of, person),
    quad(account, foaf.accountName, literal("alice")),
    quad(account, sterna.pubsubNode, namedNode("xmpp:alice@hub.example?;node=urn:xmpp:microblog:0")),
    quad(person, rdf.type, foaf.Person),
    quad(person, foaf.name, name),
  ];
}

describe("other documents", () => {
  it("a profile passes with its account and person, and is refused for either", () => {
    expect(shapes.check("profile", profile(literal("Alice")), ACCOUNT)).toBeUndefined();
    expect(shapes.check("profile", profile(literal("أليس", "ar")), ACCOUNT)).toBeUndefined();
    expect(shapes.check("profile", profile(namedNode("urn:x:y")), ACCOUNT)?.message).toContain("foaf:name");
    const http = quad(namedNode(ACCOUNT), sterna.pubsubNode, namedNode("https://x.example/"));
    expect(shapes.check("profile", [...profile(literal("A")), http], ACCOUNT)?.message).toContain(
      "at most once, but got 2",
    );
    expect(shapes.check("profile", [http, quad(http.subject, rdf.type, sioc.UserAccount)], ACCOUNT)?.message).toContain(
      "^xmpp:",
    );
  });

  it("a follow names one account by its IRI", () => {
    const follow = (...objects: QuadObject[]): Quad[] =>
      objects.map((one) => quad(namedNode(ACCOUNT), sioc.follows, one));
    const bob = namedNode("https://hub.example/bob#account");
    expect(shapes.check("follow", follow(bob), ACCOUNT)).toBeUndefined();
    expect(shapes.check("follow", follow(bob))).toBeUndefined();
    expect(shapes.check("follow", follow(literal("bob")), ACCOUNT)?.message).toContain("an IRI");
    expect(shapes.check("follow", follow(bob, namedNode("urn:x:y")), ACCOUNT)?.message).toContain(
      "exactly once, but got 2",
    );
  });

  it("of kind other have no shape", () => {
    expect(shapes.check("other", [])).toBeUndefined();
  });
});

describe("compileShapes", () => {
  const PREFIXES = `@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix sterna: <https://w3id.org/sterna#> .`;

  it.each([
    ["a SHACL term it does not know", "sterna:X a sh:NodeShape ; sh:closed true .", "sh:closed"],
    [
      "one inside a property",
      "sterna:X a sh:NodeShape ; sh:property [ sh:path <p> ; sh:lessThan <q> ] .",
      "sh:lessThan",
    ],
    [
      "one inside sh:or",
      "sterna:X a sh:NodeShape ; sh:property [ sh:path <p> ; sh:or ( [ sh:minCount 1 ] ) ] .",
      "sh:minCount",
    ],
    [
      "a path that is no property",
      "sterna:X a sh:NodeShape ; sh:property [ sh:path [ sh:inversePath <p> ] ] .",
      "sh:path",
    ],
    [
      "a datatype it cannot check",
      "sterna:X a sh:NodeShape ; sh:property [ sh:path <p> ; sh:datatype <d> ] .",
      "sh:datatype",
    ],
    ["a node kind that is none", "sterna:X a sh:NodeShape ; sh:nodeKind sh:Iri .", "sh:nodeKind"],
    ["a broken pattern", 'sterna:X a sh:NodeShape ; sh:property [ sh:path <p> ; sh:pattern "(" ] .', "sh:pattern"],
    [
      "a bound that is no number",
      'sterna:X a sh:NodeShape ; sh:property [ sh:path <p> ; sh:maxLength "x" ] .',
      "whole number",
    ],
    ["a broken list", "sterna:X a sh:NodeShape ; sh:property [ sh:path <p> ; sh:or <l> ] .", "list"],
    ["text that is not Turtle", "sterna:X a", "cannot be read"],
  ])("throws a Fault at %s", (_, text, words) => {
    const compile = (): unknown => compileShapes([...TEXTS, `${PREFIXES} ${text}`]);
    expect(compile).toThrow(Fault);
    expect(compile).toThrow(words);
  });

  it("throws a Fault when a shape is missing", () => {
    expect(() => compileShapes([])).toThrow("https://w3id.org/sterna#PostShape");
  });
});

describe("the verdict", () => {
  const validator = new Validator(env.dataset(TEXTS.flatMap((text) => [...read(text)])), { factory: env });
  const shape = [{ terms: [namedNode(`${sterna.namespace}PostShape`)] }];
  // Both agree on these; what we refuse beyond it (dates without a place in the calendar) and count otherwise
  // (characters beyond the BMP) is tested above.
  const anyObject = fc.constantFrom<QuadObject>(
    literal(""),
    literal("text"),
    literal("text", "en"),
    literal("a".repeat(5_000)),
    literal("a".repeat(5_001)),
    literal("2026-11-21T06:00:00.000Z", xsd.dateTime),
    literal("2026-11-21T06:00:00+01:00", xsd.dateTime),
    literal("2026-11-21", xsd.dateTime),
    literal("2026-11-21T06:00:00Z"),
    literal("1", xsd.integer),
    namedNode("https://hub.example/bob#account"),
    namedNode("urn:x:y"),
    sioct.MicroblogPost,
    blankNode("x"),
  );
  const anyPredicate = fc.constantFrom(
    ...new Set(GOOD.map(({ predicate }) => predicate)),
    sioc.reply_of,
    dcterms.modified,
    sterna.repostOf,
  );
  const anyChange = fc.oneof(
    fc.record({ kind: fc.constant("drop" as const), predicate: anyPredicate }),
    fc.record({ kind: fc.constant("add" as const), predicate: anyPredicate, object: anyObject }),
    fc.record({ kind: fc.constant("replace" as const), predicate: anyPredicate, object: anyObject }),
  );

  it("is the same as shacl-engine's for any damaged post", async () => {
    const verdicts = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(fc.array(anyChange, { maxLength: 3 }), async (changes) => {
        const quads = changes.reduce<readonly Quad[]>((all, change) => {
          const kept = all.filter(
            (one) => change.kind === "add" || !(one.subject.value === POST && one.predicate.equals(change.predicate)),
          );
          return change.kind === "drop" ? kept : [...kept, quad(self, change.predicate, change.object)];
        }, GOOD);
        fc.pre(quads.some(({ subject }) => subject.value === POST));
        const report = await validator.validate({ dataset: env.dataset(quads), terms: [self] }, shape);
        const ours = shapes.check("post", quads, POST) === undefined;
        verdicts.add(ours);
        expect(ours).toBe(report.conforms);
      }),
      { numRuns: 1_000 },
    );
    expect(verdicts.size).toBe(2);
  });
});
