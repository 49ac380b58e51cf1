import type { JournalMark, StatementChange } from "../../hub/ports/document-journal.ts";
import type { Dataset } from "../../hub/ports/queries.ts";
import type { Audience } from "../../rdf/document.ts";
import { escapeString } from "../../rdf/escape.ts";
import type { Iri } from "../../rdf/iri.ts";
import { rdf } from "../../vocab/rdf.ts";
import type { StoreDataset } from "./store-client.ts";
import type { StoreTerms } from "./store-terms.ts";

/** LIMIT: triples in one update. COMPAT: Virtuoso 7.2 runs out of memory at 4,990 lines of INSERT DATA. */
const UPDATE_TRIPLES_MAX = 1_500;
/** LIMIT: characters in one update. */
const UPDATE_CHARACTERS_MAX = 4_000_000;
/** Grows when the hub lays its graphs out in another way; a store with another one is filled anew. */
const LAYOUT = 1;

/** How far a store is: `filled` is where filling goes on, undefined when it has all. */
export interface StoreMark {
  readonly mark: JournalMark;
  readonly filled: number | undefined;
}

/**
 * Where things stand in a store outside: one graph for what is public and one for each account with private documents,
 * all named below the hub's own base, so that a store can be shared; and one that says how far the store is.
 */
export class StoreLayout {
  /** Every graph of the hub's begins so. */
  readonly prefix: string;
  readonly markGraph: Iri;
  readonly #none: Iri;
  readonly #terms: StoreTerms;

  constructor(base: Iri, terms: StoreTerms) {
    this.prefix = `${base}sparql#graph/`;
    this.markGraph = `${this.prefix}mark` as Iri;
    this.#none = `${this.prefix}none` as Iri;
    this.#terms = terms;
  }

  graphOf(audience: Audience): Iri {
    const name = audience === "public" ? "public" : `only/${encodeURIComponent(audience.only)}`;
    return `${this.prefix}${name}` as Iri;
  }

  /** What a requester sees, and nothing else: no graph has a name there. */
  datasetOf(dataset: Dataset): StoreDataset {
    const own = dataset.private === undefined ? [] : [this.graphOf({ only: dataset.private })];
    return { default: [this.graphOf("public"), ...own], named: [this.#none] };
  }

  /** The dataset of the hub's own bookkeeping. */
  get markDataset(): StoreDataset {
    return { default: [this.markGraph], named: [this.#none] };
  }

  /**
   * Updates that make changes, the last of which says how far the store then is. `unheld` counts triples that no store
   * can hold (IRIs too long, quoted triples).
   */
  updatesOf(
    changes: readonly StatementChange[],
    reached: StoreMark,
  ): { readonly texts: readonly string[]; readonly unheld: number } {
    const texts: string[] = [];
    let unheld = 0;
    let block = new UpdateBlock();
    for (const { op, audience, triple } of changes) {
      const terms = [triple.subject, triple.predicate, triple.object].map((term) => this.#terms.write(term));
      if (terms.includes(undefined)) {
        unheld++;
        continue;
      }
      block.put(op, this.graphOf(audience), `${terms.join(" ")} .`);
      if (!block.isFull) continue;
      texts.push(block.text());
      block = new UpdateBlock();
    }
    // With the mark of the last: a store that has the mark has all before it.
    texts.push([block.text(), this.markUpdate(reached)].filter((text) => text !== "").join(" ;\n"));
    return { texts, unheld };
  }

  /** One update that makes changes, however many, and says nothing of how far the store is. */
  updateOf(changes: readonly StatementChange[]): string {
    const block = new UpdateBlock();
    for (const { op, audience, triple } of changes) {
      const terms = [triple.subject, triple.predicate, triple.object].map((term) => this.#terms.write(term));
      if (!terms.includes(undefined)) block.put(op, this.graphOf(audience), `${terms.join(" ")} .`);
    }
    return block.text();
  }

  /** Writes the new mark before the old one goes, so that there always is one. */
  markUpdate({ mark, filled }: StoreMark): string {
    const text = JSON.stringify([LAYOUT, mark.run, mark.position, filled ?? "all"]);
    const [graph, value] = [`<${this.markGraph}>`, `"${escapeString(text)}"`];
    const triple = `${graph} <${rdf.value.value}>`;
    return (
      `INSERT DATA { GRAPH ${graph} { ${triple} ${value} } } ;\n` +
      `DELETE { GRAPH ${graph} { ${triple} ?old } } WHERE { GRAPH ${graph} { ${triple} ?old FILTER(STR(?old) != ${value}) } }`
    );
  }

  /** Reads marks back; of several the one that is least far. Undefined when there is none of this layout. */
  readMark(texts: readonly string[]): StoreMark | undefined {
    const marks = texts.map(parseMark);
    if (marks.length === 0 || marks.includes(undefined)) return undefined;
    const known = marks.filter((each) => each !== undefined);
    const isWhole = known.every(({ filled }) => filled === undefined);
    const filling = known.filter(({ filled }) => filled !== undefined);
    const [least] = (isWhole ? known : filling).sort(
      (a, b) => a.mark.position - b.mark.position || (a.filled ?? 0) - (b.filled ?? 0),
    );
    return least;
  }
}

function parseMark(text: string): StoreMark | undefined {
  try {
    const [layout, run, position, filled] = JSON.parse(text) as readonly unknown[];
    if (layout !== LAYOUT || typeof run !== "string" || typeof position !== "number") return undefined;
    return { mark: { run, position }, filled: typeof filled === "number" ? filled : undefined };
  } catch {
    return undefined;
  }
}

/** INSERT DATA and DELETE DATA by graph. */
class UpdateBlock {
  readonly #lines = { add: new Map<Iri, string[]>(), remove: new Map<Iri, string[]>() };
  #count = 0;
  #characters = 0;

  get isFull(): boolean {
    return this.#count >= UPDATE_TRIPLES_MAX || this.#characters >= UPDATE_CHARACTERS_MAX;
  }

  put(op: StatementChange["op"], graph: Iri, line: string): void {
    const lines = this.#lines[op].get(graph) ?? [];
    lines.push(line);
    this.#lines[op].set(graph, lines);
    this.#count++;
    this.#characters += line.length;
  }

  /** One operation for each graph, removals first. */
  text(): string {
    const operations: string[] = [];
    for (const [op, keyword] of [
      ["remove", "DELETE DATA"],
      ["add", "INSERT DATA"],
    ] as const) {
      for (const [graph, lines] of this.#lines[op]) {
        operations.push(`${keyword} { GRAPH <${graph}> {\n${lines.join("\n")}\n} }`);
      }
    }
    return operations.join(" ;\n");
  }
}
