import fc from "fast-check";
import { isomorphic } from "rdf-isomorphic";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isXmlText } from "../../src/atom/xml-text.ts";
import { html } from "../../src/http/html.ts";
import { PREFIX_ATTRIBUTE, RdfaWriter } from "../../src/http/rdfa-writer.ts";
import { likePost } from "../../src/hub/posts/like-post.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { writeNTriples } from "../../src/rdf/ntriples.ts";
import { literal, namedNode, type Quad, quad } from "../../src/rdf/term.ts";
import { dcterms } from "../../src/vocab/dcterms.ts";
import { rdf } from "../../src/vocab/rdf.ts";
import { anyTriples } from "../rdf/arbitrary.ts";
import { describeNeeding } from "../support/needing.ts";
import { readByRaptor } from "./raptor.ts";
import { openSampleHub, type SampleHub } from "./sample-hub.ts";

/** Isomorphic; where not, the difference of their lines is shown. */
function expectSame(said: readonly Quad[], expected: readonly Quad[]): void {
  if (isomorphic([...said], [...expected])) return;
  const lines = (quads: readonly Quad[]): string[] => [...new Set(writeNTriples(quads).split("\n"))].sort();
  expect(lines(said)).toEqual(lines(expected));
  expect.fail("the blank nodes are not the same");
}

await describeNeeding(["rapper"], "the RDFa of a page", () => {
  let sample: SampleHub;
  beforeAll(async () => {
    sample = await openSampleHub();
    const { ports } = sample.hub;
    for (const wish of [{}, { with: "❤️" }]) {
      const liked = await likePost(ports, sample.bob, sample.posts.plain.iri, wish);
      if (isRefusal(liked)) throw new Error(liked.message);
    }
  });
  afterAll(() => sample?.[Symbol.asyncDispose]());

  /** A page's triples as Raptor reads them in one of its formats. */
  const read = async (path: string, accept: string, format: string): Promise<readonly Quad[]> => {
    const response = await fetch(sample.hub.url + path, { headers: { accept } });
    expect(response.status).toBe(200);
    return await readByRaptor(format, await response.text(), sample.base + path);
  };
  const pathOf = (iri: string): string => iri.slice(sample.base.length);

  it.each([
    ["hub", () => ""],
    ["account", () => "alice"],
    ["account without a bio", () => "bob"],
    ["container", () => "alice/posts"],
    ["page of a container", () => "alice/posts?limit=1"],
    ["post with a reply, a like and a reaction", () => pathOf(sample.posts.plain.iri)],
    ["edited post", () => pathOf(sample.posts.edited.iri)],
    ["older version", () => `${pathOf(sample.posts.edited.iri)}?version=1`],
    ["post from right to left", () => pathOf(sample.posts.arabic.iri)],
    ["post with markup, white space and emoji", () => pathOf(sample.posts.tricky.iri)],
    ["reply", () => pathOf(sample.reply.iri)],
    ["tag", () => "tags/terns"],
    ["tags", () => "tags"],
    ["following", () => "bob/following"],
    ["followers", () => "alice/followers"],
    ["vocabulary", () => "vocabulary"],
    ["query form", () => "sparql"],
  ])("says exactly what the %s page's other formats say", async (_, path) => {
    const expected = await read(path(), "application/n-triples", "ntriples");
    expect(expected.length).toBeGreaterThan(1);
    expectSame(await read(path(), "text/html", "rdfa"), expected);
    expectSame(await read(path(), "text/turtle", "turtle"), expected);
    expectSame(await read(path(), "application/rdf+xml", "rdfxml"), expected);
  });

  it.each([
    ["markup", "a <b class='x'>bold</b> & more"],
    ["more than one line", "<p>one</p>\n\n  <p>two\tthree</p>\n"],
    ["what looks like markup in it", "1 &gt; 0 &amp;amp; a > b"],
    ["nothing but white space", " \n "],
  ])("says literals of markup with %s", async (_, value) => {
    const quads = [rdf.XMLLiteral, rdf.HTML].map((datatype) =>
      quad(namedNode("http://a.example/p"), dcterms.description, literal(value, datatype)),
    );
    const table = new RdfaWriter(quads).table() ?? html``;
    const page = html`<html lang="en" xml:lang="en" prefix="${PREFIX_ATTRIBUTE}"><body>${table}</body></html>`;
    const found = await readByRaptor("rdfa", page.markup, "http://other.example/page");
    expect(found).toHaveLength(2);
    expectSame(found, quads);
  });

  it("says any quads that XML can carry, in its table alone", async () => {
    await fc.assert(
      fc.asyncProperty(anyTriples, async (all) => {
        // Readers of RDFa resolve IRIs, by which dot segments go (RFC 3986 §5.2.4).
        const quads = all.filter(
          ({ subject, object }) => ![subject, object].some(({ value }) => value.includes("/../")),
        );
        const carried = quads.filter(({ object }) => object.termType !== "Literal" || isXmlText(object.value));
        const table = new RdfaWriter(quads).table() ?? html``;
        const page = html`<html lang="en" xml:lang="en" prefix="${PREFIX_ATTRIBUTE}"><body>${table}</body></html>`;
        expectSame(await readByRaptor("rdfa", page.markup, "http://other.example/page"), carried);
      }),
      { numRuns: 30 },
    );
  });
});
