import type { Quad, Term } from "../../src/rdf/term.ts";

// What two modes are compared by: texts that are the same whatever the order and however blank nodes are named, but not
// whatever literals look like. rdf-test-suite takes `1` for `1.0`; two modes of one hub should not differ in that.

/** A line for each solution. */
export function fingerprintOfRows(rows: readonly Readonly<Record<string, Term>>[]): string {
  const line = (row: Readonly<Record<string, Term>>): string =>
    Object.entries(row)
      .map(([name, term]) => `${name}=${textOf(term, blind)}`)
      .sort()
      .join(" ");
  return rows.map(line).sort().join("\n");
}

/** A line for each quad; a graph is a set, so that the same quad twice is the same answer. */
export function fingerprintOfQuads(quads: readonly Quad[]): string {
  const labelled = (label: string): string => `_:${label}`;
  const distinct = new Map(quads.map((each) => [textOf(each, labelled), textOf(each, blind)]));
  return [...distinct.values()].sort().join("\n");
}

const blind = (): string => "_:";

function textOf(term: Term, textOfBlank: (label: string) => string): string {
  switch (term.termType) {
    case "BlankNode":
      return textOfBlank(term.value);
    case "Literal":
      return `${JSON.stringify(term.value)}@${term.language.toLowerCase()}^^<${term.datatype.value}>`;
    case "Quad": {
      const { subject, predicate, object, graph } = term as Quad;
      return [subject, predicate, object, graph].map((each) => textOf(each, textOfBlank)).join(" ");
    }
    default:
      return `<${term.value}>`;
  }
}
