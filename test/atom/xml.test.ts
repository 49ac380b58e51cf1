import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/atom/entry.ts";
import { entryFromXml, entryToXml, parseXml } from "../../src/atom/xml.ts";
import { isXmlText } from "../../src/atom/xml-text.ts";
import { instantOf } from "../../src/core/instant.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { busyTime_ms } from "../support/busy-time.ts";

const text = fc
  .string({ unit: "grapheme", maxLength: 60 })
  .map((each) => `${each}\n<&>"' ]]> שלום 🐦\t`)
  .filter(isXmlText);
const word = fc.string({ unit: fc.constantFrom(..."abcé🐦&<\"' x:/?;="), minLength: 1, maxLength: 20 });
const instant = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instantOf);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const drop = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

const entries: fc.Arbitrary<Entry> = fc
  .record({
    id: word,
    title: text,
    published: instant,
    updated: instant,
    authorName: text,
    authorUri: word,
    text: optional(text),
    language: optional(fc.constantFrom("en", "he", "pt-br")),
    categories: fc.array(fc.record({ term: word, scheme: optional(word), label: optional(text) }).map(drop), {
      maxLength: 3,
    }),
    links: fc.array(
      fc
        .record({ rel: word, href: word, type: optional(word), title: optional(text), length: optional(word) })
        .map(drop),
      { maxLength: 3 },
    ),
    inReplyTo: optional(fc.record({ ref: word, href: optional(word), type: optional(word) }).map(drop)),
    rdf: optional(text.map((each) => ({ format: "turtle" as const, text: each }))),
  })
  .map((entry) => drop(entry) as Entry);

function read(xml: string): Entry {
  const element = parseXml(xml);
  if (isRefusal(element)) throw new Error(element.message);
  const entry = entryFromXml(element);
  if (isRefusal(entry)) throw new Error(entry.message);
  return entry;
}

const ATOM = 'xmlns="http://www.w3.org/2005/Atom"';
const TIMES = "<updated>2026-11-21T06:00:00Z</updated>";

describe("an Atom entry", () => {
  it("comes back from XML as it was", () => {
    fc.assert(
      fc.property(entries, (entry) => {
        expect(read(entryToXml(entry))).toEqual(entry);
      }),
    );
  });

  it("is read whatever prefixes it comes with", () => {
    const xml = `<a:entry xmlns:a="http://www.w3.org/2005/Atom"><a:title>x</a:title><a:updated>2026-11-21T06:00:00+02:00</a:updated></a:entry>`;
    expect(read(xml)).toMatchObject({ title: "x", id: "", updated: "2026-11-21T04:00:00.000Z" });
  });

  it("gives the RDF/XML of a child with the namespaces it inherits", () => {
    const xml = `<entry ${ATOM} xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${TIMES}<r:RDF><r:Description r:about="urn:x"/></r:RDF></entry>`;
    const { rdf } = read(xml);
    expect(rdf?.format).toBe("rdfxml");
    expect(isRefusal(parseXml(rdf?.text ?? ""))).toBe(false);
    expect(rdf?.text).toContain('xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"');
  });

  it("gives RDF that stands in the content under its media type", () => {
    expect(
      read(`<entry ${ATOM}>${TIMES}<content type="text/turtle">&lt;a&gt; &lt;b&gt; 1 .</content></entry>`).rdf,
    ).toEqual({
      format: "turtle",
      text: "<a> <b> 1 .",
    });
  });

  it("writes the reply's ref before its href, which Movim reads by position", () => {
    const xml = entryToXml({ ...read(`<entry ${ATOM}>${TIMES}</entry>`), inReplyTo: { href: "xmpp:a", ref: "urn:x" } });
    expect(xml).toMatch(/in-reply-to xmlns:thr="[^"]+" ref="urn:x" href="xmpp:a"/);
  });

  it.each([
    ["is no entry", `<feed ${ATOM}/>`],
    ["has another namespace", `<entry xmlns="urn:x">${TIMES}</entry>`],
    ["has no time", `<entry ${ATOM}/>`],
    ["has a time that is none", `<entry ${ATOM}><updated>yesterday</updated></entry>`],
  ])("is refused when it %s", (_, xml) => {
    const element = parseXml(xml);
    expect(isRefusal(element) || isRefusal(entryFromXml(element))).toBe(true);
  });
});

describe("XML", () => {
  it.each([
    ["is cut off", "<a><b></b>"],
    ["ends with something else", "<a></b>"],
    ["has a document type", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ["is empty", ""],
    ["is text", "hello"],
    ["has text after its end", "<a/>hello"],
    ["has a second root", "<a/><b/>"],
    ["has an entity of its own", "<a>&nbsp;</a>"],
    ["has < in an attribute", '<a b="<"/>'],
    ["has an attribute without quotes", "<a b=c/>"],
    ["has a comment without an end", "<a><!-- </a>"],
    ["has a control character", "<a>\u0001</a>"],
    ["names a control character", "<a>&#1;</a>"],
    ["names no character", "<a b='&#0;'/>"],
    ["has half a character", "<a>\uD800</a>"],
    ["names half a character", "<a>&#xD800;</a>"],
    ["has what is no character", "<a>\uFFFE</a>"],
    ["names what is beyond all characters", "<a>&#x110000;</a>"],
    [
      "has entities of entities of entities",
      `<!DOCTYPE a [<!ENTITY a "ha">${"bcdefghij".replace(/./g, (name) => `<!ENTITY ${name} "${`&${String.fromCharCode(name.charCodeAt(0) - 1)};`.repeat(10)}">`)}]><a>&j;</a>`,
    ],
    ["has a document type from elsewhere", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
  ])("is refused when it %s", (_, xml) => {
    expect(parseXml(xml)).toMatchObject({ kind: "refusal" });
  });

  it("is refused over its bound", () => {
    expect(parseXml(`<a>${"x".repeat(2_000_000)}</a>`)).toMatchObject({ code: "too-large" });
  });

  it("is refused when it goes too deep for whoever reads it", () => {
    const deep = (levels: number): string => "<a>".repeat(levels) + "</a>".repeat(levels);
    expect(parseXml(deep(100_000))).toMatchObject({ code: "too-large" });
    expect(isRefusal(parseXml(deep(100)))).toBe(false);
  });

  it.each([
    ["text", `<a>${"x".repeat(900_000)}`],
    ["an attribute", `<a b="${"x".repeat(900_000)}`],
    ["raw > in text", `<a>${">".repeat(900_000)}`],
    ["spaces in a tag", `<a${" ".repeat(900_000)}`],
    ["many tags that do not end", "<a b='".repeat(150_000)],
  ])("is refused in the time of one pass when it ends within %s", (_, xml) => {
    const spent_ms = busyTime_ms(() => expect(parseXml(xml)).toMatchObject({ code: "malformed" }));
    // The parser alone takes seconds.
    expect(spent_ms).toBeLessThan(1_000);
  });

  it("is read with comments, instructions and CDATA", () => {
    const root = parseXml(`<?xml version="1.0"?><!-- a --><a><![CDATA[<&]]><!-- <b> --></a>\n`);
    expect(isRefusal(root) ? root.message : root.getText()).toBe("<&");
  });

  it("never throws on any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (each) => void parseXml(`<a>${each}`)));
  });

  it("cannot carry control characters or half characters", () => {
    expect(["\u0000", "\u000b", "\ud800", "\uffff"].map(isXmlText)).toEqual([false, false, false, false]);
    expect(isXmlText("tab\t line\n 🐦 é")).toBe(true);
  });
});
