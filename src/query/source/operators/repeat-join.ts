import type { GraphIndex } from "../../../hub/ports/quad-index.ts";
import type { Node, Path } from "../node.ts";
import { type Operator, PAUSE, ROW, type Run, type Step } from "../operator.ts";
import { graphsOf, type Spot, spotOf } from "./pattern-join.ts";
import { RowWriter } from "./row-writer.ts";

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
      this.#reach = new Reach(this.#node.path, start, graphs, this.#isForward, isKnown);
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
    return isBound;
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

/** What a repeated path reaches from one start, each once, breadth first. */
class Reach {
  readonly #path: Path & { readonly type: "repeat" };
  readonly #graphs: readonly GraphIndex[];
  readonly #isForward: boolean;
  readonly #seen = new Set<number>();
  readonly #waiting: number[] = [];
  readonly #found: number[] = [];
  #at = 0;
  #expandedAt = 0;

  constructor(
    path: Path & { readonly type: "repeat" },
    start: number,
    graphs: readonly GraphIndex[],
    isForward: boolean,
    isKnown: boolean,
  ) {
    this.#path = path;
    this.#graphs = graphs;
    this.#isForward = isForward;
    if (path.least === 0) {
      if (isKnown) this.#found.push(start);
      this.#seen.add(start);
    }
    this.#waiting.push(start);
  }

  /** The next term reached; 0 when one step further found nothing new, undefined at the end. */
  next(): number | undefined {
    const found = this.#found[this.#at];
    if (found !== undefined) {
      this.#at++;
      return found;
    }
    const node = this.#waiting[this.#expandedAt++];
    if (node === undefined) return undefined;
    for (const each of neighbours(this.#path.path, node, this.#isForward, this.#graphs)) {
      if (this.#seen.has(each)) continue;
      this.#seen.add(each);
      this.#found.push(each);
      if (this.#path.more) this.#waiting.push(each);
    }
    return 0;
  }
}

/** Numbers of the predicates of a path, looked up once a path. */
const numbersOf = new WeakMap<Path, readonly number[]>();

/** Tells a path the numbers of its predicates in this run. */
export function numberPath(path: Path, run: Run): Path {
  const numbered = { ...path } as Path;
  if (numbered.type === "link") numbersOf.set(numbered, [run.terms.numberOf(numbered.predicate)]);
  else if (numbered.type === "not") {
    numbersOf.set(
      numbered,
      numbered.predicates.map((term) => run.terms.numberOf(term)),
    );
  } else if (numbered.type === "inverse" || numbered.type === "repeat") {
    return { ...numbered, path: numberPath(numbered.path, run) };
  } else return { ...numbered, paths: numbered.paths.map((each) => numberPath(each, run)) };
  return numbered;
}

/** The terms one path away. */
function neighbours(path: Path, node: number, isForward: boolean, graphs: readonly GraphIndex[]): readonly number[] {
  switch (path.type) {
    case "link": {
      const predicate = numbersOf.get(path)?.[0] ?? 0;
      const found: number[] = [];
      for (const graph of graphs) {
        const leaf = isForward ? graph.subjects[node]?.[predicate] : graph.predicates[predicate]?.[node];
        for (const each in leaf) found.push(Number(each));
      }
      return found;
    }
    case "inverse":
      return neighbours(path.path, node, !isForward, graphs);
    case "alternative":
      return path.paths.flatMap((each) => neighbours(each, node, isForward, graphs));
    case "sequence": {
      let nodes: Iterable<number> = [node];
      for (const each of isForward ? path.paths : path.paths.toReversed()) {
        const further = new Set<number>();
        for (const one of nodes) for (const found of neighbours(each, one, isForward, graphs)) further.add(found);
        nodes = further;
      }
      return [...nodes];
    }
    case "not":
      return othersOf(numbersOf.get(path) ?? [], node, isForward, graphs);
    case "repeat": {
      const reach = new Reach(path, node, graphs, isForward, true);
      const found: number[] = [];
      for (let each = reach.next(); each !== undefined; each = reach.next()) if (each !== 0) found.push(each);
      return found;
    }
  }
}

function othersOf(
  except: readonly number[],
  node: number,
  isForward: boolean,
  graphs: readonly GraphIndex[],
): readonly number[] {
  const found: number[] = [];
  for (const graph of graphs) {
    if (isForward) {
      const branch = graph.subjects[node];
      for (const predicate in branch) {
        if (except.includes(Number(predicate))) continue;
        for (const object in branch[Number(predicate)]) found.push(Number(object));
      }
    } else {
      const branch = graph.objects[node];
      for (const subject in branch) {
        const leaf = branch[Number(subject)];
        for (const predicate in leaf) if (!except.includes(Number(predicate))) found.push(Number(subject));
      }
    }
  }
  return found;
}
