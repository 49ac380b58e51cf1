import type { GraphIndex } from "../../../hub/ports/quad-index.ts";
import { literal } from "../../../rdf/term.ts";
import type { GraphPlace, PatternNode, Place } from "../node.ts";
import { type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";
import { TripleCursor } from "../triple-cursor.ts";
import { RowWriter } from "./row-writer.ts";

/** A place of a pattern: the number of a term, or where in the row its variable stands. */
export interface Spot {
  readonly number: number;
  /** -1 for a term. */
  readonly slot: number;
}

export function spotOf(place: Place, run: Run): Spot {
  return "variable" in place
    ? { number: 0, slot: run.slotOf(place.variable) }
    : { number: run.terms.numberOf(place.term), slot: -1 };
}

/** The graphs that a pattern is about, with the number that a variable for them would take. */
export function graphsOf(
  place: GraphPlace,
  run: Run,
): (bound: number) => readonly (readonly [number, readonly GraphIndex[]])[] {
  const { merged, named } = run.dataset;
  if (place === "default") {
    const all = [[0, merged] as const];
    return () => all;
  }
  const one = (number: number): readonly (readonly [number, readonly GraphIndex[]])[] => {
    const graph = named.get(number);
    return graph === undefined ? [] : [[number, [graph]]];
  };
  if ("term" in place) {
    const found = one(run.terms.numberOf(place.term));
    return () => found;
  }
  const all = [...named].map(([number, graph]) => [number, [graph]] as const);
  return (bound) => (bound === 0 ? all : one(bound));
}

/** Where the triples of each merged graph are from. */
export function originsOf({ dataset }: Run, here: string): readonly string[] {
  const { merged, origins = [] } = dataset;
  return merged.map((_, at) => origins[at] ?? here);
}

/** Each solution of the input with each triple that matches the pattern then (an index nested loop join). */
export class PatternJoin implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  readonly estimate: number;
  given = 0;
  readonly #run: Run;
  readonly #input: Operator;
  readonly #writer: RowWriter;
  readonly #subject: Spot;
  readonly #predicate: Spot;
  readonly #object: Spot;
  readonly #graphSlot: number;
  readonly #graphsOf: (bound: number) => readonly (readonly [number, readonly GraphIndex[]])[];
  readonly #except: ReadonlySet<number>;
  readonly #originSlot: number;
  /** The numbers of what the merged graphs are from. */
  readonly #origins: readonly number[];
  readonly #cursor: TripleCursor;
  #graphs: readonly (readonly [number, readonly GraphIndex[]])[] = [];
  #graphAt = 0;
  #isWalking = false;

  constructor(input: Operator, pattern: PatternNode, run: Run, label: string, estimate: number) {
    this.#run = run;
    this.#input = input;
    this.#writer = new RowWriter(run.row);
    this.inputs = [input];
    this.label = label;
    this.estimate = estimate;
    this.#subject = spotOf(pattern.subject, run);
    this.#predicate = spotOf(pattern.predicate, run);
    this.#object = spotOf(pattern.object, run);
    const { graph } = pattern;
    this.#graphSlot = graph !== "default" && "variable" in graph ? run.slotOf(graph.variable) : -1;
    this.#graphsOf = graphsOf(graph, run);
    this.#except = new Set(pattern.except?.map((term) => run.terms.numberOf(term)));
    this.#cursor = new TripleCursor(run.index);
    const { origin } = pattern;
    this.#originSlot = origin === undefined ? -1 : run.slotOf(origin.variable);
    const origins = origin === undefined ? [] : originsOf(run, origin.here);
    this.#origins = origins.map((name) => run.terms.numberOf(literal(name)));
  }

  open(): void {
    this.#writer.takeBack();
    this.#isWalking = false;
    this.#input.open();
  }

  next(): Step {
    const { turn } = this.#run;
    for (;;) {
      if (this.#isWalking) {
        this.#writer.takeBack();
        if (this.#advance()) {
          if (this.#bind()) {
            this.given++;
            return ROW;
          }
          if (--turn.left < 0) return PAUSE;
          continue;
        }
        this.#isWalking = false;
      }
      const step = this.#input.next();
      if (step !== ROW) return step;
      this.#begin();
      if (--turn.left < 0) return PAUSE;
    }
  }

  #begin(): void {
    const { row } = this.#run;
    this.#isWalking = true;
    this.#graphs = this.#graphsOf(this.#graphSlot < 0 ? 0 : (row[this.#graphSlot] ?? 0));
    this.#graphAt = -1;
    this.#startGraph();
  }

  #startGraph(): boolean {
    const found = this.#graphs[++this.#graphAt];
    if (found === undefined) return false;
    const { row } = this.#run;
    const valueOf = ({ slot, number }: Spot): number => (slot < 0 ? number : (row[slot] ?? 0));
    const [subject, predicate, object] = [valueOf(this.#subject), valueOf(this.#predicate), valueOf(this.#object)];
    // What only the query knows is in no triple.
    const isNowhere = subject < 0 || predicate < 0 || object < 0;
    this.#cursor.start(isNowhere ? [] : found[1], subject, predicate, object);
    return true;
  }

  #advance(): boolean {
    if (this.#graphAt >= this.#graphs.length) return false;
    while (!this.#cursor.next()) if (!this.#startGraph()) return false;
    return true;
  }

  /** Writes the triple into the row; false if a variable in two places would be two terms. */
  #bind(): boolean {
    const { subject, predicate, object } = this.#cursor;
    if (this.#except.size > 0 && this.#except.has(predicate)) return false;
    const graph = this.#graphs[this.#graphAt]?.[0] ?? 0;
    const isBound =
      this.#writer.write(this.#subject.slot, subject) &&
      this.#writer.write(this.#predicate.slot, predicate) &&
      this.#writer.write(this.#object.slot, object) &&
      this.#writer.write(this.#graphSlot, graph) &&
      this.#writer.write(this.#originSlot, this.#origins[this.#cursor.graph] ?? 0);
    if (!isBound) this.#writer.takeBack();
    return isBound;
  }
}
