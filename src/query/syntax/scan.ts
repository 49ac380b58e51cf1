/** One piece of a SPARQL text that matters to its structure. */
export interface Piece {
  readonly kind: "open" | "close" | "semicolon" | "word";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

// SPARQL 1.1 §19.8: what may hold brackets or semicolons without meaning them is matched whole, then what matters.
const PIECE =
  /(?:[\s,.]+|#[^\n\r]*|<[^<>"{}|^`\\\u0000-\u0020]*>|"""(?:(?:""?)?(?:[^"\\]|\\[^]))*"""|'''(?:(?:''?)?(?:[^'\\]|\\[^]))*'''|"(?:[^"\\\n\r]|\\[^])*"|'(?:[^'\\\n\r]|\\[^])*'|\\[^]|[?$@:][\w:.-]*|\d[\w.]*)|([{([])|([})\]])|(;)|([\p{L}_][\p{L}\p{N}_:.-]*)|[^]/uy;

/** Reads the pieces of a text from left to right; wrong texts too, as far as they go. */
export function* piecesOf(text: string): Generator<Piece, undefined> {
  PIECE.lastIndex = 0;
  for (let start = 0; start < text.length; ) {
    PIECE.lastIndex = start;
    const found = PIECE.exec(text);
    if (found === null) return;
    const end = start + found[0].length;
    const [whole, open, close, semicolon, word] = found;
    if (open !== undefined) yield { kind: "open", text: whole, start, end };
    else if (close !== undefined) yield { kind: "close", text: whole, start, end };
    else if (semicolon !== undefined) yield { kind: "semicolon", text: whole, start, end };
    else if (word !== undefined) yield { kind: "word", text: whole, start, end };
    start = end;
  }
}

/** Where brackets stand more than `depth_max` deep for the first time, as an offset; undefined when they never do. */
export function tooDeepAt(text: string, depth_max: number): number | undefined {
  let depth = 0;
  for (const { kind, start } of piecesOf(text)) {
    if (kind === "open" && ++depth > depth_max) return start;
    if (kind === "close" && depth > 0) depth--;
  }
  return undefined;
}

/** One operation of an update request by its places in the text. */
export interface OperationPlace {
  /** PREFIX and BASE before it, its own and those of the operations before. */
  readonly prologue: string;
  /** Its last group at top level, brackets included: the WHERE, where it has one. */
  readonly group: string;
  /** The graph of its WITH, as it stands in the text. */
  readonly with?: string;
}

const FIRST_WORDS = /^(?:insert|delete|with|load|clear|drop|create|add|move|copy)$/i;

/** Cuts an update request that has been parsed into its operations; empty ones between semicolons are left out. */
export function operationsOf(text: string): readonly OperationPlace[] {
  const found: OperationPlace[] = [];
  let [prologue, from, depth, group] = ["", 0, 0, ""];
  let [begun, groupStart] = [false, 0];
  let withStart: number | undefined;
  let withGraph: string | undefined;
  const end = (): void => {
    if (begun) found.push({ prologue, group, ...(withGraph === undefined ? {} : { with: withGraph }) });
    [begun, group, withStart, withGraph] = [false, "", undefined, undefined];
  };
  for (const { kind, text: piece, start, end: after } of piecesOf(text)) {
    if (kind === "open") {
      if (depth++ === 0) groupStart = start;
    } else if (kind === "close") {
      if (--depth === 0) group = text.slice(groupStart, after);
    } else if (depth > 0) continue;
    else if (kind === "semicolon") {
      end();
      from = after;
    } else if (!begun && FIRST_WORDS.test(piece)) {
      prologue += text.slice(from, start);
      begun = true;
      if (/^with$/i.test(piece)) withStart = after;
    } else if (withStart !== undefined && withGraph === undefined && /^(?:insert|delete)$/i.test(piece)) {
      withGraph = text.slice(withStart, start);
    }
  }
  end();
  return found;
}
