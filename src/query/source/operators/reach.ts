import type { GraphIndex } from "../../../hub/ports/quad-index.ts";
import type { Path } from "../node.ts";
import type { Run } from "../operator.ts";

/** What a repeated path reaches from one start, each once, breadth first, so by as few steps as can be. */
export class Reach {
  readonly #path: Path & { readonly type: "repeat" };
  readonly #graphs: readonly GraphIndex[];
  readonly #isForward: boolean;
  readonly #seen = new Set<number>();
  readonly #waiting: number[] = [];
  readonly #found: number[] = [];
  readonly #start: number;
  /** Where each one was reached from, if that is asked for. */
  readonly #before: Map<number, number> | undefined;
  #at = 0;
  #expandedAt = 0;

  constructor(
    path: Path & { readonly type: "repeat" },
    start: number,
    graphs: readonly GraphIndex[],
    isForward: boolean,
    options: { readonly isKnown: boolean; readonly tracksSteps: boolean },
  ) {
    this.#path = path;
    this.#start = start;
    this.#before = options.tracksSteps ? new Map() : undefined;
    this.#graphs = graphs;
    this.#isForward = isForward;
    if (path.least === 0) {
      if (options.isKnown) this.#found.push(start);
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
      this.#before?.set(each, node);
      if (this.#path.more) this.#waiting.push(each);
    }
    return 0;
  }

  /** The steps by which a term was reached; none where that takes none. */
  stepsTo(end: number): readonly (readonly [from: number, to: number])[] {
    const steps: (readonly [number, number])[] = [];
    let at: number | undefined = end;
    if (end === this.#start && this.#path.least === 0) return steps;
    do {
      const from: number | undefined = this.#before?.get(at);
      if (from === undefined) break;
      steps.push([from, at]);
      at = from;
    } while (at !== this.#start);
    return steps;
  }
}

const numbers = new WeakMap<Path, readonly number[]>();

/** Numbers of the predicates of a path, looked up once a path. */
export function numbersOf(path: Path): readonly number[] {
  return numbers.get(path) ?? [];
}

/** Tells a path the numbers of its predicates in this run. */
export function numberPath(path: Path, run: Run): Path {
  const numbered = { ...path } as Path;
  if (numbered.type === "link") numbers.set(numbered, [run.terms.numberOf(numbered.predicate)]);
  else if (numbered.type === "not") {
    numbers.set(
      numbered,
      numbered.predicates.map((term) => run.terms.numberOf(term)),
    );
  } else if (numbered.type === "inverse" || numbered.type === "repeat") {
    return { ...numbered, path: numberPath(numbered.path, run) };
  } else return { ...numbered, paths: numbered.paths.map((each) => numberPath(each, run)) };
  return numbered;
}

/** The terms one path away. */
export function neighbours(
  path: Path,
  node: number,
  isForward: boolean,
  graphs: readonly GraphIndex[],
): readonly number[] {
  switch (path.type) {
    case "link": {
      const predicate = numbersOf(path)[0] ?? 0;
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
      return othersOf(numbersOf(path), node, isForward, graphs);
    case "repeat": {
      const reach = new Reach(path, node, graphs, isForward, { isKnown: true, tracksSteps: false });
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
