import { type Quad, quad } from "../../rdf/term.ts";
import { void_ } from "../../vocab/void.ts";
import { isDescription, isTombstone } from "./document-description.ts";
import { type ImportContext, type ImportFinding, refusedFinding } from "./import-finding.ts";
import { graphFinding, tombstoneFinding, watchFinding } from "./import-graphs.ts";
import { keyOf, SubjectIndex } from "./import-index.ts";
import { tripleFindings } from "./import-triples.ts";
import { isWatchDescription } from "./watch-description.ts";

/**
 * Turns the quads of a file into documents, in an order in which they can be stored: what stands in named graphs as it
 * stands (one document each, as soon as it is whole when our own export's description came first), then the triples of
 * the default graph, sorted into posts, profiles and other documents by subject, in the shapes of SIOC, FOAF, SMOB and
 * LSBench. Refused subjects come as findings of their own; the last finding counts what was left out.
 *
 * Pure: the same quads and context give the same findings. Holds the quads it has read, and little more.
 * @throws what `quads` throws (a syntax error ends the reading; documents given before are whole).
 */
export async function* normaliseImport(
  quads: AsyncIterable<Quad> | Iterable<Quad>,
  context: ImportContext,
): AsyncGenerator<ImportFinding, void, undefined> {
  const index = new SubjectIndex();
  const graphs = new Map<string, SubjectIndexOfGraph>();
  const done = new Set<string>();
  for await (const each of quads) {
    if (each.graph.termType === "DefaultGraph") {
      index.add(each);
      continue;
    }
    const key = keyOf(each.graph);
    const graph = graphs.get(key) ?? new SubjectIndexOfGraph(expectedTriples(index.of(key)));
    graphs.set(key, graph);
    if (done.has(key)) {
      yield refusedFinding(
        key,
        "Expected the triples of a graph together, but more came after as many as void:triples says.",
      );
      continue;
    }
    if (!graph.add(each)) continue;
    done.add(key);
    yield graphFinding(key, graph.quads, index.of(key), context);
    graph.clear();
    index.remove(key);
  }
  for (const [key, graph] of graphs) {
    if (done.has(key)) continue;
    const description = index.of(key);
    yield graphFinding(key, graph.quads, isDescription(description) ? description : undefined, context);
    if (isDescription(description)) index.remove(key);
  }
  yield* withoutGraphs(index, context);
  yield* tripleFindings(index, context);
}

/** The triples of one named graph, moved to the default graph, each once. */
class SubjectIndexOfGraph {
  quads: Quad[] = [];
  readonly #expected: number | undefined;
  #index = new SubjectIndex();

  constructor(expected: number | undefined) {
    this.#expected = expected;
  }

  /** Takes a quad; true when the graph has as many triples as its description said. */
  add(each: Quad): boolean {
    const before = this.#index.of(keyOf(each.subject)).length;
    const plain = quad(each.subject, each.predicate, each.object);
    this.#index.add(plain);
    if (this.#index.of(keyOf(each.subject)).length > before) this.quads.push(plain);
    return this.quads.length === this.#expected;
  }

  clear(): void {
    this.quads = [];
    this.#index = new SubjectIndex();
  }
}

function expectedTriples(description: readonly Quad[]): number | undefined {
  if (!isDescription(description)) return undefined;
  const said = description.find((each) => each.predicate.value === void_.triples.value)?.object.value;
  return said !== undefined && /^\d{1,9}$/.test(said) ? Number(said) : undefined;
}

function* withoutGraphs(index: SubjectIndex, context: ImportContext): Generator<ImportFinding> {
  for (const [key, group] of index.groups) {
    if (isTombstone(group)) yield tombstoneFinding(key, group);
    else if (isWatchDescription(group)) yield watchFinding(key, group);
    // TriG names no graph that is empty: of an empty note only the description is left.
    else if (isDescription(group) && expectedTriples(group) === 0) yield graphFinding(key, [], group, context);
    // A document without triples has no graph in TriG, only its description.
    else if (isDescription(group) && expectedTriples(group) !== undefined) {
      yield refusedFinding(
        key,
        "Expected the named graph that this description announces, but none came; the file is cut off.",
      );
    } else continue;
    index.remove(key);
  }
}
