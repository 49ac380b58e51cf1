import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Attachments,
  attachmentsFromXml,
  attachmentsToXml,
  summaryFromXml,
  summaryToXml,
} from "../../src/atom/attachments.ts";
import { parseXml } from "../../src/atom/xml.ts";
import { instantOf } from "../../src/core/instant.ts";
import { type Emoji, parseEmoji } from "../../src/core/posts/emoji.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";

const NS = 'xmlns="urn:xmpp:pubsub-attachments:1"';

function parsed(xml: string) {
  const element = parseXml(xml);
  if (isRefusal(element)) throw new Error(`${element.message}\n${xml}`);
  return element;
}

const read = (xml: string) => attachmentsFromXml(parsed(xml));

const emoji = (text: string): Emoji => {
  const sign = parseEmoji(text);
  if (isRefusal(sign)) throw new Error(sign.message);
  return sign;
};

const anyEmoji = fc.integer({ min: 0x1f600, max: 0x1f64f }).map((code) => emoji(String.fromCodePoint(code)));
const anyInstant = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instantOf);
const anyOther = fc.constantFrom(
  '<stars xmlns="urn:example:stars">5</stars>',
  '<flag xmlns="urn:example:flags" at="&lt;&amp;"><why/></flag>',
);

const anyAttachments: fc.Arbitrary<Attachments> = fc
  .record({
    noticed: fc.option(fc.option(anyInstant, { nil: undefined }), { nil: "no" as const }),
    reactions: fc.uniqueArray(anyEmoji, { maxLength: 20 }),
    at: fc.option(anyInstant, { nil: undefined }),
    others: fc.array(anyOther, { maxLength: 2 }),
  })
  .map(({ noticed, reactions, at, others }) => ({
    ...(noticed === "no" ? {} : { noticed: noticed === undefined ? {} : { timestamp: noticed } }),
    reactions,
    ...(at === undefined || reactions.length === 0 ? {} : { reactionsTimestamp: at }),
    others,
  }));

describe("attachments (XEP-0470 §4.1)", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(anyAttachments, (given) => {
        expect(read(attachmentsToXml(given))).toEqual(given);
      }),
    );
  });

  it("are read without timestamps, each emoji once however it is spelled, and in several groups", () => {
    const xml = `<attachments ${NS}><reactions><reaction>❤</reaction><reaction> ❤\uFE0F </reaction></reactions><noticed/><reactions><reaction>🎉</reaction></reactions></attachments>`;
    expect(read(xml)).toEqual({ noticed: {}, reactions: ["❤\uFE0F", "🎉"], others: [] });
  });

  it("keep what is not known, able to stand alone", () => {
    const xml = `<attachments ${NS} xmlns:s="urn:example:stars"><s:stars>5</s:stars></attachments>`;
    const found = read(xml);
    if (isRefusal(found)) throw new Error(found.message);
    expect(found.others.map((other) => parsed(other).getNS())).toEqual(["urn:example:stars"]);
    expect(read(attachmentsToXml(found))).toEqual(found);
  });

  it.each([
    ["another root", `<attachment ${NS}/>`, "malformed"],
    ["another namespace", "<attachments/>", "malformed"],
    ["the namespace before", '<attachments xmlns="urn:xmpp:pubsub-attachments:0"/>', "malformed"],
    [
      "words for an emoji",
      `<attachments ${NS}><reactions><reaction>lol</reaction></reactions></attachments>`,
      "malformed",
    ],
    ["an empty reaction", `<attachments ${NS}><reactions><reaction/></reactions></attachments>`, "malformed"],
    ["a time that is none", `<attachments ${NS}><noticed timestamp="yesterday"/></attachments>`, "malformed"],
    [
      "a time that cannot be",
      `<attachments ${NS}><reactions timestamp="2026-13-01T00:00:00Z"/></attachments>`,
      "malformed",
    ],
  ])("are refused with %s", (_, xml, code) => expect(read(xml)).toMatchObject({ code }));

  it("are read or refused, whatever stands in them, and what is read is read the same again", () => {
    const name = fc.constantFrom("noticed", "reactions", "reaction", "attachments", "x");
    const text = fc.constantFrom("", "🎉", "❤", "no", "&amp;");
    const attribute = fc.constantFrom("", ' timestamp="2026-01-01T00:00:00Z"', ' timestamp=""', ' xmlns="urn:x"');
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc
        .tuple(
          name,
          attribute,
          fc.oneof(
            { depthSize: "small" },
            text,
            fc.array(tie("tree"), { maxLength: 3 }).map((all) => all.join("")),
          ),
        )
        .map(([tag, more, inner]) => `<${tag}${more}>${inner}</${tag}>`),
    }));
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), (parts) => {
        const found = read(`<attachments ${NS}>${parts.join("")}</attachments>`);
        if (isRefusal(found)) return;
        expect(read(attachmentsToXml(found))).toEqual(found);
      }),
    );
  });

  it("are at most twenty different emojis", () => {
    const signs = (count: number) =>
      Array.from({ length: count }, (_, at) => `<reaction>${String.fromCodePoint(0x1f600 + at)}</reaction>`).join("");
    const xml = (count: number) => `<attachments ${NS}><reactions>${signs(count)}</reactions></attachments>`;
    expect(isRefusal(read(xml(20)))).toBe(false);
    expect(read(xml(21))).toMatchObject({ code: "shape-violated" });
  });
});

describe("a summary (XEP-0470 §4.6)", () => {
  it("is read as it was written", () => {
    const counts = fc.uniqueArray(fc.tuple(anyEmoji, fc.integer({ min: 1, max: 100_000 })), {
      selector: ([sign]) => sign,
    });
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), counts, (noticed, reactions) => {
        const given = { noticed, reactions: new Map(reactions) };
        expect(summaryFromXml(parsed(summaryToXml(given)))).toEqual(given);
      }),
    );
  });

  it("says no count of what is there once, and the most frequent first", () => {
    const reactions = new Map([
      [emoji("🎉"), 1],
      [emoji("👍"), 3],
    ]);
    const xml = `<summary xmlns="urn:xmpp:pubsub-attachments:summary:1"><noticed count="2"/><reactions><reaction count="3">👍</reaction><reaction>🎉</reaction></reactions></summary>`;
    expect(summaryToXml({ noticed: 2, reactions })).toBe(xml);
  });
});
