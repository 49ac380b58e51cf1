const TAG = /<(\/?)[^\s<>"'=/&!?]+(?:\s+[^\s<>"'=/&]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>/y;
const LONE_AMPERSAND = /&(?!(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)/;

/** Sections that are passed over: how each begins and ends. */
const SECTIONS = [
  ["<!--", "-->", "a comment"],
  ["<![CDATA[", "]]>", "a CDATA section"],
  ["<?", "?>", "a processing instruction"],
] as const;

/**
 * Why a text cannot be one XML element, in the time of one pass: what the parser, made for streams that are already
 * checked, lets pass or takes quadratic time for. Whether tags pair by name is the parser's to say.
 */
export function whyMalformed(text: string): string | undefined {
  let depth = 0;
  let roots = 0;
  for (let at = 0; at < text.length; ) {
    const lt = text.indexOf("<", at);
    const run = lt < 0 ? text.slice(at) : text.slice(at, lt);
    if (depth === 0 && /[^\s\uFEFF]/.test(run)) return "there is text outside of its element";
    if (LONE_AMPERSAND.test(run)) return "it has an & that begins no predefined entity";
    if (lt < 0) break;
    const section = SECTIONS.find(([begin]) => text.startsWith(begin, lt));
    if (section !== undefined) {
      const [begin, end, name] = section;
      const close = text.indexOf(end, lt + begin.length);
      if (close < 0) return `${name} does not end`;
      at = close + end.length;
      continue;
    }
    if (text.startsWith("<!", lt)) return "it has a document type declaration; remove it";
    TAG.lastIndex = lt;
    const tag = TAG.exec(text);
    if (tag === null) return `a tag cannot be read: ${text.slice(lt, lt + 40)}`;
    if (LONE_AMPERSAND.test(tag[0])) return "it has an & that begins no predefined entity";
    if (depth === 0 && ++roots > 1) return "there is more than one element";
    if (tag[1] === "/") depth--;
    else if (tag[2] !== "/") depth++;
    if (depth < 0) return "a tag is closed that was not opened";
    at = TAG.lastIndex;
  }
  return depth === 0 && roots === 1 ? undefined : "it ends too early";
}
