import { describe, expect, it } from "vitest";
import { postFromEntry } from "../../src/atom/entry-post.ts";
import { entryFromXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { tagIri } from "../../src/core/hub-iris.ts";
import type { Post } from "../../src/core/posts/post.ts";
import { isRefusal, type Refusal } from "../../src/outcome/refusal.ts";
import { type Iri, isIri } from "../../src/rdf/iri.ts";
import { example, parse } from "../pubsub/example-service.ts";

const JID = "romeo@montague.lit";
const place = {
  iri: `xmpp:${JID}?;node=urn:xmpp:microblog:0;item=x` as Iri,
  creator: `xmpp:${JID}` as Iri,
  characters_max: 100,
  tagIri: (label: string) => tagIri("https://hub.example/" as Iri, label),
  postAt: (address: string) => (isIri(address) ? address : undefined),
};

function entryIn(element: XmlElement): XmlElement {
  const found = element.is("entry")
    ? element
    : element
        .getChildElements()
        .map(entryIn)
        .find((each) => each.is("entry"));
  return found ?? element;
}

function readXml(xml: string): Post | Refusal {
  const entry = entryFromXml(entryIn(parse(xml)));
  return isRefusal(entry) ? entry : postFromEntry(entry, place);
}

const atom = (inner: string): string =>
  `<entry xmlns="http://www.w3.org/2005/Atom"><updated>2026-06-01T10:00:00Z</updated>${inner}</entry>`;

describe("an entry without RDF", () => {
  it("is read from the post of XEP-0277 §3.1", () => {
    expect(readXml(example("0277 publish: Publishing a post"))).toMatchObject({
      iri: place.iri,
      creator: place.creator,
      text: "hanging out at the Café Napolitano",
      created: "2008-05-08T18:30:02.000Z",
    });
  });

  it("keeps its formatting, cleaned", () => {
    const post = readXml(
      atom(`<title>Terns</title><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
        <p>They are <b>back</b><script>alert(1)</script></p></div></content>`),
    );
    expect(post).toMatchObject({ text: "Terns\nThey are back" });
    expect(post).toMatchObject({ xhtml: expect.stringContaining("<b>back</b>") });
    expect(JSON.stringify(post)).not.toContain("alert");
  });

  it("answers the item that XEP-0277 §3.3 names beside its page", () => {
    expect(readXml(example("0277 reply: Publishing a reply"))).toMatchObject({
      links: ["http://montague.lit/benvolio/posts/c4145006-1c53-11dd-b2d5-000bcd82471e"],
      replyOf: "xmpp:romeo@montague.lit?;node=urn%3Axmpp%3Amicroblog%3A0;item=1cb57d9c-1c46-11dd-838c-001143d5d5db",
    });
  });

  it("passes on what XEP-0277 §3.4 names by a via link", () => {
    expect(readXml(example("0277 repeat: Repeating a Post"))).toMatchObject({
      creator: place.creator,
      repostOf: "xmpp:romeo@montague.lit?;node=urn%3Axmpp%3Amicroblog%3A0;item=1cb57d9c-1c46-11dd-838c-001143d5d5db",
    });
  });

  it("has its categories as topics on this hub", () => {
    expect(readXml(atom(`<title>T</title><category term="Sea Birds"/><category term="sea birds"/>`))).toMatchObject({
      topics: [{ iri: "https://hub.example/tags/sea_birds", label: "Sea_Birds" }],
    });
  });

  it("is cut where its text is over the bound", () => {
    const post = readXml(atom(`<title>T</title><content>T ${"🐦".repeat(200)}</content>`));
    expect(isRefusal(post) ? 0 : [...post.text].length).toBe(100);
  });

  it("is refused without any text", () => {
    expect(readXml(atom("<title/>"))).toMatchObject({ code: "invalid" });
  });
});
