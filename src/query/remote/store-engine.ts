import type { Log } from "../../hub/ports/hub-ports.ts";
import type {
  Dataset,
  QueryAnswer,
  QueryEngine,
  QueryGraphs,
  QueryOptions,
  QueryStoreStatus,
} from "../../hub/ports/queries.ts";
import { Fault } from "../../outcome/fault.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import { Bound } from "../bound.ts";
import type { Catalogue } from "../catalogue.ts";
import type { QueryLimits } from "../engine.ts";
import { QueryCounter, type QueryCounts } from "../query-counter.ts";
import { type JsonResult, readJsonResults } from "./json-results.ts";
import { whyNotBeside } from "./named-graphs-only.ts";
import type { StoreClient, StoreDataset } from "./store-client.ts";
import type { StoreFeed } from "./store-feed.ts";
import { describing, instantiate } from "./store-graphs.ts";
import type { StoreLayout } from "./store-layout.ts";
import { type StoreQuery, storeQuery } from "./store-query.ts";
import type { StoreTerms } from "./store-terms.ts";

/** LIMIT: how long a query waits for the store to take in what was committed before it was asked. */
const PATIENCE_MS = 2_000;
const OWN_BASE = "urn:sterna:" as Iri;
/** What is told to those who should try again. */
const RETRY_AFTER_S = 5;

/** What the engine works on. */
export interface StoreEngineOptions {
  readonly client: StoreClient;
  readonly feed: StoreFeed;
  readonly layout: StoreLayout;
  readonly terms: StoreTerms;
  /** Posts whose text holds all these words, newest first. */
  readonly search: (words: string, dataset: Dataset) => readonly Iri[];
  readonly catalogue: Catalogue;
  /** Answers what names its graphs: those are handed over with the query, and are not asked of the store. */
  readonly graphs: QueryEngine;
  readonly limits: QueryLimits & QueryCounts;
  readonly log: Log;
}

/** The query engine of a hub whose query store is another program, spoken to by SPARQL 1.1 Protocol. */
export function createStoreEngine(options: StoreEngineOptions): QueryEngine & AsyncDisposable {
  return new StoreEngine(options);
}

class StoreEngine implements QueryEngine, AsyncDisposable {
  readonly #options: StoreEngineOptions;
  readonly #running = new Set<AbortController>();
  readonly #counter: QueryCounter;

  constructor(options: StoreEngineOptions) {
    this.#options = options;
    this.#counter = new QueryCounter(options.limits);
  }

  get store(): QueryStoreStatus {
    return this.#options.feed.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const controller of this.#running) controller.abort();
    await Promise.resolve();
  }

  async prepared(name: string, bindings: Readonly<Record<string, Term>>, options: QueryOptions): Promise<QueryAnswer> {
    const { catalogue, terms } = this.#options;
    const query = catalogue.get(name);
    if (query === undefined) throw new Fault("internal", `Expected a query of the catalogue, but got "${name}".`);
    const missing = query.parameters.filter((parameter) => bindings[parameter] === undefined);
    if (missing.length > 0)
      throw new Fault("internal", `Expected values for ?${missing.join(", ?")} of sparql/${name}.rq.`);
    const ready = storeQuery(query.text, { baseIri: OWN_BASE, terms, bindings });
    if (isRefusal(ready)) throw new Fault("internal", `sparql/${name}.rq: ${ready.message}`);
    return await this.#answer(ready, options);
  }

  async adHoc(text: string, options: QueryOptions): Promise<QueryAnswer | Refusal> {
    const { graphs, baseIri = "http://localhost/" as Iri } = options;
    if (options.services !== undefined) return notOutside("SERVICE");
    if (options.provenance !== undefined) return notOutside("provenance");
    if (graphs !== undefined && !isDataset(graphs)) {
      const refusal = graphs.withDataset ? whyNotBeside(text, baseIri) : undefined;
      return refusal ?? (await this.#options.graphs.adHoc(text, options));
    }
    const { terms, search } = this.#options;
    const ready = storeQuery(text, { baseIri, terms, search: (words) => search(words, options.dataset) });
    if (isRefusal(ready)) return ready;
    const refusal = this.#counter.whyNotOneMore(options.requester);
    if (refusal !== undefined) return refusal;
    const leave = this.#counter.enter(options.requester);
    try {
      return whenRead(await this.#answer(ready, options, leave), leave);
    } catch (error) {
      leave();
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
  }

  /** `onStop` is called when one of the bounds is met, which may be before anybody has begun to read. */
  async #answer(
    query: StoreQuery,
    { dataset, signal }: QueryOptions,
    onStop: () => void = () => undefined,
  ): Promise<QueryAnswer> {
    const { limits, feed } = this.#options;
    const bound = new Bound(limits.timeout_ms, limits.rows_max, signal, this.#running);
    bound.signal.addEventListener("abort", onStop, { once: true });
    try {
      // What was committed before somebody asks should be in the answer; a store that lags far behind is not waited for.
      await bound.race(feed.caughtUp(Math.min(PATIENCE_MS, limits.timeout_ms / 2)));
      const { state } = feed.status;
      if (state === "filling" || state === "connecting") throw new Refused(notYet(feed.status));
      return await this.#ask(query, dataset, bound);
    } catch (error) {
      bound.end();
      throw error;
    }
  }

  async #ask({ text, form }: StoreQuery, dataset: Dataset, bound: Bound): Promise<QueryAnswer> {
    const seen = this.#options.layout.datasetOf(dataset);
    const found = text === "" ? empty() : this.#rows(text, seen, bound);
    switch (form.kind) {
      case "ask": {
        const first = await bound.race(found.next());
        bound.end();
        await found.return(undefined);
        return { kind: "boolean", value: first.done !== true && first.value.kind === "boolean" && first.value.value };
      }
      case "select":
        return { kind: "bindings", variables: form.variables, rows: bounded(await this.#terms(found, bound), bound) };
      case "construct": {
        const quads = instantiate(await this.#terms(found, bound), form.template);
        return { kind: "quads", quads: bounded(quads, bound) };
      }
      case "describe": {
        const more = (inner: string): AsyncIterable<ReadonlyMap<string, Term>> =>
          rowsOf(this.#rows(inner, seen, bound), this.#options.terms);
        const quads = describing(await this.#terms(found, bound), form.terms, this.#options.terms, more);
        return { kind: "quads", quads: bounded(quads, bound) };
      }
    }
  }

  /** Waits for the first row, so that what the store does not want to answer is refused before anything was given. */
  async #terms(found: AsyncGenerator<JsonResult>, bound: Bound): Promise<AsyncIterable<ReadonlyMap<string, Term>>> {
    const first = await bound.race(found.next());
    return rowsOf(first.done === true ? empty() : withFirst(first.value, found), this.#options.terms);
  }

  async *#rows(text: string, dataset: StoreDataset, bound: Bound): AsyncGenerator<JsonResult, undefined> {
    const response = await this.#options.client.query(text, dataset, bound.signal);
    if (isRefusal(response)) throw new Refused(response);
    // COMPAT: Virtuoso gives a part of the answer with 200 when it meets its own bounds of rows or time.
    const cut_rows = Number(response.headers.get("x-sparql-maxrows") ?? Number.POSITIVE_INFINITY);
    if (response.headers.get("x-sql-state") === "S1TAT")
      throw new Refused(
        refuse(
          "timed-out",
          "Expected a query that ends within the query store's own bounds, but this one does not; ask for less, or add a LIMIT.",
        ),
      );
    let given = 0;
    try {
      for await (const found of readJsonResults(response.body ?? empty())) {
        if (++given >= cut_rows)
          throw new Refused(
            refuse("too-large", `Expected fewer than ${cut_rows} rows, as many as the query store gives; add a LIMIT.`),
          );
        yield found;
      }
    } catch (error) {
      if (error instanceof Refused || bound.signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.warn({ reason }, "query-store-broke-off");
      throw new Refused(
        refuse("unavailable", "The query store broke off in the middle of its answer; ask again.", {
          retryAfter_s: RETRY_AFTER_S,
        }),
      );
    }
    return undefined;
  }
}

/** Whether graphs are handed over that are nothing else than the dataset. */
function isDataset({ quads, withDataset, without = [] }: QueryGraphs): boolean {
  return withDataset && quads.length === 0 && without.length === 0;
}

function notYet({ state, filled }: QueryStoreStatus): Refusal {
  const how = filled === undefined || filled.total === 0 ? "" : ` (${Math.floor((filled.done / filled.total) * 100)}%)`;
  const sentence =
    state === "filling"
      ? `The query store is being filled${how}; ask again later.`
      : "The query store was not reached yet; ask again later.";
  return refuse("unavailable", sentence, { retryAfter_s: RETRY_AFTER_S });
}

async function* rowsOf(
  found: AsyncIterable<JsonResult>,
  terms: StoreTerms,
): AsyncGenerator<ReadonlyMap<string, Term>, undefined> {
  for await (const each of found) {
    if (each.kind !== "row") continue;
    const row = new Map<string, Term>();
    for (const [name, json] of Object.entries(each.row)) {
      const term = terms.read(json);
      if (term !== undefined) row.set(name, term);
    }
    yield row;
  }
  return undefined;
}

async function* withFirst<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T, undefined> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
  return undefined;
}

async function* empty(): AsyncGenerator<never, undefined> {
  yield* [];
  return undefined;
}

async function* bounded<T>(rows: AsyncIterable<T>, bound: Bound): AsyncGenerator<T, undefined> {
  const iterator = rows[Symbol.asyncIterator]();
  const destroy = (): void => {
    // What is being waited for ends with the request's signal.
    void Promise.resolve(iterator.return?.(undefined)).catch(() => undefined);
  };
  yield* bound.stream(Object.assign({ [Symbol.asyncIterator]: () => iterator }, { destroy }), (row) => row);
  return undefined;
}

/** Calls `leave` once the answer has been read, or is no longer wanted. */
function whenRead(answer: QueryAnswer, leave: () => void): QueryAnswer {
  const leaving = async function* <T>(all: AsyncIterable<T>): AsyncGenerator<T, undefined> {
    try {
      yield* all;
    } finally {
      leave();
    }
    return undefined;
  };
  switch (answer.kind) {
    case "boolean":
      leave();
      return answer;
    case "bindings":
      return { ...answer, rows: leaving(answer.rows) };
    case "quads":
      return { ...answer, quads: leaving<Quad>(answer.quads) };
  }
}

function notOutside(what: string): Refusal {
  return refuse(
    "not-implemented",
    `Expected a query without ${what}, which this hub does not do over a query store outside of it; leave it out.`,
  );
}
