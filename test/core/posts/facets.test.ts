import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findFacets } from "../../../src/core/posts/facets.ts";
import { busyTime_ms } from "../../support/busy-time.ts";

/** The facets of a text in short: what stands there and what it means. */
function found(text: string): readonly (readonly [string, string])[] {
  return findFacets(text).map((facet) => {
    const there = text.slice(facet.start, facet.end);
    if (facet.kind === "link") return [there, facet.href];
    if (facet.kind === "tag") return [there, `#${facet.label}`];
    return [there, `@${facet.name}${facet.domain === undefined ? "" : `@${facet.domain}`}`];
  });
}

describe("the facets of a text", () => {
  it.each([
    ["a tag", "see #birds now", [["#birds", "#birds"]]],
    [
      "a tag in any script",
      "#Café #日本語 #עברית #هاشتاگ",
      [
        ["#Café", "#Café"],
        ["#日本語", "#日本語"],
        ["#עברית", "#עברית"],
        ["#هاشتاگ", "#هاشتاگ"],
      ],
    ],
    [
      "a tag of emoji",
      "#☕ #👩‍👩‍👧",
      [
        ["#☕", "#☕"],
        ["#👩‍👩‍👧", "#👩‍👩‍👧"],
      ],
    ],
    ["a tag with a joiner inside", "#می‌خواهم", [["#می‌خواهم", "#می‌خواهم"]]],
    [
      "a tag after a bracket, before a full stop",
      "(#a-b) #end.",
      [
        ["#a", "#a"],
        ["#end", "#end"],
      ],
    ],
    ["a full-width tag", "＃東京 です", [["＃東京", "#東京"]]],
    ["no tag in a number", "we are #1 of #42", []],
    ["a tag that begins with digits", "#2nd", [["#2nd", "#2nd"]]],
    ["no tag inside a word or an entity", "foo#bar &#39; a/#b", []],
    ["a mention", "hi @alice!", [["@alice", "@alice"]]],
    ["a mention elsewhere", "@bob@hub.example, hi", [["@bob@hub.example", "@bob@hub.example"]]],
    ["a mention on an IDN", "@bob@müller.example.", [["@bob@müller.example", "@bob@müller.example"]]],
    ["no mention in an e-mail address", "write to a@b.example", []],
    ["a link", "https://example.org/a?b=c#d.", [["https://example.org/a?b=c#d", "https://example.org/a?b=c#d"]]],
    ["a link in brackets", "(http://a.example/b)", [["http://a.example/b", "http://a.example/b"]]],
    ["a link without a scheme", "go to example.com!", [["example.com", "https://example.com/"]]],
    [
      "a link to an IDN",
      "https://müller.example/ä",
      [["https://müller.example/ä", "https://xn--mller-kva.example/%C3%A4"]],
    ],
    ["no link to a script", "javascript:alert(1) data:text/html,x", []],
    [
      "nothing inside a link",
      "https://a.example/@user/#tag",
      [["https://a.example/@user/#tag", "https://a.example/@user/#tag"]],
    ],
  ])("have %s", (_, text, facets) => {
    expect(found(text)).toEqual(facets);
  });

  it("stand in order, without overlap, within the text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("#a", "@b", "@b@c.de", "https://a.de/#x", " ", "é", "🐦", "#", "@", "x.com", "(")),
        (parts) => {
          const text = parts.join("");
          let end = 0;
          for (const facet of findFacets(text)) {
            expect(facet.start).toBeGreaterThanOrEqual(end);
            expect(facet.end).toBeGreaterThan(facet.start);
            end = facet.end;
          }
          expect(end).toBeLessThanOrEqual(text.length);
        },
      ),
    );
  });

  it("are found in time that grows with the text, not with its square", () => {
    const spent_ms = busyTime_ms(() => {
      findFacets("#a".repeat(2_500));
      findFacets("@a@".repeat(1_600));
      findFacets("a.".repeat(2_500));
    });
    // A quadratic search over texts of this length takes many seconds.
    expect(spent_ms).toBeLessThan(5_000);
  });
});
