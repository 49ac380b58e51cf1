import { describe, expect, it } from "vitest";
import { authorityOf, keepAuthored } from "../../src/core/authorship.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { parseTurtle } from "../../src/rdf/parse.ts";
import type { Quad } from "../../src/rdf/term.ts";

const account = "https://far.example/bob#account" as Iri;
const post = "https://far.example/bob/posts/3k2abc" as Iri;
const speaker = { account, ...authorityOf("https://far.example/bob" as Iri, "https://far.example/bob/posts" as Iri) };

function quads(turtle: string): readonly Quad[] {
  const parsed = parseTurtle(
    `@prefix sioc: <http://rdfs.org/sioc/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n${turtle}`,
    post,
  );
  if (isRefusal(parsed)) throw new Error(parsed.message);
  return parsed;
}

const GOOD = `<${post}> sioc:content "Hi" ; sioc:has_creator <${account}>`;

describe("what a sender may say", () => {
  it("is what its own post says", () => {
    const said = quads(`${GOOD} .`);
    expect(keepAuthored(said, post, speaker)).toHaveLength(2);
  });

  it("includes what hangs from the post by blank nodes", () => {
    expect(
      keepAuthored(
        quads(`${GOOD} ; sioc:attachment [ rdfs:label "a" ; sioc:link [ rdfs:label "b" ] ] .`),
        post,
        speaker,
      ),
    ).toHaveLength(6);
  });

  it("includes the labels of the post's topics on its own origin, and no others", () => {
    const said = quads(`${GOOD} ; sioc:topic <https://far.example/tags/a> , <https://hub.example/tags/b> .
      <https://far.example/tags/a> rdfs:label "a" ; sioc:content "not this" . <https://hub.example/tags/b> rdfs:label "not this" .
      <https://far.example/tags/c> rdfs:label "not this" .`);
    const kept = keepAuthored(said, post, speaker);
    expect(isRefusal(kept) ? [] : kept.map(({ object }) => object.value)).not.toContain("not this");
    expect(kept).toHaveLength(5);
  });

  it("includes the name of the place it names, and no name of another thing", () => {
    const said = quads(`${GOOD} .
      <${post}#place> rdfs:label "The lake" ; sioc:link <https://x.example/> .
      <${account}> rdfs:label "Mallory" . <${post}x#place> rdfs:label "Another" .`);
    const kept = keepAuthored(said, post, speaker);
    expect(isRefusal(kept) ? kept : kept.slice(2).map(({ object }) => object.value)).toEqual(["The lake"]);
  });

  it("includes what kind of file its attachments are, in literals, and no more about them", () => {
    const said = quads(`@prefix dcterms: <http://purl.org/dc/terms/> .
      ${GOOD} ; sioc:attachment <https://up.example/a> .
      <https://up.example/a> dcterms:format "image/png" ; dcterms:description <https://x/not-this> ; rdfs:label "not this" .
      <https://up.example/b> dcterms:format "not this" .`);
    const kept = keepAuthored(said, post, speaker);
    const objects = isRefusal(kept) ? [] : kept.map(({ object }) => object.value);
    expect(objects.slice(2)).toEqual(["https://up.example/a", "image/png"]);
  });

  it("is not what it says about other people's posts: that is dropped", () => {
    const kept = keepAuthored(
      quads(`${GOOD} . <https://hub.example/alice/posts/1> sioc:content "forged" .`),
      post,
      speaker,
    );
    expect(kept).toHaveLength(2);
  });

  it.each([
    ["a post of another account of its hub", "https://far.example/eve/posts/3k2abc"],
    ["a post of another hub", "https://hub.example/alice/posts/3k2abc"],
    ["an IRI that only begins like its own", "https://far.example/bob/posts-of-eve/1"],
  ])("is not %s", (_, iri) => {
    const said = quads(`<${iri}> sioc:content "Hi" ; sioc:has_creator <${account}> .`);
    expect(keepAuthored(said, iri as Iri, speaker)).toMatchObject({ code: "not-the-author" });
  });

  it("is not a post by somebody else", () => {
    const said = quads(`<${post}> sioc:content "Hi" ; sioc:has_creator <https://hub.example/alice#account> .`);
    expect(keepAuthored(said, post, speaker)).toMatchObject({ code: "not-the-author" });
  });

  it("is not a post with a second creator, or with none", () => {
    expect(keepAuthored(quads(`${GOOD} , <urn:eve> .`), post, speaker)).toMatchObject({ code: "not-the-author" });
    expect(keepAuthored(quads(`<${post}> sioc:content "Hi" .`), post, speaker)).toMatchObject({
      code: "not-the-author",
    });
  });
});
