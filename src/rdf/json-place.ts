const SPACE = /[ \t\n\r]*/y;
// Each round of the inner group begins with a backslash, so there is one way only to match (no backtracking).
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold control characters.
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const PLAIN = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** What may come next: a value, a key, a colon, or what follows a value. `first` allows the closing bracket at once. */
type Expected = "value" | "first-value" | "key" | "first-key" | "colon" | "after-value";

/**
 * The offset of the first character at which a text stops being JSON (RFC 8259); its length when it only ends too
 * early. `JSON.parse` tells the place of some errors only.
 */
export function jsonErrorOffset(text: string): number {
  const open: ("{" | "[")[] = [];
  let expected = "value" as Expected;
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  for (;;) {
    take(SPACE);
    const character = text[at];
    if (character === undefined) return at;
    if (expected === "after-value") {
      const inside = open.at(-1);
      if (inside === undefined) return at;
      if (character === ",") expected = inside === "{" ? "key" : "value";
      else if (character === (inside === "{" ? "}" : "]")) open.pop();
      else return at;
      at++;
    } else if (expected === "colon") {
      if (character !== ":") return at;
      expected = "value";
      at++;
    } else if ((expected === "first-key" && character === "}") || (expected === "first-value" && character === "]")) {
      open.pop();
      at++;
      expected = "after-value";
    } else if (expected === "key" || expected === "first-key") {
      if (!take(STRING)) return at;
      expected = "colon";
    } else if (character === "{" || character === "[") {
      open.push(character);
      expected = character === "{" ? "first-key" : "first-value";
      at++;
    } else if (take(STRING) || take(PLAIN)) expected = "after-value";
    else return at;
  }
}
