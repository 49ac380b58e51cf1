import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanXhtml, hasMarkup } from "../../src/atom/xhtml.ts";
import { parseXml } from "../../src/atom/xml.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";

const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;

describe("formatted text", () => {
  it.each([
    ["is kept where it is harmless", div("<p>A <em>tern</em> &amp; <br/>more</p>")],
    ["keeps links and their titles", div(`<a href="https://example.org/?a&amp;b" title="&quot;">x</a>`)],
    ["keeps its language and direction", `<div xmlns="http://www.w3.org/1999/xhtml" lang="he" dir="rtl">שלום</div>`],
  ])("%s", (_, xhtml) => {
    expect(cleanXhtml(xhtml)).toBe(xhtml);
  });

  it.each([
    ["a fragment", "<p>a</p><p>b</p>", div("<p>a</p><p>b</p>")],
    ["a prefix", `<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:b>x</h:b></h:div>`, div("<b>x</b>")],
    ["scripts and styles", "<p>a<script>alert(1)</script><style>b{}</style></p>", div("<p>a</p>")],
    ["handlers, styles and classes", `<p onclick="x()" style="y" class="z">a</p>`, div("<p>a</p>")],
    ["a script behind a link", `<a href="javascript:alert(1)">a</a>`, div("<a>a</a>")],
    ["an image without an address", `<p>a <img src="data:x" alt="b"/></p>`, div("<p>a b</p>")],
    ["unknown elements, but not their text", "<font>a</font>", div("a")],
    ["elements of other namespaces", `<p><x xmlns="urn:x">a</x></p>`, div("<p>a</p>")],
    ["nested divs", div(div("a")), div("a")],
    ["CDATA", "<![CDATA[<b>]]>", div("&lt;b&gt;")],
  ])("reads %s", (_, text, clean) => {
    expect(cleanXhtml(text)).toBe(clean);
  });

  it.each([
    ["is HTML that XML is not", "a<br>b"],
    ["has entities of HTML", "a&nbsp;b"],
    ["closes what it did not open", "</div><div>"],
    ["is empty", "<p> <br/></p>"],
    ["has a prefix that is not declared and nothing else", "<x:y/>"],
    ["goes too deep", `${"<b>".repeat(2_000)}x${"</b>".repeat(2_000)}`],
  ])("is nothing when it %s", (_, text) => {
    expect(cleanXhtml(text)).toBeUndefined();
  });

  it("is well-formed, clean and the same when cleaned again, whatever came in", () => {
    const piece = fc.constantFrom(
      ...["<b>", "</b>", "<p>", "</p>", "<br/>", "<script>", "</script>", "<x:y>", "</x:y>", "&amp;", "&", '"', "<"],
      ...[`<a href="https://a/">`, "</a>", `<img src="https://a/" alt="a"/>`, "text", " ", "]]>", "<!--", "-->", "é🐦"],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const clean = cleanXhtml(pieces.join(""));
        if (clean === undefined) return;
        expect(isRefusal(parseXml(clean))).toBe(false);
        expect(clean).not.toMatch(/script|x:y/);
        expect(cleanXhtml(clean)).toBe(clean);
      }),
    );
  });

  it("says whether it is more than lines of text", () => {
    expect(hasMarkup(div("<p>a<br/><span>b</span></p>"))).toBe(false);
    expect(hasMarkup(div("<p><em>a</em></p>"))).toBe(true);
  });
});
