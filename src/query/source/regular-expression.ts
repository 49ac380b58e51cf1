import { type Cell, onText, stringLike, XSD_STRING } from "./cell.ts";

/** LIMIT: regular expressions that are kept for the next time. */
const PATTERNS_MAX = 100;

/** LIMIT: characters of a regular expression. */
const PATTERN_LENGTH_MAX = 1_000;

const patterns = new Map<string, RegExp | undefined>();

/** REGEX (SPARQL 1.1 §17.4.3.14). */
export function regex(a?: Cell, b?: Cell, c?: Cell): boolean | undefined {
  return onText(a, (text) => {
    if (b?.kind !== "literal" || b.datatype !== XSD_STRING) return undefined;
    if (c !== undefined && (c.kind !== "literal" || c.datatype !== XSD_STRING)) return undefined;
    return patternOf(b.value, c?.value ?? "")?.test(text.value);
  });
}

/** A regular expression of XPath as one of JavaScript's; undefined when it is none. */
function patternOf(pattern: string, flags: string): RegExp | undefined {
  const key = `${flags}/${pattern}`;
  if (!patterns.has(key)) {
    if (patterns.size >= PATTERNS_MAX) patterns.clear();
    patterns.set(key, compilePattern(pattern, flags));
  }
  return patterns.get(key);
}

function compilePattern(pattern: string, flags: string): RegExp | undefined {
  if (pattern.length > PATTERN_LENGTH_MAX || !/^[imsxq]*$/.test(flags) || new Set(flags).size < flags.length)
    return undefined;
  const isPlain = flags.includes("q");
  let source = pattern;
  if (isPlain) source = pattern.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  // Outside of classes, white space is for the reader only.
  else if (flags.includes("x")) source = pattern.replace(/(\[(?:\\.|[^\]\\])*\])|[\t\n\r ]/g, "$1");
  try {
    return new RegExp(source, `${flags.replace(isPlain ? /[qmsx]/g : /[qx]/g, "")}u`);
  } catch {
    return undefined;
  }
}

/** REPLACE (SPARQL 1.1 §17.4.3.15): `$1` is a group, `\$` a dollar; what matches nothing at all is an error. */
export function replace(a?: Cell, b?: Cell, c?: Cell, d?: Cell): Cell | undefined {
  return onText(a, (text) => {
    if (b?.kind !== "literal" || c?.kind !== "literal" || (d !== undefined && d.kind !== "literal")) return undefined;
    const flags = d?.value ?? "";
    const pattern = patternOf(b.value, flags);
    if (pattern === undefined || pattern.test("")) return undefined;
    const all = new RegExp(pattern.source, `${pattern.flags}g`);
    const isPlain = flags.includes("q");
    const put = isPlain ? c.value.replaceAll("$", "$$$$") : replacementOf(c.value, groupsIn(pattern));
    return stringLike(text, text.value.replace(all, put));
  });
}

/** How many groups an expression has. */
function groupsIn({ source, flags }: RegExp): number {
  // With an empty alternative it matches anything, and says of each group that it matched nothing.
  return (new RegExp(`${source}|`, flags).exec("")?.length ?? 1) - 1;
}

/** A replacement as JavaScript writes it; a group that the expression does not have is nothing (XPath fn:replace). */
function replacementOf(text: string, groups: number): string {
  return text.replace(/\\([$\\])|\$(\d)|\$/g, (_, escaped: string | undefined, group: string | undefined) => {
    if (escaped !== undefined) return escaped === "$" ? "$$" : escaped;
    if (group === undefined) return "$$";
    if (Number(group) > groups) return "";
    return group === "0" ? "$&" : `$${group}`;
  });
}
