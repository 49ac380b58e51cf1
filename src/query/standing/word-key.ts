/** Scripts written without spaces between words, each character of which is a word to the text index. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/**
 * The words of a text, the same for whatever the text index takes for the same word: without case, accents and forms.
 */
export function wordKeysOf(text: string): ReadonlySet<string> {
  const folded = text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replace(UNSPACED, " $& ");
  return new Set(folded.split(/[^\p{L}\p{N}\p{Co}]+/u).filter((word) => word !== ""));
}

/** The longest of the words searched for, which is the rarest by and large; undefined when there is none. */
export function wordKeyOf(words: string): string | undefined {
  return [...wordKeysOf(words)].sort((a, b) => b.length - a.length).at(0);
}
