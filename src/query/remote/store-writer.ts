import type { StatementChange } from "../../hub/ports/document-journal.ts";
import type { Log } from "../../hub/ports/hub-ports.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import { rdf } from "../../vocab/rdf.ts";
import { readJsonResults } from "./json-results.ts";
import type { StoreClient, StoreDataset } from "./store-client.ts";
import type { StoreLayout, StoreMark } from "./store-layout.ts";

/** LIMIT: how long the store may take over an update, and over taking all of the hub's graphs out. */
const UPDATE_TIMEOUT_MS = 120_000;
const CLEAR_TIMEOUT_MS = 1_800_000;

/** What the writer works on. */
export interface StoreWriterOptions {
  readonly client: StoreClient;
  readonly layout: StoreLayout;
  readonly log: Log;
}

/**
 * Writes a store outside: changes of documents, with the mark of how far it is then. All of it refuses as
 * {@link StoreClient} does, and throws when `stop` is aborted or the store takes too long.
 */
export class StoreWriter {
  readonly #options: StoreWriterOptions;
  readonly #stop: AbortSignal;

  constructor(options: StoreWriterOptions, stop: AbortSignal) {
    this.#options = options;
    this.#stop = stop;
  }

  /** How far the store says that it is; undefined when it says nothing. */
  async readMark(): Promise<StoreMark | undefined | Refusal> {
    const { layout } = this.#options;
    const values = await this.#values(
      `SELECT ?value WHERE { <${layout.markGraph}> <${rdf.value.value}> ?value }`,
      layout.markDataset,
      UPDATE_TIMEOUT_MS,
    );
    return isRefusal(values) ? values : layout.readMark(values);
  }

  async #values(text: string, dataset: StoreDataset, timeout_ms: number): Promise<readonly string[] | Refusal> {
    const response = await this.#options.client.query(text, dataset, this.#signal(timeout_ms));
    if (isRefusal(response)) return response;
    const values: string[] = [];
    for await (const found of readJsonResults(response.body ?? EMPTY)) {
      if (found.kind === "row") values.push(String((found.row["value"] as { readonly value?: unknown }).value));
    }
    return values;
  }

  /** Takes out all graphs of the hub's that the store has, whoever put them there. */
  async clear(): Promise<undefined | Refusal> {
    const { client, layout } = this.#options;
    const graphs = await this.#values(
      `SELECT DISTINCT ?value WHERE { GRAPH ?value { ?s ?p ?o } FILTER(STRSTARTS(STR(?value), "${layout.prefix}")) }`,
      { default: [], named: [] },
      CLEAR_TIMEOUT_MS,
    );
    if (isRefusal(graphs)) return graphs;
    // The mark first: a store that is half empty must not look whole.
    for (const graph of [layout.markGraph as string, ...graphs.filter((each) => each !== layout.markGraph)]) {
      if (!graph.startsWith(layout.prefix) || /[<>"{}|\\^`\s]/.test(graph)) continue;
      const refusal = await client.update(`CLEAR SILENT GRAPH <${graph}>`, this.#signal(CLEAR_TIMEOUT_MS));
      if (isRefusal(refusal)) return refusal;
    }
    return undefined;
  }

  /** Brings the store to a mark by the changes before it. */
  async send(changes: readonly StatementChange[], reached: StoreMark): Promise<undefined | Refusal> {
    const { client, layout, log } = this.#options;
    const { texts, unheld } = layout.updatesOf(changes, reached);
    if (unheld > 0) log.warn({ triples: unheld }, "query-store-cannot-hold");
    for (const text of texts) {
      const refusal = await client.update(text, this.#signal(UPDATE_TIMEOUT_MS));
      if (!isRefusal(refusal)) continue;
      if (refusal.code !== "invalid") return refusal;
      const each = await this.#sendEach(changes);
      if (isRefusal(each)) return each;
      return await client.update(layout.markUpdate(reached), this.#signal(UPDATE_TIMEOUT_MS));
    }
    return undefined;
  }

  /** A store that says no to a triple must not stand still for ever: it is found, told to the log and left out. */
  async #sendEach(changes: readonly StatementChange[]): Promise<undefined | Refusal> {
    const { client, layout, log } = this.#options;
    const refusal = await client.update(layout.updateOf(changes), this.#signal(UPDATE_TIMEOUT_MS));
    if (!isRefusal(refusal)) return undefined;
    if (refusal.code !== "invalid") return refusal;
    const [only] = changes;
    if (changes.length <= 1) {
      log.warn({ predicate: only?.triple.predicate.value, reason: refusal.message }, "query-store-refused-triple");
      return undefined;
    }
    const half = Math.ceil(changes.length / 2);
    return (await this.#sendEach(changes.slice(0, half))) ?? (await this.#sendEach(changes.slice(half)));
  }

  #signal(timeout_ms: number): AbortSignal {
    return AbortSignal.any([this.#stop, AbortSignal.timeout(timeout_ms)]);
  }
}

const EMPTY: AsyncIterable<Uint8Array> = (async function* () {
  yield* [];
})();
