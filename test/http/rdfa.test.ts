import fc from "fast-check";
import { isomorphic } from "rdf-isomorphic";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isXmlText } from "../../src/atom/xml-text.ts";
import { html } from "../../src/http/html.ts";
import { renderPage } from "../../src/http/pages/render.ts";
import { PREFIX_ATTRIBUTE, RdfaWriter } from "../../src/http/rdfa-writer.ts";
import { type Description, describePostVersion, describeResource } from "../../src/hub/describe-resource.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { writeNTriples } from "../../src/rdf/ntriples.ts";
import type { Quad } from "../../src/rdf/term.ts";
import { anyTriples } from "../rdf/arbitrary.ts";
import { describeNeeding } from "../support/needing.ts";
import { readRdfa } from "./read-rdfa.ts";
import { must, openSampleHub, type SampleHub } from "./sample-hub.ts";

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
  });
  afterAll(() => sample?.[Symbol.asyncDispose]());

  const anonymous = { kind: "anonymous" } as const;
  const describe = async (path: string): Promise<Description> => {
    const version = /\?version=(\d+)$/.exec(path)?.[1];
    const iri = (sample.base + path.replace(/\?.*$/, "")) as Iri;
    const { ports } = sample.hub;
    if (version !== undefined) return must(describePostVersion(ports, iri, Number(version)));
    return must(await describeResource(ports, anonymous, iri));
  };
  const pathOf = (iri: string): string => iri.slice(sample.base.length);

  it.each([
    ["hub", () => ""],
    ["account", () => "alice"],
    ["account without a bio", () => "bob"],
    ["container", () => "alice/posts"],
    ["post with a reply", () => pathOf(sample.posts.plain.iri)],
    ["edited post", () => pathOf(sample.posts.edited.iri)],
    ["older version", () => `${pathOf(sample.posts.edited.iri)}?version=1`],
    ["post from right to left", () => pathOf(sample.posts.arabic.iri)],
    ["post with markup, white space and emoji", () => pathOf(sample.posts.tricky.iri)],
    ["reply", () => pathOf(sample.reply.iri)],
    ["tag", () => "tags/terns"],
    ["tags", () => "tags"],
    ["following", () => "bob/following"],
    ["followers", () => "alice/followers"],
  ])("says exactly what the %s page's other formats say", async (_, path) => {
    const description = await describe(path());
    const page = renderPage(description, {
      base: sample.base,
      title: "Lake & Sea",
      path: path(),
      alternates: [{ mediaType: "text/turtle", href: `${sample.base}${path()}?format=turtle` }],
      xmpp: sample.hub.ports.xmpp.status,
      domain: "hub.example",
    });
    const said = await readRdfa(page, `${sample.base}${path()}`);
    expectSame(said, description.quads);
    expect(description.quads.length).toBeGreaterThan(1);
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
        const said = await readRdfa(page.markup, "http://other.example/page");
        expectSame(said, carried);
      }),
      { numRuns: 30 },
    );
  });
});
