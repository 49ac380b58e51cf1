import { isomorphic } from "rdf-isomorphic";
import { expect, it } from "vitest";
import { renderAnswer, renderPage, renderProblem, renderTimeline } from "../../../src/http/pages/render.ts";
import type { Description } from "../../../src/hub/pages/description.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { writeNTriples } from "../../../src/rdf/ntriples.ts";
import { describeNeeding } from "../../support/needing.ts";
import { readByRaptor } from "../raptor.ts";
import { accountPage, BASE, contextOf, oddQuads, postPage, viewOf } from "./fixtures.ts";

const elsewhere = "https://other.example/posts/";
const all = viewOf({
  text: `#Terns & <b>"gulls"</b>\n\n  @alice said\thttps://x.example/a?b=1&c=2 ${"long".repeat(300)} 👩‍👩‍👧‍👦 \u2028`,
  language: "de-CH",
  maker: "https://other.example/carol#me" as Iri,
  container: "https://other.example/carol/posts" as Iri,
  replyOf: `${elsewhere}0` as Iri,
  previousVersion: `${elsewhere}1?version=1` as Iri,
  topics: [{ iri: `${BASE}tags/terns` as Iri, label: "terns" }],
  addressedTo: [`${BASE}alice#account` as Iri],
  links: ["https://x.example/a?b=1&c=2" as Iri],
});
const formatted = viewOf({
  text: "bold",
  xhtml: `<div xmlns="http://www.w3.org/1999/xhtml" lang="fr"><p about="${BASE}" property="rdfs:label">bold<br/><b>x</b></p></div>`,
});
const withFiles = viewOf({
  attachments: [
    { iri: `${elsewhere}1/tern.png` as Iri, format: "image/png", size_bytes: 1_234_567, description: 'A "tern"' },
    { iri: `${elsewhere}1/song.ogg` as Iri, format: "audio/ogg", description: "It\nsings" },
    { iri: "xmpp:files@x.example" as Iri },
  ],
  place: { lat: 60.1699, long: -24.9384, name: "Töölö <bay>" },
});
const arabic = viewOf({ iri: `${elsewhere}2` as Iri, text: "وصلت طيور\nالخرشنة #طيور", language: "ar" });

await describeNeeding(["rapper"], "the RDFa of a page made from a Description", () => {
  const pages: readonly (readonly [string, Description])[] = [
    ["a post with everything", postPage(all)],
    ["a post without a language", postPage(viewOf({ text: " two  spaces,\r\nthree lines\n " }))],
    ["a post from right to left", postPage(arabic)],
    ["a post that passes on another", postPage(viewOf({ repostOf: "xmpp:d@x.example?;node=n;item=i" as Iri }))],
    [
      "a post that quotes one that is here",
      postPage({
        ...viewOf({ quoteOf: `${elsewhere}2` as Iri }),
        original: { kind: "here", iri: arabic.iri, view: arabic },
      }),
    ],
    [
      "a post that passes on one that is here",
      postPage({
        ...viewOf({ repostOf: `${elsewhere}2` as Iri }),
        original: { kind: "here", iri: arabic.iri, view: arabic },
      }),
    ],
    ["a post with markup that tries to say more", postPage(formatted)],
    ["a post of somebody with a picture", postPage(viewOf({}, { image: "https://other.example/c.png" as Iri }))],
    ["a post with files and a place", postPage(withFiles)],
    ["a post at a place with a name only", postPage(viewOf({ place: { name: "بحيرة" } }))],
    ["a thread", postPage(all, { ancestors: [viewOf({ iri: `${elsewhere}0` as Iri })], replies: [arabic] })],
    ["a post with terms of each kind", postPage(all, { quads: oddQuads(all.iri) })],
    ["an account without posts", accountPage()],
    ["an account with posts", accountPage([all, arabic])],
  ];

  it.each(pages)("is exactly the quads of %s", async (_, description) => {
    const page = renderPage(description, contextOf());
    const said = await readByRaptor("rdfa", page, `${BASE}alice`);
    if (isomorphic([...said], [...description.quads])) return;
    expect(writeNTriples(said).split("\n").sort()).toEqual(writeNTriples(description.quads).split("\n").sort());
    expect.fail("the blank nodes are not the same");
  });

  it("can still be read when a name from elsewhere has control characters, and leaves out only that literal", async () => {
    const description = postPage(viewOf({}, { name: "Ca\u0001rol\ud800" }));
    const said = await readByRaptor("rdfa", renderPage(description, contextOf()), `${BASE}alice`);
    const carried = description.quads.filter(({ object }) => !object.value.includes("\u0001"));
    expect(carried.length).toBe(description.quads.length - 1);
    expect(isomorphic([...said], [...carried])).toBe(true);
  });

  it.each([
    ["a problem", renderProblem({ status: 410, title: "Deleted", detail: "<b>" } as never, contextOf())],
    ["a timeline", renderTimeline({ posts: [all, formatted] }, contextOf("alice/timeline"))],
    ["an answer", renderAnswer("ASK {}", { kind: "boolean", value: true }, contextOf("sparql"))],
  ])("says nothing on the page of %s, which has links and a stylesheet all the same", async (_, page) => {
    expect(page).toContain('REL="stylesheet"');
    expect(await readByRaptor("rdfa", page, `${BASE}alice`)).toEqual([]);
  });
});
