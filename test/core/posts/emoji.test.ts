import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEmoji } from "../../../src/core/posts/emoji.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";

describe("an emoji", () => {
  it.each([
    ["🎉", "🎉"],
    [" 🎉\n", "🎉"],
    ["♥", "♥\uFE0F"],
    ["❤\uFE0F", "❤\uFE0F"],
    ["🎉\uFE0F", "🎉"],
    ["👍🏽", "👍🏽"],
    ["🇩🇪", "🇩🇪"],
    ["1\u20E3", "1\uFE0F\u20E3"],
    ["👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"],
    ["🏳\u200D🌈", "🏳\uFE0F\u200D🌈"],
    ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
  ])("%j is read as %j", (given, read) => expect(parseEmoji(given)).toBe(read));

  it.each([
    "",
    " ",
    "a",
    "1",
    "#",
    "🎉🎉",
    "🎉 nice",
    "🇩",
    "❤\uFE0E",
    "👍\u200D",
    "\uFE0F",
    "\u{1F3F4}\u{E0067}",
    "<b>🎉</b>",
  ])("is not %j", (given) => expect(parseEmoji(given)).toMatchObject({ code: "invalid" }));

  it("is bounded, however well it is formed", () => {
    expect(parseEmoji(Array(40).fill("👩").join("\u200D"))).toMatchObject({ code: "invalid" });
  });

  it("reads the same again, and whatever the case of its selector", () => {
    const sign = fc.constantFrom(..."🎉👍❤☺🏳🌈👩🚀✋🏽♀");
    fc.assert(
      fc.property(fc.array(sign, { minLength: 1, maxLength: 4 }), (signs) => {
        const plain = signs.join("\u200D");
        const read = parseEmoji(plain);
        if (isRefusal(read)) return;
        expect(parseEmoji(read)).toBe(read);
        expect(parseEmoji(read.replaceAll("\uFE0F", ""))).toBe(read);
      }),
    );
  });

  it("refuses anything else in a sentence, and never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const read = parseEmoji(text);
        if (isRefusal(read)) expect(read.message.isWellFormed()).toBe(true);
      }),
    );
  });
});
