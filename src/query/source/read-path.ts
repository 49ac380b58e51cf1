import type { Term } from "../../rdf/term.ts";
import { Declined, type Raw } from "./declined.ts";
import { joinOf } from "./join-of.ts";
import type { GraphPlace, Node, Path, Place } from "./node.ts";

/**
 * Reads a property path; `meant` says which term stands where an operation keeps a place.
 * @throws Declined for paths of a kind that is not known
 */
export function readPath(operation: unknown, meant: (term: Term) => Term): Path {
  const raw = operation as Raw;
  switch (raw.type) {
    case "link":
      return { type: "link", predicate: meant(raw["iri"] as Term) };
    case "inv":
      return { type: "inverse", path: readPath(raw["path"], meant) };
    case "seq":
      return { type: "sequence", paths: (raw["input"] as readonly unknown[]).map((each) => readPath(each, meant)) };
    case "alt":
      return { type: "alternative", paths: (raw["input"] as readonly unknown[]).map((each) => readPath(each, meant)) };
    case "nps":
      return { type: "not", predicates: (raw["iris"] as readonly Term[]).map((each) => meant(each)) };
    case "OneOrMorePath":
      return { type: "repeat", path: readPath(raw["path"], meant), least: 1, more: true };
    case "ZeroOrMorePath":
      return { type: "repeat", path: readPath(raw["path"], meant), least: 0, more: true };
    case "ZeroOrOnePath":
      return { type: "repeat", path: readPath(raw["path"], meant), least: 0, more: false };
    default:
      throw new Declined(`the path ${raw.type}`);
  }
}

/** Where a path begins and ends, and the graph it is in. */
interface PathEnds {
  readonly subject: Place;
  readonly object: Place;
  readonly graph: GraphPlace;
}

/** A path as patterns, joins and unions, as far as it repeats nothing (SPARQL 1.1 §18.2.2.4); `fresh` names a step. */
export function nodeOfPath(path: Path, ends: PathEnds, fresh: () => string): Node {
  const { subject, object } = ends;
  switch (path.type) {
    case "link":
      return { type: "pattern", ...ends, predicate: { term: path.predicate } };
    case "inverse":
      return nodeOfPath(path.path, { ...ends, subject: object, object: subject }, fresh);
    case "alternative":
      return { type: "union", parts: path.paths.map((each) => nodeOfPath(each, ends, fresh)) };
    case "not":
      return { type: "pattern", ...ends, predicate: { variable: fresh() }, except: path.predicates };
    case "sequence": {
      const steps = path.paths.slice(1).map((): Place => ({ variable: fresh() }));
      const places = [subject, ...steps, object];
      return joinOf(
        path.paths.map((each, at) =>
          nodeOfPath(each, { ...ends, subject: places[at] ?? subject, object: places[at + 1] ?? object }, fresh),
        ),
      );
    }
    case "repeat":
      return { type: "repeat", path, ...ends };
  }
}
