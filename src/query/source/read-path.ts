import type { Term } from "../../rdf/term.ts";
import { Declined, type Raw } from "./declined.ts";
import type { Path } from "./node.ts";

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
