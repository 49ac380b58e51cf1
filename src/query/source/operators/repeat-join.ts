import type { GraphIndex } from "../../../hub/ports/quad-index.ts";
import { literal } from "../../../rdf/term.ts";
import type { Node } from "../node.ts";
import { type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";
import { graphsOf, originsOf, type Spot, spotOf } from "./pattern-join.ts";
import { Reach } from "./reach.ts";
import { RowWriter } from "./row-writer.ts";
import { witnessOfRepeat } from "./witness.ts";

type RepeatNode = Node & { readonly type: "repeat" };

/** Each solution of the input with each pair of ends of a path repeated any number of times (SPARQL 1.1 §18.4, ALP). */
export class RepeatJoin implements Operator {
  readonly label: string;
  readonly inputs: readonly Operator[];
  readonly estimate: number;
  given = 0;
  readonly #run: Run;
  readonly #input: Operator;
  readonly #writer: RowWriter;
  readonly #node: RepeatNode;
  readonly #subject: Spot;
  readonly #object: Spot;
  readonly #graphSlot: number;
  readonly #graphsOf: ReturnType<typeof graphsOf>;
  readonly #originSlot: number;
  /** What the merged graphs are from. */
  readonly #origins: readonly string[];
  #isWalking = false;
  #graphs: readonly (readonly [number, readonly GraphIndex[]])[] = [];
  #graphAt = 0;
  #starts: readonly number[] = [];
  #startAt = 0;
  #reach: Reach | undefined;
  /** Ends are subjects when the walk goes backward. */
  #isForward = true;
  #wanted = 0;

  constructor(input: Operator, node: RepeatNode, run: Run, label: string, estimate: number) {
    this.#run = run;
    this.#input = input;
    this.#writer = new RowWriter(run.row);
    this.inputs = [input];
    this.#node = node;
    this.label = label;
    this.estimate = estimate;
    this.#subject = spotOf(node.subject, run);
    this.#object = spotOf(node.object, run);
    const { graph } = node;
    this.#graphSlot = graph !== "default" && "variable" in graph ? run.slotOf(graph.variable) : -1;
    this.#graphsOf = graphsOf(graph, run);
    const { origin } = node;
    this.#originSlot = origin === undefined ? -1 : run.slotOf(origin.variable);
    this.#origins = origin === undefined ? [] : originsOf(run, origin.here);
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
        const end = this.#advance();
        if (end === undefined) this.#isWalking = false;
        else if (end !== 0 && this.#bind(end)) {
          this.given++;
          return ROW;
        }
        if (--turn.left < 0) return PAUSE;
        continue;
      }
      const step = this.#input.next();
      if (step !== ROW) return step;
      const { row } = this.#run;
      this.#isWalking = true;
      this.#graphs = this.#graphsOf(this.#graphSlot < 0 ? 0 : (row[this.#graphSlot] ?? 0));
      this.#graphAt = -1;
      this.#starts = [];
      this.#startAt = 0;
      this.#reach = undefined;
    }
  }

  /** The next end; 0 for a step without one, undefined at the end of all. */
  #advance(): number | undefined {
    const end = this.#reach?.next();
    if (end !== undefined) return end;
    const start = this.#starts[this.#startAt++];
    if (start !== undefined) {
      const graphs = this.#graphs[this.#graphAt]?.[1] ?? [];
      const isKnown = this.#subject.slot < 0 || this.#object.slot < 0 || isInGraph(start, graphs);
      const options = { isKnown, tracksSteps: this.#originSlot >= 0 };
      this.#reach = new Reach(this.#node.path, start, graphs, this.#isForward, options);
      return 0;
    }
    if (this.#graphAt >= this.#graphs.length - 1) return undefined;
    this.#graphAt++;
    this.#startGraph();
    return 0;
  }

  #startGraph(): void {
    const { row } = this.#run;
    const valueOf = ({ slot, number }: Spot): number => (slot < 0 ? number : (row[slot] ?? 0));
    const [subject, object] = [valueOf(this.#subject), valueOf(this.#object)];
    this.#isForward = subject !== 0 || object === 0;
    this.#wanted = this.#isForward ? object : subject;
    this.#startAt = 0;
    this.#starts =
      subject !== 0 ? [subject] : object !== 0 ? [object] : nodesOf(this.#graphs[this.#graphAt]?.[1] ?? []);
  }

  #bind(end: number): boolean {
    if (this.#wanted !== 0 && end !== this.#wanted) return false;
    const start = this.#starts[this.#startAt - 1] ?? 0;
    const [subject, object] = this.#isForward ? [start, end] : [end, start];
    const isBound =
      this.#writer.write(this.#subject.slot, subject) &&
      this.#writer.write(this.#object.slot, object) &&
      this.#writer.write(this.#graphSlot, this.#graphs[this.#graphAt]?.[0] ?? 0);
    if (!isBound) this.#writer.takeBack();
    else if (this.#originSlot >= 0) this.#writer.write(this.#originSlot, this.#originOf(end));
    return isBound;
  }

  /** The number of the text that names where the triples of the way to an end are from. */
  #originOf(end: number): number {
    if (this.#reach === undefined) return 0;
    const graphs = this.#graphs[this.#graphAt]?.[1] ?? [];
    const found = witnessOfRepeat(this.#reach, this.#node.path, end, this.#isForward, graphs);
    // Between variables a way of no length is one because its end is in some triple.
    const isOpen = this.#subject.slot >= 0 && this.#object.slot >= 0;
    if (found.length === 0 && isOpen) found.push(graphs.findIndex((graph) => isInGraph(end, [graph])));
    const names = new Set(found.map((graph) => this.#origins[graph] ?? ""));
    return names.size === 0 ? 0 : this.#run.terms.numberOf(literal([...names].join(" ")));
  }
}

function isInGraph(number: number, graphs: readonly GraphIndex[]): boolean {
  return graphs.some(({ subjects, objects }) => number in subjects || number in objects);
}

/** Every term that is a subject or an object. */
function nodesOf(graphs: readonly GraphIndex[]): readonly number[] {
  const nodes = new Set<number>();
  for (const { subjects, objects } of graphs) {
    for (const each in subjects) nodes.add(Number(each));
    for (const each in objects) nodes.add(Number(each));
  }
  return [...nodes];
}
