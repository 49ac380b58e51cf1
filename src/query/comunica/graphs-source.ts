import { wrap } from "asynciterator";
import type { Dataset, QuadSource, QueryGraphs } from "../../hub/ports/queries.ts";
import { defaultGraph, type Quad, quad, type Term } from "../../rdf/term.ts";
import type { DatasetSource } from "./dataset-source.ts";

type Pattern = Term | null | undefined;

/** The graphs handed to one query as an RDF/JS source, with what `dataset` holds beside them where they ask for it. */
export function graphsSource(quads: QuadSource, dataset: Dataset, graphs: QueryGraphs): DatasetSource {
  const own = new GraphsIndex(graphs.quads);
  const without = new Set((graphs.without ?? []).map(keyOf));
  function* match(subject: Pattern, predicate: Pattern, object: Pattern, graph: Pattern): Generator<Quad, undefined> {
    yield* own.match(subject, predicate, object, graph);
    if (!graphs.withDataset || graph?.termType !== "DefaultGraph") return;
    for (const found of quads.match(subject, predicate, object, dataset)) {
      const key = keyOf(found);
      if (!without.has(key) && !own.has(key)) yield found;
    }
  }
  return {
    match: (subject, predicate, object, graph) => wrap(match(subject, predicate, object, graph)),
    countQuads: (subject, predicate, object, graph) => {
      let count = own.count(subject, predicate, object, graph);
      // What both hold is counted twice: the count only decides in which order patterns are read.
      if (graphs.withDataset && graph?.termType === "DefaultGraph")
        count += quads.count(subject, predicate, object, dataset);
      return count;
    },
  };
}

const POSITIONS = ["subject", "predicate", "object", "graph"] as const;

/** Quads by each of their terms; a pattern reads the shortest list that holds all its matches. */
class GraphsIndex {
  readonly #keys = new Set<string>();
  readonly #all: Quad[] = [];
  readonly #by = POSITIONS.map(() => new Map<string, Quad[]>());

  constructor(quads: Iterable<Quad>) {
    for (const each of quads) {
      const key = keyOf(each);
      if (this.#keys.has(key)) continue;
      this.#keys.add(key);
      const plain = quad(each.subject, each.predicate, each.object, each.graph);
      this.#all.push(plain);
      for (const [at, position] of POSITIONS.entries()) {
        const lists = this.#by[at];
        const name = termKey(plain[position]);
        const list = lists?.get(name);
        if (list === undefined) lists?.set(name, [plain]);
        else list.push(plain);
      }
    }
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** No graph stands for any named one, as a variable does in SPARQL. */
  *match(subject: Pattern, predicate: Pattern, object: Pattern, graph: Pattern): Generator<Quad, undefined> {
    const terms = [subject, predicate, object, graph];
    let shortest: readonly Quad[] = this.#all;
    for (const [at, term] of terms.entries()) {
      if (term === undefined || term === null) continue;
      const list = this.#by[at]?.get(termKey(term)) ?? [];
      if (list.length < shortest.length) shortest = list;
    }
    for (const found of shortest) {
      if (graph === undefined || graph === null ? found.graph.equals(defaultGraph()) : !graph.equals(found.graph))
        continue;
      if (subject !== undefined && subject !== null && !subject.equals(found.subject)) continue;
      if (predicate !== undefined && predicate !== null && !predicate.equals(found.predicate)) continue;
      if (object !== undefined && object !== null && !object.equals(found.object)) continue;
      yield found;
    }
  }

  count(subject: Pattern, predicate: Pattern, object: Pattern, graph: Pattern): number {
    let count = 0;
    for (const _ of this.match(subject, predicate, object, graph)) count++;
    return count;
  }
}

function termKey(term: Term): string {
  if (term.termType === "Quad") return `<<${keyOf(term as Quad)}>>`;
  const tail = term.termType === "Literal" ? `\n${term.language}\n${term.datatype.value}` : "";
  return `${term.termType.slice(0, 1)}${term.value}${tail}`;
}

function keyOf({ subject, predicate, object, graph }: Quad): string {
  return [subject, predicate, object, graph].map(termKey).join("\t");
}
