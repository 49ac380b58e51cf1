import type { Quad, Term } from "../../src/rdf/term.ts";

/**
 * Rows or quads as one text that is the same whatever their order and however blank nodes are named, but not whatever
 * their literals look like: rdf-test-suite takes `1` for `1.0`, two modes of one hub should not differ in that.
 */
export function fingerprintOf(found: readonly Readonly<Record<string, Term>>[] | readonly Quad[]): string {
  const lines = found.map((each) =>
    "termType" in each && each.termType === "Quad"
      ? textOfTerm(each as Quad)
      : Object.entries(each as Readonly<Record<string, Term>>)
          .map(([name, term]) => `${name}=${textOfTerm(term)}`)
          .sort()
          .join(" "),
  );
  return lines.sort().join("\n");
}

function textOfTerm(term: Term): string {
  switch (term.termType) {
    case "BlankNode":
      return "_:";
    case "Literal":
      return `${JSON.stringify(term.value)}@${term.language.toLowerCase()}^^<${term.datatype.value}>`;
    case "Quad":
      return [term.subject, term.predicate, term.object, term.graph].map(textOfTerm).join(" ");
    default:
      return `<${term.value}>`;
  }
}
