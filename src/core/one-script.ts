/** Scripts that are written together (UTS #39 §5.1), and those in use by themselves (UAX #31, tables 5 and 7). */
const TOGETHER: readonly (readonly string[])[] = [
  ["Han", "Hiragana", "Katakana"],
  ["Han", "Hangul"],
  ["Han", "Bopomofo"],
  ...[
    "Latin,Greek,Cyrillic,Armenian,Georgian,Hebrew,Arabic,Syriac,Thaana,Nko,Devanagari,Bengali,Gurmukhi,Gujarati,Oriya",
    "Tamil,Telugu,Kannada,Malayalam,Sinhala,Thai,Lao,Tibetan,Myanmar,Khmer,Ethiopic,Cherokee,Canadian_Aboriginal,Tifinagh",
    "Mongolian,Yi,Vai,Adlam,Javanese,Balinese,Sundanese,Ol_Chiki,Meetei_Mayek,Osage,Lisu,Hanifi_Rohingya,Bamum,Cham,Miao",
  ].flatMap((names) => names.split(",").map((name) => [name])),
];

// Marks without a script of their own belong to the letter they stand on.
const OF_ONE = TOGETHER.map((scripts) => {
  const letters = scripts.map((script) => `\\p{Script_Extensions=${script}}`).join("");
  return new RegExp(`^[0-9_\\-\\p{Script=Inherited}${letters}]+$`, "v");
});

/**
 * Whether a name has the letters of one script, or of scripts that are written together, beside digits of that script
 * or of ASCII, `_` and `-`: then no letter in it stands for one of another script that looks the same.
 */
export function isOfOneScript(name: string): boolean {
  return OF_ONE.some((pattern) => pattern.test(name));
}
