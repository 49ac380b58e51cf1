import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/atom/entry.ts";
import { postFromEntry } from "../../src/atom/entry-post.ts";
import { draftFromEntry, type EntryAuthor, postToEntry, TITLE_LENGTH_MAX, titleOf } from "../../src/atom/post-entry.ts";
import { entryFromXml, entryToXml, parseXml } from "../../src/atom/xml.ts";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { asRepost, type Post } from "../../src/core/posts/post.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { type Iri, isIri } from "../../src/rdf/iri.ts";

const iri = (path: string): Iri => `https://hub.example/${path}` as Iri;

const post: Post = {
  iri: iri("alice/posts/abcdef"),
  creator: iri("alice#account"),
  text: "Terns fly far #birds\nand back",
  language: "en",
  created: instantOf(0),
  addressedTo: [],
  topics: [{ iri: iri("tags/birds"), label: "birds" }],
  links: ["https://example.org/terns" as Iri],
};

const author: EntryAuthor = {
  name: "Alice",
  jid: "alice@hub.example" as BareJid,
  node: "urn:xmpp:microblog:0",
  id: "abcdef" as ItemId,
  turtle: "<> a <x> .",
};

function readBack(entry: Entry): Entry {
  const element = parseXml(entryToXml(entry));
  const read = isRefusal(element) ? element : entryFromXml(element);
  if (isRefusal(read)) throw new Error(read.message);
  return read;
}

describe("the entry of a post", () => {
  it("has what XMPP clients need to show and answer it", () => {
    expect(postToEntry(post, author)).toEqual({
      id: post.iri,
      title: "Terns fly far #birds",
      published: post.created,
      updated: post.created,
      authorName: "Alice",
      authorUri: "xmpp:alice@hub.example",
      text: post.text,
      xhtml: `<div xmlns="http://www.w3.org/1999/xhtml"><p>Terns fly far #birds<br/>and back</p></div>`,
      language: "en",
      categories: [{ term: "birds", scheme: "https://hub.example/tags/birds" }],
      links: [
        { rel: "alternate", href: "xmpp:alice@hub.example?;node=urn:xmpp:microblog:0;item=abcdef" },
        { rel: "alternate", href: post.iri, type: "text/html" },
        {
          rel: "replies",
          href: "xmpp:alice@hub.example?;node=urn:xmpp:microblog:0:comments/abcdef",
          title: "comments",
        },
        { rel: "related", href: "https://example.org/terns" },
      ],
      rdf: { format: "turtle", text: "<> a <x> ." },
    });
  });

  it("bears the time of its last change beside that of its publication", () => {
    const entry = postToEntry({ ...post, modified: instantOf(9_000) }, author);
    expect([entry.published, entry.updated]).toEqual([instantOf(0), instantOf(9_000)]);
  });

  it("names what it answers by its IRI and, where that is known, by its place on XMPP", () => {
    const answer = { ...post, replyOf: iri("bob/posts/ghijkl") };
    expect(postToEntry(answer, author).inReplyTo).toEqual({ ref: answer.replyOf, href: answer.replyOf });
    const replyTo = { jid: "bob@hub.example" as BareJid, node: "urn:xmpp:microblog:0", id: "ghijkl" as ItemId };
    expect(postToEntry(answer, { ...author, replyTo }).inReplyTo).toEqual({
      ref: answer.replyOf,
      href: "xmpp:bob@hub.example?;node=urn:xmpp:microblog:0;item=ghijkl",
    });
  });

  it("has its files as enclosures, and its place", () => {
    const image = {
      iri: "https://up.example/tern.png" as Iri,
      format: "image/png",
      size_bytes: 12,
      description: "A tern",
    };
    const entry = readBack(
      postToEntry({ ...post, attachments: [image], place: { lat: 53.5, long: -8.25, name: "A < B" } }, author),
    );
    expect(entry.links.at(-1)).toEqual({
      rel: "enclosure",
      href: image.iri,
      type: "image/png",
      length: "12",
      title: "A tern",
    });
    expect(draftFromEntry(entry)).toMatchObject({
      attachments: [image],
      place: { lat: 53.5, long: -8.25, name: "A < B" },
    });
  });

  it("escapes in xmpp: URIs only what would end their parts", () => {
    const [alternate] = postToEntry(post, { ...author, id: "a;b=c/d:é" as ItemId }).links;
    expect(alternate?.href).toBe("xmpp:alice@hub.example?;node=urn:xmpp:microblog:0;item=a%3Bb%3Dc/d:é");
  });

  it("carries formatted text only when XML can, and cleaned", () => {
    const withXhtml = (xhtml: string): Entry => postToEntry({ ...post, text: "Terns", xhtml }, author);
    expect(withXhtml("<p>a<br>b</p>").xhtml).toBeUndefined();
    expect(withXhtml("<b onclick='x'>a</b>").xhtml).toBe(`<div xmlns="http://www.w3.org/1999/xhtml"><b>a</b></div>`);
  });

  it("can be read where words from elsewhere have what XML cannot carry", () => {
    const strange = { ...post, text: "a\u0007b", links: [] };
    const entry = readBack(postToEntry(strange, { ...author, name: "Bob\u0000\ud800" }));
    expect([entry.authorName, entry.text]).toEqual(["Bob\ufffd\ufffd", "a\ufffdb"]);
  });

  it("comes back from XML as it was, formatted or not, whatever the text", () => {
    const text = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 300 })
      .filter((each) => each.isWellFormed() && !/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/.test(each));
    const xhtml = fc.constantFrom(undefined, "<p>a <b>b</b> &amp; <a href='https://x/?a&amp;b'>c</a></p>");
    fc.assert(
      fc.property(text, xhtml, (each, formatted) => {
        const entry = postToEntry(
          { ...post, text: each, ...(formatted === undefined ? {} : { xhtml: formatted }) },
          author,
        );
        expect(readBack(entry)).toEqual(entry);
      }),
    );
  });
});

describe("the entry of a post that passes on or quotes another", () => {
  const original = {
    place: { jid: "bob@far.example" as BareJid, node: "urn:xmpp:microblog:0", id: "ghijkl" as ItemId },
    authorName: "Bob",
    authorJid: "bob@far.example",
    comments: { service: "bob@far.example" as BareJid, node: "urn:xmpp:microblog:0:comments/ghijkl" },
    title: "Terns fly far #birds",
  };
  const item = "xmpp:bob@far.example?;node=urn:xmpp:microblog:0;item=ghijkl";
  const page = "https://far.example/bob/posts/ghijkl" as Iri;
  const at = {
    iri: post.iri,
    creator: post.creator,
    characters_max: 1_000,
    tagIri: (label: string) => iri(`tags/${label}`),
    postAt: (address: string) => (address === item ? page : isIri(address) ? address : undefined),
  };

  it("says via what, by whom and where the talk about it is; what is read is what was written", () => {
    const repost = asRepost(post, page);
    const entry = readBack(postToEntry(repost, { ...author, original }));
    expect(entry).toMatchObject({ authorName: "Bob", authorUri: "xmpp:bob@far.example" });
    expect(entry.links.slice(2)).toEqual([
      { rel: "replies", href: "xmpp:bob@far.example?;node=urn:xmpp:microblog:0:comments/ghijkl", title: "comments" },
      { rel: "via", href: item },
      { rel: "via", href: page, type: "text/html" },
    ]);
    expect(postFromEntry(entry, at)).toEqual(repost);
    expect(draftFromEntry(entry)).toMatchObject({ text: post.text, repostOf: item });
  });

  it("is by whom it is where nothing is known of the original", () => {
    const entry = postToEntry(asRepost(post, page), author);
    expect(entry).toMatchObject({ authorName: "Alice", authorUri: "xmpp:alice@hub.example" });
    expect(entry.links.filter(({ rel }) => rel === "via")).toEqual([{ rel: "via", href: page, type: "text/html" }]);
  });

  it("links what it quotes beside what it links to, and is read back", () => {
    const { topics: _, ...words } = post;
    const quote = { ...words, topics: [], quoteOf: page, links: [...post.links, page] };
    const entry = readBack(postToEntry(quote, { ...author, original }));
    expect(entry.links.filter(({ rel }) => rel === "related")).toEqual([
      { rel: "related", href: item, title: original.title },
      { rel: "related", href: page, type: "text/html", title: original.title },
      { rel: "related", href: "https://example.org/terns" },
    ]);
    expect(entry.authorUri).toBe("xmpp:alice@hub.example");
    expect(postFromEntry(entry, at)).toMatchObject({ text: post.text, quoteOf: page });
    expect(draftFromEntry(entry)).toMatchObject({ quoteOf: item });
  });

  it.each([
    [
      "a via link with a quotation and words after it (XEP-0277 §3.4)",
      "<blockquote>Terns</blockquote><p>Indeed</p>",
      "quoteOf",
    ],
    ["a via link with a quotation alone", "<blockquote>Terns</blockquote>", "repostOf"],
    ["a via link with words that quote", "<p>He said</p><blockquote>Terns</blockquote><p>and left</p>", "repostOf"],
  ])("is read from %s", (_, markup, key) => {
    const xhtml = `<div xmlns="http://www.w3.org/1999/xhtml">${markup}</div>`;
    const entry = { ...postToEntry(asRepost(post, page), { ...author, original }), xhtml };
    const read = postFromEntry(readBack(entry), at);
    expect(read).toHaveProperty(key, page);
    expect(read).not.toHaveProperty(key === "quoteOf" ? "repostOf" : "quoteOf");
  });
});

describe("the title of a post", () => {
  it.each([
    ["is its first line", "one\ntwo", "one"],
    ["is its first line that says something", "\n\n one\ntwo", "one"],
    ["is cut at a word", `${"word ".repeat(40)}`, `${"word ".repeat(23)}word…`],
    ["is cut anywhere in a long word", "x".repeat(200), `${"x".repeat(TITLE_LENGTH_MAX)}…`],
  ])("%s", (_, text, title) => {
    expect(titleOf(text)).toBe(title);
  });

  it("is never torn within a character, nor longer than its bound", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const title = titleOf(text);
        expect(title.isWellFormed()).toBe(true);
        expect(title.length).toBeLessThanOrEqual(TITLE_LENGTH_MAX + 1);
      }),
    );
  });
});

describe("what an XMPP client published", () => {
  const ATOM = `xmlns="http://www.w3.org/2005/Atom"`;
  const XHTML = `xmlns="http://www.w3.org/1999/xhtml"`;
  const draft = (inner: string) => {
    const element = parseXml(`<entry ${ATOM} xml:lang="en"><updated>2026-11-21T06:00:00Z</updated>${inner}</entry>`);
    const entry = isRefusal(element) ? element : entryFromXml(element);
    return isRefusal(entry) ? entry : draftFromEntry(entry);
  };

  it.each([
    ["a comment, its text in the title (Movim)", "<title>I agree</title>", "I agree"],
    ["a text that its title repeats (Libervia)", "<title>Hi</title><content>Hi all</content>", "Hi all"],
    ["a text whose title is its cut beginning", "<title>Hi…</title><content>Hi all</content>", "Hi all"],
    ["a title of its own", "<title>News</title><content>Hi all</content>", "News\nHi all"],
    [
      "formatted text alone",
      `<title/><content type="xhtml"><div ${XHTML}><p>a &amp; b</p><p>c<br/>d</p></div></content>`,
      "a & b\nc\nd",
    ],
    [
      "categories that the text does not name",
      `<title>x #a</title><category term="A"/><category term="b c"/>`,
      "x #a\n#b_c",
    ],
  ])("is %s", (_, inner, text) => {
    expect(draft(inner)).toEqual({ text, language: "en", links: [], attachments: [] });
  });

  it("keeps formatted text that says more than the plain one", () => {
    const content = `<content type="xhtml"><div ${XHTML}><p>a <em>b</em></p></div></content>`;
    expect(draft(`<title>a b</title><content type="text">a b</content>${content}`)).toMatchObject({
      text: "a b",
      xhtml: `<div ${XHTML}><p>a <em>b</em></p></div>`,
    });
  });

  it("answers what it refers to, by IRI or, failing that, by href", () => {
    const thread = `xmlns="http://purl.org/syndication/thread/1.0"`;
    const to = (attributes: string) => draft(`<title>x</title><in-reply-to ${thread} ${attributes}/>`);
    expect(to(`ref="https://x/1" href="xmpp:a"`)).toMatchObject({ replyOf: "https://x/1" });
    expect(to(`ref="bare id" href="xmpp:a@b?;node=n;item=i"`)).toMatchObject({ replyOf: "xmpp:a@b?;node=n;item=i" });
    expect(to(`ref="bare id"`)).not.toHaveProperty("replyOf");
  });

  it.each([
    [`href="javascript:alert(1)" type="image/png"`, undefined],
    [`href="https://x/a b"`, undefined],
    [`href="https://x/a" type="no type" length="-4" title=" "`, { iri: "https://x/a" }],
    [`href=" https://x/a " type="IMAGE/PNG; q=1"`, { iri: "https://x/a", format: "image/png" }],
  ])("goes with the files it can name: %s", (attributes, attachment) => {
    const attachments = attachment === undefined ? [] : [attachment];
    expect(draft(`<title>x</title><link rel="enclosure" ${attributes}/>`)).toMatchObject({ attachments });
  });

  it.each([
    ["<lat>53.5</lat><lon>-8.25</lon>", { lat: 53.5, long: -8.25 }],
    [
      "<description>The\n lake</description><locality>Radolfzell</locality><lat>1</lat><lon>2</lon>",
      { lat: 1, long: 2, name: "The lake" },
    ],
    ["<text>By the water</text><lat>1</lat>", { name: "By the water" }],
    ["<locality>Radolfzell</locality><description> </description>", { name: "Radolfzell" }],
    ["<lat>91</lat><lon>0</lon>", undefined],
    ["<lat>1e1</lat><lon>0</lon>", undefined],
    ["<lat>1</lat>", undefined],
  ])("was written where %s is, if that is on the Earth", (inner, place) => {
    const found = draft(`<title>x</title><geoloc xmlns="http://jabber.org/protocol/geoloc">${inner}</geoloc>`);
    expect("place" in found ? found.place : undefined).toEqual(place);
  });

  it("does not resolve what only looks like an entity", () => {
    const content = `<content type="xhtml"><div ${XHTML}>&amp;constructor; &amp;lt;</div></content>`;
    expect(draft(`<title/>${content}`)).toMatchObject({ text: "&constructor; &lt;" });
  });

  it("is refused without any text", () => {
    expect(draft("<title> </title>")).toMatchObject({ kind: "refusal", code: "invalid" });
  });
});
