// Scripts written without spaces between words, of which FTS5's unicode61 would make one long token.
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*/gu;

const HAS_WORD = /[\p{L}\p{N}\p{Co}]/u;

/** LIMIT: how many words of a search count. */
const WORDS_MAX = 32;

/** A post's content as it goes into the text index: each character of a script without word spaces is a word. */
export function indexedText(content: string): string {
  return content.normalize("NFC").replace(UNSPACED, " $& ");
}

/**
 * The FTS5 expression for `words`, all of which must occur; a run of a script without word spaces must occur as it
 * stands. Undefined when there is nothing to search for.
 */
export function searchExpression(words: string): string | undefined {
  const phrases = words
    .normalize("NFC")
    .split(/[\s"\u0000]+/u)
    .filter((word) => HAS_WORD.test(word))
    .slice(0, WORDS_MAX)
    .map((word) => `"${word.replace(UNSPACED, " $& ").trim()}"`);
  return phrases.length === 0 ? undefined : phrases.join(" ");
}
