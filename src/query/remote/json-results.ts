import { refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";

/** LIMIT: characters of one row, and of all that is no row. */
const PIECE_CHARACTERS_MAX = 16_000_000;

/** What is read out of SPARQL 1.1 Query Results JSON, in order. */
export type JsonResult =
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "row"; readonly row: Readonly<Record<string, unknown>> };

/**
 * Reads SPARQL 1.1 Query Results JSON row by row as it comes, holding one row and one chunk at a time.
 * @throws Refused `unavailable` when it is not that, or breaks off
 */
export async function* readJsonResults(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonResult, undefined> {
  const reader = new RowReader();
  const decoder = new TextDecoder();
  for await (const chunk of chunks) yield* reader.read(decoder.decode(chunk, { stream: true }));
  yield* reader.read(decoder.decode());
  yield* reader.end();
  return undefined;
}

/** Which place of the text is being read: outside of the rows, or within `"bindings": [ … ]`. */
class RowReader {
  /** Everything that is not rows. */
  #outside = "";
  /** The row, or the string, that is not whole yet. */
  #piece = "";
  #inRows = false;
  #wasInRows = false;
  #depth = 0;
  #inString = false;
  #isEscaped = false;

  *read(text: string): Generator<JsonResult, undefined> {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === 0x5c) this.#isEscaped = true;
        else if (code === 0x22) this.#inString = false;
        continue;
      }
      if (code === 0x22) this.#inString = true;
      else if (code === 0x7b) {
        if (this.#inRows && this.#depth === 0) from = at;
        this.#depth++;
      } else if (code === 0x7d) {
        this.#depth--;
        if (!this.#inRows || this.#depth > 0) continue;
        yield { kind: "row", row: rowOf(this.#piece + text.slice(from, at + 1)) };
        this.#piece = "";
        from = at + 1;
      } else if (code === 0x5b && !this.#inRows) {
        this.#outside += text.slice(from, at + 1);
        from = at + 1;
        if (!/"bindings"\s*:\s*\[$/.test(this.#outside)) continue;
        this.#inRows = this.#wasInRows = true;
        this.#depth = 0;
      } else if (code === 0x5d && this.#inRows && this.#depth === 0) {
        this.#inRows = false;
        from = at;
      }
    }
    if (!this.#inRows) this.#outside += text.slice(from);
    else if (this.#depth > 0) this.#piece += text.slice(from);
    if (this.#piece.length > PIECE_CHARACTERS_MAX || this.#outside.length > PIECE_CHARACTERS_MAX)
      throw unreadable("a row is too long");
    return undefined;
  }

  *end(): Generator<JsonResult, undefined> {
    if (this.#inRows || this.#inString) throw unreadable("the answer broke off");
    let whole: unknown;
    try {
      whole = JSON.parse(this.#outside);
    } catch {
      throw unreadable(this.#wasInRows ? "the answer broke off" : "the answer is something else");
    }
    const value = typeof whole === "object" && whole !== null && "boolean" in whole ? whole.boolean : undefined;
    // COMPAT: some stores write the boolean as text.
    if (typeof value === "boolean" || value === "true" || value === "false")
      yield { kind: "boolean", value: value === true || value === "true" };
    else if (!this.#wasInRows) throw unreadable("the answer is something else");
    return undefined;
  }
}

function rowOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    throw unreadable("a row is not JSON");
  }
}

function unreadable(why: string): Refused {
  const sentence = `Expected SPARQL JSON results of the query store, but ${why}; ask again, or look into its log.`;
  return new Refused(refuse("unavailable", sentence));
}
