import { QueryEngine as Comunica } from "@comunica/query-sparql";
import { Store } from "n3";
import { runUpdate } from "../../src/hub/graphs/run-update.ts";
import type { HubPorts } from "../../src/hub/ports/hub-ports.ts";
import type { QuadIndex } from "../../src/hub/ports/quad-index.ts";
import type { QuadSource, QueryAnswer, QueryExplanation, QueryOptions } from "../../src/hub/ports/queries.ts";
import type { Requester } from "../../src/hub/ports/requester.ts";
import { runQuery } from "../../src/hub/queries/run-query.ts";
import { isRefusal, type Refusal } from "../../src/outcome/refusal.ts";
import { createEngine } from "../../src/query/engine.ts";
import { parseOperation } from "../../src/query/syntax/parse-query.ts";
import { createSparqlSyntax } from "../../src/query/syntax/sparql-syntax.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import type { Quad, Term } from "../../src/rdf/term.ts";
import { plainQuads } from "../support/plain-index.ts";
import { scratchStore } from "./scratch-store.ts";

/** How a text is to be answered: base for relative IRIs, and by whom. */
export interface AnswerOptions {
  readonly baseIRI: string;
  /** True: by the hub, with its query source. False: everything declined, by plain Comunica over the N3 Store. */
  readonly source: boolean;
  /** Told who answered a query that the hub was asked. */
  readonly onAnsweredBy?: (by: AnsweredBy) => void;
}

/** The hub's own query source, the general engine, or that with parts evaluated by the source. */
export type AnsweredBy = QueryExplanation["answeredBy"];

/**
 * Parses a query or an update as the hub does, and does nothing else.
 * @throws Error with the hub's sentence for a text that is none
 */
export function parse(text: string, baseIRI: string): void {
  must(parseOperation(text, baseIRI as Iri, { what: "query", length_max: TEXT_MAX }));
}

/** LIMIT: characters of a text; none of the suites' is near. */
const TEXT_MAX = 100_000;

/** Answers a query over a store with default and named graphs. The modes differ here, in {@link update}, nowhere else. */
export async function answer(store: Store, query: string, options: AnswerOptions): Promise<QueryAnswer> {
  return options.source ? await answerByHub(store, query, options) : await answerByComunica(store, query, options);
}

/** Runs an update on the store in place. */
export async function update(store: Store, text: string, { baseIRI, source }: AnswerOptions): Promise<void> {
  if (!source) {
    await plain().queryVoid(text, { sources: [store], destination: store as never, baseIRI });
    return;
  }
  const baseIri = baseIRI as Iri;
  must(await runUpdate(hub, ANYBODY, text, { baseIri }, scratchStore(store, baseIri)));
}

async function answerByHub(
  store: Store,
  query: string,
  { baseIRI, onAnsweredBy = () => undefined }: AnswerOptions,
): Promise<QueryAnswer> {
  const baseIri = baseIRI as Iri;
  asked = { quads: plainQuads(store), onAnsweredBy };
  return must(await runQuery(hub, ANYBODY, query, { baseIri }, scratchStore(store, baseIri, "view")));
}

const ANYBODY: Requester = { kind: "anonymous" };

/** What the engine below is asked about, as it takes long to make; tests come one after the other. */
let asked: { readonly quads: QuadSource; readonly onAnsweredBy: (by: AnsweredBy) => void } = {
  quads: plainQuads(new Store()),
  onAnsweredBy: () => undefined,
};

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

const engine = createEngine({
  quads: {
    match: (...pattern) => asked.quads.match(...pattern),
    count: (...pattern) => asked.quads.count(...pattern),
    get size() {
      return asked.quads.size;
    },
    get version() {
      return asked.quads.version;
    },
    get index() {
      return asked.quads.index as QuadIndex;
    },
  },
  catalogue: new Map(),
  limits: { timeout_ms: 60_000, rows_max: 1_000_000 },
  log: quiet,
});

/** As much of a hub as queries and updates take. */
const hub = {
  sparql: createSparqlSyntax(),
  queries: {
    adHoc: async (text: string, options: QueryOptions) => {
      const told = await engine.explain?.(text, options);
      if (told !== undefined && !isRefusal(told)) asked.onAnsweredBy(told.answeredBy);
      return await engine.adHoc(text, options);
    },
  },
  hash: (text: string) => text,
  newSecret: () => "w3c",
  log: quiet,
} as unknown as HubPorts;

function must<T>(found: T | Refusal): T {
  if (isRefusal(found)) throw new Error(`${found.code}: ${found.message}`);
  return found;
}

let loaded: Comunica | undefined;

function plain(): Comunica {
  loaded ??= new Comunica();
  return loaded;
}

async function answerByComunica(store: Store, query: string, { baseIRI }: AnswerOptions): Promise<QueryAnswer> {
  const result = await plain().query(query, { sources: [store], baseIRI });
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

type Bindings = Iterable<readonly [{ readonly value: string }, Term]>;

async function* rowsOf(rows: AsyncIterable<Bindings>): AsyncGenerator<ReadonlyMap<string, Term>> {
  for await (const row of rows) yield new Map([...row].map(([{ value }, term]) => [value, term]));
}
