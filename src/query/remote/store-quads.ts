import type { DocumentJournal } from "../../hub/ports/document-journal.ts";
import type { Log } from "../../hub/ports/hub-ports.ts";
import type { Dataset, QuadSource } from "../../hub/ports/queries.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { type Quad, quad, type Term } from "../../rdf/term.ts";
import { readJsonResults } from "./json-results.ts";
import type { StoreClient } from "./store-client.ts";
import type { StoreFeed } from "./store-feed.ts";
import type { StoreLayout } from "./store-layout.ts";
import type { StoreTerms } from "./store-terms.ts";

/** LIMIT: how long the store may take to count, and to take in what was committed before. */
const COUNT_TIMEOUT_MS = 10_000;
const PATIENCE_MS = 2_000;
/** LIMIT: counts that are kept. */
const COUNTS_MAX = 100;

type Pattern = Term | null | undefined;

/** What the quads are read from. */
export interface StoreQuadsOptions {
  readonly journal: DocumentJournal;
  readonly client: StoreClient;
  readonly feed: StoreFeed;
  readonly layout: StoreLayout;
  readonly terms: StoreTerms;
  readonly log: Log;
}

/**
 * The quads of a store outside for those who cannot ask it: read from `hub.db`, which has them all. Counting is left to
 * the store, once for each state of `hub.db`; who cannot wait for it is given the last count, and 0 before the first.
 */
export class StoreQuads implements QuadSource {
  readonly #options: StoreQuadsOptions;
  readonly #counts = new Map<string, { readonly version: number; readonly count: number }>();

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
    if (isTerm(subject) && isTerm(predicate) && isTerm(object) && dataset.private === undefined) {
      return this.#options.journal.isPublic(quad(subject as never, predicate as never, object as never)) ? 1 : 0;
    }
    const { key } = this.#pattern(subject, predicate, object, dataset);
    const known = this.#counts.get(key);
    // The next one who asks finds it.
    if (known?.version !== this.version) void this.counted(subject, predicate, object, dataset);
    return known?.count ?? 0;
  }

  async counted(subject: Pattern, predicate: Pattern, object: Pattern, dataset: Dataset): Promise<number | undefined> {
    const { key, text } = this.#pattern(subject, predicate, object, dataset);
    const known = this.#counts.get(key);
    if (known?.version === this.version) return known.count;
    try {
      return await this.#ask(key, text, dataset);
    } catch (error) {
      this.#options.log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        "query-store-count-failed",
      );
      return undefined;
    }
  }

  #pattern(...[s, p, o, dataset]: Parameters<StoreQuads["count"]>): { readonly key: string; readonly text: string } {
    const written = [s, p, o].map((term) => (isTerm(term) ? this.#options.terms.write(term) : undefined));
    const text = `${written[0] ?? "?s"} ${written[1] ?? "?p"} ${written[2] ?? "?o"}`;
    return { key: `${text} ${dataset.private ?? ""}`, text };
  }

  async #ask(key: string, text: string, dataset: Dataset): Promise<number | undefined> {
    const { client, layout, feed } = this.#options;
    const { version } = this;
    // What a store counts that is behind is right only for now.
    const isWhole = await feed.caughtUp(PATIENCE_MS);
    if (feed.status.state === "down") return undefined;
    const query = `SELECT (COUNT(*) AS ?count) WHERE { ${text} }`;
    const response = await client.query(query, layout.datasetOf(dataset), AbortSignal.timeout(COUNT_TIMEOUT_MS));
    if (isRefusal(response)) return undefined;
    let count: number | undefined;
    for await (const found of readJsonResults(response.body ?? new ReadableStream())) {
      if (found.kind === "row") count = Number((found.row["count"] as { readonly value?: unknown }).value) || 0;
    }
    if (count !== undefined && (this.#counts.has(key) || this.#counts.size < COUNTS_MAX)) {
      this.#counts.set(key, { version: isWhole ? version : -1, count });
    }
    return count;
  }
}

function isTerm(pattern: Pattern): pattern is Term {
  return pattern !== null && pattern !== undefined;
}
