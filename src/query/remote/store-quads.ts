import type { DocumentJournal } from "../../hub/document-journal.ts";
import type { Dataset, Log, QuadSource } from "../../hub/ports.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { type Quad, quad, type Term } from "../../rdf/term.ts";
import { readJsonResults } from "./json-results.ts";
import type { StoreClient } from "./store-client.ts";
import type { StoreLayout } from "./store-layout.ts";
import type { StoreTerms } from "./store-terms.ts";

/** LIMIT: how old a count may be that the store gave, and how long it may take to count. */
const COUNT_MAX_AGE_MS = 30_000;
const COUNT_TIMEOUT_MS = 30_000;
/** LIMIT: counts that are kept. */
const COUNTS_MAX = 100;

type Pattern = Term | null | undefined;

/** What the quads are read from. */
export interface StoreQuadsOptions {
  readonly journal: DocumentJournal;
  readonly client: StoreClient;
  readonly layout: StoreLayout;
  readonly terms: StoreTerms;
  readonly log: Log;
}

/**
 * The quads of a store outside for those who ask at once: read from `hub.db`, which has them all. Counts of many are
 * the store's own, as it last gave them: 0 until it did, then at most half a minute old when asked for again.
 */
export class StoreQuads implements QuadSource {
  readonly #options: StoreQuadsOptions;
  readonly #counts = new Map<string, { count: number; asked_ms: number }>();

  constructor(options: StoreQuadsOptions) {
    this.#options = options;
  }

  get version(): number {
    return this.#options.journal.version;
  }

  get size(): number {
    return this.count(null, null, null, {});
  }

  *match(subject: Pattern, predicate: Pattern, object: Pattern, dataset: Dataset): Generator<Quad, undefined> {
    const fits = (wanted: Pattern, term: Term): boolean =>
      wanted === null || wanted === undefined || wanted.equals(term);
    for (const each of this.#options.journal.triples(dataset)) {
      if (fits(subject, each.subject) && fits(predicate, each.predicate) && fits(object, each.object)) yield each;
    }
    return undefined;
  }

  count(subject: Pattern, predicate: Pattern, object: Pattern, dataset: Dataset): number {
    const { journal, terms } = this.#options;
    if (isTerm(subject) && isTerm(predicate) && isTerm(object) && dataset.private === undefined) {
      return journal.isPublic(quad(subject as never, predicate as never, object as never)) ? 1 : 0;
    }
    const [s = "?s", p = "?p", o = "?o"] = [subject, predicate, object].map((term) =>
      isTerm(term) ? terms.write(term) : undefined,
    );
    const key = `${s} ${p} ${o} ${dataset.private ?? ""}`;
    const known = this.#counts.get(key) ?? { count: 0, asked_ms: Number.NEGATIVE_INFINITY };
    if (
      performance.now() - known.asked_ms > COUNT_MAX_AGE_MS &&
      (this.#counts.has(key) || this.#counts.size < COUNTS_MAX)
    ) {
      this.#counts.set(key, known);
      known.asked_ms = performance.now();
      void this.#ask(`SELECT (COUNT(*) AS ?count) WHERE { ${s} ${p} ${o} }`, dataset, known);
    }
    return known.count;
  }

  async #ask(text: string, dataset: Dataset, known: { count: number; asked_ms: number }): Promise<void> {
    const { client, layout, log } = this.#options;
    try {
      const response = await client.query(text, layout.datasetOf(dataset), AbortSignal.timeout(COUNT_TIMEOUT_MS));
      if (isRefusal(response)) return;
      for await (const found of readJsonResults(response.body ?? new ReadableStream())) {
        if (found.kind === "row") known.count = Number((found.row["count"] as { readonly value?: unknown }).value) || 0;
      }
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, "query-store-count-failed");
    }
  }
}

function isTerm(pattern: Pattern): pattern is Term {
  return pattern !== null && pattern !== undefined;
}
