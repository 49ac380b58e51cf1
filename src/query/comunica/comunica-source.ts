import type { BindingsStream, FragmentSelectorShape, IQuerySource } from "@comunica/types";
import { BufferedIterator } from "asynciterator";
import type { QuadIndex } from "../../hub/ports/quad-index.ts";
import type { Dataset, QueryPlanStep } from "../../hub/ports/queries.ts";
import { SourceAnswer } from "../source/answer.ts";
import { certain, possible } from "../source/node.ts";
import { translatePart } from "../source/translate.ts";

/** Operations that are taken whatever they hold: those without expressions, whose functions it may not know. */
const TAKEN = ["pattern", "bgp", "join", "union", "minus", "project", "distinct"] as const;

/** A source for Comunica that has not been taken in yet: made with Comunica's own values, which load late. */
export async function comunicaSource(index: QuadIndex, dataset: Dataset): Promise<ComunicaSource> {
  const [{ BindingsFactory }, { DataFactory }, { MetadataValidationState }] = await Promise.all([
    import("@comunica/utils-bindings-factory"),
    import("rdf-data-factory"),
    import("@comunica/utils-metadata"),
  ]);
  const terms = new DataFactory();
  const bindings = new BindingsFactory(terms);
  return new ComunicaSource(index, dataset, {
    bindings: (row) => bindings.bindings([...row].map(([name, term]) => [terms.variable(name), term] as never)),
    metadata: (variables, cardinality) => ({
      state: new MetadataValidationState(),
      cardinality: { type: "estimate", value: cardinality },
      variables: variables.map(({ name, isCertain }) => ({ variable: terms.variable(name), canBeUndef: !isCertain })),
    }),
  });
}

interface Values {
  bindings(row: ReadonlyMap<string, unknown>): unknown;
  metadata(variables: readonly { readonly name: string; readonly isCertain: boolean }[], cardinality: number): unknown;
}

/**
 * The query source as Comunica's `IQuerySource`, for queries of which the hub's own evaluator leaves a part to it: joins,
 * unions and the like below that part are still evaluated here, over the store's indexes.
 */
export class ComunicaSource implements IQuerySource {
  readonly referenceValue = "urn:sterna:store";
  readonly #index: QuadIndex;
  readonly #dataset: Dataset;
  readonly #values: Values;
  readonly #answers: SourceAnswer[] = [];

  constructor(index: QuadIndex, dataset: Dataset, values: Values) {
    this.#index = index;
    this.#dataset = dataset;
    this.#values = values;
  }

  /** The plans of what it was asked. */
  get plans(): readonly QueryPlanStep[] {
    return this.#answers.map(({ plan }) => plan);
  }

  async getFilterFactor(): Promise<number> {
    return 1;
  }

  async getSelectorShape(): Promise<FragmentSelectorShape> {
    return {
      type: "disjunction",
      children: TAKEN.map((type) => ({ type: "operation", operation: { operationType: "type", type } })) as never,
    };
  }

  queryBindings(operation: unknown): BindingsStream {
    const node = translatePart(operation);
    const variables = [...possible(node)].filter((name) => !name.startsWith(" "));
    const answer = new SourceAnswer({ form: { type: "select", variables }, node }, this.#index, this.#dataset);
    this.#answers.push(answer);
    const stream = new Solutions(answer.rows(), (row) => this.#values.bindings(row));
    const surely = certain(node);
    const named = variables.map((name) => ({ name, isCertain: surely.has(name) }));
    stream.setProperty("metadata", this.#values.metadata(named, answer.estimate));
    return stream as unknown as BindingsStream;
  }

  queryQuads(): never {
    throw new Error("Expected an operation with solutions, but got a CONSTRUCT.");
  }

  queryBoolean(): never {
    throw new Error("Expected an operation with solutions, but got an ASK.");
  }

  queryVoid(): never {
    throw new Error("Expected an operation with solutions, but got an update.");
  }

  toString(): string {
    return "ComunicaSource(sterna)";
  }
}

/** Solutions as Comunica reads them, a few ahead. */
class Solutions extends BufferedIterator<unknown> {
  readonly #rows: AsyncGenerator<ReadonlyMap<string, unknown>>;
  readonly #map: (row: ReadonlyMap<string, unknown>) => unknown;

  constructor(rows: AsyncGenerator<ReadonlyMap<string, unknown>>, map: (row: ReadonlyMap<string, unknown>) => unknown) {
    super({ maxBufferSize: 64, autoStart: false });
    this.#rows = rows;
    this.#map = map;
  }

  protected override _read(count: number, done: () => void): void {
    this.#take(count).then(done, (error: unknown) => this.destroy(error as Error));
  }

  async #take(count: number): Promise<void> {
    for (let left = count; left > 0; left--) {
      const next = await this.#rows.next();
      if (next.done === true) return this.close();
      this._push(this.#map(next.value));
    }
  }

  protected override _destroy(cause: Error | undefined, callback: (error?: Error) => void): void {
    void this.#rows.return(undefined);
    callback(cause);
  }
}
