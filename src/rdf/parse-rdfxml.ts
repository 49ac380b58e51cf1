import { RdfXmlParser } from "rdfxml-streaming-parser";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import type { Iri } from "./iri.ts";
import { freshScope, ParseStopped, strictFactory } from "./strict-factory.ts";
import type { Quad } from "./term.ts";

type SaxesTag = Parameters<RdfXmlParser["onTag"]>[0];

/** LIMIT: characters of one entity's value; enough for a namespace, too little to blow a small text up. */
const ENTITY_LENGTH_MAX = 256;

class BoundedParser extends RdfXmlParser {
  /** Elements begun and not ended, or undefined before the first one. The parser itself takes a cut-off text as whole. */
  open: number | undefined;

  protected override onTag(tag: SaxesTag): void {
    this.open = (this.open ?? 0) + 1;
    super.onTag(tag);
  }

  protected override onCloseTag(): void {
    this.open = (this.open ?? 0) - 1;
    super.onCloseTag();
  }

  protected override onDoctype(doctype: string): void {
    // Entities in values are not expanded again, so their own length bounds what they grow to.
    for (const [, value = ""] of doctype.matchAll(/<!ENTITY\s+\S+\s+(?:"([^"]*)"|'[^']*')/g)) {
      if (value.length > ENTITY_LENGTH_MAX) {
        const message = `Expected XML entities of at most ${ENTITY_LENGTH_MAX} characters, but got ${value.length}.`;
        throw new ParseStopped(refuse("too-large", message));
      }
    }
    super.onDoctype(doctype);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof ParseStopped) return error.refusal;
  if (!(error instanceof Error)) throw error;
  // The parser says "Line 3 column 14: …", the XML reader below it "3:14: …".
  const place = /^(?:Line (\d+) column (\d+)|(?:[^:\s]*:)?(\d+):(\d+)): (.*)$/s.exec(error.message);
  const line = Number(place?.[1] ?? place?.[3] ?? 1);
  const column = Number(place?.[2] ?? place?.[4] ?? 1);
  const what = (place?.[5] ?? error.message).replace(/\.?\s*$/, "");
  return refuse("malformed", `Expected RDF/XML, but line ${line}, column ${column} reads otherwise: ${what}.`, {
    line,
    column,
  });
}

function refuseCutOff(open: number | undefined, line: number, column: number): Refusal {
  const what = open === undefined ? "there is no element" : `${open} elements are not closed`;
  return refuse(
    "malformed",
    `Expected RDF/XML, but on line ${line}, column ${column} it ends and ${what}; send all of it.`,
    {
      line,
      column,
    },
  );
}

/** Reads RDF/XML as text arrives. A refusal is the last thing yielded. External entities are never fetched. */
export async function* parseRdfXmlStream(
  chunks: AsyncIterable<string>,
  options: { readonly baseIri: Iri; readonly quads_max: number },
): AsyncIterable<Quad | Refusal> {
  const parser = new BoundedParser({
    baseIRI: options.baseIri,
    dataFactory: strictFactory(options.quads_max, freshScope()),
    trackPosition: true,
  });
  let quads: Quad[] = [];
  let failure: unknown;
  let [line, column] = [1, 1];
  parser.on("data", (quad: Quad) => quads.push(quad));
  parser.on("error", (error: unknown) => {
    failure ??= error;
  });
  const settled = (send: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      parser.once("error", resolve);
      send(() => {
        parser.off("error", resolve);
        resolve();
      });
    });
  try {
    for await (const chunk of chunks) {
      line += chunk.split("\n").length - 1;
      const lineEnd = chunk.lastIndexOf("\n");
      column = lineEnd < 0 ? column + chunk.length : chunk.length - lineEnd;
      await settled((done) => parser.write(chunk, () => done()));
      yield* quads;
      quads = [];
      if (failure !== undefined) {
        yield refusalOf(failure);
        return;
      }
    }
    await settled((done) => {
      parser.once("end", done);
      parser.end();
    });
    yield* quads;
    if (failure !== undefined) yield refusalOf(failure);
    else if (parser.open !== 0) yield refuseCutOff(parser.open, line, column);
  } finally {
    parser.destroy();
  }
}
