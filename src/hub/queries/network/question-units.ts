import type { NetworkPattern, NetworkPlace, NetworkQuestion } from "../../ports/network-plan.ts";

/**
 * Patterns of one group about one subject: what is asked of a hub at once. All that is believed of a thing comes from
 * the hub whose IRI it has, so that hub alone can tell whether a thing matches them all.
 */
export interface Unit {
  readonly at: number;
  readonly group: number;
  readonly subject: NetworkPlace;
  readonly patterns: readonly NetworkPattern[];
  readonly variables: readonly string[];
}

/** Takes the groups of a question apart by subject. */
export function unitsOf({ groups }: NetworkQuestion): readonly Unit[] {
  const units: Unit[] = [];
  for (const [group, { patterns }] of groups.entries()) {
    const bySubject = new Map<string, NetworkPattern[]>();
    for (const pattern of patterns) {
      const key = placeKey(pattern.subject);
      const found = bySubject.get(key);
      if (found === undefined) bySubject.set(key, [pattern]);
      else found.push(pattern);
    }
    for (const found of bySubject.values()) {
      const [first] = found;
      if (first === undefined) continue;
      units.push({
        at: units.length,
        group,
        subject: first.subject,
        patterns: found,
        variables: variablesIn(found),
      });
    }
  }
  return units;
}

/** The variables of patterns, each once. */
export function variablesIn(patterns: readonly NetworkPattern[]): readonly string[] {
  const names = patterns.flatMap(({ subject, predicate, object }) =>
    [subject, predicate, object].flatMap((place) => ("variable" in place ? [place.variable] : [])),
  );
  return [...new Set(names)];
}

function placeKey(place: NetworkPlace): string {
  return "variable" in place ? `?${place.variable}` : `${place.term.termType} ${place.term.value}`;
}
