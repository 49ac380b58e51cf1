/** A triple as three texts; a literal's object has no quotes any more. */
export interface PlainTriple {
  readonly subject: string;
  readonly predicate: string;
  readonly object: string;
  readonly isLiteral: boolean;
}

const LINE = /^(?:<([^>]*)>|(_:\S+))\s*<([^>]*)>\s*(?:<([^>]*)>|(_:\S+)|"((?:[^"\\]|\\.)*)"\S*)\s*\.\s*(?:#.*)?$/;
const ESCAPES: Readonly<Record<string, string>> = {
  t: "\t",
  b: "\b",
  n: "\n",
  r: "\r",
  f: "\f",
  '"': '"',
  "'": "'",
  "\\": "\\",
};

/**
 * Reads N-Triples (RDF 1.1 N-Triples §7) line by line, for showing one resource without loading an RDF library. Lines
 * that are no triples are skipped.
 */
export function readNTriples(text: string): PlainTriple[] {
  const triples: PlainTriple[] = [];
  for (const line of text.split(/\r?\n/)) {
    const found = LINE.exec(line.trim());
    if (found === null) continue;
    const [, subject, blank, predicate, object, blankObject, literal] = found;
    triples.push({
      subject: unescape(subject ?? blank ?? ""),
      predicate: unescape(predicate ?? ""),
      object: unescape(object ?? blankObject ?? literal ?? ""),
      isLiteral: literal !== undefined,
    });
  }
  return triples;
}

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs, (whole, short, long, sign) => {
    if (sign !== undefined) return ESCAPES[String(sign)] ?? whole;
    const code = Number.parseInt(String(short ?? long), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "\uFFFD";
  });
}
