/** How many things that may stand at a place are named. */
const NAMED_MAX = 6;
/** The longest piece of the text that is quoted, in characters. */
const QUOTED_LENGTH = 30;

/** What people call the parser's tokens; all others are keywords and signs, and stand for themselves. */
const CALLED: ReadonlyMap<string, string> = new Map([
  ["IriRef", "an IRI"],
  ["PNameLn", "an IRI"],
  ["PNameNs", "an IRI"],
  ["Var1", "a variable"],
  ["Var2", "a variable"],
  ["type declaration 'a'", '"a"'],
  ["BlankNodeLabel", "a blank node"],
  ["Anon", "a blank node"],
  ["Nil", '"()"'],
  ["Integer", "a number"],
  ["Decimal", "a number"],
  ["Double", "a number"],
  ["StringLiteral1", "a text"],
  ["StringLiteral2", "a text"],
]);

/** Whether the parser's `message` is about a place; else it is about a rule beyond the grammar, in words for people. */
export function isSyntaxProblem(message: string): boolean {
  return /^Parse error|Expecting|Redundant|unexpected character/i.test(message);
}

/**
 * Says what is wrong at a place of a SPARQL text, as the end of a sentence, its stop included, that begins with where:
 * what stands there and, as far as the parser's `message` tells, what may.
 */
export function syntaxProblem(text: string, offset: number, message: string): string {
  const rest = text.slice(offset);
  const word = /^(?:\w+|\S)/.exec(rest)?.[0] ?? "";
  const found = rest.trim() === "" ? "it ends" : `"${word.slice(0, QUOTED_LENGTH)}" stands`;
  if (/unexpected character/i.test(message)) {
    const quote = /^["']/.test(word) ? "; is its end missing?" : word.length > 1 ? "; is it a misspelt keyword?" : ".";
    return `"${word.slice(0, QUOTED_LENGTH)}" begins nothing that SPARQL knows${quote}`;
  }
  const expected = expectedIn(message);
  return expected === undefined ? `${found} where it cannot.` : `${found} where ${expected} is expected.`;
}

/** What the parser could have gone on with, as a list in words; undefined where it says none, or too much to help. */
function expectedIn(message: string): string | undefined {
  const one = /Expecting[^[]*?--> (\S+) <--/.exec(message)?.[1];
  if (one !== undefined) return called(one);
  // Of each sequence of tokens the first.
  const all = Array.from(message.matchAll(/\[(,|[^\],]+)/g), ([, token = ""]) => called(token));
  const different = [...new Set(all)];
  if (different.length === 0 || different.length > NAMED_MAX) return undefined;
  const [last = "", ...others] = different.reverse();
  return others.length === 0 ? last : `${others.reverse().join(", ")} or ${last}`;
}

function called(token: string): string {
  return CALLED.get(token) ?? `"${token}"`;
}
