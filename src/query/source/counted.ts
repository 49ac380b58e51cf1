import type { Term } from "../../rdf/term.ts";
import { type Expression, type Node, type PatternNode, type Place, possible, variablesOf } from "./node.ts";

/** A group that only counts one end of a pattern. */
export interface Counted {
  readonly pattern: PatternNode;
  readonly predicate: Term;
  readonly other: Place;
  readonly isSubjectCounted: boolean;
  readonly rest: readonly Node[];
  readonly filters: readonly Expression[];
}

/** Finds the pattern whose triples a group does nothing with but count; undefined when there is none. */
export function findCounted({ input, keys, aggregates }: Node & { readonly type: "group" }): Counted | undefined {
  if (aggregates.length === 0 || aggregates.some(({ name, distinct }) => name !== "count" || distinct))
    return undefined;
  const names = new Set<string>();
  for (const { expression } of aggregates) {
    if (expression !== undefined && expression.type !== "variable") return undefined;
    if (expression !== undefined) names.add(expression.variable);
  }
  const parts = input.type === "join" ? input.parts : [input];
  const filters = input.type === "join" ? input.filters : [];
  for (const pattern of parts) {
    const ends = pattern.type === "pattern" ? endsOf(pattern) : [];
    for (const { counted, other, isSubjectCounted } of ends) {
      const rest = parts.filter((part) => part !== pattern);
      const isElsewhere =
        keys.includes(counted) ||
        rest.some((part) => possible(part).has(counted)) ||
        filters.some((each) => variablesOf(each).has(counted)) ||
        [...names].some((name) => name !== counted);
      if (isElsewhere || pattern.type !== "pattern" || !("term" in pattern.predicate)) continue;
      return { pattern, predicate: pattern.predicate.term, other, isSubjectCounted, rest, filters };
    }
  }
  return undefined;
}

function endsOf(pattern: PatternNode): { counted: string; other: Place; isSubjectCounted: boolean }[] {
  const { subject, predicate, object, graph, except } = pattern;
  if (graph !== "default" || except !== undefined || !("term" in predicate)) return [];
  const isOneVariable = "variable" in subject && "variable" in object && subject.variable === object.variable;
  if (isOneVariable) return [];
  return [
    ...("variable" in subject ? [{ counted: subject.variable, other: object, isSubjectCounted: true }] : []),
    ...("variable" in object ? [{ counted: object.variable, other: subject, isSubjectCounted: false }] : []),
  ];
}
