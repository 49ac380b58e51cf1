import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bareOf, domainOf, localOf, parseBareJid, parseJid } from "../../src/core/jid.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";

/** Text as it came, and how it is prepared; without that, as it came. */
const LEGAL: readonly (readonly [why: string, text: string, prepared?: string])[] = [
  // RFC 7622 §3.5, table 1, in its order.
  ["a bare JID", "juliet@example.com"],
  ["a full JID", "juliet@example.com/foo"],
  ["a space in the resource", "juliet@example.com/foo bar"],
  ["an at sign in the resource", "juliet@example.com/foo@bar"],
  ["a space escaped by XEP-0106", "foo\\20bar@example.com"],
  ["another bare JID", "fussball@example.com"],
  ["a sharp s", "fu\u00DFball@example.com"],
  ["a lower case pi", "\u03C0@example.com"],
  ["an upper case sigma", "\u03A3@example.com/foo", "\u03C3@example.com/foo"],
  ["a lower case sigma", "\u03C3@example.com/foo"],
  ["a final sigma", "\u03C2@example.com/foo"],
  ["a chess king in the resource", "king@example.com/\u265A"],
  ["a domain", "example.com"],
  ["a domain with a resource", "example.com/foobar"],
  ["a domain with a resource that looks like a JID", "a.example.com/b@example.net"],
  // Table 2, 18: errata 4560 says that nothing forbids it.
  ["a leading space in the resource", "juliet@example.com/ foo"],
  // §3.2, §3.3 and §3.4, RFC 8265 §3.3 and §4.2.
  ["capitals", "JULIET@Example.COM/Foo", "juliet@example.com/Foo"],
  ["a decomposed letter", "jose\u0301@example.com/e\u0301", "jos\u00E9@example.com/\u00E9"],
  ["full width in the local part", "\uFF21lice@example.com", "alice@example.com"],
  ["full width in the resource", "alice@example.com/\uFF21"],
  ["another space in the resource", "alice@example.com/a\u00A0b", "alice@example.com/a b"],
  ["an A-label", "alice@xn--bcher-kva.example", "alice@b\u00FCcher.example"],
  ["an A-label in capitals", "alice@XN--BCHER-KVA.example", "alice@b\u00FCcher.example"],
  ["a U-label", "alice@b\u00FCcher.example"],
  ["a trailing dot", "alice@example.com.", "alice@example.com"],
  ["IPv4", "alice@192.0.2.1"],
  ["IPv6", "alice@[2001:DB8::1]", "alice@[2001:db8::1]"],
  ["right to left", "\u05D0\u05D1@\u05D0.example"],
  ["Arabic letters kept apart", "\u0645\u06CC\u200C\u062E@example.com"],
  ["a joiner after a virama", "\u0915\u094D\u200D\u0937@example.com"],
  ["a middle dot in Catalan", "col\u00B7la@example.com"],
  ["a Katakana middle dot", "\u30A2\u30FB\u30A4@example.com"],
  ["Arabic digits after Hebrew", "\u05D0\u0661@example.com"],
  ["a local part of 1,023 bytes", `${"a".repeat(1_023)}@example.com`],
  ["a label of 63 characters", `a@${"b".repeat(63)}.example`],
];

const ILLEGAL: readonly (readonly [why: string, text: string])[] = [
  // RFC 7622 §3.5, table 2, in its order but for 18.
  ["quotation marks", '"juliet"@example.com'],
  ["a space in the local part", "foo bar@example.com"],
  ["an empty local part and resource", "@example.com/"],
  ["a Roman numeral, which is not written like letters", "henry\u2163@example.com"],
  ["a symbol in the local part", "\u265A@example.com"],
  ["no domain", "juliet@"],
  ["only a resource", "/foobar"],
  // §3.3.1.
  ...["&", "'", ":", "<", ">"].map((sign) => [`${sign} in the local part`, `a${sign}b@example.com`] as const),
  ["a colon in full width", "a\uFF1Ab@example.com"],
  ["two at signs", "a@b@example.com"],
  ["nothing", ""],
  ["an empty resource", "a@example.com/"],
  ["a control character in the local part", "a\u0001@example.com"],
  ["a control character in the resource", "a@example.com/\u0007"],
  ["a ligature", "\uFB01x@example.com"],
  ["a letter of mathematics", "\u{1D400}@example.com"],
  ["what cannot be seen in the local part", "al\u00ADice@example.com"],
  ["what turns the direction", "a\u202Eb@example.com"],
  ["what turns the direction in the resource", "a@example.com/\u202E"],
  ["half a character", "a\uD800@example.com"],
  ["a code point that is no character", "a\uFFFE@example.com"],
  ["a code point not assigned", "a\u0378@example.com"],
  ["a filler of old Hangul", "\u1100@example.com"],
  ["both directions", "a\u05D0@example.com"],
  ["a digit before what goes right to left", "1\u05D0@example.com"],
  ["a sign at the end of what goes right to left", "\u05D0!@example.com"],
  ["two kinds of digits after Hebrew", "\u05D01\u0661@example.com"],
  ["two kinds of Arabic digits", "\u0627\u0661\u06F1@example.com"],
  ["a joiner without a virama", "a\u200Db@example.com"],
  ["a non-joiner between Latin letters", "a\u200Cb@example.com"],
  ["a non-joiner after a letter that joins nothing", "\u0627\u200C\u062E@example.com"],
  ["a middle dot elsewhere", "co\u00B7la@example.com"],
  ["a Katakana middle dot without any", "a\u30FBb@example.com"],
  ["a numeral sign before Latin", "\u0375a@example.com"],
  ["a Hebrew mark after nothing", "\u05F3@example.com"],
  ["a local part of 1,024 bytes", `${"a".repeat(1_024)}@example.com`],
  ["a local part of 1,024 bytes in two bytes each", `${"\u00E9".repeat(512)}@example.com`],
  ["a resource of 1,024 bytes", `a@example.com/${"a".repeat(1_024)}`],
  ["a domain of 1,024 bytes", `${"a.".repeat(512)}com`],
  ["a label of 64 characters", `a@${"b".repeat(64)}.example`],
  ["an empty label", "a@example..com"],
  ["only a dot", "a@."],
  ["a hyphen before", "a@-b.example"],
  ["a hyphen after", "a@b-.example"],
  ["a label that says it is encoded and is not", "a@xn--a.example"],
  ["a label encoded for nothing", "a@xn--abc-.example"],
  ["hyphens as in an encoded label", "a@ab--cd.example"],
  ["an underscore in the domain", "a@b_c.example"],
  ["a symbol in the domain", "a@\u265A.example"],
  ["a mark at the start of a label", "a@\u0301b.example"],
  ["a right-to-left domain with a label that begins with a digit", "a@\u05D0.1b"],
  ["what is no IPv6 address", "a@[2001::db8::1]"],
  ["brackets around a name", "a@[example]"],
];

describe("a JID (RFC 7622)", () => {
  it.each(LEGAL)("may have %s", (_why = "", text = "", prepared = text) => {
    expect(parseJid(text)).toBe(prepared);
    // Prepared once is prepared for good.
    expect(parseJid(prepared)).toBe(prepared);
  });

  it.each(ILLEGAL)("may not have %s", (_, text) => {
    expect(parseJid(text)).toMatchObject({ kind: "refusal", code: "invalid" });
  });

  it("is one of several that look alike, and stays another one", () => {
    const alike = [
      "paypal",
      "p\u0430ypal",
      "payp\u0430l",
      "\u0440\u0430\u0443\u0440\u0430l",
      "paypa\u04CF",
      "p\u00E0ypal",
    ];
    const read = alike.map((local) => parseJid(`${local}@example.com`));
    expect(read.filter(isRefusal)).toEqual([]);
    expect(new Set(read).size).toBe(alike.length);
  });

  it("is taken apart as it was put together", () => {
    const jid = parseJid("Alice@Hub.Example/a/b@c");
    if (isRefusal(jid)) throw new Error(jid.message);
    expect([localOf(jid), domainOf(jid), bareOf(jid)]).toEqual(["alice", "hub.example", "alice@hub.example"]);
    expect(parseBareJid("alice@hub.example/a")).toMatchObject({ kind: "refusal" });
  });

  it("is prepared once and for all, and never throws, whatever the text", () => {
    const part = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom("xn--", "xn--bcher-kva", "\u200C", "\u0660", "\u06F0", "\u05D0", "\u0130", "[::1]", "a", ""),
    );
    const text = fc.array(fc.oneof(part, fc.constantFrom("@", "/", ".")), { maxLength: 8 }).map((all) => all.join(""));
    fc.assert(
      fc.property(text, (given) => {
        const jid = parseJid(given);
        if (isRefusal(jid)) return;
        expect(parseJid(jid)).toBe(jid);
        expect(parseJid(bareOf(jid))).toBe(bareOf(jid));
        // Stands in an attribute of XML 1.0 as it is.
        expect(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(jid)).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });
});
