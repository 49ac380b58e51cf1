import { Readable } from "node:stream";
import { Store } from "n3";
import {
  type IQueryResult,
  type IUpdateEngine,
  QueryResultBindings,
  QueryResultBoolean,
  QueryResultQuads,
  TestCaseQueryEvaluationHandler,
} from "rdf-test-suite";
import { RESULT_OFFERS, type ResultFormat, writeResults } from "../../src/http/sparql-results.ts";
import type { QueryAnswer } from "../../src/hub/ports/queries.ts";
import type { Quad, Term } from "../../src/rdf/term.ts";
import { type AnswerOptions, answer, parse, update } from "./answer.ts";
import { fingerprintOfQuads, fingerprintOfRows } from "./fingerprint.ts";

/** What the runner hands to a test beyond what its manifest says. */
export interface TestOptions {
  /** Writes the answer in this format and reads it back before it is compared, so that the hub's writers count too. */
  readonly resultFormat?: ResultFormat;
  /** Told the fingerprint of what came, to compare the modes by. */
  readonly onAnswer?: (fingerprint: string) => void;
  readonly onAnsweredBy?: NonNullable<AnswerOptions["onAnsweredBy"]>;
}

type Options = TestOptions & { readonly baseIRI: string };

/** The hub's queries and updates as rdf-test-suite asks for them: each test on a store of its own. */
export function adapterOf({ source }: { readonly source: boolean }): IUpdateEngine {
  const answerOver = (data: readonly Quad[], query: string, options: Options): Promise<QueryAnswer> =>
    answer(new Store(data), query, { ...options, source });
  return {
    // Must do nothing but parse: negative tests expect it to throw, positive ones give no data.
    parse: async (text, options) => parse(text, (options as Options).baseIRI),
    query: async (data, query, given) => {
      const options = given as Options;
      const found = await answerOver(data, query, options);
      return options.resultFormat === undefined || found.kind === "quads"
        ? await resultOf(found, options)
        : await throughWriter(found, options.resultFormat);
    },
    queryResultFormat: async (data, query, mediaType, options) => {
      const format = RESULT_OFFERS.find((offer) => offer.mediaType === mediaType)?.value;
      const found = await answerOver(data, query, options as Options);
      if (format === undefined || found.kind === "quads") throw new Error(`Expected rows as ${mediaType}.`);
      return Readable.from(writeResults(found, format));
    },
    update: async (data, text, given) => {
      const { baseIRI, onAnswer } = given as Options;
      const store = new Store(data);
      await update(store, text, { baseIRI, source });
      const quads = [...store];
      onAnswer?.(fingerprintOfQuads(quads));
      return quads;
    },
  };
}

async function resultOf(found: QueryAnswer, { onAnswer }: TestOptions): Promise<IQueryResult> {
  switch (found.kind) {
    case "boolean":
      onAnswer?.(String(found.value));
      return new QueryResultBoolean(found.value);
    case "quads": {
      const quads = await Array.fromAsync(found.quads);
      onAnswer?.(fingerprintOfQuads(quads));
      return new QueryResultQuads(quads);
    }
    case "bindings": {
      const rows = await Array.fromAsync(found.rows, rowOf);
      onAnswer?.(fingerprintOfRows(rows));
      const variables = found.variables.map((name) => `?${name}`);
      return new QueryResultBindings(variables, rows, false);
    }
  }
}

function rowOf(row: ReadonlyMap<string, Term>): Record<string, Term> {
  return Object.fromEntries([...row].map(([name, term]) => [`?${name}`, term]));
}

async function throughWriter(
  found: Exclude<QueryAnswer, { readonly kind: "quads" }>,
  format: ResultFormat,
): Promise<IQueryResult> {
  const mediaType = RESULT_OFFERS.find((offer) => offer.value === format)?.mediaType ?? "";
  const text = Readable.from(writeResults(found, format));
  return await TestCaseQueryEvaluationHandler.parseQueryResult(mediaType, "http://localhost/", text);
}
