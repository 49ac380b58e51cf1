// PRECIS (RFC 8264): which characters may stand in names, by the Unicode properties that the running engine knows.

/** RFC 5892 §2.6: letters and signs that are let in, or kept out, whatever their properties say. */
const ADMITTED = String.raw`\xDF\u03C2\u06FD\u06FE\u0F0B\u3007`;
const BANNED = String.raw`\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B`;
/** Let in beside certain others only (RFC 5892 appendix A). */
const JOINERS = String.raw`\u200C\u200D`;
const CONTEXTUAL = String.raw`${JOINERS}\xB7\u0375\u05F3\u05F4\u30FB\u0660-\u0669\u06F0-\u06F9`;
/** Parts of Hangul syllables (RFC 8264 §9.9), and what is not seen (§9.13). */
const JAMO = String.raw`\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7C6\uD7CB-\uD7FB`;
const IGNORABLE = String.raw`[[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]--[${JOINERS}]]`;
const LETTERS_AND_DIGITS = String.raw`\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}`;
const MORE = String.raw`\p{Lt}\p{Nl}\p{No}\p{Me}\p{Zs}\p{S}\p{P}`;

const IDENTIFIER = new RegExp(
  `^[[\\x21-\\x7E${CONTEXTUAL}${ADMITTED}${LETTERS_AND_DIGITS}]--[${BANNED}${JAMO}${IGNORABLE}]]+$`,
  "v",
);
const FREE_TEXT = new RegExp(
  `^[[\\x20-\\x7E${CONTEXTUAL}${ADMITTED}${LETTERS_AND_DIGITS}${MORE}]--[${BANNED}${JAMO}${IGNORABLE}]]+$`,
  "v",
);

/** RFC 8264 §9.4 to §9.8: characters of names (§4.2), each without a compatibility form. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text) && hasNoCompatibilityForm(text) && isInContext(text);
}

/** RFC 8264 §4.3: characters of free text. */
export function isFreeText(text: string): boolean {
  return FREE_TEXT.test(text) && isInContext(text);
}

/** No property tells which characters have one, so the normaliser is asked (§9.17), one by one only where it must be. */
function hasNoCompatibilityForm(text: string): boolean {
  return text.normalize("NFKC") === text.normalize("NFC") || [...text].every((sign) => sign.normalize("NFKC") === sign);
}

/** A virama (canonical combining class 9), after which scripts of India join or do not. */
const VIRAMA =
  "\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D3B\\u0D3C\\u0D4D\\u0DCA\\u0E3A\\u0EBA\\u0F84\\u1039\\u103A\\u1714\\u1715\\u1734\\u17D2\\u1A60\\u1B44\\u1BAA\\u1BAB\\u1BF2\\u1BF3\\u2D7F\\uA806\\uA82C\\uA8C4\\uA953\\uA9C0\\uAAF6\\uABED";
/** Arabic letters that join with the one before only, or with none; after these there is nothing to keep apart. */
const ENDS_JOIN =
  "\\u0621-\\u0625\\u0627\\u0629\\u062F-\\u0632\\u0648\\u0671-\\u0677\\u0688-\\u0699\\u06C0\\u06C3-\\u06CB\\u06CD\\u06CF\\u06D2\\u06D3\\u06D5\\u06EE\\u06EF";
const ARABIC = "[\\p{Script=Arabic}&&\\p{Lo}]";

/**
 * What a contextual character must stand beside (RFC 5892 appendix A). LIMIT: of the scripts whose letters join
 * (A.1), Arabic and its extensions to U+06FF are known, in which ZWNJ is written; a virama is known up to U+FFFF.
 */
const CONTEXTS: readonly (readonly [sign: RegExp, rule: RegExp])[] = [
  [
    /\u200C/,
    new RegExp(`(?<=[${VIRAMA}])\\u200C|(?<=[${ARABIC}--[${ENDS_JOIN}]]\\p{Mn}*)\\u200C(?=\\p{Mn}*${ARABIC})`, "gv"),
  ],
  [/\u200D/, new RegExp(`(?<=[${VIRAMA}])\\u200D`, "gv")],
  [/\xB7/, /(?<=l)\xB7(?=l)/g],
  [/\u0375/, /\u0375(?=\p{Script=Greek})/gu],
  [/[\u05F3\u05F4]/, /(?<=\p{Script=Hebrew})[\u05F3\u05F4]/gu],
];
const CONTEXTUAL_SIGN = new RegExp(`[${CONTEXTUAL}]`, "v");

function isInContext(text: string): boolean {
  if (!CONTEXTUAL_SIGN.test(text)) return true;
  if (CONTEXTS.some(([sign, rule]) => sign.test(text) && sign.test(text.replace(rule, "")))) return false;
  if (/\u30FB/.test(text) && !/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(text)) return false;
  // Two sets of Arabic digits look alike.
  return !(/[\u0660-\u0669]/.test(text) && /[\u06F0-\u06F9]/.test(text));
}

/** Letters written from right to left: classes R and AL of the bidirectional algorithm, by their scripts. */
const RIGHT_TO_LEFT = new RegExp(
  `[[${[
    "Adlam,Arabic,Avestan,Chorasmian,Cypriot,Elymaic,Garay,Hanifi_Rohingya,Hatran,Hebrew,Imperial_Aramaic,Inscriptional_Pahlavi",
    "Inscriptional_Parthian,Kharoshthi,Lydian,Mandaic,Manichaean,Mende_Kikakui,Meroitic_Cursive,Meroitic_Hieroglyphs,Nabataean",
    "Nko,Old_Hungarian,Old_North_Arabian,Old_Sogdian,Old_South_Arabian,Old_Turkic,Old_Uyghur,Palmyrene,Phoenician",
    "Psalter_Pahlavi,Samaritan,Sogdian,Syriac,Thaana,Yezidi",
  ]
    .flatMap((names) => names.split(","))
    .map((name) => `\\p{Script=${name}}`)
    .join("")}]--[\\p{Mn}\\u06DD\\u06F0-\\u06F9]]`,
  "v",
);
const ARABIC_DIGIT = /[\u0660-\u0669]/;
/** Letters written from left to right, and the digits of such scripts. */
const LEFT_TO_RIGHT = new RegExp(
  `[[\\p{L}\\p{Mc}\\p{Nd}]--[0-9\\u0660-\\u0669\\u06F0-\\u06F9]--${RIGHT_TO_LEFT.source}]`,
  "v",
);

/** Whether anything in a text is written from right to left, so that the rule of {@link isReadable} is asked for. */
export function hasRightToLeft(text: string): boolean {
  // Nothing below U+0590 is, which is nearly every name.
  return /[^\0-\u058F]/.test(text) && (RIGHT_TO_LEFT.test(text) || ARABIC_DIGIT.test(text));
}

/** The Bidi Rule (RFC 5893 §2), by which what is shown can be read in one way only. */
export function isReadable(text: string): boolean {
  const signs = [...text.replace(/\p{Mn}+$/u, "")];
  const [first = "", last = ""] = [signs[0], signs.at(-1)];
  if (RIGHT_TO_LEFT.test(first)) {
    const ends = RIGHT_TO_LEFT.test(last) || /[0-9\u0660-\u0669\u06F0-\u06F9]/.test(last);
    return ends && !LEFT_TO_RIGHT.test(text) && !(ARABIC_DIGIT.test(text) && /[0-9\u06F0-\u06F9]/.test(text));
  }
  return LEFT_TO_RIGHT.test(first) && (LEFT_TO_RIGHT.test(last) || /[0-9]/.test(last)) && !hasRightToLeft(text);
}

/** Wide and narrow forms of East Asian typewriters as the ordinary ones (RFC 8264 §5.2.1). */
export function ordinaryWidth(text: string): string {
  return text.replace(/[\u3000\uFF01-\uFFEE]/g, (sign) => sign.normalize("NFKC"));
}
