import { describe, expect, it } from "vitest";
import { feedToXml } from "../../src/atom/feed.ts";
import { ATOM_NS, entryFromXml, parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { instantOf } from "../../src/core/instant.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";

const entry = {
  id: "https://hub.example/a/posts/1",
  title: "One & only",
  published: instantOf(0),
  updated: instantOf(0),
  authorName: "A",
  authorUri: "xmpp:a@hub.example",
  text: "One & only",
  categories: [],
  links: [{ rel: "alternate", href: "https://hub.example/a/posts/1", type: "text/html" }],
};

const feed = {
  id: "https://hub.example/a/feed.atom",
  title: "<A>",
  updated: "2026-11-21T06:00:00.000Z",
  selfHref: "https://hub.example/a/feed.atom?before=x&limit=2",
  alternateHref: "https://hub.example/a",
  authorName: `A "quoted"`,
  entries: [entry],
};

function parse(xml: string): XmlElement {
  const root = parseXml(xml);
  if (isRefusal(root)) throw new Error(root.message);
  return root;
}

describe("an Atom feed", () => {
  it("is one well-formed document with what RFC 4287 §4.1.1 requires", () => {
    const xml = feedToXml(feed);
    expect(xml.startsWith(`<?xml version="1.0" encoding="utf-8"?>\n<feed `)).toBe(true);
    const root = parse(xml);
    expect(root.is("feed", ATOM_NS)).toBe(true);
    expect(["id", "title", "updated"].map((name) => root.getChildText(name, ATOM_NS))).toEqual([
      feed.id,
      "<A>",
      feed.updated,
    ]);
    expect(root.getChild("author", ATOM_NS)?.getChildText("name", ATOM_NS)).toBe(`A "quoted"`);
    expect(root.getChildren("entry", ATOM_NS).map(entryFromXml)).toEqual([entry]);
  });

  it("can be read whatever the names in it hold", () => {
    const root = parse(feedToXml({ ...feed, title: "A\u0007", authorName: "B\udc00" }));
    expect(root.getChildText("title", ATOM_NS)).toBe("A\ufffd");
    expect(root.getChild("author", ATOM_NS)?.getChildText("name", ATOM_NS)).toBe("B\ufffd");
  });

  it("has the formatted text of an entry where it says more than the plain one, and never both", () => {
    const contents = (inside: string): readonly (string | undefined)[] => {
      const xhtml = `<div xmlns="http://www.w3.org/1999/xhtml">${inside}</div>`;
      const root = parse(feedToXml({ ...feed, entries: [{ ...entry, xhtml }] }));
      const [found] = root.getChildren("entry", ATOM_NS);
      return found?.getChildren("content", ATOM_NS).map(({ attrs }) => attrs["type"]) ?? [];
    };
    expect(contents("<p>One &amp; <em>only</em></p>")).toEqual(["xhtml"]);
    expect(contents("<p>One &amp; only</p>")).toEqual(["text"]);
  });

  it("links its pages (RFC 5005 §3), and only those there are", () => {
    const hrefs = (xml: string): ReadonlyMap<string | undefined, string | undefined> =>
      new Map(
        parse(xml)
          .getChildren("link", ATOM_NS)
          .map(({ attrs }) => [attrs["rel"], attrs["href"]]),
      );
    const always = [
      ["self", feed.selfHref],
      ["alternate", feed.alternateHref],
    ] as const;
    expect(hrefs(feedToXml(feed))).toEqual(new Map(always));
    const paged = { ...feed, firstHref: "https://f", previousHref: "https://p", nextHref: "https://n?a&b" };
    expect(hrefs(feedToXml(paged))).toEqual(
      new Map([...always, ["first", "https://f"], ["previous", "https://p"], ["next", "https://n?a&b"]]),
    );
  });

  it("says what was deleted (RFC 6721)", () => {
    const deleted = [{ ref: "https://hub.example/a/posts/0?a&b", when: "2026-11-21T06:00:00.000Z" }];
    const root = parse(feedToXml({ ...feed, deleted }));
    expect(root.getChild("deleted-entry", "http://purl.org/atompub/tombstones/1.0")?.attrs).toMatchObject(
      deleted[0] ?? {},
    );
  });

  it("has one content an entry (RFC 4287 §4.1.2), the formatted one where there are two", () => {
    const xhtml = `<div xmlns="http://www.w3.org/1999/xhtml"><b>One</b></div>`;
    const [only, ...more] =
      parse(feedToXml({ ...feed, entries: [{ ...entry, xhtml }] }))
        .getChild("entry", ATOM_NS)
        ?.getChildren("content", ATOM_NS) ?? [];
    expect(only?.attrs["type"]).toBe("xhtml");
    expect(more).toEqual([]);
  });
});
