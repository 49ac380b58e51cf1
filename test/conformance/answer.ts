import { QueryEngine } from "@comunica/query-sparql";
import { toAlgebra } from "@traqula/algebra-sparql-1-2";
import { Parser } from "@traqula/parser-sparql-1-2";
import type { Store } from "n3";
import type { QueryAnswer } from "../../src/hub/ports.ts";
import type { Quad, Term } from "../../src/rdf/term.ts";

/** How a text is to be answered: base for relative IRIs, and whether the query source takes part. */
export interface AnswerOptions {
  readonly baseIRI: string;
  /** True: through the hub's query source. False: everything declined, plain Comunica over the N3 Store. */
  readonly source: boolean;
}

const parser = new Parser();
let loaded: QueryEngine | undefined;

function comunica(): QueryEngine {
  loaded ??= new QueryEngine();
  return loaded;
}

/**
 * Parses a query or an update as the hub does, and does nothing else.
 * @throws whatever the parser says of a text that is none
 */
export function parse(text: string, baseIRI: string): void {
  toAlgebra(parser.parse(text, { baseIRI }), { quads: true, blankToVariable: true, baseIRI });
}

/**
 * Answers a query over a store with default and named graphs. This is the seam: the two modes of the conformance run
 * differ here, in {@link update}, and nowhere else.
 */
export async function answer(store: Store, query: string, { baseIRI }: AnswerOptions): Promise<QueryAnswer> {
  const result = await comunica().query(query, { sources: [store], baseIRI });
  switch (result.resultType) {
    case "bindings": {
      const { variables } = await result.metadata();
      const rows = (await result.execute()) as unknown as AsyncIterable<Bindings>;
      return { kind: "bindings", variables: variables.map(({ value }) => value), rows: rowsOf(rows) };
    }
    case "quads":
      return { kind: "quads", quads: (await result.execute()) as unknown as AsyncIterable<Quad> };
    case "boolean":
      return { kind: "boolean", value: await result.execute() };
    case "void":
      throw new Error("Expected a query, but got an update.");
  }
}

/** Runs an update on the store in place. */
export async function update(store: Store, text: string, { baseIRI }: AnswerOptions): Promise<void> {
  await comunica().queryVoid(text, { sources: [store], destination: store as never, baseIRI });
}

type Bindings = Iterable<readonly [{ readonly value: string }, Term]>;

async function* rowsOf(rows: AsyncIterable<Bindings>): AsyncGenerator<ReadonlyMap<string, Term>> {
  for await (const row of rows) yield new Map([...row].map(([{ value }, term]) => [value, term]));
}
