import type { QueryEngine as ComunicaEngine } from "@comunica/query-sparql";
import type { Dataset, Log, QuadSource, QueryAnswer, QueryEngine, QueryOptions } from "../hub/ports.ts";
import { Fault } from "../outcome/fault.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { Refused } from "../outcome/refused.ts";
import type { Iri } from "../rdf/iri.ts";
import type { Quad, Term } from "../rdf/term.ts";
import type { Catalogue } from "./catalogue.ts";
import { type DatasetSource, datasetSource } from "./dataset-source.ts";
import { graphsSource } from "./graphs-source.ts";
import { type Operation, parseQuery } from "./parse-query.ts";
import { SourceAnswer } from "./source/answer.ts";
import { Declined, type Translated, translate } from "./source/translate.ts";

/** Bounds of one query that somebody sent. */
export interface QueryLimits {
  readonly timeout_ms: number;
  readonly rows_max: number;
}

/** What the engine works on. */
export interface EngineOptions {
  readonly quads: QuadSource;
  readonly catalogue: Catalogue;
  readonly limits: QueryLimits;
  readonly log: Log;
  /** `off` leaves every query to Comunica; for comparing the two. */
  readonly source?: "on" | "off";
}

/**
 * The SPARQL engine: Comunica over the query store. Comunica takes half a second to load, so it begins to load at once
 * and the first query waits for it.
 */
export function createEngine(options: EngineOptions): QueryEngine & AsyncDisposable {
  return new Engine(options);
}

class Engine implements QueryEngine, AsyncDisposable {
  readonly #options: EngineOptions;
  readonly #loading: Promise<ComunicaEngine>;
  readonly #running = new Set<AbortController>();
  readonly #translated = new TranslatedQueries();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#loading = import("@comunica/query-sparql").then(({ QueryEngine: Comunica }) => new Comunica());
    // A failure shows with the first query; until then nobody listens.
    this.#loading.catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const controller of this.#running) controller.abort();
    await this.#loading.catch(() => undefined);
  }

  async prepared(name: string, bindings: Readonly<Record<string, Term>>, options: QueryOptions): Promise<QueryAnswer> {
    const query = this.#options.catalogue.get(name);
    if (query === undefined) throw new Fault("internal", `Expected a query of the catalogue, but got "${name}".`);
    const missing = query.parameters.filter((parameter) => bindings[parameter] === undefined);
    if (missing.length > 0)
      throw new Fault("internal", `Expected values for ?${missing.join(", ?")} of sparql/${name}.rq.`);
    return await this.#run(query.operation, bindings, options);
  }

  async adHoc(text: string, options: QueryOptions): Promise<QueryAnswer | Refusal> {
    const operation = parseQuery(text, options.baseIri ?? ("http://localhost/" as Iri), {
      dataset: options.graphs === undefined ? "own" : "settled",
    });
    if (isRefusal(operation)) return operation;
    try {
      return await this.#run(operation, {}, options);
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.warn({ reason }, "query-failed");
      return refuse("invalid", `The query could not be answered: ${reason.slice(0, 300)}.`);
    }
  }

  async #run(
    operation: Operation,
    bindings: Readonly<Record<string, Term>>,
    { dataset, graphs, signal, baseIri }: QueryOptions,
  ): Promise<QueryAnswer> {
    const { timeout_ms, rows_max } = this.#options.limits;
    const bound = new Bound(timeout_ms, rows_max, signal, this.#running);
    try {
      const own = graphs === undefined ? this.#planOwn(operation, bindings, dataset) : undefined;
      if (own !== undefined) return await this.#answerOwn(own, bound);
      const comunica = await bound.race(this.#loading);
      const context = await contextOf(
        graphs === undefined
          ? datasetSource(this.#options.quads, dataset)
          : graphsSource(this.#options.quads, dataset, graphs),
        bindings,
        baseIri,
      );
      const result = await bound.race(comunica.query(operation as never, context as never));
      switch (result.resultType) {
        case "bindings": {
          const { variables } = await bound.race(result.metadata());
          const rows = (await bound.race(result.execute())) as unknown as Rows<ComunicaBindings>;
          return {
            kind: "bindings",
            variables: variables.map(({ value }) => value),
            rows: bound.stream(rows, rowOf),
          };
        }
        case "quads": {
          const quads = (await bound.race(result.execute())) as unknown as Rows<Quad>;
          return { kind: "quads", quads: bound.stream(quads, (quad) => quad) };
        }
        case "boolean": {
          const value = await bound.race(result.execute());
          bound.end();
          return { kind: "boolean", value };
        }
        case "void":
          throw new Refused(refuse("forbidden", "Updates are not open here; send a query."));
      }
    } catch (error) {
      bound.end();
      throw error;
    }
  }

  /** The query as the source answers it by itself; undefined when it leaves it to Comunica. */
  #planOwn(operation: Operation, bindings: Readonly<Record<string, Term>>, dataset: Dataset): SourceAnswer | undefined {
    const { index } = this.#options.quads;
    if (index === undefined || this.#options.source === "off") return undefined;
    const translated = this.#translated.get(operation, bindings);
    return translated instanceof Declined ? undefined : new SourceAnswer(translated, index, dataset);
  }

  async #answerOwn(own: SourceAnswer, bound: Bound): Promise<QueryAnswer> {
    const answer = await bound.race(own.answer());
    switch (answer.kind) {
      case "boolean":
        bound.end();
        return answer;
      case "bindings":
        return { ...answer, rows: bound.stream(closing(answer.rows), (row) => row) };
      case "quads":
        return { ...answer, quads: bound.stream(closing(answer.quads), (quad) => quad) };
    }
  }
}

function closing<T>(rows: AsyncIterable<T>): Rows<T> {
  const generator = rows as AsyncGenerator<T>;
  return Object.assign(generator, { destroy: () => void generator.return(undefined) });
}

/** What the source made of operations: those without bindings are read once. */
class TranslatedQueries {
  readonly #known = new WeakMap<Operation, Translated | Declined>();

  get(operation: Operation, bindings: Readonly<Record<string, Term>>): Translated | Declined {
    if (Object.keys(bindings).length > 0) return read(operation, bindings);
    let translated = this.#known.get(operation);
    if (translated === undefined) {
      translated = read(operation, bindings);
      this.#known.set(operation, translated);
    }
    return translated;
  }
}

function read(operation: Operation, bindings: Readonly<Record<string, Term>>): Translated | Declined {
  try {
    return translate(operation, bindings);
  } catch (error) {
    if (error instanceof Declined) return error;
    throw error;
  }
}

type ComunicaBindings = Iterable<readonly [{ readonly value: string }, Term]>;
type Rows<T> = AsyncIterable<T> & { destroy(): void };

function rowOf(bindings: ComunicaBindings): ReadonlyMap<string, Term> {
  const row = new Map<string, Term>();
  for (const [variable, term] of bindings) row.set(variable.value, term);
  return row;
}

async function contextOf(
  source: DatasetSource,
  bindings: Readonly<Record<string, Term>>,
  baseIri: Iri | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const context: Record<string, unknown> = {
    sources: [{ type: "rdfjs", value: source }],
    noCache: true,
  };
  if (baseIri !== undefined) context["baseIRI"] = baseIri;
  const entries = Object.entries(bindings);
  if (entries.length > 0) {
    const [{ BindingsFactory }, { DataFactory }] = await Promise.all([
      import("@comunica/utils-bindings-factory"),
      import("rdf-data-factory"),
    ]);
    const factory = new DataFactory();
    context["initialBindings"] = new BindingsFactory(factory).bindings(
      entries.map(([name, term]) => [factory.variable(name), term] as never),
    );
  }
  return context;
}

/** The bounds of one running query: a time, a count of rows, and whoever asked going away. */
class Bound {
  readonly #rows_max: number;
  readonly #controller = new AbortController();
  readonly #running: Set<AbortController>;
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal | undefined;
  readonly #stop = (): void =>
    this.#controller.abort(refuse("timed-out", "The query was given up: who asked has left."));

  constructor(timeout_ms: number, rows_max: number, signal: AbortSignal | undefined, running: Set<AbortController>) {
    this.#rows_max = rows_max;
    this.#running = running;
    this.#outer = signal;
    running.add(this.#controller);
    this.#timer = setTimeout(() => {
      const sentence = `Expected a query that ends within ${timeout_ms / 1_000} seconds, but this one does not; ask for less, or add a LIMIT.`;
      this.#controller.abort(refuse("timed-out", sentence, { timeout_ms }));
    }, timeout_ms);
    if (signal?.aborted === true) this.#stop();
    else signal?.addEventListener("abort", this.#stop, { once: true });
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#stop);
    this.#running.delete(this.#controller);
  }

  #reason(): Refused {
    const reason: unknown = this.#controller.signal.reason;
    return new Refused(isRefusal(reason) ? reason : refuse("unavailable", "The hub is stopping; ask again later."));
  }

  /** Waits for one step, but not longer than the bound. */
  async race<T>(step: Promise<T>): Promise<T> {
    const { signal } = this.#controller;
    if (signal.aborted) throw this.#reason();
    let stop = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(this.#reason());
      signal.addEventListener("abort", stop, { once: true });
    });
    try {
      return await Promise.race([step, aborted]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Passes rows on until one of the bounds is met, which is thrown; whoever stops reading stops the query. */
  async *stream<T, U>(rows: Rows<T>, map: (row: T) => U): AsyncGenerator<U> {
    const { signal } = this.#controller;
    const destroy = (): void => rows.destroy();
    signal.addEventListener("abort", destroy, { once: true });
    try {
      let count = 0;
      const iterator = rows[Symbol.asyncIterator]();
      for (;;) {
        const next = await this.race(iterator.next());
        if (next.done === true) break;
        if (++count > this.#rows_max) {
          throw new Refused(
            refuse("too-large", `Expected at most ${this.#rows_max} rows, but the query has more; add a LIMIT.`),
          );
        }
        yield map(next.value);
      }
      if (signal.aborted) throw this.#reason();
    } finally {
      rows.destroy();
      this.end();
    }
  }
}
