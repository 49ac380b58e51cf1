import type { Log } from "../hub/ports/hub-ports.ts";
import type { QuadIndex } from "../hub/ports/quad-index.ts";
import type { QuadSource, QueryAnswer, QueryEngine, QueryExplanation, QueryOptions } from "../hub/ports/queries.ts";
import type { ServiceRows } from "../hub/ports/sparql-syntax.ts";
import { Fault } from "../outcome/fault.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { Refused } from "../outcome/refused.ts";
import type { Iri } from "../rdf/iri.ts";
import type { Term } from "../rdf/term.ts";
import { Bound } from "./bound.ts";
import type { Catalogue } from "./catalogue.ts";
import { type AroundLoad, Comunica } from "./comunica/comunica.ts";
import { type ComunicaSource, comunicaSource } from "./comunica/comunica-source.ts";
import { type DatasetSource, datasetSource } from "./comunica/dataset-source.ts";
import { graphsSource } from "./comunica/graphs-source.ts";
import { isOverlay, OverlayIndex } from "./overlay-index.ts";
import { answerWithOrigins } from "./provenance.ts";
import { SourceAnswer } from "./source/answer.ts";
import { Declined } from "./source/declined.ts";
import { type Translated, translate } from "./source/translate.ts";
import { ParseCache } from "./syntax/parse-cache.ts";
import { type Operation, parseQuery } from "./syntax/parse-query.ts";
import { withServiceRows } from "./syntax/service-calls.ts";

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
  /** Is put around the loading of Comunica. */
  readonly aroundLoad?: AroundLoad;
}

/**
 * The SPARQL engine: the hub's own query source over the store's indexes, and Comunica for what that leaves to it.
 */
export function createEngine(options: EngineOptions): QueryEngine & AsyncDisposable {
  return new Engine(options);
}

/** A query on its way. */
interface Question {
  readonly operation: Operation;
  /** What stands in places that the operation leaves open ({@link ParseCache}). */
  readonly iris: ReadonlyMap<string, Term>;
  readonly bindings: Readonly<Record<string, Term>>;
  /** What relative IRIs are resolved against. */
  readonly base: string;
  /** The operation with nothing left open. */
  readonly whole: () => Operation;
  readonly options: QueryOptions;
}

const NO_BASE = "http://localhost/" as Iri;

const NO_IRIS: ReadonlyMap<string, Term> = new Map();

class Engine implements QueryEngine, AsyncDisposable {
  readonly #options: EngineOptions;
  readonly #comunica: Comunica;
  readonly #running = new Set<AbortController>();
  readonly #parsed = new ParseCache();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#comunica = new Comunica(options.aroundLoad);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const controller of this.#running) controller.abort();
    await this.#comunica.loaded();
  }

  /** Loads what takes long to load. */
  warm(): void {
    void this.#comunica.load();
  }

  async prepared(name: string, bindings: Readonly<Record<string, Term>>, options: QueryOptions): Promise<QueryAnswer> {
    const query = this.#options.catalogue.get(name);
    if (query === undefined) throw new Fault("internal", `Expected a query of the catalogue, but got "${name}".`);
    const missing = query.parameters.filter((parameter) => bindings[parameter] === undefined);
    if (missing.length > 0)
      throw new Fault("internal", `Expected values for ?${missing.join(", ?")} of sparql/${name}.rq.`);
    const { operation } = query;
    const question = { operation, iris: NO_IRIS, bindings, base: NO_BASE, whole: () => operation, options };
    return await this.#answer(question, this.#plan(question));
  }

  async adHoc(text: string, options: QueryOptions): Promise<QueryAnswer | Refusal> {
    const question = this.#read(text, options);
    if (isRefusal(question)) return question;
    const plan = this.#planOrRefuse(question);
    return isRefusal(plan) ? plan : await this.#answerOrRefuse(question, plan);
  }

  async explain(text: string, options: QueryOptions): Promise<QueryExplanation | Refusal> {
    const question = this.#read(text, options);
    if (isRefusal(question)) return question;
    const plan = this.#planOrRefuse(question);
    if (isRefusal(plan)) return plan;
    const start_ms = performance.now();
    const answer = await this.#answerOrRefuse(question, plan);
    if (isRefusal(answer)) return answer;
    let solutions = 0;
    try {
      if (answer.kind === "bindings") for await (const _ of answer.rows) solutions++;
      else if (answer.kind === "quads") for await (const _ of answer.quads) solutions++;
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
    const time_ms = Number((performance.now() - start_ms).toFixed(3));
    if (plan.own !== undefined) return { answeredBy: "source", plans: [plan.own.plan], solutions, time_ms };
    const plans = plan.beside?.plans ?? [];
    const why = plan.why === undefined ? {} : { why: plan.why };
    return { answeredBy: plans.length > 0 ? "both" : "engine", ...why, plans, solutions, time_ms };
  }

  #read(text: string, options: QueryOptions): Question | Refusal {
    const base = options.baseIri ?? NO_BASE;
    const wish = { dataset: options.graphs === undefined ? ("own" as const) : ("settled" as const) };
    const { services } = options;
    if (services !== undefined) return filledQuestion(text, base, wish, services, options);
    const parsed = this.#parsed.parse(text, base, wish);
    if (isRefusal(parsed)) return parsed;
    const whole = (): Operation => {
      if (parsed.isWhole) return parsed.operation;
      const operation = parseQuery(text, base, wish);
      if (isRefusal(operation)) throw new Refused(operation);
      return operation;
    };
    return { ...parsed, bindings: {}, base: baseIn(text, base), whole, options };
  }

  async #answerOrRefuse(question: Question, plan: Plan): Promise<QueryAnswer | Refusal> {
    try {
      return await this.#answer(question, plan);
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.warn({ reason }, "query-failed");
      return refuse("invalid", `The query could not be answered: ${reason.slice(0, 300)}.`);
    }
  }

  #planOrRefuse(question: Question): Plan | Refusal {
    try {
      return this.#plan(question);
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
  }

  /** Who answers a question: the source, if it knows all of it. */
  #plan({ operation, iris, bindings, base, options }: Question): Plan {
    const { index } = this.#options.quads;
    const { graphs, dataset } = options;
    if (graphs !== undefined && !isOverlay(graphs)) return { why: "the query names its graphs" };
    if (index === undefined || this.#options.source === "off") return { why: "there is no source of our own" };
    const laid = graphs === undefined ? index : new OverlayIndex(index, graphs);
    try {
      const translated: Translated = translate(operation, { variables: bindings, iris, base });
      if (options.provenance !== undefined) return { origins: { translated, index: laid, wish: options.provenance } };
      return { own: new SourceAnswer(translated, laid, dataset) };
    } catch (error) {
      if (!(error instanceof Declined)) throw error;
      return { why: error.message, isPart: error.isPart && graphs === undefined };
    }
  }

  async #answer(question: Question, plan: Plan): Promise<QueryAnswer> {
    const { timeout_ms, rows_max } = this.#options.limits;
    const { bindings, options } = question;
    // A query's time does not pass while the hub gets ready for it.
    if (plan.own === undefined && plan.origins === undefined) await this.#comunica.load();
    const bound = new Bound(timeout_ms, rows_max, options.signal, this.#running);
    try {
      if (plan.own !== undefined) return await plan.own.answer(bound);
      if (plan.origins !== undefined) {
        const { translated, wish, index } = plan.origins;
        return await answerWithOrigins(translated, wish, { index, dataset: options.dataset, bound });
      }
      if (options.provenance !== undefined) throw new Refused(noProvenance(plan.why ?? "it"));
      const source = await this.#sourceFor(plan, options);
      return await this.#comunica.answer(
        { operation: question.whole(), source, bindings, baseIri: question.base as Iri },
        bound,
      );
    } catch (error) {
      bound.end();
      throw error;
    }
  }

  /** What Comunica reads: the source as far as it takes parts of the query, else plain triples. */
  async #sourceFor(plan: Plan, { dataset, graphs }: QueryOptions): Promise<DatasetSource | ComunicaSource> {
    const { quads } = this.#options;
    if (graphs !== undefined) return graphsSource(quads, dataset, graphs);
    if (plan.isPart !== true || quads.index === undefined) return datasetSource(quads, dataset);
    plan.beside = await comunicaSource(quads.index, dataset);
    return plan.beside;
  }
}

/** A query with what its services gave; hardly any comes twice, so it is not kept. */
function filledQuestion(
  text: string,
  base: Iri,
  wish: { readonly dataset: "own" | "settled" },
  services: readonly ServiceRows[],
  options: QueryOptions,
): Question | Refusal {
  const parsed = parseQuery(text, base, { ...wish, graphs: "kept" });
  if (isRefusal(parsed)) return parsed;
  const whole = (): Operation => {
    const placed = parseQuery(text, base, wish);
    if (isRefusal(placed)) throw new Refused(placed);
    return withServiceRows(placed, services);
  };
  const operation = withServiceRows(parsed, services);
  return { operation, iris: NO_IRIS, bindings: {}, base: baseIn(text, base), whole, options };
}

function noProvenance(why: string): Refusal {
  return refuse(
    "not-implemented",
    `Expected a query that the hub's own source answers, to tell where rows are from, but ${why} is not for it; ask without provenance.`,
  );
}

/** The base that a query declares; the algebra does not keep it. */
function baseIn(text: string, base: string): string {
  const [prologue = ""] = text.split("{");
  const declared = [...prologue.matchAll(/\bBASE\s*<([^<>\s]*)>/gi)].at(-1)?.[1];
  return declared === undefined ? base : (URL.parse(declared, base)?.href ?? base);
}

/** Who answers, and why it is not the source alone. */
interface Plan {
  readonly own?: SourceAnswer;
  /** How the source tells where rows are from. */
  readonly origins?: {
    readonly translated: Translated;
    readonly index: QuadIndex;
    readonly wish: Exclude<QueryOptions["provenance"], undefined>;
  };
  readonly why?: string;
  /** Whether the source can take parts of it. */
  readonly isPart?: boolean;
  beside?: ComunicaSource;
}
