import type { QueryEngine as ComunicaEngine } from "@comunica/query-sparql";
import type { QueryAnswer } from "../../hub/ports/queries.ts";
import { refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import type { Bound, Rows } from "../bound.ts";
import type { Operation } from "../syntax/parse-query.ts";
import { ComunicaSource } from "./comunica-source.ts";
import type { DatasetSource } from "./dataset-source.ts";

/** What Comunica is asked, and of what. */
export interface ComunicaQuestion {
  readonly operation: Operation;
  readonly source: DatasetSource | ComunicaSource;
  readonly bindings: Readonly<Record<string, Term>>;
  readonly baseIri: Iri;
}

/** What is put around a load that may keep the process from all else for seconds, so that others are told before. */
export type AroundLoad = <T>(load: () => Promise<T>) => Promise<T>;

/**
 * Comunica, which takes half a second to load and 60 MB of memory: it does so when it is first needed, or when it is told
 * that it will be, and the first question waits for it.
 */
export class Comunica {
  readonly #aroundLoad: AroundLoad;
  #loading: Promise<ComunicaEngine> | undefined;

  constructor(aroundLoad: AroundLoad = (load) => load()) {
    this.#aroundLoad = aroundLoad;
  }

  load(): Promise<ComunicaEngine> {
    if (this.#loading === undefined) {
      this.#loading = this.#aroundLoad(() =>
        import("@comunica/query-sparql").then(({ QueryEngine }) => new QueryEngine()),
      );
      // A failure shows with the first query; until then nobody listens.
      this.#loading.catch(() => undefined);
    }
    return this.#loading;
  }

  /** Resolves when it stands, will not, or was never needed. */
  async loaded(): Promise<void> {
    await this.#loading?.catch(() => undefined);
  }

  /** Answers within a bound. */
  async answer(question: ComunicaQuestion, bound: Bound): Promise<QueryAnswer> {
    const engine = await bound.race(this.load());
    const context = await contextOf(question);
    const result = await bound.race(engine.query(question.operation as never, context as never));
    switch (result.resultType) {
      case "bindings": {
        const { variables } = await bound.race(result.metadata());
        const rows = (await bound.race(result.execute())) as unknown as Rows<ComunicaBindings>;
        return { kind: "bindings", variables: variables.map(({ value }) => value), rows: bound.stream(rows, rowOf) };
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
  }
}

type ComunicaBindings = Iterable<readonly [{ readonly value: string }, Term]>;

function rowOf(bindings: ComunicaBindings): ReadonlyMap<string, Term> {
  const row = new Map<string, Term>();
  for (const [variable, term] of bindings) row.set(variable.value, term);
  return row;
}

async function contextOf({ source, bindings, baseIri }: ComunicaQuestion): Promise<Readonly<Record<string, unknown>>> {
  const context: Record<string, unknown> = { noCache: true };
  // What is a source already is handed over past the ways to make one.
  if (source instanceof ComunicaSource) {
    const { KeysQueryOperation } = await import("@comunica/context-entries");
    context[KeysQueryOperation.querySources.name] = [{ source }];
  } else context["sources"] = [{ type: "rdfjs", value: source }];
  context["baseIRI"] = baseIri;
  const entries = Object.entries(bindings);
  if (entries.length === 0) return context;
  const [{ BindingsFactory }, { DataFactory }] = await Promise.all([
    import("@comunica/utils-bindings-factory"),
    import("rdf-data-factory"),
  ]);
  const factory = new DataFactory();
  context["initialBindings"] = new BindingsFactory(factory).bindings(
    entries.map(([name, term]) => [factory.variable(name), term] as never),
  );
  return context;
}
