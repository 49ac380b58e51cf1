import type { GraphIndex } from "../../../hub/ports/quad-index.ts";
import type { Path } from "../node.ts";
import { neighbours, numbersOf, Reach } from "./reach.ts";

type Graphs = readonly GraphIndex[];

/** Of which of the graphs triples are that lead from one term to another by a path; one of the ways there may be. */
export function witness(path: Path, from: number, to: number, isForward: boolean, graphs: Graphs): readonly number[] {
  switch (path.type) {
    case "link": {
      const [predicate = 0] = numbersOf(path);
      const [subject, object] = isForward ? [from, to] : [to, from];
      return one(graphs.findIndex(({ subjects }) => object in (subjects[subject]?.[predicate] ?? {})));
    }
    case "not": {
      const except = numbersOf(path);
      const [subject, object] = isForward ? [from, to] : [to, from];
      const isLed = ({ objects }: GraphIndex): boolean =>
        Object.keys(objects[object]?.[subject] ?? {}).some((predicate) => !except.includes(Number(predicate)));
      return one(graphs.findIndex(isLed));
    }
    case "inverse":
      return witness(path.path, from, to, !isForward, graphs);
    case "alternative": {
      const taken = path.paths.find((each) => neighbours(each, from, isForward, graphs).includes(to));
      return taken === undefined ? [] : witness(taken, from, to, isForward, graphs);
    }
    case "sequence":
      return witnessOfSequence(isForward ? path.paths : path.paths.toReversed(), from, to, isForward, graphs);
    case "repeat": {
      const reach = new Reach(path, from, graphs, isForward, { isKnown: true, tracksSteps: true });
      for (let found = reach.next(); found !== undefined && found !== to; found = reach.next());
      return witnessOfRepeat(reach, path, to, isForward, graphs);
    }
  }
}

/** The same for what a repeated path has reached. */
export function witnessOfRepeat(
  reach: Reach,
  { path }: Path & { readonly type: "repeat" },
  end: number,
  isForward: boolean,
  graphs: Graphs,
): number[] {
  return reach.stepsTo(end).flatMap(([from, to]) => witness(path, from, to, isForward, graphs));
}

function witnessOfSequence(
  paths: readonly Path[],
  from: number,
  to: number,
  isForward: boolean,
  graphs: Graphs,
): readonly number[] {
  // Where each term was reached from, step by step.
  const layers: Map<number, number>[] = [];
  let nodes: Iterable<number> = [from];
  for (const path of paths) {
    const layer = new Map<number, number>();
    for (const node of nodes) {
      for (const each of neighbours(path, node, isForward, graphs)) if (!layer.has(each)) layer.set(each, node);
    }
    layers.push(layer);
    nodes = layer.keys();
  }
  const found: number[] = [];
  let at = to;
  for (const [index, path] of [...paths.entries()].toReversed()) {
    const before = layers[index]?.get(at);
    if (before === undefined) return found;
    found.push(...witness(path, before, at, isForward, graphs));
    at = before;
  }
  return found;
}

function one(graph: number): readonly number[] {
  return graph < 0 ? [] : [graph];
}
