import type { NetworkQuestion } from "../hub/ports/sparql-syntax.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import type { Iri } from "../rdf/iri.ts";
import { writeTerm } from "../rdf/ntriples.ts";
import type { Term } from "../rdf/term.ts";
import { datasetIn, parseQuery } from "./parse-query.ts";
import { Declined, type Raw } from "./source/declined.ts";
import type { Path } from "./source/node.ts";
import { readPath } from "./source/read-path.ts";

/** LIMIT: different triple patterns that one query may ask of other hubs; they travel in the address of a request. */
export const NETWORK_PATTERNS_MAX = 40;

/**
 * What a query needs of other hubs: all triples that match any of its patterns, as one CONSTRUCT. Evaluated over those
 * and its own, it has the answer that one store with everything would give: no join is left to a hub that sees only a
 * part of it. Refuses as `adHoc` does, and with `not-implemented` GRAPH, FROM and DESCRIBE, and patterns that ask for
 * everything there is.
 */
export function networkQuestion(text: string, baseIri: Iri): NetworkQuestion | Refusal {
  const named = datasetIn(text, baseIri);
  if (isRefusal(named)) return named;
  if (named !== undefined) return notAcross("FROM");
  const operation = parseQuery(text, baseIri);
  if (isRefusal(operation)) return operation;
  const patterns = new Map<string, Pattern>();
  const waiting: unknown[] = [operation];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (typeof each !== "object" || each === null) continue;
    const raw = each as Raw & { readonly graph?: Term; readonly termType?: string };
    if (raw.type === "describe") return notAcross("DESCRIBE");
    if (raw.type === "pattern" || raw.type === "path") {
      if (raw.graph?.termType !== "DefaultGraph") return notAcross("GRAPH");
      const found = patternsOf(raw);
      if (isRefusal(found)) return found;
      for (const pattern of found) patterns.set(pattern.join(" "), pattern);
    }
    if (raw.termType !== undefined) continue;
    // A CONSTRUCT's template asks for nothing.
    for (const [key, inner] of Object.entries(each)) if (key !== "template" && inner !== undefined) waiting.push(inner);
  }
  if (patterns.size > NETWORK_PATTERNS_MAX) {
    return refuse(
      "too-large",
      `Expected at most ${NETWORK_PATTERNS_MAX} different patterns in a query across hubs, but got ${patterns.size}; ask for less at once.`,
    );
  }
  return { construct: patterns.size === 0 ? undefined : constructOf([...patterns.values()]) };
}

/** A triple's terms as SPARQL writes them, undefined where any may stand. */
type Pattern = readonly (string | undefined)[];

/** Each pattern with variables of its own, so that one triple matches it whatever the others say. */
function constructOf(patterns: readonly Pattern[]): string {
  const own = patterns.map((pattern, at) => pattern.map((term, place) => term ?? `?v${at}_${place}`).join(" "));
  return `CONSTRUCT { ${own.join(" . ")} } WHERE { ${own.map((pattern) => `{ ${pattern} }`).join(" UNION ")} }`;
}

function patternsOf(raw: Raw): readonly Pattern[] | Refusal {
  const [subject, object] = [raw["subject"] as Term, raw["object"] as Term];
  if (raw.type === "pattern") {
    const pattern = [subject, raw["predicate"] as Term, object];
    if (pattern.some(({ termType }) => termType === "Quad")) return notAcross("a quoted triple");
    if (pattern.every(({ termType }) => isOpen(termType))) return everything();
    return [written(pattern)];
  }
  try {
    const predicates = predicatesOf(readPath(raw["predicate"], (term) => term));
    // Its steps lead over nodes that nobody names, so that its ends bind nothing.
    return predicates === undefined ? everything() : predicates.map((each) => written([undefined, each, undefined]));
  } catch (error) {
    if (error instanceof Declined) return notAcross(error.message);
    throw error;
  }
}

/** The predicates that a path goes over; undefined when they are all but some. */
function predicatesOf(path: Path): readonly Term[] | undefined {
  switch (path.type) {
    case "link":
      return [path.predicate];
    case "inverse":
    case "repeat":
      return predicatesOf(path.path);
    case "sequence":
    case "alternative": {
      const parts = path.paths.map(predicatesOf);
      return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
    }
    case "not":
      return undefined;
  }
}

function written(terms: readonly (Term | undefined)[]): Pattern {
  return terms.map((term) => {
    if (term === undefined || isOpen(term.termType)) return undefined;
    return writeTerm(term);
  });
}

function isOpen(termType: string): boolean {
  return termType === "Variable" || termType === "BlankNode";
}

function notAcross(what: string): Refusal {
  return refuse(
    "not-implemented",
    `Expected a SELECT, ASK or CONSTRUCT over the default graph to ask across hubs, but got ${what}; leave it out, or ask without scope=network.`,
  );
}

function everything(): Refusal {
  return refuse(
    "too-large",
    "Expected patterns that name at least one term to ask across hubs, but one asks for everything there is; name a predicate, a subject or an object.",
  );
}
