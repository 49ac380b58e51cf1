import { EventEmitter } from "node:events";
import { Lexer, type ParseContext, Parser } from "n3";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import { formatInfo } from "./format.ts";
import type { Iri } from "./iri.ts";
import { freshScope, ParseStopped, strictFactory } from "./strict-factory.ts";
import type { Quad } from "./term.ts";

/** The formats that n3 reads. */
export type TurtleFamily = "turtle" | "trig" | "ntriples" | "nquads";

/** LIMIT: quads of one document that comes over the push path. */
export const DOCUMENT_QUADS_MAX = 10_000;

interface ParserAndLexer {
  readonly parser: Parser;
  readonly lexer: Lexer;
}

function makeParser(format: TurtleFamily, baseIri: Iri | undefined, quads_max: number): ParserAndLexer {
  const lexer = new Lexer({ lineMode: format === "ntriples" || format === "nquads" });
  const parser = new Parser({
    format: formatInfo(format).mediaType,
    lexer,
    factory: strictFactory(quads_max),
    blankNodePrefix: `_:${freshScope()}`,
    ...(baseIri === undefined ? {} : { baseIRI: baseIri }),
  });
  return { parser, lexer };
}

/** Turns whatever n3 threw into a refusal with line and column (both from 1); what is no parse error goes on up. */
function refusalOf(error: unknown, format: TurtleFamily, lexer: Lexer): Refusal {
  const name = formatInfo(format).name;
  if (error instanceof ParseStopped) {
    const { code, message } = error.refusal;
    const last = lexer.previousToken;
    if (code === "too-large" || last === undefined) return error.refusal;
    return refuse(code, `${name} on line ${last.line}: ${message}`, { line: last.line, column: last.start + 1 });
  }
  if (!(error instanceof Error) || !("context" in error)) throw error;
  const { token, previousToken, line } = error.context as ParseContext;
  const what = error.message.replace(/ on line \d+\.$/, "").replace(/\s+/g, " ");
  const after = previousToken !== undefined && (previousToken.endLine ?? previousToken.line) === line;
  const column = token !== undefined ? token.start + 1 : after ? previousToken.end + 1 : 1;
  return refuse("malformed", `Expected ${name}, but line ${line}, column ${column} reads otherwise: ${what}.`, {
    line,
    column,
  });
}

/**
 * Reads a text of Turtle, TriG, N-Triples or N-Quads at once. Blank nodes get labels that no other parse in this
 * process gives. Refuses with `malformed` (with `line` and `column`) or `too-large`.
 */
export function parseTurtleFamily(
  text: string,
  options: { readonly format: TurtleFamily; readonly baseIri?: Iri | undefined; readonly quads_max: number },
): readonly Quad[] | Refusal {
  const { parser, lexer } = makeParser(options.format, options.baseIri, options.quads_max);
  try {
    return parser.parse(text);
  } catch (error) {
    return refusalOf(error, options.format, lexer);
  }
}

/**
 * Reads Turtle (the push path): {@link parseTurtleFamily} for one document of at most {@link DOCUMENT_QUADS_MAX} quads.
 */
export function parseTurtle(text: string, baseIri: Iri): readonly Quad[] | Refusal {
  return parseTurtleFamily(text, { format: "turtle", baseIri, quads_max: DOCUMENT_QUADS_MAX });
}

/** Reads as text arrives. A refusal is the last thing yielded. */
export async function* parseTurtleFamilyStream(
  chunks: AsyncIterable<string>,
  options: { readonly format: TurtleFamily; readonly baseIri?: Iri | undefined; readonly quads_max: number },
): AsyncIterable<Quad | Refusal> {
  const { parser, lexer } = makeParser(options.format, options.baseIri, options.quads_max);
  const input = new EventEmitter();
  let quads: Quad[] = [];
  let failure: Error | undefined;
  parser.parse(input, (error, quad) => {
    if (error !== null) failure ??= error;
    else if (quad !== null) quads.push(quad);
  });
  // n3 parses within `emit`, so after it everything that could be read of the chunk stands in `quads`.
  const feed = (event: "data" | "end", text?: string): Refusal | undefined => {
    try {
      input.emit(event, text);
      return failure === undefined ? undefined : refusalOf(failure, options.format, lexer);
    } catch (error) {
      return refusalOf(error, options.format, lexer);
    }
  };
  for await (const chunk of chunks) {
    const refusal = feed("data", chunk);
    yield* quads;
    quads = [];
    if (refusal !== undefined) {
      yield refusal;
      return;
    }
  }
  const refusal = feed("end");
  yield* quads;
  if (refusal !== undefined) yield refusal;
}
